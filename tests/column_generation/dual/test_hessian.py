"""The Hessian of the smoothed dual, against dense matrices made in plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.dual.class_dual import Shares
from placer.column_generation.dual.hessian import Hessian, class_hessian
from placer.column_generation.dual.iterated import IteratedFactor
from placer.column_generation.dual.newton import Factor
from placer.column_generation.dual.parameters import NewtonParameters
from placer.column_generation.dual.softmax import Softmax
from placer.column_generation.market.definition import market
from tests.column_generation.dual.hessians import matrix_of, random_hessian

MU = 0.5


@pytest.mark.parametrize("waits", [False, True])
def test_product_is_that_of_the_dense_matrix(waits):
    """Tests blocks of two resources out of three over four periods, with work that waits and without."""
    hessian = replace(random_hessian(0, 4, 2, waits=waits), resources=np.array([0, 2]))
    step = np.random.default_rng(1).standard_normal((4, 3))
    product = hessian.times(step)
    assert product[:, [0, 2]].ravel() == pytest.approx(matrix_of(hessian) @ step[:, [0, 2]].ravel())
    assert not product[:, 1].any()


def test_many_prices_are_iterated_on():
    """Tests the kind of factor of one free price, and of two."""
    hessian, free = random_hessian(0, 2, 1, waits=True), np.array([[True], [False]])
    few = NewtonParameters(least_iterated=2)
    assert isinstance(hessian.factor(free, np.ones((2, 1)), few), Factor)
    assert isinstance(hessian.factor(~(free & ~free), np.ones((2, 1)), few), IteratedFactor)


@pytest.fixture
def make_case(make_structure):
    """Return a function from a window to a market with scarce supply and a link, and a softmax made up for it."""

    def make(window, **changes):
        whole = market(
            make_structure(
                window=[window],
                use=[[1.0, 2.0]],
                draw=[[0.5, 3.0]],
                link_use=[4.0],
                capacity=np.ones((2, 2)),
                tier_limit=np.ones((2, 2)),
                link_capacity=[5.0],
                route_links=[[1.0], [0.0], [0.0], [0.0]],
                **changes,
            )
        )
        random = np.random.default_rng(window)
        over = random.standard_normal((2, 3, 3))
        softmax = Softmax(0.0, random.uniform(1, 2, (2, 2)), np.ones((2, 1)), over + over.transpose(0, 2, 1))
        return whole, softmax

    return make


def _expected(whole, softmax, share):
    """Return the Hessian over (period, capacity of both sites, supply of both, link) by the formula."""
    group, takes = whole.groups[0], np.zeros((2, 2, 2, 5))
    for t in range(2):
        for s in range(2):
            for delay, part in enumerate(share[:, t, s]):
                takes[t, s, (t + delay) % 2, s] += part * group.use[s]
                takes[t, s, (t + delay) % 2, 2 + s] += part * group.draw[s]
    total = np.zeros((10, 10))
    for t in range(2):
        link = np.zeros((2, 5))
        link[t, 4] = group.link_use
        rows = np.stack([takes[t, 0].ravel(), takes[t, 1].ravel(), link.ravel()])
        total += rows.T @ softmax.covariance[t] @ rows / MU
        for s in range(2):
            each = np.zeros((len(share), 2, 5))
            for delay in range(len(share)):
                each[delay, (t + delay) % 2, s], each[delay, (t + delay) % 2, 2 + s] = group.use[s], group.draw[s]
            flat, part = each.reshape(len(share), 10), share[:, t, s]
            spread = np.diag(part) - np.outer(part, part)
            total += softmax.arriving[t, s] / MU * flat.T @ spread @ flat
    return total


def _found(whole, softmax, share):
    found = class_hessian(whole, whole.groups[0], Shares(softmax, share, MU), np.arange(2))
    return matrix_of(Hessian(found.blocks, np.arange(5), found.waiting))


def test_served_at_once(make_case):
    """Tests a class without a window: one block a period."""
    whole, softmax = make_case(0)
    assert _found(whole, softmax, None) == pytest.approx(_expected(whole, softmax, np.ones((1, 2, 2))))


@pytest.mark.parametrize("cyclic", [True, False])
def test_served_later(make_case, cyclic):
    """Tests a class that waits a period: what is served where follows both the softmax and the shares of delays."""
    whole, softmax = make_case(1, cyclic=cyclic)
    first = np.array([[0.3, 0.6], [0.8 if cyclic else 1.0, 0.1 if cyclic else 1.0]])
    share = np.stack([first, 1 - first])
    assert _found(whole, softmax, share) == pytest.approx(_expected(whole, softmax, share))


def test_some_sites_are_part_of_all(make_case):
    """Tests that asking for the second site gives its rows and columns, and the link's."""
    whole, softmax = make_case(1, cyclic=True)
    share = np.full((2, 2, 2), 0.5)
    part = Softmax(0.0, softmax.arriving, softmax.link_flow, softmax.covariance[:, 1:, 1:])
    one = class_hessian(whole, whole.groups[0], Shares(part, share, MU), np.array([1]))
    chosen = np.array([1, 3, 4, 6, 8, 9])
    every = _found(whole, softmax, share)[np.ix_(chosen, chosen)]
    assert matrix_of(Hessian(one.blocks, np.arange(3), one.waiting)) == pytest.approx(every)


@pytest.mark.parametrize("window", [0, 1])
def test_single_precision_is_the_same_but_for_rounding(make_case, window):
    """Tests that blocks are of the precision asked for, and near those of double precision."""
    whole, softmax = make_case(window)
    share = np.array([[[0.2, 0.7], [0.5, 0.1]], [[0.8, 0.3], [0.5, 0.9]]]) if window else None
    double, single = (
        Hessian(found.blocks, np.arange(5), found.waiting).within_periods
        for precision in (np.float64, np.float32)
        for found in [class_hessian(whole, whole.groups[0], Shares(softmax, share, MU), np.arange(2), precision)]
    )
    assert single.dtype == np.float32
    assert single == pytest.approx(double, rel=1e-5, abs=1e-5)


def test_product_in_single_precision(make_case):
    """Tests that the product of single blocks with a step is a double array near that of double blocks."""
    whole, softmax = make_case(0)
    double, single = (
        Hessian(class_hessian(whole, whole.groups[0], shares, np.arange(2), precision).blocks, np.arange(5))
        for shares in [Shares(softmax, None, MU)]
        for precision in (np.float64, np.float32)
    )
    step = np.random.default_rng(3).standard_normal((2, 5))
    assert single.times(step).dtype == np.float64
    assert single.times(step) == pytest.approx(double.times(step), rel=1e-4, abs=1e-4)
