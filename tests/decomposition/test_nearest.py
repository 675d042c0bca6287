"""The nearest plan below a level."""

from __future__ import annotations

import numpy as np
import pytest

from placer.decomposition.cost_model import CostModel
from placer.decomposition.cuts import PriceVector
from placer.decomposition.nearest import solve_nearest
from placer.decomposition.price_pool import PricePool
from placer.decomposition.risk import CVaR
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import answer_state
from placer.running import running


def _model(problem, seed):
    """Return the model of a pool of five vectors."""
    random, pool = np.random.default_rng(seed), PricePool(problem.states)
    for place in range(5):
        state = problem.states[place % 3]
        answer, _ = answer_state(state, state.at(random.uniform(0, 4, len(problem.cost))), None)
        pool.add(PriceVector.of(answer.prices))
    return CostModel(problem, pool), random.uniform(0.0, 1.0, len(problem.cost)) * problem.most


@pytest.mark.parametrize("risk", [None, CVaR(level=0.6, weight=0.5)])
@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_plan_keeps_the_level_and_none_is_nearer(make_program_of_plan, seed, risk):
    """Tests the cost by the whole pool, and that plans on the way to other plans below the level are further away."""
    problem = make_program_of_plan(seed, **({} if risk is None else {"risk": risk}))
    model, centre = _model(problem, seed)
    best = model.optimum()[0]
    level = 0.7 * best.objective + 0.3 * problem.total(centre, model.costs(centre))
    units = model.nearest(centre, level)
    assert problem.total(units, model.costs(units)) <= level + 1e-6 * abs(level)
    assert (units >= 0).all()
    assert (units <= problem.most).all()
    kinds = np.array(problem.candidates.adds)
    sizes = np.array([centre[kinds == kind].sum() for kind in kinds])
    distance = float((np.abs(units - centre) / sizes).sum())
    random = np.random.default_rng(seed)
    for _ in range(50):
        other = np.clip(best.z + random.normal(0.0, 0.05, len(centre)) * problem.most, 0.0, problem.most)
        if problem.total(other, model.costs(other)) <= level:
            assert float((np.abs(other - centre) / sizes).sum()) >= distance * (1 - 1e-6)


@pytest.mark.slow
def test_a_centre_below_the_level_stays(make_program_of_plan):
    """Tests that nothing changes if the centre costs less than the level; a level below all plans is an error."""
    problem = make_program_of_plan(1)
    model, centre = _model(problem, 1)
    cost, best = problem.total(centre, model.costs(centre)), model.optimum()[0]
    assert model.nearest(centre, cost + 0.01 * abs(cost)) == pytest.approx(centre, abs=1e-6 * float(problem.most.max()))
    with running(), pytest.raises(NoSolutionError, match="infeasible"):
        solve_nearest(problem, model.cuts(), model.floor, centre, best.objective - 0.1 * abs(best.objective))
