"""Softmax of a class whose prices are sums ``V_jt + c_jh``: sums over all columns as products of matrices.

Where links and caps charge nothing by route, a share is a product of a figure of period and site and one of origin and
site, so that no exponential of a column is computed. With unserved demand as a last site at the penalty,

    A_tj = exp((a_t - V_jt + m_j) / mu)         B_jh = exp((b_h - m_j - c_jh) / mu)
    Z_th = sum_j A_tj B_jh                      worth_ht = a_t + b_h - mu log Z_th
    w_th = amount_ht / Z_th                     P_hjt = A_tj B_jh / Z_th

    arriving    X_jt = A_tj sum_h B_jh w_th
    products    sum_h amount_ht P_hjt P_hit = A_tj A_ti sum_h B_jh B_ih w_th / Z_th

for any shifts m_j, ``a_t = min_j (V_jt - m_j)`` and ``b_h = min_j (c_jh + m_j)``; the formulas are those of
``dual.softmax``. With m_j the middle of V_jt over a *tile* of periods, in which every V_jt stays within r of it,

    1 <= sum_j B_jh,     Z_th >= exp(-2 r / mu)

Tiles are short enough for Z squared to be a number. A column that rounds to a share of 0 has one below ``exp(-100)``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placer.column_generation.dual.places import EitherArray
from placer.column_generation.dual.softmax import Softmax
from placer.column_generation.market.groups import Group
from placer.utils.arrays import FloatArray, IntArray

#: Most widths by which V_jt leaves its middle in a tile: ``exp(-4 * 150)``, the least of Z squared, is a number.
_REACH_WIDTHS = 150.0
#: A site whose cheapest column is this many widths above the penalty counts as one at this distance: its shares are
#: below ``exp(-100)``.
_BEYOND_WIDTHS = 100.0
#: Periods of a tile, on average, below which exponentials of all columns take less time.
_LEAST_PERIODS = 4
#: Periods of a tile to each site, from which the sums of products of two sites go through all pairs of sites at once.
_PERIODS_PER_SITE = 0.5
#: Sites whose pairs with all before them are added up in one product.
_SITES_AT_ONCE = 8
#: Pairs of a site and an origin from which these products are of single precision, as the Hessian is.
_LEAST_SINGLE = 4096
#: Least root of an amount times a share in single precision: no product of two is subnormal, which would be slow.
_LEAST_ROOT = 1e-18


def softmax_of_sums(group: Group, arrival: FloatArray, mu: float, sites: IntArray, tiles: list[IntArray]) -> Softmax:
    """Compute the softmax of a class without prices of routes.

    Parameters
    ----------
    group : Group
    arrival : (t, s) array
        ``V``, the cost of service by period of arrival.
    mu : float
        Width of the class.
    sites : int array
        Sites of the covariance; may be empty.
    tiles : list of int array
        Of the same prices.
    """
    offers, own, periods = _offers(group, arrival, mu), np.arange(len(sites)), len(arrival)
    cost = np.concatenate([group.arc_cost, np.zeros((1, group.arc_cost.shape[1]))])
    value, price_range, arriving = 0.0, 0.0, np.empty(arrival.shape)
    covariance = np.empty((periods, len(sites), len(sites)))
    for tile in tiles:
        t = slice(None) if len(tile) == periods else tile
        here, amount = offers[t], group.amount[t]
        middle = _middle(here)
        above, low = here - middle, cost + middle[:, None]
        lowest, least = above.min(axis=1), low.min(axis=0)
        of_period, of_origin = np.exp((lowest[:, None] - above) / mu), np.exp((least - low) / mu)
        total = of_period @ of_origin
        value += float(lowest @ amount.sum(axis=1)) + float(amount.sum(axis=0) @ least)
        value -= mu * float(np.vdot(amount, np.log(total)))
        cheapest = np.minimum(arrival[t].min(axis=1), group.unserved)
        highest = (lowest - cheapest).max() + least.max() - mu * np.log(total.min())
        price_range = max(price_range, float(highest))
        weight = amount / total
        arriving[t] = of_period[:, :-1] * (weight @ of_origin[:-1].T)
        if len(sites):
            weight /= total
            covariance[t] = -_products(of_period[:, sites], of_origin[sites], weight)
    covariance[:, own, own] += arriving[:, sites]
    return Softmax(value, arriving, np.zeros((periods, 0)), covariance, price_range)


def tiles_of(group: Group, arrival: FloatArray, mu: float) -> list[IntArray] | None:
    """Return tiles of periods, in each of which prices (t, s) stay near their middle; None if they are many.

    A tile in which prices do not stay near is split at the middle of the price that varies most.
    """
    offers = _offers(group, arrival, mu)
    tiles: list[IntArray] = []
    waiting = [np.arange(len(offers))]
    while waiting:
        if (len(tiles) + len(waiting)) * _LEAST_PERIODS > len(offers):
            return None
        tile = waiting.pop()
        part = offers[tile]
        low, high = part.min(axis=0), part.max(axis=0)
        site = int((high - low).argmax())
        if high[site] - low[site] <= 2 * _REACH_WIDTHS * mu:
            tiles.append(tile)
        else:
            is_low = part[:, site] <= (low[site] + high[site]) / 2
            waiting += [tile[is_low], tile[~is_low]]
    return tiles


def _offers(group: Group, arrival: FloatArray, mu: float) -> FloatArray:
    """Return ``V`` with unserved demand as a last site (t, s + 1)."""
    offers = np.empty((len(arrival), arrival.shape[1] + 1))
    never = group.unserved - group.arc_cost.min(axis=1) + _BEYOND_WIDTHS * mu
    np.minimum(arrival, never, out=offers[:, :-1])
    offers[:, -1] = group.unserved
    return offers


def _middle(offers: FloatArray) -> FloatArray:
    return np.asarray((offers.max(axis=0) + offers.min(axis=0)) / 2)


def _products(of_period: FloatArray, of_origin: FloatArray, weight: FloatArray) -> EitherArray:
    """Return ``sum_h A_tj A_ti B_jh B_ih weight_th`` (t, n, n)."""
    periods, count = of_period.shape
    if periods < _PERIODS_PER_SITE * count:
        if of_origin.size >= _LEAST_SINGLE:
            return _single_products(of_period, of_origin, np.sqrt(weight))
        root = of_period[:, :, None] * of_origin
        root *= np.sqrt(weight)[:, None]
        return np.asarray(root @ root.transpose(0, 2, 1))
    products = np.empty((periods, count, count))
    for first in range(0, count, _SITES_AT_ONCE):
        some = slice(first, min(first + _SITES_AT_ONCE, count))
        pairs = (of_origin[some, None] * of_origin[: some.stop]).reshape(-1, of_origin.shape[1])
        of_pairs = (weight @ pairs.T).reshape(periods, -1, some.stop)
        products[:, some, : some.stop] = of_pairs
        products[:, : some.stop, some] = of_pairs.swapaxes(1, 2)
    products *= of_period[:, :, None]
    products *= of_period[:, None]
    return products


def _single_products(of_period: FloatArray, of_origin: FloatArray, root_weight: FloatArray) -> NDArray[np.float32]:
    """Return ``_products`` in single precision, given the roots of ``weight``."""
    periods, count = of_period.shape
    products, single = np.empty((periods, count, count), np.float32), np.empty(of_origin.shape, np.float32)
    for of_sites, of_demands, out in zip(of_period, root_weight, products, strict=True):
        root = of_sites[:, None] * of_origin
        root *= of_demands
        np.maximum(root, _LEAST_ROOT, out=single)
        np.matmul(single, single.T, out=out)
    return products
