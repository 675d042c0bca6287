"""Softmax by products of matrices, where prices are sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.dual import separable
from placer.column_generation.dual.separable import softmax_of_sums, tiles_of
from placer.column_generation.market.definition import market

#: At this width 2 USD more are a third of the share.
MU = 2 / np.log(3)


def _column_by_column(group, arrival, mu):
    """Return value, work that arrives (t, s) and covariance (t, s, s), by the formulas of ``dual.softmax``."""
    price = arrival[:, None, :] + group.arc_cost.T
    price = np.concatenate([price, np.full((*price.shape[:2], 1), group.unserved)], axis=2)
    lowest = price.min(axis=2, keepdims=True)
    share = np.exp((lowest - price) / mu)
    total = share.sum(axis=2, keepdims=True)
    share = (share / total)[:, :, :-1]
    flow = group.amount[:, :, None] * share
    spread = np.einsum("ths,sm->tsm", flow, np.eye(arrival.shape[1])) - np.einsum("ths,thm->tsm", flow, share)
    return float((group.amount * (lowest - mu * np.log(total))[:, :, 0]).sum()), flow.sum(axis=1), spread


def test_shares_by_hand(make_structure):
    """Tests arcs of 1 and 3: three quarters go near, so 9 and 7 units arrive of 10 and 6, 3.5 and 2.5 of 4 and 2."""
    group = market(make_structure()).groups[0]
    found = softmax_of_sums(group, np.zeros((2, 2)), MU, np.arange(2), [np.arange(2)])
    assert found.arriving == pytest.approx(np.array([[9.0, 7.0], [3.5, 2.5]]))
    assert found.value == pytest.approx(22 * (1 - MU * np.log(4 / 3)))
    apart = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert found.covariance == pytest.approx(np.array([3.0 * apart, 1.125 * apart]))


@pytest.mark.parametrize("widths", [1e3, 1.0, 1e-2])
@pytest.mark.parametrize("per_site", [0.0, np.inf])
def test_products_are_sums_over_all_columns(cases, widths, per_site, monkeypatch):
    """Tests random classes at three widths, with one tile or one for each period, and either way of products."""
    monkeypatch.setattr(separable, "_PERIODS_PER_SITE", per_site)
    for case in cases:
        mu = widths * case.group.unserved
        every = np.arange(len(case.arrival))
        tiles = [every[:, None][t] for t in every] if widths < 1 else [every]
        found = softmax_of_sums(case.group, case.arrival, mu, np.arange(case.arrival.shape[1]), tiles)
        value, arriving, covariance = _column_by_column(case.group, case.arrival, mu)
        assert found.value == pytest.approx(value, rel=1e-9)
        assert found.arriving == pytest.approx(arriving, rel=1e-9, abs=1e-9)
        assert found.covariance == pytest.approx(covariance, rel=1e-9, abs=1e-9)


def test_many_products_are_of_single_precision(cases, monkeypatch):
    """Tests random classes at a width of one penalty, as if they had many pairs of a site and an origin."""
    monkeypatch.setattr(separable, "_PERIODS_PER_SITE", np.inf)
    monkeypatch.setattr(separable, "_LEAST_SINGLE", 0)
    for case in cases:
        mu, every = case.group.unserved, np.arange(case.arrival.shape[1])
        found = softmax_of_sums(case.group, case.arrival, mu, every, [np.arange(len(case.arrival))])
        _, arriving, covariance = _column_by_column(case.group, case.arrival, mu)
        assert found.covariance == pytest.approx(covariance, rel=1e-6, abs=1e-6 * arriving.max())


def test_tiles_join_periods_with_prices_near_each_other(make_structure):
    """Tests eight periods, every second 1000 widths dearer at one site: two tiles, of the even and the odd ones."""
    group = market(make_structure(unserved_cost=[1e9])).groups[0]
    arrival = np.zeros((8, 2))
    arrival[::2, 1] = 1000.0
    assert [tile.tolist() for tile in tiles_of(group, arrival, 10.0)] == [list(range(8))]
    tiles = tiles_of(group, arrival, 1.0)
    assert sorted(tile.tolist() for tile in tiles) == [[0, 2, 4, 6], [1, 3, 5, 7]]


def test_no_tiles_where_they_are_many(make_structure):
    """Tests eight periods with eight prices that are far apart."""
    group = market(make_structure(unserved_cost=[1e9])).groups[0]
    arrival = np.stack([np.zeros(8), 1000.0 * np.arange(8)], axis=1)
    assert tiles_of(group, arrival, 1.0) is None


def test_prices_above_the_penalty_are_one_price(make_structure):
    """Tests that a site above the penalty in some periods, by however much, leaves one tile and takes nothing there."""
    whole = market(make_structure(unserved_cost=[30.0]))
    group, arrival = whole.groups[0], np.zeros((2, 2))
    arrival[1] = 1e9
    assert len(tiles_of(replace(group, amount=np.ones((8, 2))), np.repeat(arrival, 4, axis=0), 1.0)) == 1
    found = softmax_of_sums(group, arrival, 1.0, np.arange(2), [np.arange(2)])
    assert found.arriving[1] == pytest.approx(0.0, abs=1e-30)
    assert np.isfinite(found.covariance).all()
