"""Tests of what candidates add to."""

from __future__ import annotations

from placer.planning.question.targets import ADDS, row_labels, target_problems, target_rows
from tests.batteries_by_hand import powered


def test_rows_by_their_names(make_instance):
    """Tests that every kind of limit finds its row, and that a row that is not there is -1."""
    instance = make_instance()
    targets = ("Y", "X", "zy|Y", "A|X")
    assert target_rows(instance, ADDS[:4], targets) == [
        ("data_centres", 1),
        ("data_centres", 0),
        ("supplies", 1),
        ("links", 0),
    ]
    assert target_rows(instance, ADDS[3:4], ("X|A",)) == [("links", -1)]
    assert target_rows(powered(battery={}), ADDS[4:], ("B", "C")) == [("batteries", 0), ("batteries", -1)]
    assert row_labels(instance, "links") == ["A|X", "B|Y", "X|Y"]


def test_unknown_unlimited_and_ambiguous_targets(make_instance):
    """Tests that each is a violation that says what would be right."""
    links = [{"from": "A", "to": "X", "rtt_ms": ms, "capacity_gbps": 5.0} for ms in (10.0, 12.0)]
    links.append({"from": "B", "to": "X", "rtt_ms": 5.0})
    instance = make_instance(links=links)
    names, adds = ("a", "b", "c", "d"), ("accelerators", "capacity_gbps", "limit_mw", "power_limit_mw")
    found = target_problems(instance, names, adds, ("X", "A|X", "zx|XX", "Z"))
    assert [(each.row, each.problem, each.allowed) for each in found] == [
        ("a", "accelerators of 'X' is unlimited: a unit adds nothing to it", "a row with a finite accelerators"),
        ("b", "'A|X' is 2 rows of links", "one row"),
        ("c", "'zx|XX' is unknown", "perhaps zx|X"),
        ("d", "'Z' is unknown", "data_centre of a row of data_centres"),
    ]


def test_limits_by_hour_are_finite(make_instance):
    """Tests that a limit that is finite in one hour may be added to."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1)]
    instance = make_instance(
        demand=demand, data_centres=[{"data_centre": "X", "accelerators": [float("inf"), 4.0]}, {"data_centre": "Y"}]
    )
    assert target_problems(instance, ("a",), ("accelerators",), ("X",)) == []


def test_a_power_zone_is_no_supply(make_instance):
    """Tests that a zone with a limit is found by its name, and one without is unlimited."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": 3.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    instance = make_instance(power_zones=zones)
    assert target_rows(instance, ("limit_mw",) * 3, ("zx", "zx|X", "z")) == [
        ("power_zones", 0),
        ("supplies", 0),
        ("power_zones", -1),
    ]
    found = target_problems(instance, ("a", "b", "c"), ("limit_mw",) * 3, ("zx", "zy", "power"))
    assert [(each.row, each.problem, each.allowed) for each in found] == [
        ("b", "limit_mw of 'zy' is unlimited: a unit adds nothing to it", "a row with a finite limit_mw"),
        (
            "c",
            "'power' is unknown",
            "power_zone of a row of power_zones or power_zone|data_centre of a row of supplies",
        ),
    ]


def test_a_name_of_a_zone_and_a_supply(make_instance):
    """Tests that a zone named as a supply is written is an ambiguous target."""
    zones = [{"power_zone": name, "usd_per_mwh": 50.0, "limit_mw": 3.0} for name in ("zx", "zy", "zx|X")]
    found = target_problems(make_instance(power_zones=zones), ("a",), ("limit_mw",), ("zx|X",))
    assert [(each.problem, each.allowed) for each in found] == [
        ("'zx|X' is 2 rows of power_zones and supplies", "one row")
    ]
