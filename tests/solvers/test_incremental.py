"""The program that grows while HiGHS keeps its basis: as the walk runs it (maximising) and as the master does."""

from __future__ import annotations

import signal
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from placer.ceiling.walk.parameters import WALK_SIMPLEX
from placer.column_generation.master.program import MASTER_SIMPLEX
from placer.errors import NoSolutionError
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import Vectors
from placer.termination import Reason
from tests.solvers.growing import INF, column, results


def vectors(*lines):
    """Return vectors given with their zeros."""
    return Vectors.of(csr_array(np.array(lines, float)))


@pytest.fixture
def least():
    """Return ``minimise 2 x + 3 y, x + y >= 4, 0 <= x <= 3, 0 <= y <= 10``."""
    lp = IncrementalLP(MASTER_SIMPLEX)
    lp.add_rows(np.array([4.0]), np.array([INF]))
    lp.add_columns(np.array([2.0, 3.0]), np.array([3.0, 10.0]), vectors([1.0], [1.0]))
    return lp


def test_optimum_by_hand(least):
    """Tests x = 3, y = 1 at 9, the row worth what y costs."""
    least.run()
    point = least.point()
    assert point.values.tolist() == [3.0, 1.0]
    assert point.duals.tolist() == [3.0]
    assert point.objective == 9.0
    assert (least.rows, least.columns) == (1, 2)


def test_columns_are_added(least):
    """Tests that a third column at 1 takes over what it is allowed: 2 of the 4, and x the rest."""
    least.run()
    least.add_columns(np.array([1.0]), np.array([2.0]), vectors([1.0]))
    least.run()
    point = least.point()
    assert point.values.tolist() == [2.0, 0.0, 2.0]
    assert point.objective == 6.0


def test_sides_and_bounds_move(least):
    """Tests x + y = 6 by the dual simplex method, and then x at most 4, which is the cheaper."""
    least.run()
    least.set_sides(np.array([6.0]))
    least.take_dual()
    least.run()
    assert least.point().values.tolist() == [3.0, 3.0]
    least.set_bounds(0, np.array([4.0, 2.5]))
    least.set_bounds(2, np.zeros(0))
    least.take_dual()
    least.run()
    assert least.point().values.tolist() == [4.0, 2.0]


def test_rows_are_added(least):
    """Tests that with x - y <= 0 both are 2."""
    least.run()
    least.add_rows(np.array([-INF]), np.array([0.0]), vectors([1.0, -1.0]))
    least.run()
    point = least.point()
    assert point.values.tolist() == [2.0, 2.0]
    assert point.duals.tolist() == pytest.approx([2.5, -0.5])


def test_costs_change(least):
    """Tests that where y costs 1 it does all."""
    least.run()
    least.set_costs(np.array([1.0]), np.array([1]))
    least.run()
    assert least.point().values.tolist() == [0.0, 4.0]


def test_start_with_columns_at_their_bounds():
    """Tests that a start at the optimal vertex takes no iteration, where one at zero takes some."""
    taken = []
    for chosen in ([0], []):
        lp = IncrementalLP(MASTER_SIMPLEX)
        lp.add_rows(np.array([-INF]), np.array([4.0]))
        lp.add_columns(np.array([-2.0, 1.0]), np.array([3.0, 10.0]), vectors([1.0], [1.0]))
        lp.start_from_rows(np.array(chosen, dtype=int))
        lp.run()
        assert lp.point().values.tolist() == [3.0, 0.0]
        taken.append(lp.iterations)
    assert taken[0] == 0


def test_start_with_columns_in_place_of_rows():
    """Tests that a start with the optimal column in the basis takes no iteration, where one of rows takes some."""
    taken = []
    for chosen in ([0], []):
        lp = IncrementalLP(MASTER_SIMPLEX)
        lp.add_rows(np.array([2.0, -INF]), np.array([2.0, 9.0]))
        lp.add_columns(np.array([0.0, 1.0]), np.full(2, INF), vectors([1.0, 0.0], [1.0, 1.0]))
        places = np.array(chosen, dtype=int)
        lp.start_from_rows(np.zeros(0, dtype=int), places, places)
        lp.run()
        assert lp.point().values.tolist() == [2.0, 0.0]
        taken.append(lp.iterations)
    assert taken[0] == 0 < taken[1]


@pytest.mark.parametrize("perturbation", [0.0, 0.1, 1.0])
def test_ties_at_any_perturbation(perturbation):
    """Tests that twenty equal columns, of which each serves two of twenty rows, end at the one optimum of 10."""
    lp, rows = IncrementalLP(replace(MASTER_SIMPLEX, perturbation=perturbation)), 20
    lp.add_rows(np.ones(rows), np.full(rows, INF))
    entries = np.eye(rows) + np.roll(np.eye(rows), 1, axis=1)
    lp.add_columns(np.ones(rows), np.full(rows, INF), vectors(*entries))
    lp.start_from_rows(np.zeros(0, dtype=int))
    lp.run()
    assert lp.point().objective == pytest.approx(rows / 2, rel=1e-12)
    assert lp._engine.getOptionValue("dual_simplex_cost_perturbation_multiplier")[1] == perturbation


def test_iterations_are_counted_over_all_runs(least):
    """Tests that a second run adds to the count, and one with nothing to do adds nothing."""
    least.run()
    first = least.iterations
    assert first > 0
    least.run()
    assert least.iterations == first
    least.add_rows(np.array([-INF]), np.array([0.0]), vectors([1.0, -1.0]))
    least.run()
    assert least.iterations > first


def test_nothing_is_added(least):
    """Tests that adding no rows and no columns changes nothing."""
    least.add_rows(np.zeros(0), np.zeros(0))
    least.add_columns(np.zeros(0), np.zeros(0), Vectors.empty(0))
    assert (least.rows, least.columns) == (1, 2)
    least.run()
    assert least.point().objective == 9.0


def test_no_columns():
    """Tests that a program without columns has an optimum of nothing."""
    lp = IncrementalLP(MASTER_SIMPLEX)
    lp.run()
    assert lp.point().objective == 0.0
    lp.add_rows(np.array([-INF, -INF]), np.array([1.0, 2.0]))
    lp.run()
    point = lp.point()
    assert (len(point.values), point.duals.tolist()) == (0, [0.0, 0.0])


def test_infeasible(least):
    """Tests that no feasible point is an error that says so."""
    least.add_rows(np.array([20.0]), np.array([INF]), vectors([1.0, 1.0]))
    with pytest.raises(NoSolutionError, match="kInfeasible") as caught:
        least.run()
    assert caught.value.reason is Reason.INFEASIBLE


def test_no_iterations(least):
    """Tests that a run that would take more iterations than it may is an error, and the program can still be run."""
    least.most_iterations = 0
    with pytest.raises(NoSolutionError, match="kIterationLimit") as caught:
        least.run()
    assert caught.value.reason is Reason.ITERATION_LIMIT
    least.most_iterations = 100
    least.run()
    assert least.point().objective == 9.0


@pytest.mark.parametrize("limit", [0.0, -5.0])
def test_no_time(least, limit):
    """Tests that no time, or less, ends at once with that reason, and a later run with time goes on."""
    with pytest.raises(NoSolutionError) as caught:
        least.run(limit)
    assert caught.value.reason is Reason.TIME_LIMIT
    least.run()
    assert least.point().objective == 9.0


def test_time_limits_are_of_each_run(least):
    """Tests that HiGHS' clock, which goes on over runs, does not eat the time of later ones."""
    for _ in range(3):
        least.run(1e3)
        assert least.point().objective == 9.0


def test_failure_is_tried_again_from_nothing(least, monkeypatch):
    """Tests that where HiGHS fails from a basis it is asked once more without one."""
    asked, optimise = [], least._optimise

    def fail_first():
        asked.append(1)
        return "kSolveError" if len(asked) == 1 else optimise()

    monkeypatch.setattr(least, "_optimise", fail_first)
    least.run()
    assert least.point().objective == 9.0
    assert len(asked) == 2


def test_failure_twice_is_an_error(least, monkeypatch):
    """Tests that a second failure is reported as one."""
    monkeypatch.setattr(least, "_optimise", lambda: "kSolveError")
    with pytest.raises(NoSolutionError, match="kSolveError") as caught:
        least.run()
    assert caught.value.reason is Reason.FAILED


def test_what_highs_refuses_is_an_error(least):
    """Tests that entries in rows or columns that are not there are refused by name of the call."""
    beyond = column((7, 1.0))
    with pytest.raises(NoSolutionError, match="addRows"):
        least.add_rows(np.array([0.0]), np.array([1.0]), beyond)
    with pytest.raises(NoSolutionError, match="addCols"):
        least.add_columns(np.array([0.0]), np.array([1.0]), beyond)


def test_in_order_over_lower_sides():
    """Tests two objectives where a lower side is active: x + y >= 4 at equal cost, and then y dearer than x.

    The face of the first is x + y = 4; without the side y, x could be all of it for the second, which is x = 3, y = 1.
    The sides are then as they were: with a cost for x alone y does all.
    """
    lp = IncrementalLP(replace(MASTER_SIMPLEX, first="primal"))
    lp.add_rows(np.array([4.0]), np.array([INF]))
    lp.add_columns(np.zeros(2), np.array([3.0, 10.0]), vectors([1.0], [1.0]))
    lp.run_in_order([np.array([1.0, 1.0]), np.array([-2.0, -1.0])])
    assert lp.point().values.tolist() == [3.0, 1.0]
    lp.set_costs(np.array([1.0, 0.0]))
    assert results(lp)[0][0] == 0.0


@pytest.mark.parametrize(("heard_from", "is_heard"), [(3, True), (4, False)])
def test_interruption_is_heard_in_large_programs(monkeypatch, heard_from, is_heard):
    """Tests that Ctrl-C within a run of 3 rows and columns or more ends it, and a smaller program is not asked."""
    heard = []

    def interrupted(engine):
        heard.append(engine)
        signal.raise_signal(signal.SIGINT)
        return engine.run()

    monkeypatch.setattr("placer.solvers.incremental.run", interrupted)
    monkeypatch.setattr("placer.solvers.incremental._HEARD_FROM", heard_from)
    lp = IncrementalLP(WALK_SIMPLEX)
    lp.add_rows(np.array([-INF]), np.array([4.0]))
    lp.add_columns(np.ones(2), np.ones(2), vectors([1.0], [1.0]))
    if is_heard:
        with pytest.raises(KeyboardInterrupt):
            lp.run()
    else:
        lp.run()
    assert len(heard) == is_heard


@pytest.mark.parametrize("warnings_fail", [True, False])
def test_warnings_fail_where_asked(warnings_fail):
    """Tests that an entry too small for HiGHS is an error of the call where warnings fail, and 0 where they do not."""
    lp = IncrementalLP(replace(WALK_SIMPLEX, smallest_entry=1e-3, warnings_fail=warnings_fail))
    lp.add_rows(np.array([-INF]), np.array([4.0]))
    if warnings_fail:
        with pytest.raises(NoSolutionError, match="addCols"):
            lp.add_columns(np.ones(1), np.ones(1), column((0, 1e-4)))
    else:
        lp.add_columns(np.ones(1), np.ones(1), column((0, 1e-4)))
        assert results(lp) == [[1.0], [0.0]]
