"""Explanations of shortages that limits of one's own, ratios among them, and power zones make, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from placer.analysis.shortage.explanation import cure, explain
from placer.errors import NoSolutionError
from placer.solve import solve
from tests.analysis.shortage.cures import centres, only, served


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "new"),
    [
        ({"kind": "tokens", "sense": "<=", "amount": 9.0}, 16.0),
        ({"kind": "share", "sense": "<=", "amount": 0.25, "workload": "w"}, 1.0),
        ({"kind": "energy_mwh", "sense": "<=", "amount": 4.0, "hours": "each"}, 16.0),
        ({"kind": "green_share", "sense": ">=", "amount": 0.5}, 0.0),
        ({"kind": "share", "sense": "<=", "amount": 0.0, "data_centre": "X|Y", "of": "served"}, 1.0),
    ],
)
def test_a_limit_of_ones_own_is_named_and_cured(make_instance, limit, new):
    """Tests that the limit that leaves demand unserved is named, and its amount after the cure, by hand."""
    instance = make_instance(limits=[{"limit": "mine"} | limit])
    explanation = explain(solve(instance))
    assert set(explanation.table["limit"]) == {"limit"}
    assert set(explanation.table["name"]) == {"mine"}
    (change,) = explanation.changes
    assert (change.table, change.column, change.old) == ("limits", "amount", limit["amount"])
    assert change.new == pytest.approx(new, rel=1e-6)
    assert solve(cure(instance, explanation)).unserved_mtok == pytest.approx(0, abs=1e-9)


def test_a_limit_that_serving_all_breaks_is_said(make_instance):
    """Tests a least cost of 0 where each served Mtok earns money: no change serves all demand."""
    zones = [{"power_zone": name, "usd_per_mwh": -10.0} for name in ("zx", "zy")]
    instance = make_instance(
        power_zones=zones, limits=[{"limit": "mine", "kind": "cost_usd", "sense": ">=", "amount": 0}]
    )
    placement = solve(instance)
    assert placement.unserved_mtok > 0
    with pytest.raises(NoSolutionError, match="serving all demand breaks a limit of one's own"):
        explain(placement)


@pytest.mark.slow
def test_a_limit_of_at_least_is_lowered(make_instance):
    """Tests that work forced on a site that others need for theirs is let go as far as they need, by hand."""
    centres = [{"data_centre": "X", "accelerators": 10.0}, {"data_centre": "Y", "accelerators": 0.0}]
    work = [
        {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "unserved_usd_per_mtok": usd}
        for name, usd in (("dear", 900.0), ("plain", 300.0))
    ]
    demand = [{"workload": name, "hub": "A", "mtok": 8.0} for name in ("dear", "plain")]
    least = {"limit": "mine", "kind": "tokens", "sense": ">=", "amount": 5.0, "workload": "plain"}
    instance = make_instance(data_centres=centres, workloads=work, demand=demand, limits=[least])
    placement = solve(instance)
    assert placement.workloads.loc["plain", "served_mtok"] == pytest.approx(5)
    explanation = explain(placement)
    assert solve(cure(instance, explanation)).unserved_mtok == pytest.approx(0, abs=1e-9)


def _site(accelerators, **limit):
    """Return changes of the small instance: accelerators of Y, and a limit."""
    return {"data_centres": centres(accelerators=(math.inf, accelerators)), "limits": [{"limit": "mine"} | limit]}


GREEN = [
    {"power_zone": "zx", "data_centre": "X"},
    {"power_zone": "zy", "data_centre": "Y", "limit_mw": 4.0, "green": 1.0},
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        # Y serves 4 of 16 Mtok, so that X serves 12 of them
        (_site(4.0, kind="share", sense="<=", amount=0.5, data_centre="X", of="served"), 0.5, 0.75),
        (_site(4.0, kind="share", sense=">=", amount=0.4, data_centre="Y", of="served"), 0.4, 0.25),
        # 4 MWh of Y are green, of 16
        (
            {"supplies": GREEN, "limits": [{"limit": "mine", "kind": "green_share", "sense": ">=", "amount": 0.3}]},
            0.3,
            0.25,
        ),
    ],
)
def test_a_ratio_is_changed_no_further_than_it_cures(make_instance, changes, old, new):
    """Tests the amount of a share of what flows after the cure, by hand, and that a smaller change is not enough."""
    instance = make_instance(**changes)
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.name, change.old) == ("limit", "mine", old)
    assert change.new == pytest.approx(new, rel=1e-6)
    assert solve(cure(instance, explanation)).unserved_mtok == pytest.approx(0, abs=1e-7)
    less = replace(change, new=change.new - math.copysign(1e-4, new - old))
    assert solve(cure(instance, less)).unserved_mtok > 1e-6


@pytest.mark.slow
def test_a_ratio_of_each_hour_follows_the_hour_that_needs_most(make_instance):
    """Tests hours of 16, 8 and no Mtok, 4 MWh of each green: 25 % of the first is the most that all hours have."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((16.0, 8.0, 0.0))]
    limit = {"limit": "mine", "kind": "green_share", "sense": ">=", "amount": 0.3, "hours": "each"}
    instance = make_instance(demand=demand, supplies=GREEN, limits=[limit])
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert change.new == pytest.approx(0.25, rel=1e-6)
    assert solve(cure(instance, explanation)).unserved_mtok == pytest.approx(0, abs=1e-7)


@pytest.mark.slow
def test_limits_that_are_needed_together_are_named_together(make_instance):
    """Tests A's 10 Mtok, which only X can serve: 6 with either of two limits, one of them half of all that is served.

    Power at X is green to 60 %, so that a limit of at least 100 % is lowered with them.
    """
    links = [{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "Y", "rtt_ms": 10.0}]
    ratio = {"limit": "ratio", "kind": "share", "sense": "<=", "amount": 0.5, "data_centre": "X", "of": "served"}
    most = {"limit": "most", "kind": "tokens", "sense": "<=", "amount": 6.0, "data_centre": "X"}
    green = {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 1.0, "data_centre": "X"}
    supplies = [{"power_zone": "zx", "data_centre": "X", "green": 0.6}, {"power_zone": "zy", "data_centre": "Y"}]
    instance = make_instance(links=links, supplies=supplies, limits=[ratio, most, green])
    explanation = explain(solve(instance))
    assert {change.name: change.new for change in explanation.changes} == pytest.approx(
        {"ratio": 10 / 16, "most": 10.0, "green": 0.6}, rel=1e-6
    )
    assert solve(cure(instance, explanation)).unserved_mtok == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("hourly", [False, True])
def test_a_power_zone(make_instance, workload, hourly):
    """Tests that X and Y, which share 10 MW for 16 MWh, get the 6 MW that are short; by the hour in limited hours."""
    demand = [
        {"workload": "w", "hub": hub, "hour": hour, "mtok": mtok}
        for hub, mtok in (("A", 10.0), ("B", 6.0))
        for hour in range(1 + hourly)
    ]
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": (math.inf, 10.0) if hourly else 10.0}]
    supplies = [{"power_zone": "zx", "data_centre": name} for name in "XY"]
    instance = make_instance(workloads=workload(), demand=demand, power_zones=zones, supplies=supplies)
    explanation = explain(solve(instance))
    row = only(explanation)
    assert row["cure"] == "6 MW more of limit_mw of power zone zx"
    (change,) = explanation.changes
    assert (change.limit, change.name, change.table, change.column) == ("power zone", "zx", "power_zones", "limit_mw")
    assert change.amount == pytest.approx(6.0, rel=1e-6)
    assert solve(instance).unserved_reasons.index.tolist() == [("limit", "limit_mw of zx")]
    assert served(instance, explanation)
