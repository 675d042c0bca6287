"""Tests of the targets: figures from rows, and whether they are met."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .runs import FAST, NUMPY, Finished
from .targets import RUNS, TARGETS, shown

BENCH = [
    {"solver": "columns", "seconds": 0.2, "ratio": 1.0, "memory_mb": 300.0},
    {"solver": "columns", "seconds": 0.24, "ratio": 1.0, "memory_mb": 310.0},
    {"solver": "columns-numpy", "seconds": 0.5, "ratio": 2.0, "memory_mb": 320.0},
    {"solver": "simplex", "seconds": 14.0, "ratio": 70.0, "memory_mb": 1200.0},
    {"solver": "simplex", "seconds": 13.0, "ratio": 55.0, "memory_mb": 1200.0},
]
PLAN = [
    {"way": "search", "seconds": 21.0, "processor_seconds": 40.0, "peak_mb": 1500},
    {"way": "re-plan, all candidates 1 % dearer", "seconds": 1.0, "processor_seconds": 2.0, "peak_mb": 1500},
    {"way": "re-plan, a budget of 95 %", "seconds": 5.0, "processor_seconds": 8.0, "peak_mb": 1500},
    {"way": "re-plan, a candidate 5 % dearer", "seconds": 9.0, "processor_seconds": 16.0, "peak_mb": 1500},
]


def _lines(name: str, rows: list[dict[str, Any]], extra: str = FAST) -> list[list[str]]:
    found = Finished(name, "command", extra, 0, "now", 1.0, 1.0, 1.0, 0, json.dumps(rows))
    return [line.strip("| ").split(" | ") for line in shown([found]).splitlines()[2:]]


def test_figures_over_seeds() -> None:
    """Tests median and range, the times on one thread and with NumPy, memory of placer alone, and both targets."""
    ours, ratio = _lines("large", BENCH)
    figures = ["0.22 (0.2 to 0.24)", "0.22 (0.2 to 0.24)", "0.5"]
    assert ours == ["`large`, 1 million columns", "fast", *figures, "0.6", "<= 0.25", "yes", "310"]
    assert ratio[2:3] + ratio[6:8] == ["62.5 (55 to 70)", ">= 60", "no"]
    on_two = {"solver": "columns-2", "seconds": 1.2, "ratio": 0.8, "memory_mb": 330.0}
    (week,) = _lines("week", [*BENCH, on_two])
    assert week[2:4] + week[7:] == ["1.2", "0.22 (0.2 to 0.24)", "yes", "330"]


def test_re_plans_are_parts_of_the_first() -> None:
    """Tests the parts, of which one exceeds a quarter, and the first plan; without the extra nothing is judged."""
    near, far = _lines("plan 40, one process", PLAN)
    assert (near[2], near[7]) == ("0.05", "yes")
    assert (far[2], far[7]) == ("0.3 (0.2 to 0.4)", "no")
    assert _lines("plan 40", PLAN)[0][7] == "no"
    assert _lines("plan 40", PLAN, NUMPY)[0][7] == ""


def test_no_figure_is_no_success() -> None:
    """Tests that a run without an answer, and one with too much memory, meet no target."""
    assert [line[7] for line in _lines("week", [{"solver": "columns-2", "seconds": None}])] == ["no"]
    large = {"solver": "columns-2", "seconds": 30.0, "memory_mb": 7000.0}
    assert _lines("1000x500x6x24", [large])[0][6:8] == ["<= 60, 6,000 MB", "no"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.work)
def test_every_target_has_a_run(target: Any) -> None:
    """Tests that the run of a target is among the runs."""
    assert target.run in RUNS
