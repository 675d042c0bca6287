"""The content of the section on who runs how."""

from __future__ import annotations

import pytest

import placer
from placer.report.content import modes as module
from placer.report.content.modes import modes_content
from tests.model.modes_by_hand import MIDDLE, SLOW, modes, near_and_far, tables

_LONG = "x" * 1000


def test_figures_of_near_and_far():
    """Tests 60 % of the tokens near, and what far away takes more."""
    found = modes_content(near_and_far())
    assert found.modes["mode_share"].tolist() == pytest.approx([0.6, 0.4])
    assert found.distances["mtok"].tolist() == pytest.approx([21.6, 14.4])
    assert found.drawn["chat"].index.tolist() == ["0 to 10 ms", "500 to 1000 ms"]
    assert found.drawn["chat"]["for_this_distance"].tolist() == pytest.approx([0.0, 1e6 / 3600 / 800])


def test_names_are_printable_and_short():
    """Tests names with marks of direction, and long ones that differ at their ends."""
    rows = [MIDDLE | {"mode": f"{_LONG}1"}, SLOW | {"mode": f"{_LONG}2"}]
    workloads = [tables()["workloads"][0] | {"workload": "a\u202eb"}]
    demand = [{"workload": "a\u202eb", "hub": "users", "mtok": 36.0}]
    named = modes([row | {"workload": "a\u202eb"} for row in rows], 0.0, workloads=workloads, demand=demand)
    found = modes_content(placer.solve(named))
    assert found.modes.index.get_level_values("workload").unique().tolist() == ["a\\u202eb"]
    assert all(len(name) < 100 for name in found.modes.index.get_level_values("mode"))


def test_few_workloads_are_drawn(monkeypatch):
    monkeypatch.setattr(module, "MOST", 0)
    assert modes_content(near_and_far()).drawn == {}


def test_without_modes_there_is_no_content():
    assert modes_content(placer.solve(placer.load("tiny"))) is None
