"""Yen's algorithm on a network whose paths are listed by hand."""

from __future__ import annotations

import math

import pytest

from placer.instance.network.next_paths import Network, next_paths

#: 0 to 3 by links 0 + 1 (length 2), 2 + 3 (4), 4 (5), and over the bridge 5 from 1 to 2: 0 + 5 + 3 (3.5).
STEPS = [
    [(1, 0, 1.0), (2, 2, 2.0), (3, 4, 5.0)],
    [(0, 0, 1.0), (3, 1, 1.0), (2, 5, 0.5)],
    [(0, 2, 2.0), (3, 3, 2.0), (1, 5, 0.5)],
    [(1, 1, 1.0), (2, 3, 2.0), (0, 4, 5.0)],
]
AHEAD = [2.0, 1.0, 1.5, 0.0]


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 9])
def test_paths_come_by_length(most):
    """Tests the order 3.5 (0, 5, 3), 3.5 (2, 5, 1), 4 (2, 3), 5 (4) behind the shortest path 2 (0, 1)."""
    paths = next_paths(Network(STEPS), (0, 1), 0, AHEAD, most)
    assert paths == [(0, 5, 3), (2, 5, 1), (2, 3), (4,)][:most]


def test_nodes_that_lead_nowhere_are_passed_by():
    """Tests that a node from which no path leads to the end is on no path."""
    steps = [[(1, 0, 1.0), (2, 1, 0.0)], [], []]
    assert next_paths(Network(steps), (0,), 0, [1.0, 0.0, math.inf], 5) == []


def test_links_of_no_length_make_no_circles():
    """Tests that paths stay simple where going round costs nothing: 0 to 2 over 1, by either of two links and back."""
    steps = [[(1, 0, 0.0), (1, 1, 0.0)], [(0, 0, 0.0), (0, 1, 0.0), (2, 2, 0.0)], [(1, 2, 0.0)]]
    assert next_paths(Network(steps), (0, 2), 0, [0.0, 0.0, 0.0], 9) == [(1, 2)]
