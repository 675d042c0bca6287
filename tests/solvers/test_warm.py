"""The program that grows while HiGHS stays warm."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from placer.errors import NoSolutionError
from placer.model.program import Reason
from placer.running import running
from placer.solvers.warm import Entries, WarmLP


def column(*pairs):
    """Return the entries of one column."""
    rows, values = zip(*pairs, strict=True)
    return Entries(np.zeros(1, np.int32), np.array(rows, np.int32), np.array(values, float))


@pytest.fixture
def lp():
    """Return ``maximise 3 x, x <= 4`` in one row, with x at most 10."""
    lp = WarmLP()
    lp.start(np.array([4.0]))
    lp.add_columns(np.array([3.0]), np.array([10.0]), column((0, 1.0)))
    return lp


def test_grows(lp) -> None:
    """Tests that columns and rows may be added between runs: 3 x + 5 y with x + y <= 4, then also y <= 1."""
    lp.run()
    assert [part.tolist() for part in lp.answer()] == [[4.0], [3.0]]
    lp.add_columns(np.array([5.0]), np.array([10.0]), column((0, 1.0)))
    lp.run()
    assert [part.tolist() for part in lp.answer()] == [[0.0, 4.0], [5.0]]
    lp.add_rows(np.array([1.0]), column((1, 1.0)))
    lp.run()
    assert [part.tolist() for part in lp.answer()] == [[3.0, 1.0], [3.0, 2.0]]
    assert (lp.rows, lp.columns, lp.runs) == (2, 2, 3)


def test_changes(lp) -> None:
    """Tests that gains and sides may change, and that a program may start afresh."""
    lp.set_gains(np.array([2.0]))
    lp.set_upper(np.array([7.0]))
    lp.run()
    lp.forget()
    lp.run()
    assert [part.tolist() for part in lp.answer()] == [[7.0], [2.0]]
    lp.start(np.array([1.0, 2.0]))
    assert (lp.rows, lp.columns) == (2, 0)


def test_duals_of(lp) -> None:
    """Tests that the basis gives the duals for other gains: the row is worth what x gains."""
    lp.run()
    assert lp.duals_of(np.array([1.0])).tolist() == [1.0]


def test_basis(lp) -> None:
    """Tests that a run from a given basis that is optimal takes no iteration."""
    lp.set_basis(np.array([0]))
    lp.run()
    assert (lp.answer()[0].tolist(), lp.iterations) == ([4.0], 0)


def test_infeasible(lp) -> None:
    """Tests that no optimum is an error that says what HiGHS found."""
    lp.set_upper(np.array([-1.0]))
    with pytest.raises(NoSolutionError, match="kInfeasible"):
        lp.run()


def test_refused(lp) -> None:
    """Tests that what HiGHS refuses is an error that names the call."""
    with pytest.raises(NoSolutionError, match="addRows"):
        lp.add_rows(np.array([1.0]), column((5, 1.0)))


def test_in_order(lp) -> None:
    """Tests two objectives in order: x + y <= 4, where both count the same by the first, and y more by the second.

    All 4 go to y; its dual is 1 by the first objective and 2 by the second. The sides are then as they were: with a
    gain for x alone it takes all.
    """
    lp.add_columns(np.array([0.0]), np.array([10.0]), column((0, 1.0)))
    first, second = np.array([1.0, 1.0]), np.array([0.0, 2.0])
    lp.run_in_order([first, second])
    assert lp.answer()[0].tolist() == [0.0, 4.0]
    assert [lp.duals_of(gain).tolist() for gain in (first, second)] == [[1.0], [2.0]]
    lp.set_gains(np.array([1.0, 0.0]))
    lp.run()
    assert lp.answer()[0].tolist() == [4.0, 0.0]


def test_in_order_is_not_by_weight(lp) -> None:
    """Tests that the first objective comes first however little it counts: x by 1e-6 before y by 1e6."""
    lp.add_columns(np.array([0.0]), np.array([10.0]), column((0, 1.0)))
    lp.run_in_order([np.array([1e-6, 0.0]), np.array([0.0, 1e6])])
    assert lp.answer()[0].tolist() == [4.0, 0.0]


def test_no_run_without_time():
    """Tests that a time limit around is heard before a run, with the reason."""
    program = WarmLP()
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="after 0 runs") as caught:
        program.run()
    assert caught.value.reason is Reason.TIME_LIMIT


def test_many_runs_tell_once_a_second(lp, monkeypatch):
    """Tests that runs and iterations so far are told, and not with every run."""
    heard, now = [], iter([0.0, 0.4, 1.5, 1.5, 1.9])
    lp._told = 0.0
    monkeypatch.setattr("placer.solvers.warm.time", SimpleNamespace(monotonic=lambda: next(now)))
    with running(heard.append):
        for _ in range(4):
            lp.run()
    assert heard == ["walk: 3 programs, 1 iterations"]
