"""The tables of an explanation, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.analysis.shortage.changes import Change
from placer.analysis.shortage.tables import alternatives_table, no_shortage_table, shortage_table

ACCELERATORS = Change("accelerators", "X", "data_centres", 0, "accelerators", 4.0, 10.0)
LATENCY = Change("latency", "w", "workloads", 0, "latency_slo_ms", 10.0, 40.0)


def test_each_change_lists_what_is_short_without_it(state):
    """Tests that A is listed under the change, with its 6 Mtok, and B under none."""
    table = shortage_table(state.formulation, [ACCELERATORS], np.array([6.0, 0.0]), [np.array([5.0, 0.0])], 1e-8)
    assert table[["workload", "hub", "hours", "limit", "name"]].to_numpy().tolist() == [
        ["w", "A", "0", "accelerators", "X"]
    ]
    assert table[["unserved_mtok", "without_mtok", "change"]].to_numpy().tolist() == [[6.0, 5.0, 0]]


def test_what_either_change_would_serve_stands_under_the_last(state):
    """Tests that a demand that is short without neither change is listed once, under the last of them."""
    nothing = np.zeros(2)
    table = shortage_table(state.formulation, [ACCELERATORS, LATENCY], np.array([6.0, 0.0]), [nothing, nothing], 1e-8)
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
    table = shortage_table(state.formulation, [ACCELERATORS], np.array([6.0, 0.0]), [np.array([6.0, 0.0])], 1e-8)
    assert no_shortage_table().columns.tolist() == table.columns.tolist()
