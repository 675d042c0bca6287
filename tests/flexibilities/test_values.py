"""Tests the value of each flexibility by hand, and that values add up."""

import itertools

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError
from tests.analysis.fronts.conftest import powered
from tests.batteries_at_random import explicit
from tests.effort import tries
from tests.green_batteries import add_green, random_green, wind_by_day
from tests.results import check_result

INF = float("inf")
#: A unit costs 30 USD in the four hours of ``farm``.
MILL = {"candidate": "mill", "adds": "limit_mw", "target": "wind|site", "usd_per_unit_year": 8760 / 4 * 30}


@pytest.fixture(scope="module")
def farm():
    """Return the day of the farm without imports and with room: wind (0, 12, 12, 0), 4 Mtok an hour, 20 that wait."""
    zones = [("grid", 50, 0, None, "site"), ("wind", 0, 1, 12.0, "site")]
    batch = {"chat": {}, "batch": {"deadline_hours": 3.0}}
    instance = powered(zones, {"chat": [4.0] * 4, "batch": [20.0, 0, 0, 0]}, {"site": {"accelerators": 100.0}}, batch)
    wind = instance.power_zones.assign(limit_mw=[INF, (0.0, 12.0, 12.0, 0.0)])
    return instance.replace(power_zones=wind, cyclic=False)


def test_waiting_by_hand(farm):
    """Tests 28 MWh of grid and missing without waiting, at 50 + 200; 12 with it: 16 x 250 saved, nothing by moving."""
    found = placer.flexibility_values(farm, 1.0, "hour", missing_usd_per_mwh=200)
    assert found.coalitions["cost_usd"].tolist() == pytest.approx([7000, 3000, 7000, 3000])
    assert found.coalitions["missing_mwh"].tolist() == pytest.approx([28, 12, 28, 12])
    assert found.table["value_usd"].to_dict() == pytest.approx({"waiting": 4000, "moving": 0}, abs=1e-6)
    assert found.table["value_usd_per_mwh"].iloc[0] == pytest.approx(4000 / 36)
    assert found.saved_usd == pytest.approx(4000)
    check_result(found)


@pytest.mark.slow
def test_waiting_and_storing_by_hand(farm):
    """Tests a battery that lights 4 of 28 MWh, of which work that waits leaves 12 in any case: all wind is used."""
    battery = {"battery": "B", "data_centre": "site", "power_mw": 4.0, "energy_mwh": 4.0}
    found = placer.flexibility_values(farm.replace(batteries=[battery]), 1.0, "hour", missing_usd_per_mwh=200)
    cost = found.coalitions.set_index("flexibilities")["cost_usd"]
    still = [cost[name] for name in ("none", "waiting", "storing", "waiting + storing")]
    assert still == pytest.approx([7000, 3000, 6000, 3000])
    assert found.table["value_usd"].to_dict() == pytest.approx({"waiting": 3500, "moving": 0, "storing": 500}, abs=1e-6)
    assert found.green_mwh == pytest.approx(36)


def with_missing_power(rows, instance):
    """Add the rows of the only limit, a share by the hour, and power that is missing to each at 60 USD."""
    add_green(rows, instance)
    for hour, (terms, _) in enumerate(rows.below[-len(instance.hours) :]):
        terms.append((rows.column("missing", hour, cost=60.0), -1.0))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 40)))
def test_random_coalitions_against_explicit_programs(seed):
    """Tests what each coalition that moves work costs beside random batteries, at 90 % of every hour."""
    instance = random_green(np.random.default_rng(seed)).replace(limits=[])
    found = placer.flexibility_values(instance, 0.9, "hour", missing_usd_per_mwh=60)
    cost = found.coalitions.set_index("flexibilities")["cost_usd"]
    share = {"limit": "front", "kind": "green_share", "sense": ">=", "amount": 0.9, "hours": "each"}
    for waits, stores in itertools.product((False, True), repeat=2):
        name = " + ".join(["waiting"] * waits + ["moving"] + ["storing"] * stores)
        alone = instance if stores else instance.replace(batteries=[])
        alone = alone if waits else alone.with_value("workloads.deadline_hours", 0)
        exact = explicit(alone.replace(limits=[share]), with_missing_power).fun
        assert cost[name] == pytest.approx(exact, rel=1e-6)
    assert found.table["value_usd"].sum() == pytest.approx(found.saved_usd, rel=1e-9)


def test_building_by_hand():
    """Tests mills at 30 USD a MW over two hours of (1, 0) wind: they replace 250 a MWh where there is wind.

    4 Mtok of hour 0 and 4 of hour 1, of which those of hour 1 may not wait; 4 of hour 1 have no wind. Without building
    all 8 MWh are missing: 8 x 250. Mills save 4 x (250 - 4 x 30 / 4).
    """
    zones = [("grid", 50, 0, None, "site"), ("wind", 0, 1, None, "site")]
    instance = powered(zones, {"chat": [4.0, 4.0]})
    supplies = instance.supplies.assign(limit_mw=[INF, 0.0])
    instance = instance.replace(supplies=supplies)
    mill = MILL | {"usd_per_unit_year": 8760 / 2 * 30, "usable_share": (1.0, 0.0)}
    found = placer.flexibility_values(instance, 1.0, "hour", missing_usd_per_mwh=200, candidates=[mill])
    assert found.coalitions["flexibilities"].tolist() == ["none", "moving", "building", "moving + building"]
    assert found.coalitions["cost_usd"].tolist() == pytest.approx([2000, 2000, 1120, 1120])
    assert found.table["value_usd"].to_dict() == pytest.approx({"moving": 0, "building": 880}, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("place", [{"data_centre": "D"}, {"power_zone": "wind"}])
def test_storing_and_building_need_each_other(place):
    """Tests 10 MWh at night: 2,500 USD missing, or 60 / 0.64 a MWh beside 15.625 MW and 12.5 MWh at 1 USD.

    Neither batteries of no size nor sizes without batteries save anything, so that each is worth half.
    """
    sizes = {"power_mw": 0.0, "energy_mwh": 0.0}
    instance = wind_by_day().replace(limits=[], batteries=[{"battery": "B", "efficiency": 0.8, **place, **sizes}])
    zones = instance.power_zones.assign(limit_mw=[(30.0, 0.0), INF])
    instance = instance.replace(power_zones=zones, supplies=instance.supplies.assign(limit_mw=INF))
    rows = [
        {"candidate": adds, "adds": adds, "target": "B", "usd_per_unit_year": 4380.0, "max_units": 50.0}
        for adds in sizes
    ]
    found = placer.flexibility_values(instance, 1.0, "hour", missing_usd_per_mwh=200, candidates=rows, gap=1e-9)
    cost = found.coalitions.set_index("flexibilities")["cost_usd"]
    alone, built = 600 + 2500, 1537.5 + 15.625 + 12.5
    few = [cost[name] for name in ("none", "moving + storing", "moving + building", "moving + storing + building")]
    assert few == pytest.approx([alone, alone, alone, built])
    half = (alone - built) / 2
    assert found.table["value_usd"].to_dict() == pytest.approx(
        {"moving": 0, "storing": half, "building": half}, abs=1e-3
    )


def test_moving_and_waiting_share_what_both_save():
    """Tests 6 Mtok of hour 0 that may wait or go to the wind: either saves all, so that each is worth half.

    Home is 1 USD a Mtok cheaper. Wind blows at home in hour 1, abroad in hour 0.
    """
    zones = [
        *(("grid", 50, 0, None, "home"), ("coast", 50, 0, None, "abroad")),
        *(("own wind", 50, 1, None, "home"), ("far wind", 50, 1, None, "abroad")),
    ]
    sites = {"home": {}, "abroad": {"accelerator_usd_per_hour": 1.0}}
    instance = powered(zones, {"batch": [6.0, 0.0]}, sites, {"batch": {"deadline_hours": 1.0}})
    wind = instance.power_zones.assign(limit_mw=[INF, INF, (0.0, 9.0), (9.0, 0.0)])
    found = placer.flexibility_values(
        instance.replace(power_zones=wind, cyclic=False), 1.0, "hour", missing_usd_per_mwh=101
    )
    assert found.coalitions["cost_usd"].tolist() == pytest.approx([906, 300, 306, 300])
    assert found.table["value_usd"].to_dict() == pytest.approx({"waiting": 306, "moving": 300})
    assert found.table["saved_share"].sum() == pytest.approx(1.0)


@pytest.mark.slow
def test_china_adds_up():
    """Tests that each flexibility lowers the cost of every coalition that it joins, and that values add up."""
    china = placer.load("china", ["own_limits"]).replace(limits=[])
    found = placer.flexibility_values(china, 0.8, "hour", missing_usd_per_mwh=100)
    none, waiting, moving, both = found.coalitions["cost_usd"]
    assert both <= min(waiting, moving) + 1
    assert none >= max(waiting, moving) - 1
    assert found.table["value_usd"].sum() == pytest.approx(none - both)
    assert both == pytest.approx(placer.green_front(china, "hour", points=3).cost_between(0.8)[0], rel=1e-4)


def test_what_is_refused(farm):
    """Tests shares outside 0 to 1, and free missing power."""
    with pytest.raises(ArgumentError, match=r"green_share 1\.5 is not between 0 and 1"):
        placer.flexibility_values(farm, 1.5, missing_usd_per_mwh=1)
    with pytest.raises(ArgumentError, match="missing_usd_per_mwh 0 is not above 0"):
        placer.flexibility_values(farm, 0.5, missing_usd_per_mwh=0)
