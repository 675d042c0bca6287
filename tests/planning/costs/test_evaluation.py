"""Solving states at units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.kept_masters import KeptMasters
from placer.column_generation.solver import ColumnGeneration
from placer.decomposition.cuts import cuts_of
from placer.decomposition.risk import NEUTRAL
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import (
    Evaluator,
    Here,
    StateJob,
    answer_state,
    packed_masters,
    solve_state,
)
from placer.planning.costs.sent_states import AffineProcesses, SentStates
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.running import running
from placer.solvers.highs import HiGHS
from placer.utils.processes import InThisProcess, Processes
from placer.utils.threads import blas_threads
from tests.watched import watched


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_costs_and_cuts_are_those_of_each_state(make_program_of_plan, workers):
    """Tests that states come in the order asked for, counted, each with a cut that touches; also from processes."""
    problem = make_program_of_plan(0)
    units = np.full(len(problem.cost), 0.5)
    job = StateJob(problem.states)
    with InThisProcess() if workers == 1 else Processes(workers) as executor:
        evaluator = Evaluator(Here(job) if workers == 1 else SentStates(job), executor, workers)
        found = [each for done in evaluator.evaluate([2, 0, 1], units) for each in done]
    assert [each.member for each in found] == [2, 0, 1]
    assert evaluator.solves.tolist() == [1, 1, 1]
    for each in found:
        state = problem.states[each.member]
        _, certificate = answer_state(state, state.at(units), HiGHS())
        assert each.cost == pytest.approx(certificate.objective)
        assert cuts_of(each.prices, [state])[0].at(units) == pytest.approx(each.cost)


@pytest.mark.slow
def test_a_given_solver_is_used(make_program_of_plan):
    """Tests that column generation answers a state where it is asked to."""
    state = make_program_of_plan(0).states[0]
    structure = state.at(np.ones(state.added.shape[1]))
    answer, certificate = answer_state(state, structure, ColumnGeneration())
    assert "HiGHS simplex" not in answer.termination.detail
    assert certificate.objective == pytest.approx(answer_state(state, structure, None)[1].objective)


def test_an_error_names_the_state(make_program_of_plan):
    """Tests that a state that has no answer in time is named."""
    problem = make_program_of_plan(0)
    evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="time"):
        next(evaluator.evaluate([0], np.zeros(len(problem.cost))))


def test_what_is_remembered_is_not_solved(make_program_of_plan):
    """Tests that a remembered state comes first and uncounted, and that the others are remembered then."""

    class Dictionary(dict):
        def find(self, state, units):
            return self.get((state, units.tobytes()))

        def add(self, units, each):
            self[each.member, units.tobytes()] = each

    problem, memory = make_program_of_plan(0), Dictionary()
    evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1, memory)
    units = np.full(len(problem.cost), 0.5)
    first = [each for done in evaluator.evaluate([1], units) for each in done]
    assert len(memory) == 1
    found = [each for done in evaluator.evaluate([0, 1], units) for each in done]
    assert found[0] is first[0]
    assert [each.member for each in found] == [1, 0]
    assert evaluator.solves.tolist() == [1, 1, 0]
    assert len(memory) == 2


@pytest.mark.slow
def test_masters_go_from_processes_to_others(make_program_of_plan):
    """Tests that each state's master leaves the process that solved it, and goes on in one that ends another search."""
    problem, known = make_program_of_plan(0), KeptMasters()
    numbers, units = [0, 1, 2], np.full(len(problem.cost), 2.0)
    for factor in (1.0, 1.02):
        job = SentStates(StateJob(problem.states, ColumnGeneration()))
        with AffineProcesses(2, lambda _job, number, *_: number) as processes:
            evaluator = Evaluator(job, processes, 2, known=known)
            found = [each for done in evaluator.evaluate(numbers, factor * units) for each in done]
            assert len(known) == 0  # a task takes the master along
            for number in range(2):
                known.receive(processes.submit(packed_masters, job.of(number), number).result())
        assert len(known) == len(numbers)
        for each in found:
            state = problem.states[each.member]
            _, certificate = answer_state(state, state.at(factor * units), HiGHS())
            assert each.cost == pytest.approx(certificate.objective)


def test_an_answer_takes_one_blas_thread(make_program_of_plan, two_blas_threads):
    """Tests that no sum is split among BLAS threads, also where a table of a plan asks for the answer."""
    assert two_blas_threads == {2}
    state, seen = make_program_of_plan(0).states[0], []
    structure = state.at(np.ones(state.added.shape[1]))
    amounts = watched(structure.demand_amount, lambda: seen.append(blas_threads()))
    structure = replace(structure, demand_amount=amounts)
    seen.clear()
    answer_state(state, structure, HiGHS())
    assert seen
    assert all(threads == {1} for threads in seen)


def test_column_generation_with_steps_goes_on_from_near_prices(monkeypatch, east_and_west):
    """Tests that a state with steps is answered and proven from prices of other units, without a solve from none."""
    steps = [{"workload": "w", "hub": "H", "hour": 0, "mtok": 800.0, "value_usd_per_mtok": usd} for usd in (9.0, 4.0)]
    new = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 1.0}]
    (state,) = program_of(planning_problem(east_and_west.replace(demand=steps), new), NEUTRAL).states
    few, many = np.array([10.0]), np.array([30.0])
    first = solve_state(Here(StateJob([state])), 0, few, (), np.inf)
    _, certificate = answer_state(state, state.at(many), HiGHS())
    monkeypatch.setattr("placer.planning.costs.evaluation.solve_structure", None)
    found = solve_state(Here(StateJob([state], ColumnGeneration())), 0, many, (first.prices,), np.inf)
    assert found.cost == pytest.approx(certificate.objective)
    assert cuts_of(found.prices, [state])[0].at(many) == pytest.approx(found.cost)
