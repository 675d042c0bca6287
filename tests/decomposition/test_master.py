"""The master: its optimum and multipliers, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.decomposition import master
from placer.decomposition.master import Cuts, floors, master_program, solve_master
from placer.decomposition.risk import CVaR
from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.scaling import magnitude_range, scale
from placer.termination import Reason
from placer.utils.solver_limits import WIDEST_RANGE


def _cuts(problem, constant, slope):
    """Return one cut for each state that only the first candidate lowers."""
    count = len(problem.states)
    slopes = np.zeros((count, len(problem.cost)))
    slopes[:, 0] = slope
    return Cuts(np.zeros(count, dtype=int), np.arange(count), np.array(constant, dtype=float), slopes)


def test_duals_are_multipliers(make_program_of_plan):
    """Tests that the multipliers of the cuts of each state sum to its weight, and the objective is what they prove."""
    problem = make_program_of_plan(0)
    cuts = _cuts(problem, [100.0, 200.0, 300.0], 0.0)
    zero, most = np.zeros(len(problem.cost)), problem.most
    point = solve_master(problem, cuts, floors(problem, np.array([50.0, 60.0, 70.0]), 0.0), zero, most)
    assert point.multipliers == pytest.approx(problem.weights)
    assert point.objective == pytest.approx(float(problem.weights @ [100, 200, 300]))
    assert point.z == pytest.approx(zero)
    assert point.theta == pytest.approx([100, 200, 300])


@pytest.mark.slow
def test_floors_are_not_rounding_beside_the_highest_cut(make_program_of_plan):
    """Tests floors a hundredth of the lowest cuts below these, or 1e-5 of the highest cut where these are near 0.

    Where the highest cut is 0 too, they are a hundredth of the largest build limit below it.
    """
    problem = make_program_of_plan(0, limits={"budget_usd_year": 1e6})
    assert floors(problem, np.array([50.0, 100.0]), 1e4) == pytest.approx([49.0, 99.0])
    assert floors(problem, np.zeros(2), 1e8) == pytest.approx([-1000.0, -1000.0])
    assert floors(problem, np.zeros(2), 0.0) == pytest.approx([-1e4, -1e4])
    assert floors(make_program_of_plan(0), np.zeros(2), 0.0) == pytest.approx([-0.01, -0.01])


def test_risk_moves_weight_to_dear_states(make_program_of_plan):
    """Tests that with the worst third alone all weight is on the dearest of three equal states."""
    problem = make_program_of_plan(0, risk=CVaR(level=2 / 3))
    cuts = _cuts(problem, [100.0, 200.0, 300.0], 0.0)
    point = solve_master(
        problem, cuts, floors(problem, np.full(3, 50.0), 0.0), np.zeros(len(problem.cost)), problem.most
    )
    total = problem.weights.sum()
    assert point.objective == pytest.approx(total * 300)
    assert point.extra == pytest.approx([0, 0, total], abs=1e-6 * total)
    assert point.multipliers == pytest.approx([0, 0, total], abs=1e-6 * total)


def test_infeasible_build_limits_have_the_reason(make_program_of_plan):
    """Tests the reason of the error where no units keep the limits."""
    problem = make_program_of_plan(0, limits={"budget_usd_year": -1.0})
    with pytest.raises(NoSolutionError) as raised:
        solve_master(problem, _cuts(problem, [1.0] * 3, 0.0), np.zeros(3), np.zeros(len(problem.cost)), problem.most)
    assert raised.value.reason is Reason.INFEASIBLE


def test_slopes_that_range_too_widely_are_rounding(make_program_of_plan):
    """Tests a slope of 5e-12 of the largest cut that no scaling brings near the others: it is 0, the cut lower by that.

    A slope as small that leaves a program for solvers stays.
    """
    problem = make_program_of_plan(0)
    zero, most = np.zeros(len(problem.cost)), problem.most
    small = 5e-12 * 1e7 / most[1]
    for large, kept in ((1e20, 0.0), (1.0, small)):
        cuts = _cuts(problem, [1e7, 1e7, 1e7], large)
        cuts.slope[:, 1] = [large, small, small]
        program, _ = master_program(problem, cuts, np.zeros(3), zero, most)
        assert magnitude_range(scale(program)[0]) <= WIDEST_RANGE
        assert program.matrix.toarray()[1, 1] == kept
        assert program.row_lower[1] == pytest.approx(1e7, rel=1e-11)
        assert program.row_lower[1] <= 1e7


def test_units_that_nobody_would_build_leave_the_costs_of_states(make_program_of_plan):
    """Tests states of 0.01 USD a horizon beside units of 1e18 USD that save nothing: their multipliers are the weights.

    The solver would take the costs of states for 0 beside those of units.
    """
    problem = make_program_of_plan(0)
    dear = replace(problem, candidates=replace(problem.candidates, cost_usd_per_unit_year=0 * problem.cost + 1e18))
    cuts = _cuts(dear, [0.01, 0.02, 0.03], 0.0)
    point = solve_master(dear, cuts, floors(dear, np.full(3, 0.01), 0.03), np.zeros(len(dear.cost)), dear.most)
    assert point.multipliers == pytest.approx(dear.weights)
    assert point.objective == pytest.approx(float(dear.weights @ [0.01, 0.02, 0.03]))
    assert point.z.max() == 0


def test_free_units_that_save_nothing_leave_the_costs_of_states(make_program_of_plan):
    """Tests states of 0 USD beside up to 5e9 free units that save nothing: a solver may scale by these."""
    problem = make_program_of_plan(0)
    names = ("cost_usd_per_unit_year", "max_units")
    free = dict(zip(names, (0 * problem.cost, 0 * problem.cost + 5e9), strict=True))
    free = replace(problem, candidates=replace(problem.candidates, **free))
    cuts = _cuts(free, [0.0, 0.0, 0.0], 0.0)
    point = solve_master(free, cuts, floors(free, np.zeros(3), 0.0), np.zeros(len(free.cost)), free.most)
    assert point.multipliers == pytest.approx(free.weights)
    assert point.z.max() == 0


def test_an_unproven_answer_leads_to_the_next_rounding(make_program_of_plan, monkeypatch):
    """Tests that a slope of 5e-12 of the largest cut is rounding once no solver proves the answer with it."""
    problem, seen = make_program_of_plan(0), []
    most = problem.most

    def solved(program, solver):
        seen.append(program.matrix.toarray()[0, 1])
        if len(seen) < 2:
            raise NoSolutionError(Reason.FAILED, "gap")
        return solve_program(program, solver)

    monkeypatch.setattr(master, "solve_program", solved)
    cuts = _cuts(problem, [1e7, 1e7, 1e7], 0.0)
    cuts.slope[:, 1] = small = 5e-12 * 1e7 / most[1]
    solve_master(problem, cuts, np.zeros(3), np.zeros(len(most)), most)
    assert seen == [small, 0.0]
