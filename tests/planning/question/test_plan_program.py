"""Planning problems as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from placer.decomposition.risk import NEUTRAL
from placer.ladder.proven import solve_structure
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.solvers.highs import HiGHS


def test_signs_of_build_limits(make_program_of_plan):
    """Tests that a limit of at least an amount is a row with its signs turned."""
    problem = make_program_of_plan(0, limits=[{"limit": "budget_usd_year", "sense": ">=", "amount": 7.0}])
    assert problem.takes.tolist() == [(-problem.cost).tolist()]
    assert problem.amount.tolist() == [-7.0]


@pytest.mark.parametrize("seed", range(4))
def test_more_than_the_most_is_of_no_use(make_program_of_plan, seed):
    """Tests that ten times the most units of what has no maximum cost no state less."""
    _assert_no_use(make_program_of_plan(seed, factors=(1.5,)))


@pytest.mark.parametrize("seed", range(2))
def test_more_of_a_zone_is_of_no_use(make_zoned, seed):
    """Tests the same of a power zone alone, where supplies lose a part."""
    instance = make_zoned(seed)
    rows = [{"candidate": zone, "adds": "limit_mw", "target": zone, "usd_per_unit_year": 1.0} for zone in ("Z0", "Z1")]
    _assert_no_use(program_of(planning_problem(instance, rows), NEUTRAL))


def _assert_no_use(problem):
    endless = np.isinf(problem.candidates.max_units)
    assert np.isfinite(problem.most).all()
    state = problem.states[0]
    _, most = solve_structure(state.at(problem.most), HiGHS())
    _, more = solve_structure(state.at(np.where(endless, 10 * problem.most, problem.most)), HiGHS())
    assert more.objective == pytest.approx(most.objective, rel=1e-9)


def test_total_is_build_cost_and_weighted_costs(make_program_of_plan):
    """Tests the yearly cost of a plan by hand."""
    problem = make_program_of_plan(0)
    units = np.arange(len(problem.cost), dtype=float)
    costs = np.array([1.0, 2.0, 3.0])
    expected = problem.cost @ units + problem.weights @ costs
    assert problem.total(units, costs) == pytest.approx(float(expected))


def test_the_most_units_are_twice_the_useful_ones(newsvendor):
    """Tests that 80 units are useful where all work takes 80, and none at a site that stands idle."""
    rows = [{"candidate": "x", "adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}]
    problem = program_of(planning_problem(newsvendor[0], rows), NEUTRAL)
    assert (problem.useful.tolist(), problem.most.tolist()) == ([80.0], [160.0])
    sites = newsvendor[0].data_centres.assign(accelerators=90.0)
    idle = program_of(planning_problem(newsvendor[0].replace(data_centres=sites), rows), NEUTRAL)
    assert (idle.useful.tolist(), idle.most.tolist()) == ([0.0], [0.0])
