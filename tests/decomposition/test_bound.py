"""Bounds of families: they hold for any multipliers, and are computed from prices and data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.decomposition.bound import Multiplied, prove_bound
from tests.decomposition.families import bound_of, vectors_of


def test_lower_values_prove_the_samebound_of(make_program_of_plan):
    """Tests that no candidate without a maximum has a profit at any multipliers, and that others keep their values."""
    random = np.random.default_rng(1)
    problem = make_program_of_plan(1)
    vectors = vectors_of(problem, random)
    each = np.arange(3)
    multiplied = Multiplied(each, each, random.uniform(0, 2, 3), np.zeros(0), np.zeros(3))
    capped = replace(problem, candidates=replace(problem.candidates, max_units=problem.most))
    bound, left = prove_bound(problem, vectors, multiplied), prove_bound(capped, vectors, multiplied)
    endless = problem.has_no_maximum
    assert endless.any()
    assert bound.amount == left.amount
    assert (bound.value <= left.value).all()
    assert bound.value[~endless].tolist() == left.value[~endless].tolist()
    assert (bound.value[endless] <= problem.cost[endless] * (1 + 1e-12)).all()


def test_bound_by_hand():
    """Tests a bound with a rent: 140 by the cuts, less 5 x 8 of the limit, less 14 x 4, the profit of the second."""
    _, bound = bound_of([1.0, 1.0], [5.0])
    assert bound.value.tolist() == [8.0, 34.0]
    assert bound.amount == 140 - 40 - 56
    assert bound.limit_rents.tolist() == [5.0]
    assert bound.member_weights.tolist() == [2.0]


@pytest.mark.parametrize(
    ("useful", "values"), [([5.0, 4.0], [3.0, 8.0]), ([0.0, 0.5], [0.0, 8.0]), ([1.0, 0.0], [3.0, 0.0])]
)
def test_value_of_the_next_unit_by_hand(useful, values):
    """Tests values of 12 and 8 at 3 and 10 a unit: at most 3 and 8 without a maximum, and nothing if none is useful."""
    _, bound = bound_of([1.0], [0.0], (100.0,), ((6.0, 4.0),), (0,))
    assert bound.value.tolist() == [12.0, 8.0]
    endless = {"useful": np.array(useful), "has_no_maximum": np.array([True, True])}
    _, lowered = bound_of([1.0], [0.0], (100.0,), ((6.0, 4.0),), (0,), **endless)
    assert lowered.value.tolist() == values
    assert lowered.amount == bound.amount


def test_multipliers_are_scaled_to_the_weight_of_their_member():
    """Tests multipliers of 3 and 1 for a weight of 2, and those of two states: each is scaled to its own weight."""
    _, bound = bound_of([3.0, 1.0], [0.0])
    assert bound.value.tolist() == [10.0, 21.0]
    assert bound.amount == 1.5 * 100 + 0.5 * 40 - 7 * 5 - 11 * 4
    _, bound = bound_of([3.0, 1.0], [0.0], member=(0, 1), weights=np.array([0.5, 2.0]))
    assert bound.value.tolist() == [0.5 * 6 + 2 * 2, 0.5 * 4 + 2 * 30]
    assert bound.amount == 50 + 80 - 4 * 5 - 52 * 4


def test_negative_rents_and_multipliers_count_as_none():
    """Tests a rent of -5 and a multiplier of -1, and that a multiplier of 0 has no share: else 140 would grow."""
    _, bound = bound_of([1.0, 1.0], [-5.0])
    assert bound.limit_rents.tolist() == [0.0]
    assert bound.amount == 140 - 5 * 5 - 24 * 4
    for none in (-1.0, 0.0):
        _, bound = bound_of([1.0, none], [0.0])
        assert bound.amount == 200 - 9 * 5
        assert bound.value.tolist() == [12.0, 8.0]
    _, bound = bound_of([1.0, 0.0], [0.0], constant=(100.0, -np.inf))
    assert bound.amount == 200 - 9 * 5


def test_a_state_without_multipliers_has_nobound_of():
    """Tests a second state without cuts: it proves nothing, unless it has no weight."""
    _, bound = bound_of([1.0, 1.0], [0.0], weights=np.array([2.0, 1.0]))
    assert bound.amount == -np.inf
    _, bound = bound_of([1.0, 1.0], [0.0], weights=np.array([2.0, 0.0]))
    assert bound.amount == 140 - 5 * 5 - 24 * 4
    _, bound = bound_of([1.0, 0.0], [0.0], member=(0, 1), weights=np.array([2.0, 0.0]))
    assert bound.amount == 200 - 9 * 5
