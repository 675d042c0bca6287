"""States that stand for all."""

from __future__ import annotations

import pytest

from placer.planning.representatives import some_states


def test_representatives_have_the_weights_of_all(make_program_of_plan):
    """Tests that some states stand for all: weights sum to those of all, and states without weight stand for none."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    numbers, part = some_states(problem, 2)
    assert part.weights.sum() == pytest.approx(problem.weights.sum())
    assert len(set(numbers.tolist())) == len(part.states) == 2
