"""Planning problems solved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError
from placer.planning.costs import evaluation
from placer.planning.search import proven_plan
from placer.planning.search.certificate import certify_plan
from placer.planning.search.proven_plan import prove_in_full, prove_plan
from placer.running import running
from placer.termination import Reason
from placer.utils.threads import blas_threads


@pytest.fixture
def searched(monkeypatch):
    """Let small problems be searched, state by state, rather than solved as one program."""
    monkeypatch.setattr(proven_plan, "is_small", lambda _: False)


@pytest.mark.slow
@pytest.mark.usefixtures("searched")
def test_processes_and_executors_find_the_same_cost(make_program_of_plan):
    """Tests that two processes, and an executor of another kind, prove the plan that this process does."""
    problem = make_program_of_plan(4)
    with ThreadPoolExecutor(1) as executor:
        ways = [{}, {"workers": 2}, {"executor": executor}]
        found = [prove_plan(problem, 1e-8, **way) for way in ways]
    assert all(each.certificate.proven for each in found)
    assert [each.cost_usd_per_year for each in found[1:]] == pytest.approx([found[0].cost_usd_per_year] * 2, rel=1e-7)


def test_units_that_exceed_a_limit_are_no_start(make_program_of_plan):
    """Tests that a start beyond a budget is left, and the plan keeps it."""
    problem = make_program_of_plan(1, limits={"budget_usd_year": 1e4})
    found = prove_plan(problem, 1e-8, units=np.array(problem.most))
    assert found.certificate.proven
    assert problem.keeps_limits(found.units)
    assert found.cost_model.costs(found.units) == pytest.approx(found.state_costs_usd, rel=1e-7)


@pytest.mark.slow
@pytest.mark.usefixtures("searched")
def test_a_plan_keeps_the_masters_of_its_states(make_program_of_plan, monkeypatch):
    """Tests that a search for dearer units goes on from the masters of the first plan, to the cost of one from none."""
    monkeypatch.setattr(evaluation, "_SMALL", 0)
    problem, moved, answer_moved = make_program_of_plan(4), [], ColumnGeneration.answer_moved
    first = prove_plan(problem, 1e-8)
    kept = [first.masters.take(0)]
    first.masters.keep(0, kept[0])

    def recorded(self, structure, opening):
        moved.append(opening)
        return answer_moved(self, structure, opening)

    monkeypatch.setattr(ColumnGeneration, "answer_moved", recorded)
    dearer = replace(problem.candidates, cost_usd_per_unit_year=1.05 * problem.cost)
    changed = replace(problem, candidates=dearer)
    again = prove_plan(changed, 1e-8, vectors=first.vectors, units=first.units, masters=first.masters)
    assert kept[0] in moved
    assert again.masters is first.masters
    assert again.certificate.proven
    assert again.cost_usd_per_year == pytest.approx(prove_plan(changed, 1e-8).cost_usd_per_year, rel=1e-7)


@pytest.mark.parametrize(
    ("stopped", "limit", "error"),
    [
        ("interrupted", 1e6, KeyboardInterrupt),
        ("time limit: the time is over", 1e-9, NoSolutionError),
    ],
)
def test_an_answer_of_several_plans_takes_none_cut_short(make_program_of_plan, monkeypatch, stopped, limit, error):
    """Tests that Ctrl-C and the time limit end a curve, say, at the plan whose search they ended."""
    problem = make_program_of_plan(1)
    found = prove_plan(problem, 1e-8)
    monkeypatch.setattr(proven_plan, "prove_plan", lambda *_, **__: replace(found, stopped=stopped))
    with running(time_limit_seconds=limit), pytest.raises(error):
        prove_in_full(problem, 1e-8, 1, (), None)


def test_a_search_that_gained_nothing_more_is_one_of_several(make_program_of_plan, monkeypatch):
    """Tests that a plan whose gap stays open for another reason is taken, with its bound."""
    found = replace(prove_plan(make_program_of_plan(1), 1e-8), stopped="3 rounds")
    monkeypatch.setattr(proven_plan, "prove_plan", lambda *_, **__: found)
    assert prove_in_full(found.problem, 1e-8, 1, (), None) is found


def test_a_plan_takes_one_blas_thread(make_program_of_plan, monkeypatch, two_blas_threads):
    """Tests that no sum is split among BLAS threads, also where a curve over build limits asks for the plan."""
    assert two_blas_threads == {2}
    seen = []

    def told(*given, **named):
        seen.append(blas_threads())
        return certify_plan(*given, **named)

    monkeypatch.setattr(proven_plan, "certify_plan", told)
    prove_plan(make_program_of_plan(0), 1e-6)
    assert seen
    assert all(threads == {1} for threads in seen)


@pytest.mark.slow
def test_the_search_goes_on_where_one_program_fails(make_program_of_plan, monkeypatch):
    """Tests that a plan whose program no solver proves is found by the search, and costs the same."""
    problem = make_program_of_plan(0)
    whole = prove_plan(problem, 1e-6)

    def failed(_problem):
        raise NoSolutionError(Reason.FAILED, "gap")

    monkeypatch.setattr(proven_plan, "solve_extensive", failed)
    searched = prove_plan(problem, 1e-6)
    assert searched.certificate.proven
    assert searched.cost_usd_per_year == pytest.approx(whole.cost_usd_per_year, rel=2e-6)
