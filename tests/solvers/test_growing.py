"""The program of the large-scale solver that grows while HiGHS stays warm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from placer.errors import NoSolutionError
from placer.model.program import Reason
from placer.solvers.growing import GrowingLP

INF = np.inf


@pytest.fixture
def lp():
    """Return ``minimise 2 x + 3 y, x + y >= 4, 0 <= x <= 3, 0 <= y <= 10``."""
    lp = GrowingLP()
    lp.add_rows(np.array([4.0]), np.array([INF]))
    lp.add_columns(np.array([2.0, 3.0]), np.array([3.0, 10.0]), csr_array(np.array([[1.0], [1.0]])))
    return lp


def test_optimum_by_hand(lp):
    """Tests x = 3, y = 1 at 9, the row worth what y costs."""
    point = lp.run()
    assert point.values.tolist() == [3.0, 1.0]
    assert point.duals.tolist() == [3.0]
    assert point.objective == 9.0
    assert (lp.rows, lp.columns) == (1, 2)


def test_columns_are_added(lp):
    """Tests that a third column at 1 takes over what it is allowed: 2 of the 4, and x the rest."""
    lp.run()
    lp.add_columns(np.array([1.0]), np.array([2.0]), csr_array(np.array([[1.0]])))
    point = lp.run()
    assert point.values.tolist() == [2.0, 0.0, 2.0]
    assert point.objective == 6.0


def test_rows_are_added(lp):
    """Tests that with x - y <= 0 both are 2."""
    lp.run()
    lp.add_rows(np.array([-INF]), np.array([0.0]), csr_array(np.array([[1.0, -1.0]])))
    point = lp.run()
    assert point.values.tolist() == [2.0, 2.0]
    assert point.duals.tolist() == pytest.approx([2.5, -0.5])


def test_costs_change(lp):
    """Tests that where y costs 1 it does all."""
    lp.run()
    lp.set_cost(np.array([1]), np.array([1.0]))
    assert lp.run().values.tolist() == [0.0, 4.0]


def test_start_with_columns_at_their_bounds():
    """Tests that a start at the optimal vertex takes no iteration, where one at zero takes some."""
    taken = []
    for chosen in ([0], []):
        lp = GrowingLP()
        lp.add_rows(np.array([-INF]), np.array([4.0]))
        lp.add_columns(np.array([-2.0, 1.0]), np.array([3.0, 10.0]), csr_array(np.array([[1.0], [1.0]])))
        lp.start_at_upper(np.array(chosen, dtype=int))
        assert lp.run().values.tolist() == [3.0, 0.0]
        taken.append(lp.iterations)
    assert taken[0] == 0


def test_iterations_are_counted_over_all_runs(lp):
    """Tests that a second run adds to the count, and one with nothing to do adds nothing."""
    lp.run()
    first = lp.iterations
    assert first > 0
    lp.run()
    assert lp.iterations == first
    lp.add_rows(np.array([-INF]), np.array([0.0]), csr_array(np.array([[1.0, -1.0]])))
    lp.run()
    assert lp.iterations > first


def test_nothing_is_added(lp):
    """Tests that adding no rows and no columns changes nothing."""
    lp.add_rows(np.zeros(0), np.zeros(0))
    lp.add_columns(np.zeros(0), np.zeros(0), csr_array((0, 1)))
    assert (lp.rows, lp.columns) == (1, 2)
    assert lp.run().objective == 9.0


def test_no_columns():
    """Tests that a program without columns has an optimum of nothing."""
    lp = GrowingLP()
    assert lp.run().objective == 0.0
    lp.add_rows(np.array([-INF, -INF]), np.array([1.0, 2.0]))
    point = lp.run()
    assert (len(point.values), point.duals.tolist()) == (0, [0.0, 0.0])


def test_infeasible(lp):
    """Tests that no feasible point is an error that says so."""
    lp.add_rows(np.array([20.0]), np.array([INF]), csr_array(np.array([[1.0, 1.0]])))
    with pytest.raises(NoSolutionError, match="kInfeasible") as caught:
        lp.run()
    assert caught.value.reason is Reason.INFEASIBLE


def test_no_iterations(lp):
    """Tests that a run that would take more iterations than it may is an error, and the program can still be run."""
    lp.most_iterations = 0
    with pytest.raises(NoSolutionError, match="kIterationLimit") as caught:
        lp.run()
    assert caught.value.reason is Reason.ITERATION_LIMIT
    lp.most_iterations = 100
    assert lp.run().objective == 9.0


@pytest.mark.parametrize("limit", [0.0, -5.0])
def test_no_time(lp, limit):
    """Tests that no time, or less, ends at once with that reason, and a later run with time goes on."""
    with pytest.raises(NoSolutionError) as caught:
        lp.run(limit)
    assert caught.value.reason is Reason.TIME_LIMIT
    assert lp.run().objective == 9.0


def test_time_limits_are_of_each_run(lp):
    """Tests that HiGHS' clock, which goes on over runs, does not eat the time of later ones."""
    for _ in range(3):
        assert lp.run(1e3).objective == 9.0


def test_failure_is_tried_again_from_nothing(lp, monkeypatch):
    """Tests that where HiGHS fails from a basis it is asked once more without one."""
    asked, optimise = [], lp._optimise

    def fail_first():
        asked.append(1)
        return "kSolveError" if len(asked) == 1 else optimise()

    monkeypatch.setattr(lp, "_optimise", fail_first)
    assert lp.run().objective == 9.0
    assert len(asked) == 2


def test_failure_twice_is_an_error(lp, monkeypatch):
    """Tests that a second failure is reported as one."""
    monkeypatch.setattr(lp, "_optimise", lambda: "kSolveError")
    with pytest.raises(NoSolutionError, match="kSolveError") as caught:
        lp.run()
    assert caught.value.reason is Reason.FAILED


def test_what_highs_refuses_is_an_error(lp):
    """Tests that entries in rows or columns that are not there are refused by name of the call."""
    beyond = csr_array((np.ones(1), (np.zeros(1, int), np.array([7]))), shape=(1, 8))
    with pytest.raises(NoSolutionError, match="addRows"):
        lp.add_rows(np.array([0.0]), np.array([1.0]), beyond)
    with pytest.raises(NoSolutionError, match="addCols"):
        lp.add_columns(np.array([0.0]), np.array([1.0]), beyond)
