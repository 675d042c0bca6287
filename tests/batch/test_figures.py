"""What is asked of every demand set: figures as ``placer.solve`` and ``placer.export_ceiling`` give them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.batch.figures import _price_quantiles, base_prices, check_analyses, figures_of
from placer.ceiling.economics import EconomicRange
from placer.errors import InstanceError, NoSolutionError
from placer.placement.accounts import COST_PARTS
from tests.batch.executors import EVERY
from tests.batteries_by_hand import powered
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad

#: Figures that all optima share. The others are of the placement that was found.
SHARED = ("cost_usd", "cost_usd_per_mtok", "penalty_usd", "demand_mtok", "unserved_share")
SHARED_CEILING = ("ceiling_share", "ceiling_unserved_share")


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset."""
    return placer.load("tiny")


@pytest.fixture(scope="module")
def sets(tiny):
    """Three demand sets of it."""
    return placer.DemandSets(tiny, count=3, seed=7)


def fresh(instance, *analyses):
    return figures_of(instance, analyses, (), math.inf)


def quantiles_of(prices, amounts):
    """Return the quantiles of some prices, weighted by amounts."""
    return list(_price_quantiles(np.array(prices, dtype=float), np.array(amounts, dtype=float)).items())


@pytest.mark.slow
def test_cost_is_that_of_a_solve(tiny):
    row, placement = fresh(tiny, "cost"), placer.solve(tiny)
    assert row["cost_usd"] == pytest.approx(330.77)
    for name in ("cost_usd", "cost_usd_per_mtok", "penalty_usd", "demand_mtok", "export_share", "energy_mwh"):
        assert row[name] == pytest.approx(getattr(placement, name), rel=1e-9)
    assert [row[f"{part}_usd"] for part in COST_PARTS] == pytest.approx(
        [placement.cost_parts_usd[part] for part in COST_PARTS]
    )
    assert row["cost_usd"] == pytest.approx(sum(row[f"{part}_usd"] for part in COST_PARTS))
    assert row["gap"] <= 1e-6


def test_unserved_demand_is_a_share_of_demand(tiny):
    short = tiny.replace(data_centres=tiny.data_centres.assign(accelerators=10.0))
    row, placement = fresh(short, "cost"), placer.solve(short, tie_break=None)
    assert row["unserved_share"] == pytest.approx(placement.unserved_mtok / placement.demand_mtok)
    assert 0 < row["unserved_share"] < 1
    assert row["penalty_usd"] > 0


def test_hub_prices_pay_what_all_demand_pays(tiny):
    row, placement = fresh(tiny, "hub_prices"), placer.solve(tiny)
    asked = tiny.demand.groupby("hub")["mtok"].sum()
    paid = sum(row[f"price_usd_per_mtok {hub}"] * mtok for hub, mtok in asked.items())
    assert paid == pytest.approx(float(placement.rents.price @ placement.formulation.structure.demand_amount))
    assert len(row) == len(asked)


def test_prices_of_a_batch_are_those_of_served_demand(make_instance):
    """Tests that A's penalty of 1000, for the 6 Mtok that fit nowhere, is in no price: B's 20 is every quantile."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 15.0}
    instance = make_instance(
        workloads=[workload | {"unserved_usd_per_mtok": 1000.0}],
        data_centres=[{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y"}],
    )
    row = fresh(instance, "cost", "hub_prices")
    assert [row[f"price_p{share}_usd_per_mtok"] for share in ("05", "50", "95")] == pytest.approx([20, 20, 20])
    assert math.isnan(row["price_usd_per_mtok A"])
    assert row["price_usd_per_mtok B"] == pytest.approx(20)


def test_hub_that_asks_for_nothing_has_no_price(make_instance):
    row = fresh(make_instance(demand=[{"workload": "w", "hub": "A", "mtok": 10.0}]), "hub_prices")
    assert math.isnan(row["price_usd_per_mtok B"])
    assert row["price_usd_per_mtok A"] > 0


def test_ceiling_is_that_of_the_library(tiny):
    row, ceiling = fresh(tiny, "ceiling"), placer.export_ceiling(tiny)
    assert row["ceiling_share"] == pytest.approx(ceiling.share, rel=1e-9)
    assert row["ceiling_share"] == pytest.approx(105 / 240)
    assert row["ceiling_unserved_share"] == pytest.approx(0.0, abs=1e-9)
    assert row["ceiling_gap"] <= 1e-6


def test_what_is_unserved_has_a_reason(tiny):
    """Tests that batch, worth 1.5 USD, is not worth serving at 2 USD an hour, and that voice cut off cannot be."""
    dear = fresh(tiny.replace(data_centres=tiny.data_centres.assign(accelerator_usd_per_hour=1.6)), "unserved")
    assert dear == pytest.approx({"not_worth_serving_share": 50 / 240, "cannot_be_served_share": 0})
    far = fresh(tiny.replace(hubs=tiny.hubs.assign(access_ms=30.0)), "unserved")
    assert far == pytest.approx({"not_worth_serving_share": 0, "cannot_be_served_share": 120 / 240})


@pytest.mark.slow
def test_economic_range_and_limits_are_those_of_the_library(tiny):
    row, ceiling = fresh(tiny, "economic", "limits"), placer.export_ceiling(tiny)
    assert (row["economic_share_low"], row["economic_share_high"]) == pytest.approx(tuple(ceiling.economic_range))
    takes = {name.removesuffix("_takes_share"): row[name] for name in row if name.endswith("_takes_share")}
    assert takes == pytest.approx(ceiling.limits["share"].drop("not exportable").to_dict())


def test_work_exported_at_least_cost_is_that_of_the_library(tiny):
    row, found = fresh(tiny, "work_economic"), placer.economic_range(placer.solve(tiny), weight="work")
    assert (row["work_economic_share_low"], row["work_economic_share_high"]) == pytest.approx(tuple(found))


def test_economic_range_that_is_not_proven_is_not_known(tiny, monkeypatch):
    bounds = EconomicRange(0.1, 0.9, "gap 1e-3 > 1e-6")
    monkeypatch.setattr("placer.batch.figures.economic_range", lambda _placement, **_weight: bounds)
    assert all(math.isnan(share) for share in fresh(tiny, "economic").values())


def test_economic_range_is_sought_afresh_where_known_prices_do_not_prove_it(tiny, monkeypatch):
    """Tests that a range which is not proven from the base's prices is that of a placement without them."""
    tries = [EconomicRange(0.1, 0.9, "gap 1e-3 > 1e-6"), EconomicRange(0.4, 0.5)]
    monkeypatch.setattr("placer.batch.figures.economic_range", lambda _placement, **_weight: tries.pop(0))
    row = figures_of(tiny, ["economic"], base_prices(tiny, ["economic"], math.inf), math.inf)
    assert row == {"economic_share_low": 0.4, "economic_share_high": 0.5}
    assert not tries


def test_limits_are_split_within_a_time_limit(tiny):
    limited = figures_of(tiny, ["limits"], (), 60.0)
    assert limited == pytest.approx(fresh(tiny, "limits"))


@pytest.mark.slow
def test_starting_from_base_prices_changes_no_shared_figure(tiny, sets):
    prices = base_prices(tiny, EVERY, math.inf)
    assert len(prices) == 1
    for instance in sets:
        one, other = fresh(instance, *EVERY), figures_of(instance, EVERY, prices, math.inf)
        for name in (*SHARED, *SHARED_CEILING):
            assert other[name] == pytest.approx(one[name], rel=1e-9, abs=1e-12)
        assert "column generation" in other["solver"]


def test_limits_of_ones_own_by_hand(make_instance):
    """Tests use and rent: of 16 Mtok Y may serve 8 at 20 USD, the others cost 50 at X, so that a Mtok is worth 30."""
    most = {"limit": "most at Y", "kind": "tokens", "sense": "<=", "amount": 8.0, "data_centre": "Y"}
    slack = {"limit": "X", "kind": "energy_mwh", "sense": ">=", "amount": 1.0, "data_centre": "X", "hours": "each"}
    instance = make_instance(limits=[most, slack])
    row = fresh(instance, "cost", "own_limits")
    assert row["cost_usd"] == pytest.approx(8 * 20 + 8 * 50)
    assert {name: value for name, value in row.items() if name.startswith("limit_")} == pytest.approx(
        {
            "limit_use most at Y": 8.0,
            "limit_rent_usd_per_unit most at Y": 30.0,
            "limit_use X [0]": 8.0,
            "limit_rent_usd_per_unit X [0]": 0.0,
        }
    )
    assert fresh(make_instance(), "own_limits") == {}


def test_accounts_by_hand(make_instance):
    """Tests balance and uplift: the west makes all 16 Mtok at 20 USD, its cost of energy, and sells 10 to the east."""
    row = fresh(make_instance(), "accounts")
    assert row["balance_usd west"] == pytest.approx(200.0)
    assert row["balance_usd east"] == pytest.approx(-200.0)
    assert row["uplift west"] == pytest.approx(1.0)
    assert math.isnan(row["uplift east"])


@pytest.mark.slow
def test_security_is_that_of_the_library(tiny):
    """Tests both analyses of security on tiny, with the loss of any one data centre."""
    row, security = fresh(tiny, "price_of_security", "secure_ceiling"), placer.Security("data_centres")
    secure = placer.solve(tiny, security=security)
    ceiling = placer.export_ceiling(tiny, security=security)
    assert row == pytest.approx(
        {
            "security_usd": secure.security_usd,
            "security_usd_per_mtok": secure.security_usd_per_mtok,
            "stranded_mtok": sum(secure.stranded_mtok.values()),
            "secure_ceiling_share": ceiling.share,
            "secure_ceiling_stranded_mtok": ceiling.contingencies["stranded_mtok"].sum(),
        }
    )


LIMITS = [
    {"limit": "a", "kind": "tokens", "sense": "<=", "amount": 100.0, "data_centre": "Plateau"},
    {"limit": "b", "kind": "accelerator_hours", "sense": ">=", "amount": 40.0, "data_centre": "Port", "hours": "each"},
    {"limit": "c", "kind": "share", "sense": "<=", "amount": 0.5, "of": "served", "workload": "chat", "region": "west"},
    {
        "limit": "d",
        "kind": "tokens",
        "sense": ">=",
        "amount": 1.0,
        "hub": "Coast",
        "workload": "batch",
        "region": "west",
    },
]


@pytest.mark.slow
def test_sets_around_limited_instances_are_solved_as_alone(tiny):
    """Tests that limits hold in every set, with the prices of the base as the start or without."""
    sets = placer.DemandSets(tiny.replace(limits=LIMITS), count=3, seed=7)
    rows = {row["number"]: row for row in placer.solve_many(sets, ("cost", "own_limits", "ceiling"))}
    for number, instance in enumerate(sets):
        row, placement = rows[number], placer.solve(instance)
        assert row["status"] == "optimal"
        assert row["cost_usd"] + row["penalty_usd"] == pytest.approx(placement.cost_usd + placement.penalty_usd)
        assert row["limit_use a"] <= 100 * (1 + 1e-9)
        assert min(row[f"limit_use b [{hour}]"] for hour in tiny.hours) >= 40 * (1 - 1e-9)
        assert row["ceiling_share"] == pytest.approx(placer.export_ceiling(instance).share)


@pytest.mark.slow
def test_a_set_whose_limits_are_impossible_is_a_row_that_names_them(tiny):
    """Tests that a batch goes on where a limit can be met by no placement."""
    most = [{"limit": "much of Port", "kind": "tokens", "sense": ">=", "amount": 1e5, "data_centre": "Port"}]
    sets = [tiny, tiny.replace(limits=most)]
    rows = {row["number"]: row for row in placer.solve_many(sets, ("cost", "own_limits"))}
    assert [rows[number]["status"] for number in (0, 1)] == ["optimal", "infeasible"]
    assert "limit 'much of Port'" in rows[1]["detail"]


def test_prices_are_those_that_analyses_ask_for(tiny):
    for name, count in {"cost": 1, "hub_prices": 1, "ceiling": 0}.items():
        assert len(base_prices(tiny, [name], math.inf)) == count


def test_prices_of_another_network_change_nothing(tiny, make_instance):
    prices, small = base_prices(make_instance(), ["cost", "ceiling"], math.inf), fresh(tiny, "cost", "ceiling")
    found = figures_of(tiny, ("cost", "ceiling"), prices, math.inf)
    for name in (*SHARED, *SHARED_CEILING):
        assert found[name] == pytest.approx(small[name], rel=1e-9, abs=1e-12)


def test_no_answer_in_time_is_said(tiny):
    with pytest.raises(NoSolutionError, match="time limit"):
        figures_of(tiny, ["cost"], (), 1e-9)
    with pytest.raises(NoSolutionError, match="time limit"):
        figures_of(tiny, ["ceiling"], (), 1e-9)


def test_quantiles_are_weighted_by_demand():
    """Tests that of 100 asked for, the 5th is at the lowest price, the 50th in the middle and the 95th at the top."""
    assert quantiles_of([3.0, 1.0, 2.0], [30.0, 10.0, 60.0]) == [
        ("price_p05_usd_per_mtok", 1.0),
        ("price_p50_usd_per_mtok", 2.0),
        ("price_p95_usd_per_mtok", 3.0),
    ]
    assert [value for _, value in quantiles_of([1.0, 9.0, 2.0], [4.0, 6.0, 90.0])] == [2.0, 2.0, 9.0]


def test_quantile_of_one_price_is_that_price_and_of_none_there_is_none():
    assert {value for _, value in quantiles_of([7.0], [0.1])} == {7.0}
    assert all(math.isnan(value) for _, value in quantiles_of([1.0, 2.0], [0.0, 0.0]))


def test_price_nobody_pays_is_in_no_quantile():
    assert {value for _, value in quantiles_of([0.5, 7.0, 99.0], [0.0, 0.3, 0.0])} == {7.0}


def test_unknown_analyses_are_listed_all_at_once():
    with pytest.raises(InstanceError) as refused:
        check_analyses(["cost", "costs", "ceilings"])
    assert len(refused.value.violations) == 2
    for text in (
        "'costs' is unknown",
        "'ceilings' is unknown",
        "cost, hub_prices, own_limits, accounts, price_of_security, unserved, economic, work_economic",
    ):
        assert text in str(refused.value)


def test_no_analysis_is_refused_and_two_of_a_kind_are_one():
    with pytest.raises(InstanceError, match="none is named"):
        check_analyses([])
    assert check_analyses(["ceiling", "cost", "ceiling"]) == ("ceiling", "cost")


@pytest.mark.slow
def test_sets_with_steps_of_value_are_placed_as_bought():
    """Tests cost, demand and ceiling of elastic demand sets against solving them one by one."""
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=4)
    sets = placer.DemandSets(elastic, count=2, seed=1)
    for each in sets:
        row, placement = figures_of(each, ["cost", "ceiling"], (), math.inf), placer.solve(each, tie_break=None)
        assert row["cost_usd"] == pytest.approx(placement.cost_usd)
        assert row["demand_mtok"] == pytest.approx(placement.demand_mtok)
        assert row["offered_mtok"] == pytest.approx(placement.offered_mtok)
        assert row["not_bought_mtok"] == pytest.approx(placement.not_bought_mtok)
        assert row["unserved_share"] == 0
        assert row["ceiling_share"] == pytest.approx(placer.export_ceiling(each).share)


def test_ceiling_over_modes():
    """Tests that half of the demand can leave at 80 tokens a second, 600 ms away."""
    row = fresh(modes_abroad([SLOW, MIDDLE, FAST]), "ceiling", "economic", "limits")
    assert row["ceiling_share"] == pytest.approx(0.5)
    assert (row["economic_share_low"], row["latency_takes_share"]) == pytest.approx((0.5, 0.25))


@pytest.mark.slow
def test_batteries_in_a_batch():
    """Tests sets with batteries of several sizes, and none, beside placements of their own; ceilings are refused."""
    sets = [powered(battery=battery) for battery in (None, {}, {"energy_mwh": 2.0})]
    for base in (sets[0], sets[1]):
        rows = {row["number"]: row for row in placer.solve_many(sets, ("cost", "accounts"), base=base)}
        for number, instance in enumerate(sets):
            placement = placer.solve(instance)
            assert rows[number]["cost_usd"] == pytest.approx(placement.cost_usd)
            assert rows[number]["storage_usd"] == pytest.approx(placement.cost_parts_usd["storage"])
    (row,) = placer.solve_many(sets[1:2], ("ceiling",))
    assert row["status"] == "refused"
    assert "a ceiling carries no batteries yet" in row["detail"]
    with pytest.raises(placer.InstanceError, match="a cost within a gap carries no batteries yet"):
        list(placer.solve_many(sets[1:], ("cost",), bounds=1e-4))
