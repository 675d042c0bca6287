"""The program that grows while HiGHS keeps its basis, as the sweep runs it: maximising, several objectives in order."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from placer.ceiling.walk.parameters import WALK_SIMPLEX
from placer.errors import NoSolutionError
from placer.running import running
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import Vectors
from placer.termination import Reason
from tests.solvers.growing import INF, column, results


@pytest.fixture
def most():
    """Return ``maximise 3 x, x <= 4`` in one row, with x at most 10."""
    lp = IncrementalLP(WALK_SIMPLEX)
    lp.add_rows(np.array([-INF]), np.array([4.0]))
    lp.add_columns(np.array([3.0]), np.array([10.0]), column((0, 1.0)))
    return lp


def test_grows(most):
    """Tests that columns and rows may be added between runs: 3 x + 5 y with x + y <= 4, then also y <= 1."""
    assert results(most) == [[4.0], [3.0]]
    most.add_columns(np.array([5.0]), np.array([10.0]), column((0, 1.0)))
    assert results(most) == [[0.0, 4.0], [5.0]]
    most.add_rows(np.array([-INF]), np.array([1.0]), column((1, 1.0)))
    assert results(most) == [[3.0, 1.0], [3.0, 2.0]]
    assert (most.rows, most.columns, most.runs) == (2, 2, 3)


def test_changes(most):
    """Tests that gains and sides may change, and that a program may start afresh."""
    most.set_costs(np.array([2.0]))
    most.set_upper(np.array([7.0]))
    most.run()
    most.forget()
    assert results(most) == [[7.0], [2.0]]
    most.clear()
    most.add_rows(np.full(2, -INF), np.array([1.0, 2.0]))
    assert (most.rows, most.columns) == (2, 0)


def test_duals_of(most):
    """Tests that the basis gives the duals for other gains: the row is worth what x gains."""
    most.run()
    assert most.duals_of(np.array([1.0])).tolist() == [1.0]


def test_duals_without_entries():
    """Tests that columns without entries, which HiGHS solves without a basis, leave every row without a dual."""
    lp = IncrementalLP(WALK_SIMPLEX)
    lp.add_rows(np.full(2, -INF), np.ones(2))
    lp.add_columns(np.ones(3), np.ones(3), Vectors.empty(3))
    assert results(lp) == [[1.0, 1.0, 1.0], [0.0, 0.0]]
    assert lp.duals_of(np.ones(3)).tolist() == [0.0, 0.0]


def test_basis(most):
    """Tests that a run from a given basis that is optimal takes no iteration."""
    most.start_from_columns(np.array([0]))
    most.run()
    assert (most.point().values.tolist(), most.iterations) == ([4.0], 0)


def test_infeasible_sides(most):
    """Tests that no optimum is an error that says what HiGHS found."""
    most.set_upper(np.array([-1.0]))
    with pytest.raises(NoSolutionError, match="kInfeasible"):
        most.run()


def test_refused_entries(most):
    """Tests that what HiGHS refuses is an error that names the call."""
    with pytest.raises(NoSolutionError, match="addRows"):
        most.add_rows(np.array([-INF]), np.array([1.0]), column((5, 1.0)))


def test_in_order(most):
    """Tests two objectives in order: x + y <= 4, where both count the same by the first, and y more by the second.

    All 4 go to y; its dual is 1 by the first objective and 2 by the second. The sides are then as they were: with a
    gain for x alone it takes all.
    """
    most.add_columns(np.array([0.0]), np.array([10.0]), column((0, 1.0)))
    first, second = np.array([1.0, 1.0]), np.array([0.0, 2.0])
    most.run_in_order([first, second])
    assert most.point().values.tolist() == [0.0, 4.0]
    assert [most.duals_of(gain).tolist() for gain in (first, second)] == [[1.0], [2.0]]
    most.set_costs(np.array([1.0, 0.0]))
    most.run()
    assert most.point().values.tolist() == [4.0, 0.0]


def test_in_order_is_not_by_weight(most):
    """Tests that the first objective comes first however little it counts: x by 1e-6 before y by 1e6."""
    most.add_columns(np.array([0.0]), np.array([10.0]), column((0, 1.0)))
    most.run_in_order([np.array([1e-6, 0.0]), np.array([0.0, 1e6])])
    assert most.point().values.tolist() == [4.0, 0.0]


def test_no_run_without_time():
    """Tests that a time limit around is heard before a run, with the reason."""
    program = IncrementalLP(WALK_SIMPLEX)
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="after 0 runs") as caught:
        program.run()
    assert caught.value.reason is Reason.TIME_LIMIT


def test_many_runs_tell_once_a_second(most, monkeypatch):
    """Tests that the programs solved so far are told, and not with every run."""
    heard, now = [], iter([0.0, 0.4, 1.5, 1.5, 1.9])
    most._told = 0.0
    monkeypatch.setattr("placer.solvers.incremental.time", SimpleNamespace(monotonic=lambda: next(now)))
    with running(heard.append):
        for _ in range(4):
            most.run()
    assert heard == ["walk: 3 programs solved"]
