"""States priced inexactly from early points of their paths."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.solver import ColumnGeneration
from placer.decomposition.cuts import cuts_of
from placer.planning.costs import inexact
from placer.planning.costs.evaluation import Evaluator, Here, StateJob, solve_state
from placer.planning.costs.inexact import InexactEvaluator, can_be_priced, price_state
from placer.planning.search.best_plan import find_plan
from placer.utils.processes import InThisProcess


def _evaluator(problem):
    return Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)


@pytest.fixture
def all_large(monkeypatch):
    """Let small states be solved along a path of prices too."""
    monkeypatch.setattr(inexact, "default_solver", lambda _: ColumnGeneration())


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_inexact_prices_bound_every_plan(make_program_of_plan, seed):
    """Tests that an inexact cost is a bound near the proven cost, from a known point too; the cut holds elsewhere."""
    problem, random, point = make_program_of_plan(seed), np.random.default_rng(seed), None
    job = Here(StateJob(problem.states))
    for _ in range(3):
        units, other = (random.uniform(2.0, 3.0, len(problem.cost)) for _ in range(2))
        found, point = price_state(job, 1, units, point, np.inf)
        cost, elsewhere = (solve_state(job, 1, each, (), np.inf).cost for each in (units, other))
        cut = cuts_of(found.prices, [problem.states[1]])[0]
        assert point is not None
        assert 0.95 * cost <= found.cost <= cost * (1 + 1e-9)
        assert cut.at(units) == pytest.approx(found.cost, rel=1e-6)
        assert cut.at(other) <= elsewhere * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("seed", [1, 3])
def test_a_search_over_rough_costs_first_ends_at_the_same_cost(make_program_of_plan, monkeypatch, seed):
    """Tests that cost and bound meet as without it, and that inexact costs are no solves."""
    problem = make_program_of_plan(seed, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    assert can_be_priced(problem)
    evaluator = _evaluator(problem)
    found, _ = find_plan(problem, evaluator, 1e-8)
    assert set(evaluator.points) == set(range(5))
    monkeypatch.setattr("placer.planning.search.first_plan.can_be_priced", lambda _: False)
    plain, _ = find_plan(problem, _evaluator(problem), 1e-8)
    cost = problem.total(plain.units, plain.costs)
    assert found.proven
    assert problem.total(found.units, found.costs) == pytest.approx(cost, rel=1e-7)
    assert found.bound.amount == pytest.approx(cost, rel=1e-7)


def test_small_states_are_solved(make_program_of_plan):
    """Tests that a state whose whole program is small has no path: it is solved, and has no point."""
    problem = make_program_of_plan(1)
    evaluator, units = _evaluator(problem), np.ones(len(problem.cost))
    assert not can_be_priced(problem)
    found = [each for done in InexactEvaluator(evaluator).evaluate([0, 2], units, lambda _: ()) for each in done]
    assert [each.cost for each in found] == [
        solve_state(evaluator.job, state, units, (), np.inf).cost for state in (0, 2)
    ]
    assert evaluator.points == {}
    assert evaluator.solves.sum() == 0
