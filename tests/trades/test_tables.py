"""Countries, prices and flows by hand, and the identity of welfare on random instances."""

from __future__ import annotations

import math

import pytest

import placer
from placer.placement.accounts import COST_PARTS
from placer.result_columns import RESULT_COLUMNS
from placer.trades.shown import welfare_parts
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.three_sites import three_sites

SEEDS = range(tries(6, 100))


@pytest.fixture(scope="module")
def found(two):
    """Return the trade of two countries."""
    return placer.trade(two)


def test_countries_by_hand(found):
    """Tests 50 Mtok at a price of 3 USD: 45 made abroad, each accelerator there worth 1.5 USD more than it costs."""
    home, abroad = found.countries.loc["home"], found.countries.loc["abroad"]
    assert home[["used_mtok", "made_mtok", "imports_mtok", "exports_mtok"]].tolist() == pytest.approx([50, 5, 45, 0])
    assert abroad[["made_mtok", "exports_mtok"]].tolist() == pytest.approx([45, 45])
    assert home["price_usd_per_mtok"] == pytest.approx(3)
    assert home["value_bought_usd"] == pytest.approx(200)
    assert home["consumers_surplus_usd"] == pytest.approx(50)
    assert abroad["producers_rent_usd"] == pytest.approx(67.5)
    assert abroad["chip_usd"] == pytest.approx(1.5)
    assert abroad["exports_usd"] == pytest.approx(112.5)
    assert found.countries["welfare_usd"].sum() == pytest.approx(50 + 67.5)


def test_prices_and_flows_by_hand(found):
    """Tests a price of 3 USD, of which 1.35 are rent in the mean of 45 Mtok abroad and 5 at home."""
    row = found.prices.loc[("home", "w")]
    assert row[["mtok", "price_usd_per_mtok"]].tolist() == pytest.approx([50, 3])
    assert row["marginal_cost_usd_per_mtok"] == pytest.approx(3 - 1.35)
    assert row["lerner_share"] == pytest.approx(0.45)
    assert found.flows["mtok"].to_dict() == pytest.approx({("abroad", "home"): 45, ("home", "home"): 5})
    assert found.flows.loc[("abroad", "home"), "paid_usd"] == pytest.approx(112.5)


def test_price_parts_by_hand(found):
    """Tests 45 Mtok at 1 USD, with transit of 0.5 and a rent of 1.5 USD, and 5 Mtok at 3 USD: a price of 3 USD."""
    row = found.price_parts.loc["home"]
    assert row[["mtok", "price_usd_per_mtok"]].tolist() == pytest.approx([50, 3])
    parts = row.drop(["mtok", "price_usd_per_mtok"])
    assert parts[parts > 1e-9].to_dict() == pytest.approx(
        {
            "accelerators_usd_per_mtok": 1.2,
            "transit_usd_per_mtok": 0.45,
            "accelerator_rent_usd_per_mtok": 1.35,
        }
    )
    assert found.price_parts.loc["abroad"].drop("mtok").isna().all()


@pytest.mark.parametrize("kind", ["secure", "tariff"])
def test_price_parts_add_up(kind):
    """Tests that the cost of headroom and a tariff are parts of the price."""
    tiny = placer.load("tiny")
    if kind == "secure":
        placement = placer.solve(tiny, security=placer.Security("data_centres"))
    else:
        duty = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 0.01, "paid_to": "importer"}
        placement = placer.solve(tiny.replace(policies=[duty]))
    parts = placer.trade(placement).price_parts.drop(columns="mtok")
    price = parts.pop("price_usd_per_mtok")
    assert parts.sum(axis=1).tolist() == pytest.approx(price.tolist())
    assert parts[{"secure": "security_usd_per_mtok", "tariff": "policy_usd_per_mtok"}[kind]].max() > 0


def test_prices_at_the_penalty_count():
    """Tests 85 of 100 Mtok served, all at the penalty of 9 USD: the mean in trade, and none below the penalty."""
    short = placer.solve(home_and_abroad([{"mtok": 100}], abroad=45, workload={"unserved_usd_per_mtok": 9}))
    assert math.isnan(short.price_usd_per_mtok)
    found = placer.trade(short)
    for table in (found.countries, found.price_parts, found.prices.droplevel("workload")):
        assert table.loc["home", "price_usd_per_mtok"] == pytest.approx(9)
    assert "in trade, of all that is served" in RESULT_COLUMNS["price_usd_per_mtok"].meaning


def test_prices_of_a_secure_placement_by_hand():
    """Tests A1: 40 of voice at 6 USD and 80 of chat at 5, of which 85 USD pay for headroom and 555 are cost."""
    found = placer.trade(placer.solve(three_sites(), security=placer.Security("data_centres")))
    assert found.countries.loc["north", "price_usd_per_mtok"] == pytest.approx(640 / 120)
    prices = found.prices.loc["north"]
    assert prices["price_usd_per_mtok"].to_dict() == pytest.approx({"voice": 6, "chat": 5})
    assert (prices["mtok"] * prices["marginal_cost_usd_per_mtok"]).sum() == pytest.approx(555)
    assert found.price_parts.loc["north", "security_usd_per_mtok"] == pytest.approx(85 / 120)


def _agree(found):
    """Check that all tables of trade have the same prices, parts and marginal costs."""
    countries, parts, prices = found.countries, found.price_parts, found.prices
    parts = parts[parts["mtok"] > 0]
    price = parts["price_usd_per_mtok"]
    costs = parts[[f"{part}_usd_per_mtok" for part in COST_PARTS]].sum(axis=1)
    by_country = prices.groupby("country")
    for each, column in ((price, "price_usd_per_mtok"), (costs, "marginal_cost_usd_per_mtok")):
        mean = (prices["mtok"] * prices[column].fillna(0.0)).groupby("country").sum() / by_country["mtok"].sum()
        assert mean[parts.index].to_numpy() == pytest.approx(each.to_numpy(), abs=1e-7 * price.max())
    assert countries.loc[parts.index, "price_usd_per_mtok"].to_numpy() == pytest.approx(price.to_numpy())
    assert parts.drop(columns=["mtok", "price_usd_per_mtok"]).sum(axis=1).to_numpy() == pytest.approx(price.to_numpy())


def test_prices_leave_out_the_penalty_of_stranded_work():
    """Tests tiny, whose voice strands if the coast is lost: users pay for headroom, and nobody is paid the penalty."""
    secure = placer.solve(placer.load("tiny"), security=placer.Security("data_centres"))
    assert secure.settlement["stranded"] > 0
    found = placer.trade(secure)
    _agree(found)
    east = found.countries.loc["east"]
    assert east["price_usd_per_mtok"] * east["used_mtok"] == pytest.approx(
        found.accounts.regions.loc["east", "spent_usd"]
    )


@pytest.mark.parametrize("security", [None, placer.Security("data_centres")], ids=["insecure", "secure"])
@pytest.mark.parametrize("seed", SEEDS)
def test_net_costs_add_up_to_cost_and_penalty(make_random_instance, seed, security):
    """Tests random instances, with unserved and, when secure, stranded work, whose penalty stands apart."""
    placement = placer.solve(make_random_instance(seed), security=security)
    found = placer.trade(placement)
    countries, summary = found.countries, found.summary()
    stranded = 0.0 if security is None else placement.settlement["stranded"]
    size = 1e-9 * (placement.cost_and_penalty_usd + stranded)
    assert countries["net_cost_usd"].sum() == pytest.approx(placement.cost_and_penalty_usd, abs=size)
    assert welfare_parts(found).to_numpy().sum() == pytest.approx(
        summary["cost_usd"] + summary["penalty_usd"], abs=size
    )
    assert ("stranded_usd" in countries, "stranded_usd" in summary) == ((security is not None,) * 2)
    assert summary.get("stranded_usd", 0.0) == pytest.approx(stranded, abs=size)


@pytest.mark.parametrize("seed", SEEDS)
def test_secure_prices_agree(make_random_instance, seed):
    """Tests random instances, in most of which work strands."""
    secure = placer.solve(make_random_instance(seed), security=placer.Security("data_centres"))
    _agree(placer.trade(secure))


def test_a_tariff_and_a_quota_by_hand(two):
    """Tests 10 Mtok of quota and a tariff of 0.5 on 10 of 50 Mtok: a price of 4, revenue 5 and a rent of 2 a Mtok.

    Home makes 40 of them, each accelerator worth 1 USD: the value of 200 is 40 + 20 of rents, 5 and 135 of cost.
    """
    policies = [
        {"policy": "tariff", "kind": "tariff_usd_per_mtok", "amount": 0.5, "to_region": "home", "paid_to": "importer"},
        {"policy": "quota", "kind": "quota_mtok", "amount": 10, "to_region": "home"},
    ]
    found = placer.trade(two.replace(policies=policies))
    countries = found.countries
    assert countries.loc["home", ["price_usd_per_mtok", "policy_revenue_usd"]].tolist() == pytest.approx([4, 5])
    assert countries.loc["home", ["consumers_surplus_usd", "producers_rent_usd"]].tolist() == pytest.approx([0, 40])
    assert countries.loc["authority", "other_rent_usd"] == pytest.approx(20)
    assert countries["welfare_usd"].sum() == pytest.approx(65)
    assert found.flows["paid_usd"].to_dict() == pytest.approx({("home", "home"): 160, ("abroad", "home"): 10})
    assert found.prices.loc[("home", "w"), "marginal_cost_usd_per_mtok"] == pytest.approx(135 / 50)


def test_demand_without_steps_has_no_surplus():
    """Tests that the value of demand is not known without steps, and all else is."""
    countries = placer.trade(placer.load("tiny")).countries
    assert countries[["value_bought_usd", "consumers_surplus_usd", "welfare_usd"]].isna().all(axis=None)
    assert countries["net_cost_usd"].sum() == pytest.approx(330.77)


@pytest.mark.parametrize("seed", SEEDS)
def test_welfare_adds_up(make_random_instance, seed):
    """Tests that surplus and rents, less penalties, are the welfare of all, and that trade is balanced."""
    instance = make_random_instance(seed)
    middle = max(float(placer.solve(instance, tie_break=None).prices["usd_per_mtok"].median()), 1.0)
    elastic = instance.with_elastic_demand(middle, -1.1, between=(middle / 4, 4 * middle), steps=4)
    duty = {"policy": "t", "kind": "tariff_share", "amount": 0.1, "to_region": "e", "paid_to": "exporter"}
    placement = placer.solve(elastic.replace(policies=[duty] * (seed % 2)))
    countries = placer.trade(placement).countries
    parts = (
        countries[["consumers_surplus_usd", "producers_rent_usd", "other_rent_usd", "policy_revenue_usd"]].sum().sum()
    )
    size = 1e-6 * placement.value_bought_usd
    assert countries["welfare_usd"].sum() == pytest.approx(placement.welfare_usd, abs=size)
    assert parts - countries["lost_usd"].sum() == pytest.approx(placement.welfare_usd, abs=size)
    assert countries["exports_mtok"].sum() == pytest.approx(countries["imports_mtok"].sum())
    assert countries["exports_usd"].sum() == pytest.approx(countries["imports_usd"].sum())
