"""Task and state of a sweep."""

from __future__ import annotations

import pytest

from placer.ceiling.walk.proof import with_tests
from placer.ceiling.walk.state import SweepState


def test_a_task_by_hand(task):
    """Tests 10 Mtok as one unit, all of which could go to Y, and two limits; and that worths are kept."""
    assert (task.demand, task.most_exported) == (1.0, 1.0)
    assert task.limits.tolist() == task.block.enter.tolist()
    assert task.tolerance == pytest.approx(1e-10)
    assert task.worth((1.0, 0.0, 0.0)) is task.worth((1.0, 0.0, 0.0))


def test_weights_that_are_too_small_grow(task):
    """Tests that growing replaces the weights and empties the tests, and ends in levels."""
    state = with_tests(task, SweepState.first(task))
    grown = state.grown(task)
    assert grown.weighting.served == 16 * state.weighting.served
    assert grown.tests == {}
    assert state.tests != {}
    for _ in range(4):
        grown = grown.grown(task)
    assert grown.weighting.by_levels
