"""States on their way to other processes, and processes that keep the states whose tasks they run."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

from placer.column_generation.kept_masters import MOST_COLUMNS, MOST_PACKED, KeptMasters
from placer.planning.costs.evaluation import StateJob
from placer.planning.costs.sent_states import AffineProcesses, SentStates, evaluator_of


@pytest.fixture
def states(make_program_of_plan):
    """Return the states of a plan."""
    return make_program_of_plan(0).states


def _received(sent):
    return pickle.loads(pickle.dumps(sent))  # noqa: S301 - made here


def test_a_state_arrives_whole(states):
    """Tests that a task gets its own state under its own number, with the structure it had, and no other state."""
    units = np.ones(states[0].added.shape[1])
    for number, state in enumerate(states):
        job = _received(SentStates(StateJob(states)).of(number)).value
        assert list(job.states) == [number]
        found = job.states[number]
        assert (found.name, found.weight) == (state.name, state.weight)
        np.testing.assert_array_equal(found.structure.demand_amount, state.structure.demand_amount)
        np.testing.assert_array_equal(found.at(units).capacity, state.at(units).capacity)
        assert found.shape_digest == state.shape_digest


def test_arrays_of_all_states_are_there_once(states):
    """Tests that two states received in a process hold the same arrays where they did before."""
    sent = SentStates(StateJob(states))
    first, second = (_received(sent.of(number)).value for number in (0, 1))
    one, other = first.states[0].structure, second.states[1].structure
    assert states[0].structure.arc_cost is states[1].structure.arc_cost
    assert one.arc_cost is other.arc_cost
    assert one.demand_amount is not other.demand_amount


def test_masters_are_those_of_the_process(states):
    """Tests that tasks of a process find the masters that earlier tasks kept there."""
    sent = SentStates(StateJob(states))
    assert _received(sent.of(0)).value.masters is _received(sent.of(1)).value.masters


def test_a_state_takes_little_room_beside_the_others(states):
    """Tests that a task does not grow with the number of states."""
    few, many = (len(pickle.dumps(SentStates(StateJob(states * times)).of(1))) for times in (1, 20))
    assert many <= few + 64


def home(number):
    """Return the process and a number."""
    return os.getpid(), number


@pytest.mark.slow
def test_a_number_stays_in_its_process():
    """Tests that tasks of one number run in one process, and those of the next number in another one."""
    with AffineProcesses(2, lambda number: number) as processes:
        found = [future.result() for future in [processes.submit(home, number) for number in (0, 1, 2, 3, 0)]]
    process = {number % 2: where for where, number in found}
    assert [number for _, number in found] == [0, 1, 2, 3, 0]
    assert all(process[number % 2] == where for where, number in found)
    assert process[0] != process[1]


def test_after_the_end_no_task_is_taken():
    """Tests that shut down processes refuse tasks."""
    processes = AffineProcesses(1, lambda number: number)
    processes.shutdown()
    with pytest.raises(RuntimeError):
        processes.submit(home, 0)
    processes.__exit__(None, None, None)


@pytest.mark.slow
def test_processes_share_the_room_for_masters(make_program_of_plan):
    """Tests that two processes keep half of the masters each, and that one process keeps those that it is given."""
    problem, given = make_program_of_plan(4), KeptMasters(10)
    with evaluator_of(problem, 2, masters=given) as evaluator:
        _, room = evaluator.job.value.masters.__reduce__()
    assert room == (MOST_COLUMNS // 2, MOST_PACKED // 2)
    with evaluator_of(problem, 1, masters=given) as evaluator:
        assert evaluator.job.value.masters is given
