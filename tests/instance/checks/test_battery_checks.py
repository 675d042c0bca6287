"""The table of batteries: what it may not hold."""

import pytest

import placer
from placer.instance.checks.battery_checks import batteries_refused
from tests.batteries_by_hand import BATTERY, powered


def refused(*rows, **rest):
    with pytest.raises(placer.InstanceError) as caught:
        powered().replace(batteries=list(rows), **rest)
    return {(each.table, each.row, each.column) for each in caught.value.violations}


def test_all_violations_at_once():
    """Tests that ranges, unknown places, missing places and sizes are one error."""
    rows = [
        {**BATTERY, "battery": "a", "data_centre": "D", "efficiency": 1.2},
        {**BATTERY, "battery": "b", "data_centre": "nowhere"},
        {**BATTERY, "battery": "c"},
        {**BATTERY, "battery": "d", "data_centre": "D", "power_zone": "Z"},
        {**BATTERY, "battery": "e", "data_centre": "D", "power_mw": 0.0},
        {**BATTERY, "battery": "f", "power_zone": "Z", "energy_mwh": 0.0},
        {**BATTERY, "battery": "g", "power_zone": "Z", "usd_per_mwh_throughput": -1.0},
        {**BATTERY, "battery": "h", "power_zone": "no zone"},
    ]
    columns = {
        "a": "efficiency",
        "b": "data_centre",
        "c": "data_centre",
        "d": "data_centre",
        "e": "power_mw",
        "f": "energy_mwh",
        "g": "usd_per_mwh_throughput",
        "h": "power_zone",
    }
    assert refused(*rows) == {("batteries", row, column) for row, column in columns.items()}


def test_a_zone_without_supplies():
    """Tests that a battery stands at a zone that supplies some data centre."""
    zones = [{"power_zone": "Z", "usd_per_mwh": 1.0}, {"power_zone": "far", "usd_per_mwh": 1.0}]
    assert refused({**BATTERY, "power_zone": "far"}, power_zones=zones) == {("batteries", "B", "power_zone")}


def test_weights_that_differ_in_a_block():
    """Tests that the hours of a block count alike where a battery carries energy between them."""
    periods = [{"hour": 0, "weight": 1.0}, {"hour": 1, "weight": 2.0}]
    assert refused({**BATTERY, "data_centre": "D"}, periods=periods) == {("periods", "1", "weight")}


def test_a_battery_of_no_size():
    """Tests that power and energy may both be 0, as before a battery is built."""
    none = {**BATTERY, "data_centre": "D", "power_mw": 0.0, "energy_mwh": 0.0}
    assert placer.solve(powered().replace(batteries=[none])).cost_usd == pytest.approx(1200)


def test_refusal_in_words():
    """Tests that it names the product and the way out, and is none without batteries."""
    assert batteries_refused(powered().batteries, "roll") == []
    (found,) = batteries_refused(powered(battery={}).batteries, "roll")
    assert found.problem == "roll carries no batteries yet"
    assert "placer.solve" in found.allowed
