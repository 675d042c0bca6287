"""All states as one program, with the same certificate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.decomposition.risk import NEUTRAL, CVaR
from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.planning.search.best_plan import find_plan
from placer.planning.search.certificate import certify_plan
from placer.planning.search.extensive import is_small, solve_extensive
from placer.utils.processes import InThisProcess


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_search_finds_the_same_cost(make_program_of_plan, seed):
    """Tests that the optimum passes the certificate of plans, and costs what a search finds."""
    problem = make_program_of_plan(seed, limits={"budget_usd_year": 3e5} if seed % 2 else None)
    found = solve_extensive(problem)
    certificate = certify_plan(problem, found.units, found.costs, found.bound, states_proven=True, tolerance=1e-8)
    assert certificate.proven, certificate.verdict
    evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)
    searched, _ = find_plan(problem, evaluator, 1e-9)
    total = problem.total(searched.units, searched.costs)
    assert certificate.cost_usd_per_year == pytest.approx(total, rel=1e-8)
    assert found.bound.amount == pytest.approx(total, rel=1e-8)


@pytest.mark.parametrize("seed", range(2))
def test_limits_of_0_are_raised(make_random_instance, make_closed, seed):
    """Tests the same where limits of every kind are 0 without builds."""
    instance, candidates = make_closed(make_random_instance(seed, accelerators="sunk"), seed)
    problem = program_of(planning_problem(instance, candidates), NEUTRAL)
    found = solve_extensive(problem)
    certificate = certify_plan(problem, found.units, found.costs, found.bound, states_proven=True, tolerance=1e-8)
    assert certificate.proven, certificate.verdict
    searched, _ = find_plan(problem, Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1), 1e-9)
    assert problem.total(searched.units, searched.costs) == pytest.approx(certificate.cost_usd_per_year, rel=1e-8)


@pytest.mark.slow
def test_it_is_for_the_mean_cost_of_small_problems(make_program_of_plan, newsvendor):
    """Tests that risk, whole numbers and states without weight are left to the search."""
    problem = make_program_of_plan(0)
    assert is_small(problem)
    assert not is_small(replace(problem, risk=CVaR()))
    modules = replace(problem.candidates, module_units=np.ones(len(problem.cost)))
    assert not is_small(replace(problem, candidates=modules))
    assert not is_small(replace(problem, states=(replace(problem.states[0], weight=0.0), *problem.states[1:])))
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * 365}
    plan = placer.plan(newsvendor[0], [hall], newsvendor[1], gap=1e-9)
    assert plan.units == pytest.approx([120])
