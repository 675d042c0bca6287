"""Tests of the table and of the growth of time."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from .peers import REFERENCE
from .report import (
    FAR,
    MARKED,
    UNPROVEN,
    WRONG,
    as_records,
    by_family,
    draw_profiles,
    draw_scaling,
    rows_of,
    seconds_of,
    table,
)
from .suite import Case, Measurement

OURS = Case("fleet", "small", 0, "end-to-end", REFERENCE)
TRUTH = replace(OURS, solver="simplex")
EXACT_SIDE = replace(OURS, solver="scipy")
FIRST_ORDER_SIDE = replace(OURS, solver="ortools-pdlp-1e-4")


def _measured(case: Case, seconds: float = 1.0, objective: float | None = 100.0, columns: int = 1000) -> Measurement:
    return Measurement(case, 0, "done", columns, seconds, 50.0, objective, 1e-12)


def test_medians_and_ratio() -> None:
    """Tests that a row has median, minimum, and the ratio of medians."""
    ours = [_measured(OURS, seconds) for seconds in (1.0, 2.0, 9.0)]
    theirs = [_measured(EXACT_SIDE, seconds) for seconds in (6.0, 8.0)]
    first, second = rows_of([*ours, *theirs])
    assert (first.seconds, first.least_seconds, first.ratio) == (2.0, 1.0, 1.0)
    assert (second.seconds, second.ratio, second.columns) == (7.0, 3.5, 1000)


@pytest.mark.parametrize(
    ("case", "objective", "agrees"),
    [
        (EXACT_SIDE, 100.00005, "yes"),
        (EXACT_SIDE, 100.001, WRONG),
        (FIRST_ORDER_SIDE, 100.005, MARKED),
        (FIRST_ORDER_SIDE, 100.1, FAR),
        (FIRST_ORDER_SIDE, math.nan, WRONG),
        (OURS, 100.001, WRONG),
        (EXACT_SIDE, math.nan, WRONG),
        (EXACT_SIDE, None, ""),
    ],
)
def test_agreement(case: Case, objective: float | None, agrees: str) -> None:
    """Tests that an answer must be that of HiGHS, to 1e-6, or to 1e-4 with a mark for first-order methods."""
    assert rows_of([_measured(TRUTH), _measured(case, objective=objective)])[1].agrees == agrees


def test_truth_without_reference() -> None:
    """Tests that answers are compared with each other if the reference has none."""
    failed = Measurement(OURS, 0, "out of time (60 s)")
    rows = rows_of([failed, _measured(EXACT_SIDE), _measured(replace(OURS, solver="cvxpy"), objective=101.0)])
    assert [row.agrees for row in rows] == ["", "yes", WRONG]
    assert math.isnan(rows[1].ratio)


def test_table() -> None:
    """Tests that the table shows figures, or words in their place, and the machine."""
    text = table(rows_of([_measured(OURS, 0.25), Measurement(EXACT_SIDE, 0, "not installed: scipy")]))
    lines = text.splitlines()
    assert lines[0].startswith("| case | columns | solver | seconds |")
    assert lines[2] == f"| fleet small, end-to-end | 1,000 | {REFERENCE} | 0.25 | 1x | 50 | 1e-12 | yes |"
    assert lines[3] == "| fleet small, end-to-end | 1,000 | scipy | not installed: scipy |  |  |  |  |"
    assert "numpy" in lines[-1]


def test_records() -> None:
    """Tests that rows become plain JSON values, without NaN."""
    record = as_records(rows_of([Measurement(OURS, 0, "out of memory")]))[0]
    assert (record["family"], record["solver"], record["status"]) == ("fleet", REFERENCE, "out of memory")
    assert (record["seconds"], record["ratio"]) == (None, None)


def test_refused_answers_are_wrong_and_not_ranked() -> None:
    """Tests that what the certificate refuses of a file is marked, whatever its cost, and is not ranked."""
    program = Case("file", "a.mps", 0, "solve", "simplex")
    bad = replace(_measured(replace(program, solver="scipy")), refused="primal infeasibility 0.1 > 1e-07")
    rows = rows_of([_measured(program, 2.0), bad])
    assert rows[1].agrees == WRONG
    assert math.isnan(rows[1].ratio)
    assert "WRONG" in table(rows)
    assert seconds_of(rows, "solve").to_numpy().tolist()[0] == [2.0, pytest.approx(math.nan, nan_ok=True)]


def test_solutions_of_instances_may_lack_a_proof() -> None:
    """Tests that a solution of an instance that the certificate refuses is right if its cost is, and says so."""
    bad = replace(_measured(EXACT_SIDE), refused="dual infeasibility 0.1 > 1e-07")
    rows = rows_of([_measured(OURS, 2.0), bad])
    assert (rows[1].agrees, rows[1].ratio) == (UNPROVEN, 0.5)
    assert seconds_of(rows, "end-to-end").to_numpy().tolist() == [[2.0, 1.0]]


def test_truth_has_passed_the_certificate() -> None:
    """Tests that of two costs that differ that of the side without a proof is wrong."""
    rows = rows_of([_measured(OURS), _measured(EXACT_SIDE, objective=90.0)])
    assert [row.agrees for row in rows] == ["yes", WRONG]


def test_profiles_over_seeds(tmp_path: Path) -> None:
    """Tests the table and the plot over two seeds, of which the second side solves one, in twice the time."""
    second = replace(OURS, seed=1)
    other = [_measured(EXACT_SIDE, 2.0), Measurement(replace(EXACT_SIDE, seed=1), 0, "out of time (60 s)")]
    absent = Measurement(replace(OURS, solver="cvxpy"), 0, "not installed: cvxpy")
    rows = rows_of([_measured(OURS), *other, _measured(second), absent])
    lines = table(rows).partition("Profiles, end-to-end")[2].splitlines()
    assert lines[2:6] == [
        "| solver | within 1x | within 2x | within 10x | within 100x | solved |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| {REFERENCE} | 100% | 100% | 100% | 100% | 100% |",
        "| scipy | 0% | 50% | 50% | 50% | 50% |",
    ]
    pytest.importorskip("matplotlib")
    assert [file.name for file in draw_profiles(rows, tmp_path)] == ["profiles_end-to-end.png"]


@pytest.mark.slow
def test_scaling(tmp_path: Path) -> None:
    """Tests that the plot is drawn where a family was measured at two sizes, and not otherwise."""
    pytest.importorskip("matplotlib")
    larger = replace(OURS, size="medium")
    rows = rows_of([_measured(OURS, 1.0), _measured(larger, 20.0, columns=10_000)])
    expected = [[REFERENCE, 1000, 1.0], [REFERENCE, 10_000, 20.0]]
    assert by_family(rows, "end-to-end")["fleet"].to_numpy().tolist() == expected
    assert {file.name for file in draw_scaling(rows, tmp_path)} == {"scaling.png", "scaling.svg"}
    assert (tmp_path / "scaling.png").stat().st_size > 1000
    assert draw_scaling(rows[:1], tmp_path) == []
