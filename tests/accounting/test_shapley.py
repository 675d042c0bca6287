"""Tests the Shapley value and the core."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.accounting.shapley import groups_without, largest_objection, regions_in, shapley_value

#: The glove game as one of costs: region 0 has a left glove, 1 and 2 a right one, and a pair saves 1.
GLOVES = -np.array([0, 0, 0, 1, 0, 1, 0, 1], dtype=float)


def test_the_value_of_the_glove_game():
    """Tests the textbook value 2/3, 1/6, 1/6."""
    assert shapley_value(GLOVES).tolist() == pytest.approx([-2 / 3, -1 / 6, -1 / 6])


def test_the_value_of_the_glove_game_is_not_in_the_core():
    """Tests that a pair gets 5/6 by the value and 1 alone."""
    group, excess = largest_objection(GLOVES, shapley_value(GLOVES))
    assert group in (3, 5)
    assert excess == pytest.approx(1 / 6)


def test_one_region_cannot_object():
    """Tests a game of one region."""
    assert shapley_value(np.array([0.0, 7.0])).tolist() == [7.0]
    assert largest_objection(np.array([0.0, 7.0]), np.array([7.0])) == (0, 0.0)


@given(costs=st.lists(st.floats(-100, 100), min_size=15, max_size=15))
def test_the_value_adds_up_and_is_symmetric(costs):
    """Tests efficiency, and that regions keep their values when they change places."""
    game = np.array([0.0, *costs])
    value = shapley_value(game)
    assert value.sum() == pytest.approx(game[-1], abs=1e-9)
    swapped = np.array([game[(group & 12) | (group & 1) << 1 | (group & 2) >> 1] for group in range(16)])
    assert shapley_value(swapped).tolist() == pytest.approx(value[[1, 0, 2, 3]].tolist())


def test_groups_are_bit_masks():
    """Tests the groups without region 1 of three."""
    assert groups_without(3, 1).tolist() == [0, 1, 4, 5]
    assert regions_in(GLOVES) == 3
