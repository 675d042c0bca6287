"""Tests of what candidates add to."""

from __future__ import annotations

from placer.planning.targets import ADDS, row_labels, target_problems, target_rows


def test_rows_by_their_names(make_instance):
    """Tests that every kind of limit finds its row, and that a row that is not there is -1."""
    instance = make_instance()
    targets = ("Y", "X", "zy|Y", "A|X")
    assert target_rows(instance, ADDS, targets) == [
        ("data_centres", 1),
        ("data_centres", 0),
        ("supplies", 1),
        ("links", 0),
    ]
    assert target_rows(instance, ADDS[3:], ("X|A",)) == [("links", -1)]
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


def test_limits_of_power_zones_are_no_targets(make_instance):
    """Tests that a power zone is not taken for a supply, whose rows have other numbers."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": 3.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    found = target_problems(make_instance(power_zones=zones), ("a",), ("limit_mw",), ("zx",))
    assert [(each.problem, each.allowed) for each in found] == [
        ("'zx' is unknown", "power_zone|data_centre of a row of supplies")
    ]
