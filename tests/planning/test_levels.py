"""A search by levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.errors import NoSolutionError
from placer.planning import search
from placer.planning.cost_model import CostModel
from placer.planning.evaluation import Evaluator, Here, StateJob
from placer.planning.levels import LevelSearch
from placer.planning.search import find_plan
from placer.planning.search_parameters import DEFAULT
from placer.termination import Reason
from placer.utils.processes import InThisProcess


def _evaluator(problem):
    return Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)


def _dearer(problem, factor):
    cost = problem.cost * np.where(np.arange(len(problem.cost)) % 2, factor, 1.0)
    return replace(problem, candidates=replace(problem.candidates, cost_usd_per_unit_year=cost))


def _search(problem, pool, units, parameters=DEFAULT):
    everything = np.arange(len(problem.states))
    return LevelSearch(problem, CostModel(problem, pool), _evaluator(problem), everything, parameters, 0.0, units)


@pytest.fixture
def find_by_levels(monkeypatch):
    """Return a function that finds a plan from another one by levels, as for large states."""

    def find(problem, pool, units):
        with monkeypatch.context() as patch:
            patch.setattr(search, "can_be_priced", lambda _: True)
            return find_plan(problem, _evaluator(problem), 1e-8, pool, units)[0]

    return find


@pytest.mark.parametrize("factor", [0.7, 1.3])
@pytest.mark.parametrize("seed", [1, 3])
def test_a_plan_of_other_costs_is_that_of_a_search_anew(make_program_of_plan, find_by_levels, seed, factor):
    """Tests that cost and bound are those of a search without the pool."""
    problem = make_program_of_plan(seed, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    first, pool = find_plan(problem, _evaluator(problem), 1e-8)
    changed = _dearer(problem, factor)
    again = find_by_levels(changed, pool, first.units)
    anew, _ = find_plan(changed, _evaluator(changed), 1e-8)
    cost = changed.total(anew.units, anew.costs)
    assert again.stopped == ""
    assert again.proven
    assert changed.total(again.units, again.costs) == pytest.approx(cost, rel=1e-7)
    assert again.bound.amount == pytest.approx(cost, rel=1e-7)


def test_a_trial_plan_costs_less_by_the_model_and_changes_little(make_program_of_plan):
    """Tests that the first trial plan is below the level, and nearer to the centre than the optimum of the model."""
    problem = make_program_of_plan(3)
    first, pool = find_plan(problem, _evaluator(problem), 1e-8)
    by_levels, tried = _search(_dearer(problem, 1.3), pool, first.units), []
    optimum = by_levels.model.optimum()[0].units
    by_levels.judge = lambda units, predicted: tried.append((units, predicted))
    gap = by_levels.open_gap(by_levels.centre) * by_levels.total(by_levels.centre)
    by_levels.step(1e-8)
    units, predicted = tried[0]
    assert predicted >= 0.7 * gap * (1 - 1e-6)
    assert np.abs(units - first.units).sum() <= np.abs(optimum - first.units).sum() * (1 + 1e-9)
    assert by_levels.failed == 1


def test_without_a_plan_below_the_level_the_region_is_tried(make_program_of_plan, find_by_levels, monkeypatch):
    """Tests that a level that no solver answers leads to the same cost."""
    problem, asked = make_program_of_plan(3), []
    first, pool = find_plan(problem, _evaluator(problem), 1e-8)
    changed = _dearer(problem, 1.3)
    usual = find_by_levels(changed, pool, first.units)

    def fail(self, centre, level):
        asked.append(level)
        raise NoSolutionError(Reason.FAILED, "not proven")

    monkeypatch.setattr(CostModel, "nearest", fail)
    found = find_by_levels(changed, pool, first.units)
    assert asked
    assert changed.total(found.units, found.costs) == pytest.approx(changed.total(usual.units, usual.costs), rel=1e-7)


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
