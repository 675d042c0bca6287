"""What countries gain by trade, by hand and on random instances."""

from __future__ import annotations

import pytest

import placer
from placer.trades.regimes import unknown_gains
from tests.effort import tries

SEEDS = range(tries(4, 60))


@pytest.mark.slow
def test_gains_by_hand(two):
    """Tests 40 USD of welfare in autarky, 40 Mtok worth 4 USD at 3 USD, against 50 and 67.5 USD with trade."""
    gains = placer.trade(two).gains
    assert gains["welfare_usd"].to_dict() == pytest.approx({"home": 50, "abroad": 67.5, "network": 0, "authority": 0})
    assert gains["autarky_welfare_usd"].sum() == pytest.approx(40)
    assert gains["gain_on_autarky_usd"].sum() == pytest.approx(77.5)
    assert "gain_on_free_trade_usd" not in gains


@pytest.mark.slow
def test_policies_are_compared_with_free_trade(two):
    """Tests a tariff of 0.2 USD, paid to home: abroad loses on 45 Mtok what home gains, and nothing else changes."""
    tariff = {"policy": "tariff", "kind": "tariff_usd_per_mtok", "amount": 0.2, "to_region": "home"}
    gains = placer.trade(two.replace(policies=[tariff | {"paid_to": "importer"}])).gains["gain_on_free_trade_usd"]
    assert gains["home"] == pytest.approx(9)
    assert gains["abroad"] == pytest.approx(-9)
    assert gains.sum() == pytest.approx(0, abs=1e-9)


@pytest.fixture
def importer():
    """Return the tiny instance with Inland in a country of its own, which has no data centre."""
    tiny = placer.load("tiny")
    return tiny.replace(hubs=tiny.hubs.assign(region=["east", "east", "nowhere"]))


def test_a_country_without_data_centres_serves_nothing_alone(importer):
    """Tests 20 Mtok of voice worth 2 USD and 10 of chat worth 4, which trade brings for 44.40 USD."""
    gains = placer.trade(importer).gains.loc["nowhere"]
    assert gains.to_dict() == pytest.approx(
        {"welfare_usd": -44.4, "autarky_welfare_usd": -80.0, "gain_on_autarky_usd": 35.6}
    )
    penalty = importer.replace(workloads=importer.workloads.assign(unserved_usd_per_mtok=[3.0, None, None]))
    assert placer.trade(penalty).gains.loc["nowhere", "autarky_welfare_usd"] == pytest.approx(-100.0)
    limits = [{"limit": "autarky", "kind": "energy_mwh", "sense": "<=", "amount": 1e9}]
    named = placer.trade(importer.replace(limits=limits)).gains
    assert named.loc["nowhere", "gain_on_autarky_usd"] == pytest.approx(35.6)


def test_a_country_without_data_centres_buys_no_step_alone(importer):
    """Tests demand worth 8 USD a Mtok: 30 Mtok at 44.40 USD leave 195.60 USD, and nothing is bought alone."""
    steps = importer.demand[["workload", "hub", "hour"]].assign(value_usd_per_mtok=8.0, share=1.0)
    gains = placer.trade(importer.replace(demand_steps=steps)).gains.loc["nowhere"]
    assert gains.tolist() == pytest.approx([195.6, 0.0, 195.6])


def test_what_nobody_values_is_unknown(importer, tmp_path):
    """Tests that work without penalty and value makes the gain of one country unknown, and that a page says why."""
    found = placer.trade(importer.replace(workloads=importer.workloads.assign(value_usd_per_mtok=0.0)))
    unknown = found.gains["gain_on_autarky_usd"].isna()
    assert unknown.index[unknown].tolist() == ["nowhere"]
    why = "nowhere would lose in autarky is unknown: no data centre there may serve a workload that has neither"
    assert why in unknown_gains(found.gains)
    assert unknown_gains(found.gains.drop("nowhere")) is None
    placer.write_report(found.accounts.placement, tmp_path / "trade.html", trade=found)
    assert why in (tmp_path / "trade.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", SEEDS)
def test_trade_gains_in_all(make_random_instance, seed):
    """Tests that all countries together never lose by trade."""
    gains = placer.trade(make_random_instance(seed)).gains
    assert gains["gain_on_autarky_usd"].sum() >= -1e-6 * gains["welfare_usd"].abs().sum()


def test_gains_of_secure_placements_are_refused(two):
    """Tests that free trade without contingencies is not compared with a placement that survives them."""
    secure = placer.solve(two, security=placer.Security("data_centres"))
    with pytest.raises(placer.PlacerError, match=r"secure placement would leave .* placer.trade\(placement.without\)"):
        _ = placer.trade(secure).gains


def test_gains_are_of_regions(two):
    """Tests that other countries than regions are refused, since policies are between regions."""
    tables = {name: two.tables[name].assign(bloc=two.tables[name]["region"]) for name in ("hubs", "data_centres")}
    with pytest.raises(placer.InstanceError, match="gains from trade are of regions, not by bloc"):
        placer.trade(two.replace(**tables), by="bloc").gains  # noqa: B018 - solved when asked for
