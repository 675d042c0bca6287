"""Explanations: what is short, because of which limit, and that the change named cures it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from placer.analysis.shortage.changes import Change
from placer.analysis.shortage.explanation import alternatives_table, cure, explain, no_shortage_table, shortage_table
from placer.errors import InstanceError
from placer.solve import solve
from tests.analysis.shortage.cures import centres, only, served
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, modes_abroad, tables
from tests.model.pools_by_hand import pooled


def test_nothing_short(make_instance):
    """Tests that a placement that serves everything has nothing to explain, and cures to itself."""
    instance = make_instance()
    explanation = explain(solve(instance))
    assert explanation.shortages.empty
    assert explanation.table.empty
    assert explanation.alternatives.empty
    assert explanation.changes == ()
    assert cure(instance, explanation) == instance


@pytest.mark.slow
def test_no_route(make_instance, workload):
    """Tests that a hub without a path to where there is room gets a link, as long as its limit of 50 ms leaves it."""
    links = [{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "Y", "rtt_ms": 10.0}]
    instance = make_instance(
        links=links,
        hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}],
        data_centres=centres(jurisdiction=("CN", "EU"), accelerators=(0.0, 50.0)),
        workloads=workload(jurisdictions=("EU",), latency_slo_ms=50.0, user_round_trips=2.0),
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}],
    )
    explanation = explain(solve(instance))
    (change,) = explanation.changes
    assert (change.limit, change.name) == ("no route", "A - Y")
    assert change.amount == pytest.approx(20.0)
    assert change.cure == "a link of at most 20 ms on A - Y"
    assert served(instance, explanation)


@pytest.mark.slow
def test_not_worth_serving(make_instance, workload):
    """Tests that demand left unserved because that is cheaper is told so, with a penalty that makes it worth it.

    At X a Mtok costs 50 USD of power, at Y 20, and leaving it unserved 30: Y has room for 6 of A's 10 and B's 6 Mtok.
    """
    instance = make_instance(workloads=workload(unserved_usd_per_mtok=30.0), data_centres=centres(accelerators=(50, 6)))
    placement = solve(instance)
    assert placement.unserved_mtok == pytest.approx(10.0)
    explanation = explain(placement)
    (change,) = explanation.changes
    assert (change.limit, change.name, change.unit) == ("penalty", "w", "USD per Mtok")
    assert change.amount == pytest.approx(20.0, rel=1e-3)
    assert served(instance, explanation)


@pytest.mark.slow
def test_two_independent_shortages(make_instance, workload):
    """Tests that two shortages that have nothing to do with each other have a change each, both needed."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0),
        data_centres=centres(accelerators=(4.0, math.inf), power_limit_mw=(math.inf, 4.0)),
    )
    explanation = explain(solve(instance))
    table = explanation.table.set_index("hub")
    assert table.loc["A", ["limit", "name"]].tolist() == ["accelerators", "X"]
    assert table.loc["B", ["limit", "name"]].tolist() == ["site power", "Y"]
    assert table["without_mtok"].tolist() == pytest.approx(table["unserved_mtok"].tolist())
    assert served(instance, explanation)
    for change in explanation.changes:
        assert solve(cure(instance, change)).unserved_mtok > 1.0


@pytest.mark.slow
def test_changes_needed_together(make_instance, workload):
    """Tests that where accelerators and power are short at once, the demand is listed under both."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0),
        data_centres=centres(accelerators=(4.0, 6.0), power_limit_mw=(5.0, math.inf)),
    )
    explanation = explain(solve(instance))
    assert sorted((change.limit, round(change.amount, 6)) for change in explanation.changes) == [
        ("accelerators", 6.0),
        ("site power", 5.0),
    ]
    assert explanation.table["hub"].tolist() == ["A", "A"]
    assert explanation.table["unserved_mtok"].tolist() == pytest.approx([6.0, 6.0])
    assert sorted(explanation.table["without_mtok"]) == pytest.approx([5.0, 6.0])
    assert served(instance, explanation)


@pytest.mark.slow
def test_displaced_demand(make_instance, workload):
    """Tests that demand which is served now and would be displaced is listed with nothing unserved.

    A of v cannot reach X in time; once it can, it fills the 4 accelerators there that w needs.
    """
    urgent = {**workload(latency_slo_ms=5.0)[0], "workload": "v", "unserved_usd_per_mtok": 5000.0}
    instance = make_instance(
        workloads=[*workload(latency_slo_ms=10.0), urgent],
        data_centres=centres(accelerators=(4.0, 0.0)),
        demand=[{"workload": "w", "hub": "A", "mtok": 4.0}, {"workload": "v", "hub": "A", "mtok": 3.0}],
    )
    explanation = explain(solve(instance))
    table = explanation.table.set_index(["workload", "limit"])
    assert table.loc[("v", "latency"), "unserved_mtok"] == pytest.approx(3.0)
    assert table.loc[("w", "accelerators"), "unserved_mtok"] == 0
    assert table.loc[("w", "accelerators"), "without_mtok"] == pytest.approx(3.0)
    assert served(instance, explanation)


def test_hours(make_instance, workload):
    """Tests that the hours that are short are listed as spans, and an amount is the one that the worst hour lacks."""
    demand = [
        {"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((9, 8, 2, 7, 1), start=5)
    ]
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0), data_centres=centres(accelerators=(3.0, 0.0)), demand=demand
    )
    explanation = explain(solve(instance))
    row = only(explanation)
    assert row["hours"] == "5-6, 8"
    assert row["unserved_mtok"] == pytest.approx(15.0)
    assert row["amount"] == pytest.approx(6.0, rel=1e-6)
    assert explanation.shortages.to_dict() == pytest.approx({("w", "A", 5): 6, ("w", "A", 6): 5, ("w", "A", 8): 4})


@pytest.mark.parametrize("hour_length", [0.5, 6.0])
def test_length_of_an_hour(make_instance, workload, hour_length):
    """Tests that amounts are accelerators and not accelerator-hours when a step is longer or shorter than an hour."""
    instance = make_instance(
        workloads=workload(latency_slo_ms=10.0),
        data_centres=centres(accelerators=(1.0, 6.0 / hour_length)),
        hour_length=hour_length,
    )
    explanation = explain(solve(instance))
    assert explanation.changes[0].amount == pytest.approx(10.0 / hour_length - 1.0, rel=1e-6)
    assert served(instance, explanation)


@pytest.mark.slow
def test_no_power_zone(make_instance):
    """Tests that an instance without any power gets a supply from a zone of its own."""
    instance = make_instance(power_zones=[], supplies=[])
    explanation = explain(solve(instance))
    assert {change.limit for change in explanation.changes} == {"no supply"}
    assert served(instance, explanation)


def test_cure_of_another_instance(make_instance, workload):
    """Tests that changes that do not fit an instance are refused."""
    short = make_instance(workloads=workload(latency_slo_ms=10.0), data_centres=centres(accelerators=(10.0, 1.0)))
    other = make_instance(
        data_centres=centres()[:1],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "X", "rtt_ms": 10.0}],
    )
    explanation = explain(solve(short))
    assert explanation.changes[0].name == "Y"
    with pytest.raises(InstanceError, match="no such row"):
        cure(other, explanation)


ACCELERATORS = Change("accelerators", "X", "data_centres", 0, "accelerators", 4.0, 10.0)
LATENCY = Change("latency", "w", "workloads", 0, "latency_slo_ms", 10.0, 40.0)


def test_each_change_lists_what_is_short_without_it(state):
    """Tests that A is listed under the change, with its 6 Mtok, and B under none."""
    table = shortage_table(state.formulation, [ACCELERATORS], np.array([6.0, 0.0]), [np.array([5.0, 0.0])])
    assert table[["workload", "hub", "hours", "limit", "name"]].to_numpy().tolist() == [
        ["w", "A", "0", "accelerators", "X"]
    ]
    assert table[["unserved_mtok", "without_mtok", "change"]].to_numpy().tolist() == [[6.0, 5.0, 0]]


def test_what_either_change_would_serve_stands_under_the_last(state):
    """Tests that a demand that is short without neither change is listed once, under the last of them."""
    nothing = np.zeros(2)
    table = shortage_table(state.formulation, [ACCELERATORS, LATENCY], np.array([6.0, 0.0]), [nothing, nothing])
    assert table["change"].tolist() == [1]


def test_alternatives_are_those_not_made():
    """Tests that a change that is made itself, or stands for one that was dropped, is no alternative."""
    dropped = Change("link", "A - X", "links", 0, "capacity_gbps", 1.0, 2.0)
    alternatives = [
        (ACCELERATORS.key, LATENCY),
        (ACCELERATORS.key, ACCELERATORS),
        (dropped.key, LATENCY),
    ]
    table = alternatives_table(alternatives, {ACCELERATORS.key: ACCELERATORS})
    assert table["limit"].tolist() == ["latency"]
    assert table["amount"].tolist() == pytest.approx([30.0])


def test_no_shortage_has_the_same_columns(state):
    """Tests that a table of nothing has the columns of any other."""
    table = shortage_table(state.formulation, [ACCELERATORS], np.array([6.0, 0.0]), [np.array([6.0, 0.0])])
    assert no_shortage_table().columns.tolist() == table.columns.tolist()


def abroad(chips=12.5, **changes):
    """Return the instance by hand with three modes, far away at 600 ms, and no accelerators near."""
    instance = modes_abroad([SLOW, MIDDLE, FAST], chips=chips, **changes)
    return instance.replace(data_centres=instance.data_centres.assign(accelerators=[0.0, chips]))


@pytest.mark.slow
def test_a_longer_limit_lets_a_frugal_mode():
    """Tests that far has accelerators for half at 80 a second, and for all at 40, which takes 4.3 s of 4."""
    instance = abroad()
    placement = solve(instance)
    assert placement.unserved_mtok == pytest.approx(18.0)
    explanation = explain(placement)
    row = only(explanation)
    assert row[["limit", "name", "workload", "hub"]].tolist() == ["latency", "far", "chat", "users"]
    assert (row["amount"], row["round_trip_ms"]) == pytest.approx((300.0, 100.0))
    assert served(instance, explanation)
    others = explanation.alternatives.set_index("cure")["amount"]
    assert others["12.5 more accelerators at far"] == pytest.approx(12.5)


@pytest.mark.slow
def test_the_fastest_mode_opens_an_arc():
    """Tests what lets far be reached at all: 250 ms more for 80 a second at 1 s, or a link of 916.7 ms.

    A faster mode for accelerators that far lacks opens nothing.
    """
    faster = FAST | {"mode": "faster", "server_ms": 100.0, "accelerator_type": "A"}
    far = tables()["data_centres"][1] | {"accelerator_type": "B"}
    near = tables()["data_centres"][0] | {"accelerator_type": "A", "accelerators": 0.0, "jurisdiction": "here"}
    works = [tables()["workloads"][0] | {"jurisdictions": ("there",)}]
    sites = [near, far | {"jurisdiction": "there"}]
    for rtt_ms, links, limit, amount in (
        (1000.0, slice(None), "latency", 250.0),
        (0.0, slice(1), "no route", 2750 / 3),
    ):
        instance = modes([SLOW, FAST, faster], rtt_ms, data_centres=sites, workloads=works)
        instance = instance.replace(links=instance.links.iloc[links])
        explanation = explain(solve(instance))
        (change,) = explanation.changes
        assert (change.limit, change.amount) == (limit, pytest.approx(amount))
        assert served(instance, explanation)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 40)))
def test_cures_over_modes(make_random_instance, seed):
    """Tests that what is named cures random instances whose workloads have modes."""
    instance = with_random_modes(make_random_instance(seed, carbon_limit_kg=1500.0), seed)
    placement = solve(instance)
    explanation = explain(placement)
    assert placement.unserved_mtok > 0
    assert explanation.changes
    assert served(instance, explanation)


def test_pools_are_refused():
    """Tests that no explanation is given where data centres have pools: changes are of data centres."""
    placement = solve(pooled(demand=[{"workload": "chat", "hub": "users", "mtok": 120.0}]))
    with pytest.raises(InstanceError, match="explain takes one type of accelerators a data centre"):
        explain(placement)
