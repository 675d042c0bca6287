"""The pool as a model of costs."""

from __future__ import annotations

import numpy as np
import pytest

from placer.decomposition.bound import prove_bound
from placer.decomposition.cost_model import CostModel
from placer.decomposition.cuts import PriceVector
from placer.decomposition.price_pool import PricePool
from placer.ladder.proven import solve_structure
from placer.solvers.highs import HiGHS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_optimum_is_over_the_whole_pool(make_program_of_plan, seed):
    """Tests that at the optimum no cut of the pool is violated, and its multipliers prove its objective."""
    random, problem = np.random.default_rng(seed), make_program_of_plan(seed)
    pool = PricePool(problem.states)
    for _ in range(4):
        state = problem.states[int(random.integers(3))]
        answer, _ = solve_structure(state.at(random.uniform(0, 4, len(problem.cost))), HiGHS())
        pool.add(PriceVector.of(answer.prices))
    point, multiplied = CostModel(problem, pool).optimum()
    costs = pool.values(point.z).max(axis=0)
    assert point.theta == pytest.approx(costs, rel=1e-7)
    assert point.objective == pytest.approx(problem.total(point.z, costs), rel=1e-7)
    assert prove_bound(problem, pool.vectors, multiplied).amount == pytest.approx(point.objective, rel=1e-7)
    assert np.bincount(multiplied.member, multiplied.weight, 3) == pytest.approx(problem.weights)


def test_bounds_of_units_are_kept(make_program_of_plan):
    """Tests the optimum between bounds."""
    problem = make_program_of_plan(0)
    low, high = 0.1 * problem.most, 0.2 * problem.most
    point, _ = CostModel(problem, PricePool(problem.states)).optimum(low, high)
    assert (point.z >= low).all()
    assert (point.z <= high).all()
