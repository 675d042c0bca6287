"""Explanations: what is short, because of which limit, and that the change named cures it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from placer.analysis.shortage.explanation import cure, explain
from placer.errors import InstanceError
from placer.solve import solve

#: Demand may stay unserved by this share after a cure: the rounding of solvers.
ROUNDING = 1e-7


@pytest.fixture
def workload():
    """Return a function that gives the workload of the small instance with some attributes changed."""

    def give(**changes):
        plain = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
        return [plain | {"unserved_usd_per_mtok": 1000.0} | changes]

    return give


def _centres(**columns):
    """Return the data centres X and Y of the small instance with columns given as pairs."""
    plain = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west"}]
    return [row | {name: pair[place] for name, pair in columns.items()} for place, row in enumerate(plain)]


def _served(instance, explanation):
    """Return whether all is served once the changes are made."""
    cured = solve(cure(instance, explanation))
    return cured.unserved_mtok <= ROUNDING * cured.demand_mtok


def _only(explanation):
    """Return the one row of an explanation with one change."""
    assert len(explanation.changes) == 1
    assert len(explanation.table) == 1
    return explanation.table.iloc[0]


def test_nothing_short(make_instance):
    """Tests that a placement that serves everything has nothing to explain, and cures to itself."""
    instance = make_instance()
    explanation = explain(solve(instance))
    assert explanation.shortages.empty
    assert explanation.table.empty
    assert explanation.alternatives.empty
    assert explanation.changes == ()
    assert cure(instance, explanation) == instance


def test_latency(make_instance, workload):
    """Tests that hubs out of reach get the milliseconds to the nearest data centre, of the task and of a round trip.

    Two round trips of 10 ms and 20 ms at the server are 40 ms at the nearest, 4 more than the limit.
    """
    instance = make_instance(workloads=workload(latency_slo_ms=36.0, server_ms=20.0, user_round_trips=2.0))
    explanation = explain(solve(instance))
    assert explanation.table["limit"].tolist() == ["latency"] * 2
    assert explanation.table["hub"].tolist() == ["A", "B"]
    assert explanation.table["name"].tolist() == ["X", "Y"]
    assert explanation.table["unserved_mtok"].tolist() == [10.0, 6.0]
    assert explanation.table["round_trip_ms"].tolist() == pytest.approx([2.0, 2.0])
    (change,) = explanation.changes
    assert (change.amount, change.unit, change.new) == (4.0, "ms", 40.0)
    assert change.cure == "4 ms more of latency_slo_ms of w"
    assert _served(instance, explanation)


def test_latency_goes_as_far_as_there_is_room(make_instance, workload):
    """Tests that the arc opened is the nearest with room: X is nearer to A and full, so A has to reach Y (40 ms)."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0), data_centres=_centres(accelerators=(0.0, math.inf))
    )
    explanation = explain(solve(instance))
    row = _only(explanation)
    assert (row["limit"], row["name"], row["amount"]) == ("latency", "Y", 30.0)
    assert explanation.alternatives["cure"].tolist() == ["10 more accelerators at X"]
    assert _served(instance, explanation)


@pytest.mark.parametrize(
    ("limit", "changes", "name", "amount"),
    [
        ("accelerators", {"data_centres": _centres(accelerators=(4.0, 50.0))}, "X", 6.0),
        ("accelerators", {"data_centres": _centres(accelerators=(8.0, 50.0), max_utilisation=(0.5, 1.0))}, "X", 12.0),
        ("site power", {"data_centres": _centres(power_limit_mw=(4.0, math.inf), pue=(1.5, 1.0))}, "X", 11.0),
        (
            "supply",
            {
                "supplies": [
                    {"power_zone": "zx", "data_centre": "X", "limit_mw": 4.0, "loss": 0.5},
                    {"power_zone": "zy", "data_centre": "Y"},
                ]
            },
            "zx - X",
            16.0,
        ),
        ("no supply", {"supplies": [{"power_zone": "zy", "data_centre": "Y"}]}, "zy - X", 10.0),
    ],
)
def test_amounts(make_instance, workload, limit, changes, name, amount):
    """Tests that a short limit at X is named with the amount that A's 10 Mtok lack: 1 hour and 1 MWh each at the rack.

    Y takes another 40 ms and B alone may go there, so that no milliseconds cure it: Y has room for B only.
    """
    changes = dict(changes)
    table = changes.pop("data_centres", _centres())
    table[1]["accelerators"] = 6.0
    given = workload(latency_slo_ms=10.0)
    instance = make_instance(workloads=given, data_centres=table, **changes)
    explanation = explain(solve(instance))
    row = _only(explanation)
    assert (row["workload"], row["hub"], row["hours"]) == ("w", "A", "0")
    assert (row["limit"], row["name"]) == (limit, name)
    assert row["amount"] == pytest.approx(amount, rel=1e-6)
    assert row["unserved_mtok"] == pytest.approx(row["without_mtok"])
    assert math.isnan(row["round_trip_ms"])
    assert _served(instance, explanation)


def test_link(make_instance, workload):
    """Tests that a full link is named in Gbps: 450 GB an hour each, and A's 10 Mtok are 900 GB."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0, "capacity_gbps": 0.5},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0},
    ]
    instance = make_instance(links=links, workloads=workload(gb_per_mtok=90.0))
    explanation = explain(solve(instance))
    row = _only(explanation)
    assert (row["limit"], row["name"], row["unit"]) == ("link", "A - X", "Gbps")
    assert row["amount"] == pytest.approx(1.5, rel=1e-6)
    assert row["cure"] == "1.5 Gbps more on A - X"
    assert _served(instance, explanation)


@pytest.mark.parametrize(
    ("setting", "limit", "amount"),
    [("carbon_limit_kg", "carbon cap", 600.0), ("water_limit_litres", "water cap", 15000.0)],
)
def test_caps(make_instance, setting, limit, amount):
    """Tests that a cap is named: 16 Mtok at 1 MWh each, 100 kg a MWh and 1 litre a kWh, of a cap of 1000."""
    zones = [{"power_zone": name, "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0} for name in ("zx", "zy")]
    instance = make_instance(
        power_zones=zones, data_centres=_centres(water_litres_per_kwh=(1.0, 1.0)), **{setting: 1000.0}
    )
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.name, change.table) == (limit, "", "settings")
    assert change.amount == pytest.approx(amount, rel=1e-6)
    assert explanation.table["unserved_mtok"].sum() == pytest.approx(explanation.shortages.sum())
    assert _served(instance, explanation)


def test_residency(make_instance, workload):
    """Tests that a workload bound to where no data centre is gets the jurisdiction of one that can take it all."""
    instance = make_instance(
        workloads=workload(jurisdictions=("EU",)),
        data_centres=_centres(jurisdiction=("CN", "US"), accelerators=(math.inf, 5.0)),
    )
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.old, change.new) == ("residency", ("EU",), ("EU", "CN"))
    assert change.cure == "CN among the jurisdictions of w"
    assert math.isnan(change.amount)
    assert _served(instance, explanation)


def test_no_jurisdiction_at_all(make_instance, workload):
    """Tests that a workload bound to a jurisdiction where data centres have none is let go anywhere."""
    instance = make_instance(workloads=workload(jurisdictions=("EU",)))
    explanation = explain(solve(instance))
    assert [change.cure for change in explanation.changes] == ["any jurisdiction for w"]
    assert _served(instance, explanation)


def test_no_route(make_instance, workload):
    """Tests that a hub without a path to where there is room gets a link, as long as its limit of 50 ms leaves it."""
    links = [{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "Y", "rtt_ms": 10.0}]
    instance = make_instance(
        links=links,
        hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}],
        data_centres=_centres(jurisdiction=("CN", "EU"), accelerators=(0.0, 50.0)),
        workloads=workload(jurisdictions=("EU",), latency_slo_ms=50.0, user_round_trips=2.0),
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}],
    )
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.name) == ("no route", "A - Y")
    assert change.amount == pytest.approx(20.0)
    assert change.cure == "a link of at most 20 ms on A - Y"
    assert _served(instance, explanation)


def test_not_worth_serving(make_instance, workload):
    """Tests that demand left unserved because that is cheaper is told so, with a penalty that makes it worth it.

    At X a Mtok costs 50 USD of power, at Y 20, and leaving it unserved 30: Y has room for 6 of A's 10 and B's 6 Mtok.
    """
    instance = make_instance(
        workloads=workload(unserved_usd_per_mtok=30.0), data_centres=_centres(accelerators=(50, 6))
    )
    placement = solve(instance)
    assert placement.unserved_mtok == pytest.approx(10.0)
    explanation = explain(placement)
    (change,) = explanation.changes
    assert (change.limit, change.name, change.unit) == ("penalty", "w", "USD per Mtok")
    assert change.amount == pytest.approx(20.0, rel=1e-3)
    assert _served(instance, explanation)


def test_two_independent_shortages(make_instance, workload):
    """Tests that two shortages that have nothing to do with each other have a change each, both needed."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0),
        data_centres=_centres(accelerators=(4.0, math.inf), power_limit_mw=(math.inf, 4.0)),
    )
    explanation = explain(solve(instance))
    table = explanation.table.set_index("hub")
    assert table.loc["A", ["limit", "name"]].tolist() == ["accelerators", "X"]
    assert table.loc["B", ["limit", "name"]].tolist() == ["site power", "Y"]
    assert table["without_mtok"].tolist() == pytest.approx(table["unserved_mtok"].tolist())
    assert _served(instance, explanation)
    for change in explanation.changes:
        assert solve(cure(instance, change)).unserved_mtok > 1.0


def test_changes_needed_together(make_instance, workload):
    """Tests that where accelerators and power are short at once, the demand is listed under both."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0),
        data_centres=_centres(accelerators=(4.0, 6.0), power_limit_mw=(5.0, math.inf)),
    )
    explanation = explain(solve(instance))
    assert sorted((change.limit, round(change.amount, 6)) for change in explanation.changes) == [
        ("accelerators", 6.0),
        ("site power", 5.0),
    ]
    assert explanation.table["hub"].tolist() == ["A", "A"]
    assert explanation.table["unserved_mtok"].tolist() == pytest.approx([6.0, 6.0])
    assert sorted(explanation.table["without_mtok"]) == pytest.approx([5.0, 6.0])
    assert _served(instance, explanation)


def test_displaced_demand(make_instance, workload):
    """Tests that demand which is served now and would be displaced is listed with nothing unserved.

    A of v cannot reach X in time; once it can, it fills the 4 accelerators there that w needs.
    """
    urgent = {**workload(latency_slo_ms=5.0)[0], "workload": "v", "unserved_usd_per_mtok": 5000.0}
    instance = make_instance(
        workloads=[*workload(latency_slo_ms=10.0), urgent],
        data_centres=_centres(accelerators=(4.0, 0.0)),
        demand=[{"workload": "w", "hub": "A", "mtok": 4.0}, {"workload": "v", "hub": "A", "mtok": 3.0}],
    )
    explanation = explain(solve(instance))
    table = explanation.table.set_index(["workload", "limit"])
    assert table.loc[("v", "latency"), "unserved_mtok"] == pytest.approx(3.0)
    assert table.loc[("w", "accelerators"), "unserved_mtok"] == 0
    assert table.loc[("w", "accelerators"), "without_mtok"] == pytest.approx(3.0)
    assert _served(instance, explanation)


def test_hours(make_instance, workload):
    """Tests that the hours that are short are listed as spans, and an amount is the one that the worst hour lacks."""
    demand = [
        {"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((9, 8, 2, 7, 1), start=5)
    ]
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0), data_centres=_centres(accelerators=(3.0, 0.0)), demand=demand
    )
    explanation = explain(solve(instance))
    row = _only(explanation)
    assert row["hours"] == "5-6, 8"
    assert row["unserved_mtok"] == pytest.approx(15.0)
    assert row["amount"] == pytest.approx(6.0, rel=1e-6)
    assert explanation.shortages.to_dict() == pytest.approx({("w", "A", 5): 6, ("w", "A", 6): 5, ("w", "A", 8): 4})


@pytest.mark.parametrize("hour_length", [0.5, 6.0])
def test_length_of_an_hour(make_instance, workload, hour_length):
    """Tests that amounts are accelerators and not accelerator-hours when a step is longer or shorter than an hour."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0),
        data_centres=_centres(accelerators=(1.0, 6.0 / hour_length)),
        hour_length=hour_length,
    )
    explanation = explain(solve(instance))
    assert explanation.changes[0].amount == pytest.approx(10.0 / hour_length - 1.0, rel=1e-6)
    assert _served(instance, explanation)


def test_no_power_zone(make_instance):
    """Tests that an instance without any power gets a supply from a zone of its own."""
    instance = make_instance(power_zones=[], supplies=[])
    explanation = explain(solve(instance))
    assert {change.limit for change in explanation.changes} == {"no supply"}
    assert _served(instance, explanation)


def test_cure_of_another_instance(make_instance, workload):
    """Tests that changes that do not fit an instance are refused."""
    short = make_instance(workloads=workload(latency_slo_ms=10.0), data_centres=_centres(accelerators=(10.0, 1.0)))
    other = make_instance(
        data_centres=_centres()[:1],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "X", "rtt_ms": 10.0}],
    )
    explanation = explain(solve(short))
    assert explanation.changes[0].name == "Y"
    with pytest.raises(InstanceError, match="no such row"):
        cure(other, explanation)


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
    return {"data_centres": _centres(accelerators=(math.inf, accelerators)), "limits": [{"limit": "mine"} | limit]}


GREEN = [
    {"power_zone": "zx", "data_centre": "X"},
    {"power_zone": "zy", "data_centre": "Y", "limit_mw": 4.0, "green": 1.0},
]


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


def test_a_ratio_of_each_hour_follows_the_hour_that_needs_most(make_instance):
    """Tests hours of 16, 8 and no Mtok, 4 MWh of each green: 25 % of the first is the most that all hours have."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((16.0, 8.0, 0.0))]
    limit = {"limit": "mine", "kind": "green_share", "sense": ">=", "amount": 0.3, "hours": "each"}
    instance = make_instance(demand=demand, supplies=GREEN, limits=[limit])
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert change.new == pytest.approx(0.25, rel=1e-6)
    assert solve(cure(instance, explanation)).unserved_mtok == pytest.approx(0, abs=1e-7)


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
    row = _only(explanation)
    assert row["cure"] == "6 MW more of limit_mw of power zone zx"
    (change,) = explanation.changes
    assert (change.limit, change.name, change.table, change.column) == ("power zone", "zx", "power_zones", "limit_mw")
    assert change.amount == pytest.approx(6.0, rel=1e-6)
    assert solve(instance).unserved_reasons.index.tolist() == [("limit", "limit_mw of zx")]
    assert _served(instance, explanation)
