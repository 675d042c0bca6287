"""Softmax over all columns."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from placer.column_generation.dual.softmax import dense_class, route_incidence, softmax_over_all
from placer.column_generation.market.definition import market

#: At this width 2 USD more are a third of the share.
MU = 2 / np.log(3)
FREE = np.zeros((2, 2))
NO_LINKS = np.zeros((2, 0))
NO_SITES, SITES = np.zeros(0, int), np.arange(2)
#: The route from the first origin to the first site passes a link, from the second to either site another.
LINKED = {"link_capacity": [8.0, 2.0], "route_links": [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 1.0]]}


@pytest.fixture(params=[np.float32, np.float64])
def precision(request):
    """Tests both precisions."""
    return request.param


@pytest.fixture
def make_dense(make_structure, precision):
    """Return a function that gives the only group of the small structure with some arrays replaced."""

    def make(**changes):
        whole = market(make_structure(**changes))
        return dense_class(whole, whole.groups[0], precision)

    return make


def test_shares_by_hand(make_dense):
    """Tests arcs of 1 and 3: three quarters go near, so 9 and 7 units arrive of 10 and 6, 3.5 and 2.5 of 4 and 2."""
    found = softmax_over_all(make_dense(), FREE, NO_LINKS, MU, SITES)
    assert found.arriving == pytest.approx(np.array([[9.0, 7.0], [3.5, 2.5]]))
    assert found.value == pytest.approx(22 * (1 - MU * np.log(4 / 3)))
    apart = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert found.covariance == pytest.approx(np.array([3.0 * apart, 1.125 * apart]), abs=1e-5)


def test_penalty_takes_its_share(make_dense):
    """Tests that a penalty of 3 beside arcs of 1 and 3 leaves a fifth unserved."""
    found = softmax_over_all(make_dense(unserved_cost=[3.0]), FREE, NO_LINKS, MU, SITES)
    assert found.arriving == pytest.approx(np.array([[7.2, 5.6], [2.8, 2.0]]))
    own = 7.2 - 10 * 0.6**2 - 6 * 0.2**2
    assert found.covariance[0, 0].tolist() == pytest.approx([own, -16 * 0.12], abs=1e-5)


def test_what_passes_links(make_dense):
    """Tests flows of 7.5 and 6, and the covariance between sites and links by the formula."""
    found = softmax_over_all(make_dense(**LINKED), FREE, np.zeros((2, 2)), MU, SITES)
    assert found.link_flow == pytest.approx(np.array([[7.5, 6.0], [3.0, 2.0]]))
    shares, both = np.array([[0.75, 0.25], [0.25, 0.75]]), np.array([[0.75, 0.0], [0.0, 1.0]])
    takes = np.array([[[1.0, 0, 1, 0], [0, 1.0, 0, 0]], [[1.0, 0, 0, 1], [0, 1.0, 0, 1]]])
    expected = sum(
        amount * (np.einsum("s,sm,sn->mn", share, take, take) - np.outer(share @ take, share @ take))
        for amount, share, take in zip((10.0, 6.0), shares, takes, strict=True)
    )
    assert [(share @ take)[2:].tolist() for share, take in zip(shares, takes, strict=True)] == both.tolist()
    assert found.covariance[0] == pytest.approx(expected, abs=1e-5)


def test_routes_that_use_both_links_of_a_pair(make_dense):
    """Tests routes with both links, the first, the second and none: by route, then first, both, second."""
    routes = [[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    found = make_dense(link_capacity=[8.0, 2.0], route_links=routes)
    pairs = dict(zip(zip(*found.link_pairs, strict=True), found.pair_incidence.T, strict=True))
    assert pairs.keys() == {(0, 0), (0, 1), (1, 1)}
    for (one, other), both in pairs.items():
        assert both.tolist() == (found.by_route[one] * found.by_route[other]).tolist()
    assert sorted(pairs[0, 1].tolist()) == [0, 0, 0, 1]


def test_price_of_a_link_drives_work_away(make_dense):
    """Tests that 2 USD on the near route make both sites alike for the first origin."""
    found = softmax_over_all(make_dense(**LINKED), FREE, np.array([[2.0, 0.0], [0.0, 0.0]]), MU, NO_SITES)
    assert found.arriving[0] == pytest.approx([5 + 1.5, 5 + 4.5])
    assert found.covariance.size == 0


def test_no_links_where_nothing_counts_on_them(make_structure):
    """Tests that a class that sends nothing that counts has no routes over links."""
    whole = market(make_structure(**LINKED))
    assert route_incidence(whole, whole.groups[0]).shape == (2, 2, 2)
    idle = market(make_structure(**LINKED | {"link_use": [0.0]}))
    assert len(route_incidence(idle, idle.groups[0])) == 0


def test_some_sites_only(make_dense):
    """Tests that covariance is over the chosen sites, then the links."""
    dense, unpriced = make_dense(**LINKED), np.zeros((2, 2))
    whole, part = (softmax_over_all(dense, FREE, unpriced, MU, sites).covariance for sites in (SITES, np.array([1])))
    assert part == pytest.approx(whole[:, 1:, 1:])


def test_smallest_shares_are_none(make_dense):
    """Tests that what is 40 widths dearer gets a share below 1e-11, and no share is subnormal."""
    arrival = np.array([[0.0, 40 * MU], [0.0, 0.0]])
    found = softmax_over_all(make_dense(), arrival, NO_LINKS, MU, SITES)
    assert found.arriving[0].tolist() == pytest.approx([16.0, 0.0], abs=1e-11)
    assert 1e-13 < abs(found.arriving[0, 1]) < 1e-11


def test_large_costs_common_to_all_are_not_rounded(make_dense):
    """Tests that 1e7 USD on every site and on the penalty leave the shares, which single precision would lose."""
    found = softmax_over_all(make_dense(unserved_cost=[1e7 + 1000.0]), FREE + 1e7, NO_LINKS, MU, NO_SITES)
    assert found.arriving == pytest.approx(np.array([[9.0, 7.0], [3.5, 2.5]]))
    assert found.value == pytest.approx(22 * (1e7 + 1 - MU * np.log(4 / 3)), rel=1e-12)


def test_chunks_change_nothing(make_dense, monkeypatch):
    """Tests that chunks of one period give the same as one chunk of all."""
    dense, unpriced = make_dense(**LINKED), np.full((2, 2), 0.5)
    at_once = softmax_over_all(dense, FREE, unpriced, MU, SITES)
    monkeypatch.setattr("placer.column_generation.dual.softmax.CELLS_PER_CHUNK", 1)
    in_chunks = softmax_over_all(dense, FREE, unpriced, MU, SITES)
    for one, other in zip(astuple(at_once), astuple(in_chunks), strict=True):
        assert one == pytest.approx(other)


def test_price_range_is_the_dearest_of_the_lowest_prices(make_dense):
    """Tests lowest prices of 1 and 1 above free service, and of 51 and 51 where service costs 50 more at one time."""
    found = softmax_over_all(make_dense(), FREE, NO_LINKS, MU, NO_SITES)
    assert found.price_range == pytest.approx(1.0)
    dearer = softmax_over_all(make_dense(unserved_cost=[40.0]), FREE + 50.0, NO_LINKS, MU, NO_SITES)
    assert dearer.price_range == 0.0


def test_a_link_flow_that_is_not_finite_is_told(make_dense):
    """Tests that sums that are no numbers give a warning of their own, whatever flag their product raises."""
    with pytest.warns(RuntimeWarning, match="a flow of the smoothed dual is not finite"):
        softmax_over_all(
            make_dense(link_capacity=[8.0], route_links=[[1.0], [0.0], [0.0], [0.0]]),
            FREE * np.nan,
            np.zeros((2, 1)),
            MU,
            NO_SITES,
        )
