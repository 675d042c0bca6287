"""Tests of the deadline: time limit, patience, progress."""

from __future__ import annotations

import math
import time

import pytest

from placer.column_generation.deadline import Deadline, OutOfPatienceError, OutOfTimeError
from placer.column_generation.parameters import EffortParameters

USUAL_STEPS, DEAR = EffortParameters().usual_steps, EffortParameters().dear_multiple


def test_no_limit():
    """Tests that without a limit there is always time, and telling does nothing."""
    deadline = Deadline()
    deadline.check()
    deadline.tell("here")
    assert deadline.seconds_left == math.inf


def test_time_is_up():
    """Tests that work that began before the limit is stopped."""
    deadline = Deadline(5.0, started=time.perf_counter() - 6.0)
    assert deadline.seconds_passed > 5.0
    assert deadline.seconds_left < 0.0
    with pytest.raises(OutOfTimeError):
        deadline.check()


def test_time_is_left():
    """Tests that work goes on within the limit, and is told of."""
    told = []
    deadline = Deadline(1e6, told.append)
    deadline.check()
    deadline.tell("here")
    assert 0 < deadline.seconds_left <= 1e6
    assert told == ["here"]


def spend_until_over(deadline, seconds, most=1000):
    """Return how many steps of so many seconds were let through."""
    for count in range(most):
        try:
            deadline.count_step(seconds)
        except OutOfPatienceError:
            return count
    return most


def test_endless_patience():
    """Tests that by default no number of steps is too many."""
    assert spend_until_over(Deadline(), 1e6) == 1000


def test_long_path_is_given_up():
    """Tests that cheap steps are given up once there are more than usual and the patience is used up."""
    assert spend_until_over(Deadline(patience_seconds=1.0), 1 / 128) == 128 > USUAL_STEPS


def test_usual_path_is_not_given_up():
    """Tests that a path may take more than the patience if its steps are few and not dear."""
    assert spend_until_over(Deadline(patience_seconds=1.0), 0.9 * DEAR / USUAL_STEPS) == USUAL_STEPS - 1


def test_dear_steps_are_given_up_at_once():
    """Tests that steps that will take many times the patience end as soon as it is used up."""
    assert spend_until_over(Deadline(patience_seconds=1.0), 2.0) == 0


@pytest.mark.parametrize(("seconds", "step"), [(1.1, 0.0), (0.0, 1.1 * DEAR / USUAL_STEPS)])
def test_path_is_given_up_before_its_first_step(seconds, step):
    """Tests that a set-up of more than the patience, and steps that are dear from the first on, are not begun."""
    with pytest.raises(OutOfPatienceError):
        Deadline(patience_seconds=1.0).count_set_up(seconds, step)
    Deadline().count_set_up(seconds, step)


def test_path_is_begun():
    """Tests that a set-up within the patience is begun, and leaves all of the patience to the steps."""
    deadline = Deadline(patience_seconds=1.0)
    deadline.count_set_up(0.9, 0.9 * DEAR / USUAL_STEPS)
    assert deadline.spent == []


def test_work_beside_the_steps_counts_as_work_only():
    """Tests that it uses up patience without making the path longer."""
    deadline = Deadline(patience_seconds=1.0)
    for _ in range(2 * USUAL_STEPS):
        deadline.count_work(0.01 / USUAL_STEPS)
    assert len(deadline.spent) == 1
    assert sum(deadline.spent) == pytest.approx(0.02)
    with pytest.raises(OutOfPatienceError):
        deadline.count_work(1.0)


def test_what_is_usual_is_a_parameter():
    """Tests that where ten steps are usual the eleventh cheap one is given up once the patience is used up."""
    effort = EffortParameters(usual_steps=10)
    assert spend_until_over(Deadline(patience_seconds=1.0, effort=effort), 0.125) == 9


@pytest.mark.parametrize(("number", "columns", "patience"), [(4, 90, 1.0), (5, 33, 1.0), (5, 90, math.inf)])
def test_masters_that_are_solved(number, columns, patience):
    """Tests that early masters, small masters, and all masters of endless patience are solved."""
    Deadline(patience_seconds=patience).count_round(number, columns, 100)


def test_late_and_large_master_is_given_up():
    """Tests that the fifth master is given up if it holds more than a third of the assignments."""
    with pytest.raises(OutOfPatienceError):
        Deadline(patience_seconds=1.0).count_round(5, 34, 100)
