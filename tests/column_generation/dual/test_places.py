"""Sums over links at few sites: by hand, and against the sums over all sites, periods and origins."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.column_generation.dual import softmax
from placer.column_generation.dual.places import places_of
from placer.column_generation.dual.softmax import DenseClass, softmax_over_all
from placer.column_generation.market.groups import Group
from placer.column_generation.market.lanes import Lanes

#: Two caps that count at site 1 (of 3), at one and both of two origins, and one that counts at site 0.
INCIDENCE = np.array(
    [
        [[0.0, 0.0], [2.0, 0.0], [0.0, 0.0]],
        [[0.0, 0.0], [1.0, 3.0], [0.0, 0.0]],
        [[4.0, 4.0], [0.0, 0.0], [0.0, 0.0]],
    ]
)


def test_places_by_hand():
    """Tests which link is met at which site, and which two are met together."""
    places = places_of(INCIDENCE)
    assert places is not None
    assert places.link.tolist() == [0, 1, 2]
    assert places.site.tolist() == [1, 1, 0]
    assert sorted(zip(places.one.tolist(), places.other.tolist(), strict=True)) == [
        *((0, 0), (0, 1), (1, 0), (1, 1), (2, 2)),
    ]


@pytest.mark.parametrize("incidence", [np.zeros((2, 3, 2)), np.zeros((0, 3, 2)), np.ones((2, 3, 2))])
def test_no_places(incidence):
    """Tests that there are none where nothing is used, and where links use more sites than there are."""
    assert places_of(incidence) is None


def _group(random, sites, origins, periods):
    """Return a class with random costs and demands."""
    shape = (sites, origins)
    return Group(
        klass=0,
        lanes=Lanes(np.zeros(sites, dtype=int), np.arange(sites), sites, are_sites=True),
        origins=np.arange(origins),
        amount=random.uniform(0, 5, (periods, origins)),
        demand=np.zeros((periods, origins), dtype=int),
        arc_cost=random.uniform(0, 2, shape),
        arc=np.zeros(shape, dtype=int),
        base=np.zeros((periods, sites)),
        use=np.ones(sites),
        draw=np.ones(sites),
        link_use=1.0,
        unserved=4.0,
        window=0,
        weight=1.0,
    )


def _dense(group, incidence):
    cost = np.concatenate([group.arc_cost, np.zeros((1, len(group.origins)))])[:, None]
    return DenseClass(group, cost, group.amount, incidence)


@given(seed=st.integers(0, 10**6), links=st.integers(1, 4), chosen=st.integers(0, 3))
def test_sums_are_those_over_all_sites(seed, links, chosen):
    """Tests value, flows and covariance, over all sites and over some, where links have one or several places."""
    random = np.random.default_rng(seed)
    sites, origins, periods = 4, 3, 2
    group = _group(random, sites, origins, periods)
    incidence = np.zeros((links, sites, origins))
    for place in range(sites):
        incidence[random.integers(links), place] = random.uniform(0, 2, origins)
    dense = _dense(group, incidence)
    arrival, prices = random.uniform(0, 3, (periods, sites)), random.uniform(0, 1, (periods, links))
    kept = np.sort(random.permutation(sites)[:chosen])
    found = softmax_over_all(dense, arrival, prices, 0.7, kept)
    assert dense.places is not None
    with mock.patch.object(softmax, "places_of", return_value=None):
        whole = softmax_over_all(_dense(group, incidence), arrival, prices, 0.7, kept)
    assert found.value == pytest.approx(whole.value)
    np.testing.assert_allclose(found.arriving, whole.arriving, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.link_flow, whole.link_flow, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.covariance, whole.covariance, rtol=1e-8, atol=1e-10)
