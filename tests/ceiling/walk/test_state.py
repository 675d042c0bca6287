"""Task and state of a sweep."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.objectives import EXPORTED, SERVED
from placer.ceiling.walk.proof import with_tests
from placer.ceiling.walk.state import SweepState
from placer.errors import NoSolutionError


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


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_duals_that_are_not_finite_give_no_prices(task, value):
    """Tests that a dual of any level without a finite value is refused: no option would be the cheapest at it."""
    duals = [np.zeros(len(task.block.upper)) for _ in range(2)]
    assert task.prices([SERVED, EXPORTED], duals).bounds == [0.0, 0.0]
    duals[1][0] = value
    with pytest.raises(NoSolutionError, match="a dual that is not finite"):
        task.prices([SERVED, EXPORTED], duals)
