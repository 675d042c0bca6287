"""States that stand for all."""

from __future__ import annotations

import numpy as np
import pytest

from placer.planning.representatives import some_states


def test_representatives_have_the_weights_of_all(make_program_of_plan):
    """Tests that some states stand for all: weights sum to those of all, and states without weight stand for none."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    numbers, part = some_states(problem, 2, np.arange(5.0))
    assert part.weights.sum() == pytest.approx(problem.weights.sum())
    assert len(set(numbers.tolist())) == len(part.states) == 2


def test_a_state_that_costs_far_more_stands_for_itself(make_program_of_plan):
    """Tests five states of which one costs a hundred times the others: of two parts it is one, with its own weight."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    numbers, part = some_states(problem, 2, np.array([1.0, 1.1, 100.0, 1.2, 1.3]))
    assert 2 in numbers
    assert part.weights[numbers == 2] == pytest.approx(problem.weights[2])


@pytest.mark.parametrize("unknown", [[1], [0, 2], [0, 1, 2, 3, 4]])
def test_states_without_a_bound_count_as_the_cheapest(make_program_of_plan, unknown):
    """Tests states whose cuts say nothing: weights still sum to those of all, and a dear state stands for itself."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    costs = np.array([1.0, 1.1, 1.2, 1.3, 100.0])
    costs[unknown] = -np.inf
    numbers, part = some_states(problem, 2, costs)
    assert part.weights.sum() == pytest.approx(problem.weights.sum())
    if len(unknown) < 5:
        assert part.weights[numbers == 4] == pytest.approx(problem.weights[4])
