"""Trial points below a level, and the trust region where these fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.decomposition.cost_model import CostModel
from placer.decomposition.level_search import LevelSearch
from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.search.best_plan import find_plan
from placer.planning.search.search_parameters import DEFAULT
from placer.utils.processes import InThisProcess


def _evaluator(problem):
    return Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)


def _dearer(problem, factor):
    cost = problem.cost * np.where(np.arange(len(problem.cost)) % 2, factor, 1.0)
    return replace(problem, candidates=replace(problem.candidates, cost_usd_per_unit_year=cost))


def _search(problem, pool, units, parameters=DEFAULT):
    everything = np.arange(len(problem.states))
    return LevelSearch(problem, CostModel(problem, pool), _evaluator(problem), everything, parameters, 0.0, units)


@pytest.mark.slow
def test_a_trial_plan_costs_less_by_the_model_and_changes_little(make_program_of_plan):
    """Tests that the first trial plan is below the level, and nearer to the centre than the optimum of the model."""
    problem = make_program_of_plan(3)
    first, pool = find_plan(problem, _evaluator(problem), 1e-8)
    by_levels, tried = _search(_dearer(problem, 1.3), pool, first.units), []
    optimum = by_levels.model.optimum()[0].z
    by_levels.judge = lambda units, predicted: tried.append((units, predicted))
    gap = by_levels.open_gap(by_levels.centre) * by_levels.total(by_levels.centre)
    by_levels.step(1e-8)
    units, predicted = tried[0]
    assert predicted >= 0.7 * gap * (1 - 1e-6)
    assert np.abs(units - first.units).sum() <= np.abs(optimum - first.units).sum() * (1 + 1e-9)
    assert by_levels.failed == 1


@pytest.mark.slow
def test_the_region_takes_over_after_plans_that_cost_more(make_program_of_plan, monkeypatch):
    """Tests that the level is tried as often as it may, and then the region."""
    problem = make_program_of_plan(3)
    first, pool = find_plan(problem, _evaluator(problem), 1e-8)
    by_levels = _search(_dearer(problem, 1.3), pool, first.units, replace(DEFAULT, most_failed=2))
    tried = []
    monkeypatch.setattr(CostModel, "nearest", lambda _, centre, level: tried.append(level) or centre)
    monkeypatch.setattr(LevelSearch, "judge", lambda *_: np.inf)
    for _ in range(5):
        by_levels.step(1e-8)
    assert len(tried) == 2
    assert by_levels.rounds == 5
