"""Processes with states at home in them."""

from __future__ import annotations

import os

import pytest

from placer.planning.homes import Homes, dealt


def home(number):
    """Return the process and a number."""
    return os.getpid(), number


def test_a_number_stays_in_its_process():
    """Tests that tasks of one number run in one process, and those of the next number in another one."""
    with Homes(2, lambda number: number) as homes:
        found = [future.result() for future in [homes.submit(home, number) for number in (0, 1, 2, 3, 0)]]
    process = {number % 2: where for where, number in found}
    assert [number for _, number in found] == [0, 1, 2, 3, 0]
    assert all(process[number % 2] == where for where, number in found)
    assert process[0] != process[1]


def test_after_the_end_no_task_is_taken():
    """Tests that shut down homes refuse tasks."""
    homes = Homes(1, lambda number: number)
    homes.shutdown()
    with pytest.raises(RuntimeError):
        homes.submit(home, 0)
    homes.__exit__(None, None, None)


@pytest.mark.parametrize(("numbers", "order"), [([], []), ([5, 3, 1], [5, 3, 1]), ([2, 4, 1], [2, 1, 4])])
def test_homes_take_turns(numbers, order):
    """Tests none, one home alone, and two of which one has more."""
    assert dealt(numbers, 2) == order
