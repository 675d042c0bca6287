"""Blocks over lanes as blocks over resources, by hand."""

from __future__ import annotations

import numpy as np

from placer.column_generation.dual.lane_resources import LaneResources

#: Two lanes of one site that take 2 and 3 of its capacity, and one of another that takes 5.
FOLD = np.array([[2.0, 0.0], [3.0, 0.0], [0.0, 5.0]])
SERVICE = np.array([[[1.0, -1.0, 0.0], [-1.0, 2.0, 1.0], [0.0, 1.0, 4.0]]])


def test_lanes_of_a_site_add_up():
    """Tests ``2 1 2 - 2 (2 1 3) + 3 2 3`` over a width of 2 at the first site, and what couples it to the second."""
    found = LaneResources(FOLD, 0, 0.0, np.zeros((1, 0, 3)), mu=2.0).blocks(0, SERVICE, None)
    assert found.tolist() == [[[5.0, 7.5], [7.5, 50.0]]]


def test_links_meet_every_lane():
    """Tests a link that takes 0.5 a unit, on arrival and, for the part that waits, after a delay."""
    of_links = np.array([[[1.0, 2.0, 4.0, 6.0]]])
    resources = LaneResources(FOLD, 1, 0.5, of_links, mu=2.0)
    found = resources.blocks(0, SERVICE, None)
    assert found[0, 2].tolist() == found[0, :, 2].tolist() == [2.0, 5.0, 0.75]
    later = resources.blocks(1, SERVICE, np.array([[0.5, 0.5, 0.25]]))
    assert later[0, 2].tolist() == [1.0, 1.25, 0.0]
    assert not later[0, :, 2].any()
    assert not resources.blocks(1, SERVICE, None)[0, 2].any()
