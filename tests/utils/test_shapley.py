"""Tests the Shapley value, its range, and the core."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.utils.shapley import coalitions, largest_objection, shapley_range, shapley_value

#: The glove game as one of costs: player 0 has a left glove, 1 and 2 a right one, and a pair saves 1.
GLOVES = -np.array([0, 0, 0, 1, 0, 1, 0, 1], dtype=float)


def test_the_value_of_the_glove_game():
    """Tests the textbook value 2/3, 1/6, 1/6."""
    assert shapley_value(GLOVES).tolist() == pytest.approx([-2 / 3, -1 / 6, -1 / 6])


def test_the_value_of_the_glove_game_is_not_in_the_core():
    """Tests that a pair gets 5/6 by the value and 1 alone."""
    coalition, excess = largest_objection(GLOVES, shapley_value(GLOVES))
    assert coalition in (3, 5)
    assert excess == pytest.approx(1 / 6)


def test_one_player_cannot_object():
    """Tests a game of one player."""
    assert shapley_value(np.array([0.0, 7.0])).tolist() == [7.0]
    assert largest_objection(np.array([0.0, 7.0]), np.array([7.0])) == (0, 0.0)


def test_no_player_has_no_value():
    """Tests a game whose only coalition is empty."""
    assert shapley_value(np.array([3.0])).tolist() == []


@given(costs=st.lists(st.floats(-100, 100), min_size=16, max_size=16))
def test_the_value_adds_up_and_is_symmetric(costs):
    """Tests efficiency, and that players keep their values when they change places."""
    game = np.array(costs)
    value = shapley_value(game)
    assert value.sum() == pytest.approx(game[-1] - game[0], abs=1e-9)
    swapped = np.array([game[(group & 12) | (group & 1) << 1 | (group & 2) >> 1] for group in range(16)])
    assert shapley_value(swapped).tolist() == pytest.approx(value[[1, 0, 2, 3]].tolist())


@given(worth=st.lists(st.floats(-100, 100), min_size=8, max_size=8))
def test_the_value_is_the_mean_over_all_orders(worth):
    """Tests the formula against its meaning: what a player adds to those before it, order by order."""
    game = np.array(worth)
    added = np.zeros(3)
    for order in itertools.permutations(range(3)):
        for place, player in enumerate(order):
            before = sum(1 << each for each in order[:place])
            added[player] += (game[before | 1 << player] - game[before]) / 6
    assert shapley_value(game).tolist() == pytest.approx(added.tolist(), abs=1e-9)


@given(least=st.lists(st.floats(0, 10), min_size=8, max_size=8), width=st.lists(st.floats(0, 5), min_size=8))
def test_the_range_holds_every_value_and_is_attained(least, width):
    """Tests values within the range, and both ends at the worths that make them."""
    low = np.array(least)
    high = low + np.array(width[:8])
    lowest, highest = shapley_range(low, high)
    for part in (0.0, 0.3, 1.0):
        value = shapley_value(low + part * (high - low))
        assert (value >= lowest - 1e-9).all()
        assert (value <= highest + 1e-9).all()
    for player in range(3):
        is_in = np.arange(8) >> player & 1 == 1
        assert shapley_value(np.where(is_in, low, high))[player] == pytest.approx(lowest[player], abs=1e-9)
        assert shapley_value(np.where(is_in, high, low))[player] == pytest.approx(highest[player], abs=1e-9)


def test_coalitions_are_bit_masks():
    """Tests that the place of a coalition says who is in it."""
    every = coalitions([0, 1, 2])
    assert [sum(1 << player for player in each) for each in every] == list(range(8))
