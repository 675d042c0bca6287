"""The parameters of the search for a plan."""

from __future__ import annotations

import pytest

from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.search.best_plan import find_plan
from placer.planning.search.search_parameters import SearchParameters
from placer.utils.processes import InThisProcess


def _evaluator(problem):
    return Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3])
def test_a_search_over_a_few_states_first_ends_at_the_same_cost(make_program_of_plan, seed):
    """Tests that the cost does not depend on which states were searched first, and both bounds meet it."""
    problem = make_program_of_plan(seed, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    found = [
        find_plan(problem, _evaluator(problem), 1e-8, parameters=SearchParameters(few_shares=shares))[0]
        for shares in ((), (0.5, 0.75))
    ]
    costs = [problem.total(each.units, each.costs) for each in found]
    assert costs[0] == pytest.approx(costs[1], rel=1e-7)
    for cost, each in zip(costs, found, strict=True):
        assert each.stopped == ""
        assert each.bound.amount == pytest.approx(cost, rel=1e-7)
        assert min(total for _, total in each.plans) == pytest.approx(cost)
