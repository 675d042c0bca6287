"""Tests of own wind, own sun and connections in world: as the facts give them, without effect unbuilt, and paying."""

from __future__ import annotations

import numpy as np
import pytest

import placer

#: Full hours a year of each farm, by hand from the published GWh and MW.
HOURS = {
    "East US sun": 170_000 / 80,
    "Central US wind": 21_372_752 / 7_098.7,
    "South Central US wind": 2_174_000 / 781.5,
    "West US sun": 1_282_000 / 550,
    "West US 3 sun": 707_000 / 290,
    "West Central US wind": 10_000_000 / 3_000,
    "North Europe wind": 0.31 * 8760,
    "West Europe wind": 175_000 / 62.7,
    "UK West wind": 600_000 / 228,
    "Sweden Central wind": 1_500_000 / 500,
    "Germany North sun": 180_000 / 187,
    "Italy North sun": 1_310,
    "Australia Southeast wind": 901_200 / 420,
    "Japan West sun": 99_230 / 92,
}

#: The hour in UTC in which a farm with measured hours gives most: wind by night, sun at noon of California.
MEASURED = {"Central US wind": 5, "South Central US wind": 6, "West US sun": 20}


@pytest.fixture(scope="module")
def candidates():
    """Return the candidates of the scenario."""
    return placer.read_candidates("world", ["own_power"])


@pytest.fixture(scope="module")
def world():
    """Return the world of the scenario, its accelerators paid for."""
    return placer.load("world", ["own_power", "dispatch"])


def _farms(candidates):
    return candidates[candidates["adds"] == "limit_mw"]


@pytest.mark.slow
def test_scenario_changes_nothing_before_it_is_built():
    """Tests that farms of 0 MW and connections as large as today's accelerators need cost what the dataset costs."""
    as_is, with_limits = (placer.solve(placer.load("world", scenarios)) for scenarios in ([], ["own_power"]))
    assert with_limits.cost_usd == pytest.approx(as_is.cost_usd, rel=1e-9)
    assert with_limits.certificate.proven


@pytest.mark.slow
def test_candidates_are_farms_connections_and_accelerators(candidates):
    """Tests that accelerators stay as they are, that fourteen sites have a farm, and that each has a connection."""
    accelerators = placer.read_candidates("world")
    count = len(accelerators)
    assert candidates[list(accelerators)].iloc[:count].equals(accelerators)
    assert _farms(candidates)["candidate"].tolist() == list(HOURS)
    connections = candidates[candidates["adds"] == "power_limit_mw"]
    assert connections["target"].tolist() == placer.load("world").data_centres["data_centre"].tolist()
    assert len(candidates) == count + len(HOURS) + len(connections)


@pytest.mark.parametrize(
    ("name", "own", "connection", "fixed", "recovery"),
    [
        # Prices of the United States in USD hold the connection. Others are Danish, in euros at 0.92 a USD.
        ("Central US wind", 1688.8836, 0.0, 0.0199, 0.085941),
        ("West US sun", 1605.5122, 0.0, 0.0141, 0.080334),
        ("UK West wind", 1438.8845 / 0.92, 188.6002 / 0.92, 0.012347, 0.085941),
        ("Italy North sun", 594.8646 / 0.92, 188.6002 / 0.92, 0.021982, 0.080334),
    ],
)
def test_costs_of_farms_by_hand(candidates, name, own, connection, fixed, recovery):
    """Tests the cost of a MW a year: recovery at 7.5 % over 28.5 years (wind) or 37.5 (sun), a connection over 40."""
    built = placer.Candidates.of(candidates[candidates["candidate"] == name])
    by_hand = 1000 * (own * (recovery + fixed) + connection * (0.079400 + 0.02))
    assert built.cost_usd_per_unit_year[0] == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.parametrize(
    ("site", "usd_per_kw", "recovery"),
    [
        ("East US", 28e6 / 111e3, 0.079400),
        ("Italy North", 188.6002 / 0.92, 0.079400),
        ("Qatar Central", 205.0, 0.102259),
    ],
)
def test_costs_of_connections_by_hand(candidates, site, usd_per_kw, recovery):
    """Tests the cost of a MW a year: over 40 years at 7.5 % in members of the OECD, else at 10 %, and 2 % of upkeep."""
    built = placer.Candidates.of(candidates[candidates["candidate"] == f"{site} connection"])
    assert built.cost_usd_per_unit_year[0] == pytest.approx(1000 * usd_per_kw * (recovery + 0.02), rel=2e-4)


@pytest.mark.slow
def test_connections_are_as_large_as_the_accelerators_need(world):
    """Tests each limit against all accelerators at work on the class that takes most, rounded up to 0.1 MW."""
    sites, classes = world.data_centres, world.workloads
    kw = (classes["kwh_per_mtok"] / classes["accelerator_hours_per_mtok"]).max()
    assert kw == pytest.approx(0.8925, rel=5e-3)
    need = sites["accelerators"] * sites["pue"] * kw / 1000
    spare = sites["power_limit_mw"] - need
    assert spare.between(-1e-9, 0.1 + 1e-9).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", HOURS)
def test_yields_by_hand(candidates, world, name):
    """Tests the full hours a year, and the hour of most: half a sine around noon of the site, or as measured."""
    share = candidates.set_index("candidate")["usable_share"][name]
    assert np.mean(share) * 8760 == pytest.approx(HOURS[name], rel=1e-3)
    if name in MEASURED:
        assert int(np.argmax(share)) == MEASURED[name]
        return
    if name.endswith("wind"):
        assert np.ndim(share) == 0
        return
    site = _farms(candidates).set_index("candidate")["target"][name].partition("|")[2]
    noon = 12 - world.data_centres.set_index("data_centre")["lon"][site] / 15
    around = (np.arange(24) + 0.5 - noon + 12) % 24 - 12
    assert (around * share).sum() / share.sum() == pytest.approx(0, abs=0.05)
    assert (share[np.abs(around) > 7] == 0).all()


@pytest.mark.slow
def test_plan_builds_what_pays(candidates, world):
    """Tests that wind pays in Wales at 285 USD a MWh and not in Texas at 61, by a proven plan that saves."""
    wales, texas = "UK West wind", "South Central US wind"
    some = candidates[candidates["candidate"].isin([wales, texas])]
    without = placer.plan(world, some.assign(max_units=0))
    plan = placer.plan(world, some, gap=1e-5)
    assert plan.certificate.proven
    assert plan.builds.loc[wales, "least"] > 0
    assert plan.builds.loc[texas, "units"] == 0
    assert plan.cost_usd_per_year < without.cost_usd_per_year
