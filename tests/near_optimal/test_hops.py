"""Hops over a region that a person can draw."""

from __future__ import annotations

import numpy as np
import pytest

from placer.near_optimal.hops import hops, places

#: A triangle: two groups that together have at most 1, each at least 0.
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def best_corner(weights):
    return CORNERS[np.argmin(CORNERS @ weights)]


def test_hops_reach_every_corner_and_end():
    """Tests a start at (0, 0): weights of -1/2 each go to (1, 0), then 0 and -1/2 to (0, 1); nothing is new then."""
    found = hops(CORNERS[0], np.zeros(2), np.ones(2), 5, best_corner)
    assert [each.tolist() for each in found] == [[0, 0], [1, 0], [0, 1]]
    assert len(hops(CORNERS[0], np.zeros(2), np.ones(2), 1, best_corner)) == 2


def test_groups_without_a_range_count_for_nothing():
    found = hops(CORNERS[0], np.zeros(2), np.array([1.0, 0.0]), 5, best_corner)
    assert [each.tolist() for each in found] == [[0, 0], [1, 0]]
    assert len(hops(CORNERS[0], np.zeros(2), np.zeros(2), 5, best_corner)) == 1


def test_places_by_hand():
    assert places(np.array([2.0, 3.0, 7.0]), np.array([1.0, 3.0, 7.0]), np.array([5.0, 4.0, 7.0])) == pytest.approx(
        [0.25, 0, 0.5]
    )
