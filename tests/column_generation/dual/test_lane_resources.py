"""Blocks over lanes as blocks over resources, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.hessian_waiting import add_waiting, coordinates
from placer.column_generation.dual.lane_resources import LaneResources

#: Two lanes of one site that take 2 and 3 of its capacity, and one of another that takes 5.
NEEDS, MEMBER = np.array([[2.0, 3.0, 5.0]]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
SERVICE = np.array([[[1.0, -1.0, 0.0], [-1.0, 2.0, 1.0], [0.0, 1.0, 4.0]]])


def test_lanes_of_a_site_add_up():
    """Tests ``2 1 2 - 2 (2 1 3) + 3 2 3`` over a width of 2 at the first site, and what couples it to the second."""
    found = LaneResources(NEEDS, MEMBER, 0, 0.0, SERVICE, mu=2.0).blocks(0, SERVICE, None)
    assert found.tolist() == [[[5.0, 7.5], [7.5, 50.0]]]


def test_links_meet_every_lane():
    """Tests a link that takes 0.5 a unit, on arrival and, for the part that waits, after a delay."""
    covariance = np.zeros((1, 4, 4))
    covariance[0, :3, :3], covariance[0, 3] = SERVICE, [1.0, 2.0, 4.0, 6.0]
    resources = LaneResources(NEEDS, MEMBER, 1, 0.5, covariance, mu=2.0)
    found = resources.blocks(0, SERVICE, None)
    assert found[0, 2].tolist() == found[0, :, 2].tolist() == [2.0, 5.0, 0.75]
    later = resources.blocks(1, SERVICE, np.array([[0.5, 0.5, 0.25]]))
    assert later[0, 2].tolist() == [1.0, 1.25, 0.0]
    assert not later[0, :, 2].any()
    assert not resources.blocks(1, SERVICE, None)[0, 2].any()


def test_work_served_takes_the_square_of_what_it_needs():
    """Tests 4 units in the first lane at once and 2 in the second a period later: ``4 2 2 / mu`` and ``2 3 3 / mu``."""
    served = np.zeros((2, 2, 3))
    served[0, 0, 0], served[1, 0, 1] = 4.0, 2.0
    found = LaneResources(NEEDS, MEMBER, 0, 0.0, SERVICE, mu=2.0).of_service(served)
    assert found.tolist() == [[[8.0, 0.0], [0.0, 0.0]], [[9.0, 0.0], [0.0, 0.0]]]


@pytest.mark.parametrize("links", [0, 1])
def test_product_of_work_that_waits_is_that_of_its_lanes(links):
    """Tests ``A' O A`` with two lanes at a site against A in plain loops, as a product and as a matrix."""
    random, periods, lanes, sites = np.random.default_rng(links), 3, 3, 2
    covariance = random.standard_normal((periods, lanes + links, lanes + links))
    covariance += covariance.transpose(0, 2, 1)
    arriving, phi = random.uniform(1, 2, (periods, lanes)), random.uniform(0, 1, (2, periods, lanes))
    needs, size = random.uniform(1, 2, (2, lanes)), 2 * sites + links
    waiting = LaneResources(needs, MEMBER, links, 0.5, covariance, mu=2.0).waiting(arriving, phi)
    expected = np.zeros((periods * size, periods * size))
    for t in range(periods):
        uses = np.zeros((lanes + links, periods, size))
        for lane, delay, kind in np.ndindex(lanes, 2, 2):
            place = kind * sites + int(MEMBER[lane].argmax())
            uses[lane, (t + delay) % periods, place] += needs[kind, lane] * phi[delay, t, lane]
        uses[lanes:, t, 2 * sites :] = 0.5
        flat, own = uses.reshape(len(uses), -1), covariance[t].copy()
        own[np.arange(lanes), np.arange(lanes)] -= arriving[t]
        expected += flat.T @ own @ flat / 2.0
    step = random.standard_normal((periods, size))
    assert waiting.times(step).ravel() == pytest.approx(expected @ step.ravel())
    kind, place, period = coordinates(waiting, np.arange(periods * size), size)
    order, matrix = np.lexsort((period, kind, place)), np.zeros_like(expected)
    add_waiting(matrix, (waiting,), kind[order], place[order], period[order])
    assert np.tril(matrix) == pytest.approx(np.tril(expected[np.ix_(order, order)]))
