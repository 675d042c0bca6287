"""Compiled loops over columns; each says the same as code in NumPy, which it names.

Arrays are small rows that stay in the cache, and inner loops run over periods or sites, so that processors work on
several columns at once. Nothing here depends on the number of threads: callers share work by class or by chunks of a
fixed size.
"""

from __future__ import annotations

import math

import numpy as np

from placer.kernels.jit import jit
from placer.kernels.priced_arcs import PricedArcs
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Columns this many widths above the lowest have a share below ``exp(-40) = 4e-18``: none, beside rounding.
REACH_WIDTHS = 40.0
#: ``exp(x) = exp(-20) exp((x + 20) / 128)^128``, with the Taylor polynomial of the inner one, whose argument is at most
#: 0.16; correct to 3e-14.
_MIDDLE, _SQUARED = math.exp(-REACH_WIDTHS / 2), 1 / 128
_F2, _F3, _F4, _F5, _F6, _F7, _F8, _F9, _F10 = (1 / math.factorial(power) for power in range(2, 11))


@jit
def _near_sites(cost: FloatArray, least: FloatArray, most: FloatArray, reach: float, found: IntArray) -> int:
    """Write the sites that may be near in some period to ``found``; return their number."""
    bound, count = math.inf, 0
    for site in range(len(cost)):
        bound = min(bound, cost[site] + most[site])
    for site in range(len(cost)):
        found[count] = site
        count += cost[site] + least[site] <= bound + reach
    return count


@jit
def _weigh(
    cost: FloatArray,
    offers: FloatArray,
    mu: float,
    found: IntArray,
    count: int,
    lowest: FloatArray,
    weight: FloatArray,
    total: FloatArray,
) -> int:
    """Set ``z*``, ``Z`` and the weights ``E`` of the sites found, and keep those with a share; return their number."""
    periods, per_width, kept = len(lowest), 1 / mu, 0
    lowest[:] = math.inf
    total[:] = 0.0
    for place in range(count):
        own, offer = cost[found[place]], offers[found[place]]
        for t in range(periods):
            price = own + offer[t]
            lowest[t] = min(lowest[t], price)
    for place in range(count):
        own, offer, row, shares = cost[found[place]], offers[found[place]], weight[kept], 0
        for t in range(periods):
            widths = (lowest[t] - (own + offer[t])) * per_width
            row[t] = widths
            shares += widths > -REACH_WIDTHS
        if not shares:
            continue
        found[kept] = found[place]
        kept += 1
        for t in range(periods):
            widths = row[t]
            x = ((max(-REACH_WIDTHS, widths)) + REACH_WIDTHS / 2) * _SQUARED
            y = _F5 + x * (_F6 + x * (_F7 + x * (_F8 + x * (_F9 + x * _F10))))
            y = 1.0 + x * (1.0 + x * (_F2 + x * (_F3 + x * (_F4 + x * y))))
            y *= y
            y *= y
            y *= y
            y *= y
            y *= y
            y *= y
            y *= y
            row[t] = y * _MIDDLE if widths > -REACH_WIDTHS else 0.0
            total[t] += row[t]
    return kept


@jit
def _add_products(weight: FloatArray, scale: FloatArray, slot: IntArray, at: IntArray, products: FloatArray) -> None:
    """Add ``scale E E'`` of the sites in some slots of ``weight`` to the lower triangle (n, n, t)."""
    row = np.empty(len(scale))
    for one in range(len(slot)):
        weights, of_site = weight[slot[one]], products[at[one]]
        for t in range(len(scale)):
            row[t] = weights[t] * scale[t]
        for other in range(one + 1):
            others, out = weight[slot[other]], of_site[at[other]]
            for t in range(len(scale)):
                out[t] += row[t] * others[t]


@jit
def softmax_of_block(
    cost: FloatArray,
    offers: FloatArray,
    amount: FloatArray,
    mu: float,
    chosen: IntArray,
    lowest: FloatArray,
    total: FloatArray,
    arriving: FloatArray,
    products: FloatArray,
) -> None:
    """Add up the softmax of a class over a block of periods: ``column_generation.dual.softmax`` without links.

    Parameters
    ----------
    cost : (h, s) array
    offers : (s, t) array
        ``V``.
    amount : (h, t) array
    mu : float
    chosen : (s,) int array
        Position of each site in the covariance; -1 if it is not in it, and rising otherwise.
    lowest, total : (h, t) arrays
        Set to ``z*`` and ``Z``.
    arriving : (s, t) array
        ``X`` is added.
    products : (n, n, t) array
        ``sum_h amount P P'`` is added to its lower triangle.
    """
    origins, sites = cost.shape
    periods = offers.shape[1]
    weight, scale = np.empty((sites, periods)), np.empty(periods)
    found, slot, at = np.empty(sites, np.int64), np.empty(sites, np.int64), np.empty(sites, np.int64)
    least, most = np.empty(sites), np.empty(sites)
    for site in range(sites):
        least[site], most[site] = offers[site].min(), offers[site].max()
    for origin in range(origins):
        count = _near_sites(cost[origin], least, most, REACH_WIDTHS * mu, found)
        of_all = total[origin]
        count = _weigh(cost[origin], offers, mu, found, count, lowest[origin], weight, of_all)
        asked = amount[origin]
        for t in range(periods):
            scale[t] = asked[t] / of_all[t]
        inside = 0
        for place in range(count):
            out, row = arriving[found[place]], weight[place]
            for t in range(periods):
                out[t] += row[t] * scale[t]
            if chosen[found[place]] >= 0:
                slot[inside], at[inside] = place, chosen[found[place]]
                inside += 1
        if inside:
            for t in range(periods):
                scale[t] /= of_all[t]
            _add_products(weight, scale, slot[:inside], at[:inside], products)


@jit
def set_covariance(arriving: FloatArray, products: FloatArray, covariance: FloatArray) -> None:
    """Set the covariance (t, n, n) of a block to ``diag(X_t)`` less the products (n, n, t), given ``X`` (n, t)."""
    periods = len(covariance)
    for one in range(len(arriving)):
        of_site = products[one]  # stays in the cache for all periods
        for t in range(periods):
            out = covariance[t, one]
            for other in range(one):
                out[other] = -of_site[other, t]
            out[one] = arriving[one, t] - of_site[one, t]
    for t in range(periods):
        block = covariance[t]
        for one in range(len(arriving)):
            for other in range(one):
                block[other, one] = block[one, other]


@jit
def price_class(
    arrival: FloatArray,
    cost: FloatArray,
    unserved: float,
    margin: float,
    served: BoolArray,
    asked: BoolArray,
    there: BoolArray,
    least: FloatArray,
    counts: IntArray,
) -> None:
    """Set the lowest prices of a class, and count the near assignments: ``market.pricing`` without prices of routes.

    Parameters
    ----------
    arrival : (t, s) array
        ``V``.
    cost : (s, h) array
    unserved, margin : float
    served, asked, there : (t, s), (t, h), (s, h) bool arrays
        Where assignments count: those of all three.
    least : (t, h) array
        Set to ``z*``.
    counts : (t, s) int array
        Set to the number of near assignments.
    """
    origins = cost.shape[1]
    for t in range(len(arrival)):
        low, wanted = least[t], asked[t]
        low[:] = unserved
        for site in range(len(cost)):
            of_site, service = cost[site], arrival[t, site]
            for origin in range(origins):
                price = service + of_site[origin]
                low[origin] = min(low[origin], price)
        for site in range(len(cost)):
            of_site, service, count, has_arc = cost[site], arrival[t, site], 0, there[site]
            if served[t, site]:
                for origin in range(origins):
                    is_near = service + of_site[origin] <= low[origin] + margin
                    count += is_near & wanted[origin] & has_arc[origin]
            counts[t, site] = count


@jit
def list_near(
    arrival: FloatArray,
    cost: FloatArray,
    margin: float,
    asked: BoolArray,
    there: BoolArray,
    least: FloatArray,
    counts: IntArray,
    found: tuple[IntArray, IntArray, IntArray, FloatArray],
) -> None:
    """List the assignments that ``price_class`` has counted, by period, site and origin.

    ``found`` has the arrays of periods, sites, origins and prices, as long as there are assignments.
    """
    t, s, h, price = found
    place = 0
    for period in range(len(arrival)):
        for site in range(len(cost)):
            left = counts[period, site]
            for origin in range(cost.shape[1]):
                if not left:
                    break
                z = arrival[period, site] + cost[site, origin]
                if z <= least[period, origin] + margin and asked[period, origin] and there[site, origin]:
                    t[place], s[place], h[place], price[place] = period, site, origin, z
                    place, left = place + 1, left - 1


@jit
def cheapest_of_pairs(arcs: PricedArcs, starts: IntArray, ends: IntArray, least: FloatArray) -> None:
    """Set the lowest price over the arcs of some (class, origin) pairs: ``proof.bound.cheapest_arcs``.

    Parameters
    ----------
    arcs : PricedArcs
    starts, ends : (pairs,) int arrays
        First arc of each pair, and the one after its last.
    least : (pairs, periods) array
        Set; inf without arcs.
    """
    periods = least.shape[1]
    rent = np.empty(periods)
    for pair in range(len(starts)):
        low = least[pair]
        low[:] = math.inf
        for arc in range(starts[pair], ends[pair]):
            klass, route = arcs.klass[arc], arcs.route[arc]
            own, service, use = arcs.cost[arc], arcs.arriving[klass, arcs.site[arc]], arcs.link_use[klass]
            first, last = arcs.link_starts[route], arcs.link_starts[route + 1]
            if use > 0 and first < last:
                rent[:] = 0.0
                for place in range(first, last):
                    paid = arcs.link_price[arcs.link[place]]
                    for t in range(periods):
                        rent[t] += paid[t]
                for t in range(periods):
                    price = own + service[t] + use * rent[t]
                    low[t] = min(low[t], price)
            else:
                for t in range(periods):
                    price = own + service[t]
                    low[t] = min(low[t], price)


@jit
def near_of_demands(
    arcs: PricedArcs,
    starts: IntArray,
    ends: IntArray,
    period: IntArray,
    price: FloatArray,
    margin: float,
    found: tuple[IntArray, IntArray, FloatArray],
) -> int:
    """List the assignments of some demands with a surplus of at most a margin: ``proof.near.Surpluses.near``.

    Parameters
    ----------
    arcs : PricedArcs
    starts, ends, period, price : (demands,) arrays
        First arc, the one after the last, period and price of each.
    margin : float
    found : tuple of three arrays
        Set to the demand, arc and surplus of each, ordered by demand; as long as all assignments of the demands.

    Returns
    -------
    int
        Number of assignments listed.
    """
    demand, arc, surplus = found
    count = 0
    for one in range(len(starts)):
        t = period[one]
        for other in range(starts[one], ends[one]):
            klass, route = arcs.klass[other], arcs.route[other]
            cost, rent = arcs.cost[other] + arcs.arriving[klass, arcs.site[other], t], 0.0
            if arcs.link_use[klass] > 0:
                for place in range(arcs.link_starts[route], arcs.link_starts[route + 1]):
                    rent += arcs.link_price[arcs.link[place], t]
                cost += arcs.link_use[klass] * rent
            if cost - price[one] <= margin:
                demand[count], arc[count], surplus[count] = one, other, cost - price[one]
                count += 1
    return count
