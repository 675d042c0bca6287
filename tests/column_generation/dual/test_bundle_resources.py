"""Blocks over bundles of lanes as blocks over resources, by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from placer.column_generation.dual.bundle_resources import BundleResources
from placer.column_generation.dual.bundles import Bundles, LaneChoice
from placer.column_generation.dual.hessian_waiting import add_waiting, coordinates
from placer.column_generation.market.lanes import Lanes

#: Two lanes of one site that take 2 and 3 of its capacity, and one of another that takes 5.
NEEDS, MEMBER = np.array([[[2.0, 3.0, 5.0]]]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
SERVICE = np.array([[[1.0, -1.0, 0.0], [-1.0, 2.0, 1.0], [0.0, 1.0, 4.0]]])
LANES = Lanes(np.zeros(3, dtype=int), MEMBER.argmax(axis=1), 2, are_sites=False)
NO_WORK = np.zeros((1, 3))


def _resources(needs, covariance, arriving=NO_WORK, phi=None, links=0):
    """Return the resources of both sites with each lane a bundle, at a width of 2 and 0.5 of a link a unit."""
    bundles = Bundles(SimpleNamespace(lanes=LANES), LANES, np.arange(3)[None], np.zeros((1, 3)))
    periods = len(covariance)
    return BundleResources(
        needs=needs,
        choice=LaneChoice(bundles, np.ones((periods, 1, 3))),
        delay_share=np.ones((1, periods, 3)) if phi is None else phi,
        arriving=arriving,
        covariance=covariance,
        bundles=np.arange(3),
        sites=np.arange(2),
        links=links,
        link_use=0.5,
        mu=2.0,
    )


def _in_two_bundles(needs, covariance, arriving):
    """Return the same with the lanes of the first site as one bundle, half of whose work each has."""
    lane, above = np.array([[0, 2], [1, 2]]), np.array([[0.0, 0.0], [0.0, np.inf]])
    group = SimpleNamespace(lanes=Lanes(np.zeros(2, dtype=int), np.arange(2), 2, are_sites=False))
    choice = LaneChoice(Bundles(group, LANES, lane, above), np.array([[[0.5, 1.0], [0.5, 0.0]]]))
    return replace(_resources(needs, covariance, arriving), choice=choice, bundles=np.arange(2))


def test_lanes_of_a_site_add_up():
    """Tests ``2 1 2 - 2 (2 1 3) + 3 2 3`` over a width of 2 at the first site, and what couples it to the second."""
    found = _resources(NEEDS, SERVICE).at_once(np.float64)
    assert found.tolist() == [[[5.0, 7.5], [7.5, 50.0]]]


def test_a_bundle_takes_the_mean_and_spread_of_its_lanes():
    """Tests means of 2.5 and 5: ``2.5 4 2.5`` of the covariance, and ``8 (6.5 - 2.5^2)`` of the work, over 2."""
    covariance = np.array([[[4.0, 1.0], [1.0, 3.0]]])
    found = _in_two_bundles(NEEDS, covariance, np.array([[8.0, 6.0]])).at_once(np.float64)
    assert found[0] == pytest.approx(np.array([[13.5, 6.25], [6.25, 37.5]]))


def test_kinds_of_a_bundle_vary_together():
    """Tests a supply of 1 and 0, of mean 0.5: ``2.5 4 0.5 + 8 (1 - 2.5 x 0.5)`` over 2 between capacity and supply."""
    needs, covariance = np.array([[[2.0, 3.0, 5.0]], [[1.0, 0.0, 0.0]]]), np.array([[[4.0, 0.0], [0.0, 0.0]]])
    found = _in_two_bundles(needs, covariance, np.array([[8.0, 0.0]])).at_once(np.float64)
    assert found[0, ::2, ::2] == pytest.approx(np.array([[13.5, 1.5], [1.5, 1.5]]))
    assert not found[0, 1::2].any()


def test_links_meet_every_lane():
    """Tests a link that takes 0.5 a unit."""
    covariance = np.zeros((1, 4, 4))
    covariance[0, :3, :3], covariance[0, 3] = SERVICE, [1.0, 2.0, 4.0, 6.0]
    found = _resources(NEEDS, covariance, links=1).at_once(np.float64)
    assert found[0, 2].tolist() == found[0, :, 2].tolist() == [2.0, 5.0, 0.75]


def test_work_served_takes_the_square_of_what_it_needs():
    """Tests 4 units in the first lane and 2 in the second a period later: ``4 2 2 / mu`` and ``2 3 3 / mu``."""
    served = np.zeros((2, 3))
    served[0, 0], served[1, 1] = 4.0, 2.0
    found = _resources(NEEDS, SERVICE).of_service(served)
    assert found.tolist() == [[[8.0, 0.0], [0.0, 0.0]], [[9.0, 0.0], [0.0, 0.0]]]


def test_needs_of_the_period():
    """Tests a third lane that takes 7 of its site in the first period and 5 in the second: ``7 1 7`` over 2."""
    needs, covariance = np.zeros((1, 2, 3)), np.zeros((2, 4, 4))
    needs[0, :, 2], covariance[:, 2, 2], covariance[:, 3, 2] = [7.0, 5.0], 1.0, 4.0
    found = _resources(needs, covariance, np.zeros((2, 3)), links=1).at_once(np.float64)
    assert found[:, 1, 1].tolist() == [24.5, 12.5]
    assert found[:, 2, 1].tolist() == [0.5 * 4 * 7 / 2, 0.5 * 4 * 5 / 2]


@pytest.mark.parametrize("of_periods", [1, 3])
@pytest.mark.parametrize("links", [0, 1])
def test_product_of_work_that_waits_is_that_of_its_lanes(links, of_periods):
    """Tests ``A' O A`` with two lanes at a site against A in plain loops, as a product and as a matrix."""
    random, periods, lanes, sites = np.random.default_rng(links), 3, 3, 2
    covariance = random.standard_normal((periods, lanes + links, lanes + links))
    covariance += covariance.transpose(0, 2, 1)
    arriving, phi = random.uniform(1, 2, (periods, lanes)), random.uniform(0, 1, (2, periods, lanes))
    needs, size = random.uniform(1, 2, (2, of_periods, lanes)), 2 * sites + links
    waiting = _resources(needs, covariance, arriving, phi, links).waiting(np.float64)
    expected = np.zeros((periods * size, periods * size))
    for t in range(periods):
        uses = np.zeros((lanes + links, periods, size))
        for lane, delay, kind in np.ndindex(lanes, 2, 2):
            place, later = kind * sites + int(MEMBER[lane].argmax()), (t + delay) % periods
            uses[lane, later, place] += needs[kind, later % of_periods, lane] * phi[delay, t, lane]
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
