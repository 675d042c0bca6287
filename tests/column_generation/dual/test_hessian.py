"""The Hessian of the smoothed dual, against dense matrices made in plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.class_dual import Shares
from placer.column_generation.dual.hessian import Hessian, class_hessian
from placer.column_generation.dual.hessian_waiting import add_waiting, coordinates
from placer.column_generation.dual.parameters import HessianParameters
from placer.column_generation.dual.softmax import Softmax
from placer.column_generation.market.definition import market

MU = 0.5
BY_LAG = HessianParameters(coupled_cells=0)


def _dense(hessian, periods):
    """Return the Hessian as one matrix over (period, resource)."""
    size = len(hessian.resources)
    whole = np.zeros((periods, size, periods, size))
    for lag, blocks in hessian.blocks.items():
        for period, block in enumerate(blocks):
            later = (period + lag) % periods
            whole[period, :, later] += block
            if lag:
                whole[later, :, period] += block.T
    whole = whole.reshape(periods * size, periods * size)
    for one in hessian.waiting:
        kind, place, period = coordinates(one, np.arange(periods * size), size)
        sorted_by_place = np.lexsort((period, kind, place))
        lower = np.zeros_like(whole)
        add_waiting(lower, (one,), *(each[sorted_by_place] for each in (kind, place, period)))
        whole[np.ix_(sorted_by_place, sorted_by_place)] += np.tril(lower) + np.tril(lower, -1).T
    return whole.reshape(periods * size, periods * size)


@pytest.mark.parametrize("lags", [(0,), (0, 1), (0, 1, 2, 3)])
def test_product_is_that_of_the_dense_matrix(lags):
    """Tests blocks of two resources out of three over four periods, lags that wrap round included."""
    random = np.random.default_rng(0)
    blocks = {lag: random.standard_normal((4, 2, 2)) for lag in lags}
    blocks[0] = blocks[0] + blocks[0].transpose(0, 2, 1)
    whole, step = Hessian(blocks, np.array([0, 2])), random.standard_normal((4, 3))
    product = whole.times(step)
    assert product[:, [0, 2]].ravel() == pytest.approx(_dense(whole, 4) @ step[:, [0, 2]].ravel())
    assert not product[:, 1].any()


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


def _found(whole, softmax, share, parameters=BY_LAG):
    blocks, waiting = class_hessian(whole, whole.groups[0], Shares(softmax, share, MU), np.arange(2), parameters)
    return _dense(Hessian(blocks, np.arange(5), waiting), 2)


def test_served_at_once(make_case):
    """Tests a class without a window: one block a period."""
    whole, softmax = make_case(0)
    assert _found(whole, softmax, None) == pytest.approx(_expected(whole, softmax, np.ones((1, 2, 2))))


@pytest.fixture(params=["by lag", "all at once"])
def form(request):
    """Parameters that couple periods lag by lag, or all at once."""
    return BY_LAG if request.param == "by lag" else HessianParameters()


@pytest.mark.parametrize("cyclic", [True, False])
def test_served_later(form, make_case, cyclic):
    """Tests a class that waits a period: what is served where follows both the softmax and the shares of delays."""
    whole, softmax = make_case(1, cyclic=cyclic)
    first = np.array([[0.3, 0.6], [0.8 if cyclic else 1.0, 0.1 if cyclic else 1.0]])
    share = np.stack([first, 1 - first])
    assert _found(whole, softmax, share, form) == pytest.approx(_expected(whole, softmax, share))


@pytest.mark.parametrize("cyclic", [True, False])
def test_product_is_that_of_the_matrix(form, make_case, cyclic):
    """Tests that a step times the Hessian is a step times its matrix."""
    whole, softmax = make_case(1, cyclic=cyclic)
    first = np.array([[0.3, 0.6], [0.8, 0.1] if cyclic else [1.0, 1.0]])
    shares = Shares(softmax, np.stack([first, 1 - first]), MU)
    found = class_hessian(whole, whole.groups[0], shares, np.arange(2), form)
    whole, step = Hessian(found[0], np.arange(5), found[1]), np.random.default_rng(5).standard_normal((2, 5))
    assert whole.times(step).ravel() == pytest.approx(_dense(whole, 2) @ step.ravel())


def test_delay_of_a_negligible_share_is_left_out(make_case):
    """Tests that a delay with a share of 1e-9 adds no lag."""
    whole, softmax = make_case(1)
    share = np.stack([np.full((2, 2), 1 - 1e-9), np.full((2, 2), 1e-9)])
    assert set(class_hessian(whole, whole.groups[0], Shares(softmax, share, MU), np.arange(2), BY_LAG).blocks) == {0}
    assert _found(whole, softmax, share) == pytest.approx(_expected(whole, softmax, share), abs=1e-6)


def test_some_sites_are_part_of_all(form, make_case):
    """Tests that asking for the second site gives its rows and columns, and the link's."""
    whole, softmax = make_case(1, cyclic=True)
    share = np.full((2, 2, 2), 0.5)
    part = Softmax(0.0, softmax.arriving, softmax.link_flow, softmax.covariance[:, 1:, 1:])
    one = class_hessian(whole, whole.groups[0], Shares(part, share, MU), np.array([1]), form)
    chosen = np.array([1, 3, 4, 6, 8, 9])
    every = _found(whole, softmax, share, form)[np.ix_(chosen, chosen)]
    assert _dense(Hessian(one[0], np.arange(3), one[1]), 2) == pytest.approx(every)


def test_chunks_change_nothing(make_case, monkeypatch):
    """Tests that chunks of one period give the same as one chunk of all."""
    whole, softmax = make_case(1, cyclic=True)
    share = np.full((2, 2, 2), 0.5)
    at_once = _found(whole, softmax, share)
    monkeypatch.setattr("placer.column_generation.dual.service_blocks.CELLS_PER_CHUNK", 1)
    assert _found(whole, softmax, share) == pytest.approx(at_once)


@pytest.mark.parametrize("window", [0, 1])
def test_single_precision_is_the_same_but_for_rounding(make_case, window):
    """Tests that blocks are of the precision asked for, and near those of double precision."""
    whole, softmax = make_case(window)
    share = np.array([[[0.2, 0.7], [0.5, 0.1]], [[0.8, 0.3], [0.5, 0.9]]]) if window else None
    double, single = (
        class_hessian(whole, whole.groups[0], Shares(softmax, share, MU), np.arange(2), BY_LAG, precision).blocks
        for precision in (np.float64, np.float32)
    )
    assert double.keys() == single.keys()
    for lag, block in double.items():
        assert single[lag].dtype == np.float32
        assert single[lag] == pytest.approx(block, rel=1e-5, abs=1e-5)


def test_product_in_single_precision(make_case):
    """Tests that the product of single blocks with a step is a double array near that of double blocks."""
    whole, softmax = make_case(0)
    double, single = (
        Hessian(class_hessian(whole, whole.groups[0], shares, np.arange(2), BY_LAG, precision).blocks, np.arange(5))
        for shares in [Shares(softmax, None, MU)]
        for precision in (np.float64, np.float32)
    )
    step = np.random.default_rng(3).standard_normal((2, 5))
    assert single.times(step).dtype == np.float64
    assert single.times(step) == pytest.approx(double.times(step), rel=1e-4, abs=1e-4)


def test_pairs_of_delays_without_work_are_left_out(make_case, monkeypatch):
    """Tests that blocks are the same to a millionth where a delay serves next to nothing in some periods."""
    whole, softmax = make_case(1)
    share = np.array([[[1e-9, 1e-9], [0.5, 0.1]], [[1.0, 1.0], [0.5, 0.9]]])
    monkeypatch.setattr("placer.column_generation.dual.service_blocks.CELLS_PER_CHUNK", 1)
    assert _found(whole, softmax, share, BY_LAG) == pytest.approx(_expected(whole, softmax, share), abs=1e-5)
