"""Processes that keep the states whose tasks they run."""

from __future__ import annotations

import os

import pytest

from placer.planning.affinity import AffineProcesses, in_turns


def home(number):
    """Return the process and a number."""
    return os.getpid(), number


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


@pytest.mark.parametrize(("numbers", "order"), [([], []), ([5, 3, 1], [5, 3, 1]), ([2, 4, 1], [2, 1, 4])])
def test_homes_take_turns(numbers, order):
    """Tests none, one home alone, and two of which one has more."""
    assert in_turns(numbers, 2) == order
