"""Trial plans within a trust region."""

from __future__ import annotations

import numpy as np

from placer.planning.cost_model import CostModel
from placer.planning.evaluation import Evaluator, Here, Job
from placer.planning.pool import Pool
from placer.planning.trust_region import DEFAULT, TrustRegion
from placer.utils.processes import InThisProcess


def test_the_best_plan_never_gets_dearer_nor_the_bound_lower(make_program_of_plan):
    """Tests that over the rounds costs fall, bounds rise, and neither crosses the other."""
    problem = make_program_of_plan(3)
    evaluator = Evaluator(Here(Job(problem.states)), InThisProcess(), 1)
    model = CostModel(problem, Pool(problem.states))
    search = TrustRegion(problem, model, evaluator, np.arange(3), 1e-9, DEFAULT)
    search.start(None)
    costs, bounds = [], []
    for _ in range(12):
        search.raise_bound()
        costs.append(search.cost)
        bounds.append(search.bound.amount)
        search.step()
    assert (np.diff(costs) <= 0).all()
    assert (np.diff(bounds) >= 0).all()
    assert bounds[-1] <= costs[-1] * (1 + 1e-9)
    assert search.open_gap < 0.5 * (costs[0] - bounds[0]) / abs(costs[0])
