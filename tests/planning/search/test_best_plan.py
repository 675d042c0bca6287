"""The search over a few states and all, in a trust region and by levels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from placer.decomposition.closing import close
from placer.decomposition.cost_model import CostModel
from placer.decomposition.risk import NEUTRAL
from placer.decomposition.trust_region import TrustRegion
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import Evaluator, Here, StateJob, answer_state
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.planning.question.states import States
from placer.planning.search import best_plan as search
from placer.planning.search import first_plan
from placer.planning.search.best_plan import find_plan
from placer.planning.search.search_parameters import SearchParameters
from placer.running import running
from placer.termination import Reason
from placer.utils.processes import InThisProcess


def _evaluator(problem):
    return Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)


@pytest.mark.slow
def test_the_best_plan_so_far_is_returned_when_rounds_are_used_up(make_program_of_plan, monkeypatch):
    """Tests that a search that ends early says why, and its bound still holds."""
    problem = make_program_of_plan(1)
    whole, _ = find_plan(problem, _evaluator(problem), 1e-9)
    monkeypatch.setattr("placer.planning.search.best_plan.close", partial(close, most_rounds=1))
    early, _ = find_plan(problem, _evaluator(problem), 1e-12)
    assert early.stopped == "1 rounds"
    cost = problem.total(whole.units, whole.costs)
    assert early.bound.amount <= cost * (1 + 1e-9) <= problem.total(early.units, early.costs) * (1 + 2e-9)


@pytest.mark.slow
def test_a_search_without_gain_gives_up(make_program_of_plan, monkeypatch):
    """Tests that rounds without gain in cost and bound end a search whose gap cannot close, as that below 0."""
    problem = make_program_of_plan(1)
    monkeypatch.setattr(TrustRegion, "is_whole", True)
    found, _ = find_plan(problem, _evaluator(problem), -1.0, parameters=SearchParameters(most_stalls=2))
    assert found.stopped == "neither cost nor bound improved in 3 rounds"
    assert found.bound.amount <= problem.total(found.units, found.costs) * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("usd_per_mwh", "unserved", "radius", "usd"),
    [(-40.0, 1e6, 1e4, -3_000.0), (40.0, 1e9, 1e4, 5_000.0), (-9.9999999, 1e3, 1.0, 1e-5)],
)
def test_a_cost_far_below_that_of_the_first_plan_is_proven(make_paid_for_power, usd_per_mwh, unserved, radius, usd):
    """Tests 100 units at 10 USD an hour with power at some price, from no unit and 100 Mtok unserved.

    The cost falls below 0, to less than a millionth, and to about 0.
    """
    problem = make_paid_for_power(usd_per_mwh, unserved)
    parameters = SearchParameters(first_radius=radius)
    found, _ = find_plan(problem, _evaluator(problem), 1e-9, units=np.zeros(1), parameters=parameters)
    assert found.stopped == ""
    assert found.units == pytest.approx([100.0])
    small = {"rel": 1e-9, "abs": 1e-9 * 2.0 * 8760}
    assert problem.total(found.units, found.costs) == pytest.approx(usd * 8760, **small)
    assert found.bound.amount == pytest.approx(usd * 8760, **small)


def _ends(problem, error, answers):
    """Return the evaluator of a problem that raises an error after some answers."""
    left = [None] * answers

    class Late(InThisProcess):
        def submit(self, *arguments, **keywords):
            if not left:
                raise error
            left.pop()
            return super().submit(*arguments, **keywords)

    return Evaluator(Here(StateJob(problem.states)), Late(), 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (NoSolutionError(Reason.TIME_LIMIT, "the time is over"), "time limit: the time is over"),
    ],
)
def test_an_early_end_leaves_the_best_plan(make_program_of_plan, error, said):
    """Tests that a plan that is solved in all states is returned with the reason, and that its bound holds."""
    problem = make_program_of_plan(1)
    with running():
        found, _ = find_plan(problem, _ends(problem, error, 4), 1e-9, units=np.zeros(len(problem.cost)))
    assert found.stopped == said
    assert found.proven
    assert found.bound.amount <= problem.total(found.units, found.costs)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), NoSolutionError(Reason.TIME_LIMIT, "the time is over")])
def test_an_end_before_any_plan_is_an_error(make_program_of_plan, error):
    """Tests that nothing is returned before a plan was solved in all states."""
    problem = make_program_of_plan(1)
    with running(), pytest.raises(type(error)):
        find_plan(problem, _ends(problem, error, 1), 1e-9, units=np.zeros(len(problem.cost)))


@pytest.mark.slow
def test_a_state_without_an_answer_is_an_error(make_program_of_plan):
    """Tests that a state that cannot be served is an error even after a plan was solved."""
    problem, error = make_program_of_plan(1), NoSolutionError(Reason.INFEASIBLE, "state 0.8: no")
    with running(), pytest.raises(NoSolutionError, match=r"state 0\.8"):
        find_plan(problem, _ends(problem, error, 4), 1e-9, units=np.zeros(len(problem.cost)))


@pytest.mark.slow
def test_without_a_sketch_the_search_ends_at_the_same_cost(make_program_of_plan, monkeypatch):
    """Tests that a sketch that has no answer, as own limits may require demand that it lacks, costs only the start."""
    problem = make_program_of_plan(3)
    usual, _ = find_plan(problem, _evaluator(problem), 1e-8)

    def fail(problem):
        raise NoSolutionError(Reason.INFEASIBLE, "a limit of at least 5 Mtok")

    monkeypatch.setattr(first_plan, "solve_sketch", fail)
    found, _ = find_plan(problem, _evaluator(problem), 1e-8)
    assert problem.total(found.units, found.costs) == pytest.approx(problem.total(usual.units, usual.costs), rel=1e-7)


@pytest.mark.slow
def test_every_state_is_solved_at_the_best_plan(make_random_instance, make_candidates):
    """Tests that a state whose model looks exact, since that of the last three was, is solved all the same.

    Here three states are answered by each other's prices to the last digit, and the fourth is not.
    """
    instance = make_random_instance(11, accelerators="sunk")
    factors = (1.036, 0.914, 1.347, 0.64)
    states = States({str(factor): (instance.scaled_demand(factor), 0.25) for factor in factors})
    problem = program_of(planning_problem(instance, make_candidates(instance, 11), states), NEUTRAL)
    evaluator = _evaluator(problem)
    found, _ = find_plan(problem, evaluator, 1e-9)
    assert found.proven
    assert (evaluator.solves > 0).all()
    for place, state in enumerate(problem.states):
        _, certificate = answer_state(state, state.at(found.units), None)
        assert found.costs[place] == pytest.approx(certificate.objective, rel=1e-9)


def _dearer(problem, factor):
    cost = problem.cost * np.where(np.arange(len(problem.cost)) % 2, factor, 1.0)
    return replace(problem, candidates=replace(problem.candidates, cost_usd_per_unit_year=cost))


@pytest.fixture
def find_by_levels(monkeypatch):
    """Return a function that finds a plan from another one by levels, as for large states."""

    def find(problem, pool, units):
        with monkeypatch.context() as patch:
            patch.setattr(search, "can_be_priced", lambda _: True)
            return find_plan(problem, _evaluator(problem), 1e-8, pool, units)[0]

    return find


@pytest.mark.slow
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


@pytest.mark.slow
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
