"""The steps of a sweep that need no program."""

from __future__ import annotations

import pytest

from placer.ceiling.walk.climb import next_ways, noted
from placer.ceiling.walk.proof import optimise, step_at, with_tests
from placer.ceiling.walk.state import SweepState


def test_states_are_values(task):
    """Tests that a step returns another state and leaves prices, position and tests of the one before."""
    state, steps = SweepState.first(task), []
    risen, ways = next_ways(task, with_tests(task, state), steps)
    assert ways.tolist() == [[0, 0, int(task.block.first_option[task.block.service[0]])]]
    assert risen.position.limit == task.block.enter[0]
    assert (state.position.limit, state.tests) == (0.0, {})
    assert [step.limit for step in steps] == [0.0]
    run = optimise(task, risen, ways)
    assert run.prices is not risen.prices
    assert not run.position.risen
    assert risen.position.risen
    _, now = step_at(task, run)
    assert (now.served, now.served_high) == pytest.approx((8.0, 8.0))


def test_what_is_the_same_is_noted_once(task):
    """Tests that a step like the last is no step."""
    steps = []
    state = noted(task, SweepState.first(task), steps)
    noted(task, state, steps)
    assert len(steps) == 1
