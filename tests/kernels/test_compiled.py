"""Compiled loops, and the same as plain Python, against formulas in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.kernels import compiled
from placer.kernels.priced_arcs import PricedArcs
from tests.effort import tries

SEEDS = st.integers(0, 10**6)
#: A cost that no share resolves, as of arcs that are not there.
NEVER = 1e6

pytestmark = pytest.mark.parametrize("as_python", [False, True])


def _kernel(name, as_python):
    function = getattr(compiled, name)
    return function.py_func if as_python else function


@pytest.fixture(autouse=True)
def plain(monkeypatch, as_python):
    """Let the functions that a kernel calls be plain Python too."""
    for name in ("_near_sites", "_weigh", "_add_products"):
        monkeypatch.setattr(compiled, name, _kernel(name, as_python))


def _sizes(random):
    return (int(size) for size in random.integers(1, 7, 3))


@pytest.mark.parametrize("mu", [1e3, 1.0, 1e-3])
def test_softmax_of_a_block(mu, as_python):
    """Tests random classes, some arcs missing and some demands 0, over all sites and some, at three widths."""
    for seed in range(tries(10, 100)):
        random = np.random.default_rng(seed)
        origins, sites, periods = _sizes(random)
        cost = np.where(random.random((origins, sites)) < 0.3, NEVER, random.random((origins, sites)))
        cost[:, -1] = 0.0
        offers, amount = random.random((sites, periods)), random.random((origins, periods)).round(1)
        chosen = np.full(sites, -1)
        some = np.flatnonzero(random.random(sites) < 0.6)
        chosen[some] = np.arange(len(some))
        lowest, total = np.empty(amount.shape), np.empty(amount.shape)
        arriving, products = np.zeros(offers.shape), np.zeros((len(some), len(some), periods))
        _kernel("softmax_of_block", as_python)(cost, offers, amount, mu, chosen, lowest, total, arriving, products)
        covariance = np.empty((periods, len(some), len(some)))
        _kernel("set_covariance", as_python)(arriving[some], products, covariance)
        price = cost[:, :, None] + offers
        weight = np.exp((price.min(axis=1, keepdims=True) - price) / mu)
        share = weight / weight.sum(axis=1, keepdims=True)
        flow = amount[:, None] * share
        expected = np.einsum("hst,sm->tsm", flow, np.eye(sites)) - np.einsum("hst,hmt->tsm", flow, share)
        np.testing.assert_allclose(lowest, price.min(axis=1), rtol=1e-15)
        np.testing.assert_allclose(total, weight.sum(axis=1), rtol=1e-12)
        np.testing.assert_allclose(arriving, flow.sum(axis=0), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(covariance, expected[:, some][:, :, some], rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@given(seed=SEEDS, margin=st.sampled_from([-np.inf, 0.0, 0.2, np.inf]))
def test_near_assignments_of_a_class(as_python, seed, margin):
    """Tests lowest prices, counts and lists of random classes, some of whose sites cannot serve."""
    random = np.random.default_rng(seed)
    origins, sites, periods = _sizes(random)
    arrival = np.where(random.random((periods, sites)) < 0.2, np.inf, random.random((periods, sites)))
    cost, unserved = random.random((sites, origins)), 1.5
    served, asked = np.isfinite(arrival), random.random((periods, origins)) < 0.8
    there = random.random((sites, origins)) < 0.8
    least, counts = np.empty((periods, origins)), np.empty((periods, sites), dtype=int)
    _kernel("price_class", as_python)(arrival, cost, unserved, margin, served, asked, there, least, counts)
    price = arrival[:, :, None] + cost
    expected = np.minimum(price.min(axis=1), unserved)
    near = (price <= (expected + margin)[:, None]) & served[:, :, None] & asked[:, None] & there
    np.testing.assert_array_equal(least, expected)
    np.testing.assert_array_equal(counts, near.sum(axis=2))
    found = *(np.empty(counts.sum(), dtype=int) for _ in range(3)), np.empty(counts.sum())
    _kernel("list_near", as_python)(arrival, cost, margin, asked, there, least, counts, found)
    np.testing.assert_array_equal(found[:3], np.nonzero(near))
    np.testing.assert_array_equal(found[3], price[near])


def _random_arcs(random, periods):
    """Return arcs of two classes over three sites and four routes, the last of which passes a closed link."""
    count = int(random.integers(1, 12))
    return PricedArcs(
        klass=random.integers(0, 2, count),
        site=random.integers(0, 3, count),
        route=random.integers(0, 4, count),
        cost=random.random(count),
        arriving=np.where(random.random((2, 3, periods)) < 0.1, np.inf, random.random((2, 3, periods))),
        link_use=np.array([0.0, 2.0]),
        link_starts=np.array([0, 0, 1, 3, 4], dtype=np.int32),
        link=np.array([0, 0, 1, 2], dtype=np.int32),
        link_price=np.concatenate([random.random((2, periods)), np.full((1, periods), np.inf)]),
    )


def _prices(arcs):
    """Return the price of every arc (arcs, t)."""
    incidence = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]])
    rent = np.where(incidence[:, :, None] > 0, arcs.link_price, 0.0).sum(axis=1)[arcs.route]
    use = arcs.link_use[arcs.klass][:, None]
    paid = np.where(use > 0, np.where(use > 0, use, 1.0) * rent, 0.0)
    return arcs.cost[:, None] + arcs.arriving[arcs.klass, arcs.site] + paid


@pytest.mark.slow
@given(seed=SEEDS)
def test_cheapest_arcs_of_pairs(as_python, seed):
    """Tests pairs of some arcs, one of none among them, with and without rents of links."""
    random = np.random.default_rng(seed)
    arcs, periods = _random_arcs(random, 3), 3
    cuts = np.sort(random.integers(0, len(arcs.cost) + 1, 3))
    starts, ends = np.concatenate([[0], cuts]), np.concatenate([cuts, [len(arcs.cost)]])
    least = np.empty((4, periods))
    _kernel("cheapest_of_pairs", as_python)(arcs, starts, ends, least)
    prices = _prices(arcs)
    expected = [prices[start:end].min(axis=0, initial=np.inf) for start, end in zip(starts, ends, strict=True)]
    np.testing.assert_allclose(least, expected, rtol=1e-14)


@pytest.mark.slow
@given(seed=SEEDS, margin=st.sampled_from([-1.0, 0.7, np.inf]))
def test_near_assignments_of_demands(as_python, seed, margin):
    """Tests demands with any of the arcs, at any prices of theirs."""
    random = np.random.default_rng(seed)
    arcs, periods, demands = _random_arcs(random, 3), 3, 5
    starts = random.integers(0, len(arcs.cost) + 1, demands)
    ends = np.maximum(starts, random.integers(0, len(arcs.cost) + 1, demands))
    period, price = random.integers(0, periods, demands), random.random(demands)
    size = int((ends - starts).sum())
    found = np.empty(size, dtype=int), np.empty(size, dtype=int), np.empty(size)
    count = _kernel("near_of_demands", as_python)(arcs, starts, ends, period, price, margin, found)
    surplus = _prices(arcs)
    expected = [
        (one, arc, surplus[arc, period[one]] - price[one])
        for one in range(demands)
        for arc in range(starts[one], ends[one])
        if surplus[arc, period[one]] - price[one] <= margin
    ]
    assert [found[0][:count].tolist(), found[1][:count].tolist()] == [[row[k] for row in expected] for k in (0, 1)]
    np.testing.assert_allclose(found[2][:count], [row[2] for row in expected], rtol=1e-12, atol=1e-14)
