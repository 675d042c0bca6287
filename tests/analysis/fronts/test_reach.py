"""Tests the tightest amount at which as much demand is served."""

import numpy as np
import pytest

import placer
from placer.analysis.fronts.moving_limit import moving_limit
from placer.analysis.fronts.reach import tightest
from tests.analysis.fronts.conftest import powered
from tests.analysis.fronts.oracle import instance_of, least_cost, random_case
from tests.effort import tries
from tests.green_batteries import random_green


def reach_of(instance, against, matching):
    """Return the tightest amount from the cheapest placement."""
    limit, flows = moving_limit(instance, against, matching, {}), placer.solve(instance, tie_break=None).answer.point
    return tightest(limit, flows.unserved, limit.kept_by(flows))


@pytest.mark.slow
def test_reaches_by_hand(ladder, bent, windy):
    """Tests 8 of 10 MWh; 5 of 10, as all work is new; all where green imports have no limit."""
    assert reach_of(ladder, "green_share", "horizon") == pytest.approx(0.8)
    assert reach_of(bent, "green_share", "hour") == pytest.approx(0.5)
    assert reach_of(windy, "green_share", "hour") == 1.0


@pytest.mark.slow
def test_the_hour_with_least_wind_decides():
    """Tests 2 of 10 MWh in one hour and 9 of 10 in another: 0.2 of every hour, 0.55 of both."""
    supplies = [("grid", 50, 0, None, "site"), ("wind", 60, 1, None, "site")]
    instance = powered(supplies, {"chat": [10.0, 10.0]})
    instance = instance.replace(power_zones=instance.power_zones.assign(limit_mw=[float("inf"), (2.0, 9.0)]))
    assert reach_of(instance, "green_share", "hour") == pytest.approx(0.2)
    assert reach_of(instance, "green_share", "horizon") == pytest.approx(0.55)


def test_what_a_battery_earns_is_no_demand():
    """Tests 12 MWh of wind in hour 0 alone, of which a battery keeps 6 for hour 1: 0.6 of either's 10, at any price."""
    supplies = [("grid", 50, 0, None, "site"), ("wind", 60, 1, None, "site")]
    instance = powered(supplies, {"chat": [10.0, 10.0]})
    zones = instance.power_zones.assign(usd_per_mwh=[50.0, (60.0, 300.0)], limit_mw=[float("inf"), (12.0, 0.0)])
    battery = {"battery": "B", "power_zone": "wind", "power_mw": 9.0, "energy_mwh": 9.0}
    stored = instance.replace(power_zones=zones, batteries=[battery])
    assert reach_of(stored, "green_share", "hour") == pytest.approx(0.6)


def test_least_carbon_by_hand(ladder):
    """Tests 2 MWh of the grid at 500 kg: 1,000 kg of 5,000."""
    zones = ladder.power_zones.assign(carbon_kg_per_mwh=[500.0, 0.0, 0.0])
    assert reach_of(ladder.replace(power_zones=zones), "carbon_kg", "horizon") == pytest.approx(1000.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 30)))
def test_random_reaches(seed):
    """Tests that at the reach all is served, and a little beyond it something is not, by explicit programs."""
    case = random_case(seed)
    free = {**case, "usd": 0 * case["usd"], "penalty": 1.0, "tiers": [t | {"usd": 0.0} for t in case["tiers"]]}
    for matching in ("horizon", "hour"):
        reach = reach_of(instance_of(case, powered), "green_share", matching)
        assert least_cost(free, reach - 1e-9, by_hour=matching == "hour") == pytest.approx(0.0, abs=1e-6)
        if reach < 1:
            assert least_cost(free, min(reach + 1e-3, 1.0), by_hour=matching == "hour") > 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 4])
def test_a_supply_that_is_nine_tenths_green(seed):
    """Tests a site with batteries whose greenest supply gives 0.9: rounding must not hold the search just beside it."""
    instance = random_green(np.random.default_rng(seed)).replace(limits=[])
    front = placer.green_front(instance, "hour", data_centre="A", points=2)
    assert front.reach == pytest.approx(0.9, abs=1e-7)


@pytest.mark.slow
def test_days_apart_reach_as_far_as_one_program(monkeypatch):
    """Tests two days as blocks, 2 of 10 MWh of wind in one and 9 in the other, each alone and all as one program."""
    supplies = [("grid", 50, 0, None, "site"), ("wind", 60, 1, None, "site")]
    periods = [{"hour": hour, "block": str(hour), "weight": 1 + hour} for hour in range(2)]
    instance = powered(supplies, {"chat": [10.0, 10.0]}, periods=periods)
    instance = instance.replace(power_zones=instance.power_zones.assign(limit_mw=[float("inf"), (2.0, 9.0)]))
    for matching, expected in (("hour", 0.2), ("horizon", (2 + 2 * 9) / 30)):
        assert reach_of(instance, "green_share", matching) == pytest.approx(expected)
        monkeypatch.setattr("placer.analysis.fronts.reach.is_by_blocks", lambda *_: True)
        assert reach_of(instance, "green_share", matching) == pytest.approx(expected)
        monkeypatch.undo()
