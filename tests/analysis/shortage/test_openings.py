"""Ways to open an arc for a hub that has none."""

from __future__ import annotations

import numpy as np
import pytest

from placer.analysis.shortage.openings import opening, openings
from placer.analysis.shortage.state import State, changed
from placer.model.formulation import formulate


def test_nothing_to_open_where_every_pair_has_an_arc(state):
    """Tests that A, which is short and has X, needs no opening."""
    assert openings(state, np.array([6.0, 0.0])) == []


def test_ways_come_easiest_first(make_instance):
    """Tests that 30 ms more come before 70, and both before the law: X is nearer to A, Y's jurisdiction is another."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 10.0}
    instance = make_instance(
        workloads=[work | {"jurisdictions": ("CN",)}],
        data_centres=[{"data_centre": "X", "jurisdiction": "CN"}, {"data_centre": "Y", "jurisdiction": "EU"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 40.0}, {"from": "A", "to": "Y", "rtt_ms": 40.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 1.0}],
        hubs=[{"hub": "A"}],
        supplies=[],
    )
    state = changed(State(instance, formulate(instance)), [])
    near, far = openings(state, np.array([1.0]))
    assert [(change.limit, change.new) for change in near] == [("latency", 40.0)]
    assert [change.limit for change in far] == ["latency", "residency"]
    assert far[1].new == ("CN", "EU")


def test_a_new_link_is_as_long_as_the_limit_leaves(make_instance):
    """Tests that of 50 ms, with 5 of access and two round trips, a link may take 20 ms."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
    instance = make_instance(
        workloads=[work | {"latency_slo_ms": 50.0, "user_round_trips": 2.0}],
        hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "Y", "rtt_ms": 10.0}],
    )
    state = changed(State(instance, formulate(instance)), [])
    (link,) = opening(state, 0, 0, 1)
    assert link.cure == "a link of at most 20 ms on A - Y"
    assert link.amount == pytest.approx(20.0)
