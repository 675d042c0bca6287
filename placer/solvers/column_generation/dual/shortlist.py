"""How the demands of a group divide over the few sites near their least price, once the width is small.

At a small width all but a few columns of a demand have a share of nothing. What is left is kept as a list in double
precision, which a small width needs anyway: the rounding of single precision, a share of the price, would be as wide as
the width. A list is made for prices and a width, and the next one from it; a column it lost costs time, never the
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.softmax import CELLS
from placer.utils.arrays import period_chunks

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Group


#: Columns within so many widths of their demand's least price are listed; the share of others is below 1e-10.
REACH = 25.0


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The listed columns of a group, demand by demand.

    Attributes
    ----------
    place : (n,) int array
        ``t * sites + s`` of every column.
    route : (n,) int array
        ``s * origins + h``.
    cost : (n,) array
        Of the arc.
    demand : (n,) int array
        Position among the demands listed.
    start : (demands,) int array
        First column of each demand.
    t : (demands,) int array
    amount : (demands,) array
    beside : float
        Worth of the demands that have no column listed: all unserved.
    """

    place: np.ndarray
    route: np.ndarray
    cost: np.ndarray
    demand: np.ndarray
    start: np.ndarray
    t: np.ndarray
    amount: np.ndarray
    beside: float

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.place)


def list_all(group: Group, arrival: np.ndarray, routes: np.ndarray | None, width: float) -> Shortlist:
    """List the columns of a group near their least price, among all.

    Parameters
    ----------
    group : Group
    arrival : (t, s) array
        Cost of service by period of arrival.
    routes : (t, s * h) array or None
        What links cost on every route.
    width : float
        Of this group.
    """
    periods, sites = arrival.shape
    origins = group.amount.shape[1]
    reach, found = REACH * width, []
    turned = np.ascontiguousarray(group.arc_cost.T)
    for t in period_chunks(periods, sites * origins, CELLS):
        price = turned + arrival[t, None, :]
        if routes is not None:
            price += routes[t].reshape(-1, sites, origins).swapaxes(1, 2)
        least = np.minimum(price.min(axis=2), group.unserved)
        least[group.amount[t] == 0] = -np.inf
        period, origin, site = np.nonzero(price <= (least + reach)[:, :, None])
        found.append((period + t.start, origin, site))
    period, origin, site = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _lay(group, period, origin, site)


def shorten(group: Group, listed: Shortlist, arrival: np.ndarray, routes: np.ndarray | None, width: float) -> Shortlist:
    """Return the columns of a list that are near at other prices and width."""
    price = prices_of(listed, arrival, routes)
    least = least_prices(group, listed, price)
    kept = np.flatnonzero(price <= (least + REACH * width)[listed.demand])
    sites, origins = group.arc_cost.shape
    site = listed.place[kept] % sites
    return _lay(group, listed.place[kept] // sites, listed.route[kept] - site * origins, site)


def _lay(group: Group, period: np.ndarray, origin: np.ndarray, site: np.ndarray) -> Shortlist:
    sites, origins = group.arc_cost.shape
    row = period * origins + origin
    fresh = np.flatnonzero(np.diff(row, prepend=-1))
    amount = group.amount.ravel()
    beside = float(group.amount.sum()) - float(amount[row[fresh]].sum())
    return Shortlist(
        place=period * sites + site,
        route=site * origins + origin,
        cost=group.arc_cost[site, origin],
        demand=np.repeat(np.arange(len(fresh)), np.diff(np.append(fresh, len(row)))),
        start=fresh,
        t=period[fresh],
        amount=amount[row[fresh]],
        beside=beside * group.unserved,
    )


def least_prices(group: Group, listed: Shortlist, price: np.ndarray) -> np.ndarray:
    """Return the least price of each demand listed, given the price of every column."""
    return np.minimum(np.minimum.reduceat(price, listed.start), group.unserved) if len(listed) else price


def prices_of(listed: Shortlist, arrival: np.ndarray, routes: np.ndarray | None) -> np.ndarray:
    """Return the price of every listed column; arguments as those of ``list_all``."""
    price = listed.cost + arrival.ravel()[listed.place]
    if routes is not None:
        price += routes[listed.t[listed.demand], listed.route]
    return price


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of columns of one demand: both positions, and where they meet in an array (t, s, s)."""

    one: np.ndarray
    other: np.ndarray
    place: np.ndarray


def pair_count(listed: Shortlist) -> int:
    """Return how many pairs a list has."""
    size = np.diff(np.append(listed.start, len(listed)))
    return int((size * (size - 1)).sum()) // 2


def pairs_of(listed: Shortlist, sites: int) -> Pairs:
    """Return all pairs of a list."""
    ones, others = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    first = np.arange(len(listed))
    for distance in range(1, sites):
        first = first[first + distance < len(listed)]
        first = first[listed.demand[first] == listed.demand[first + distance]]
        if not first.size:
            break
        ones.append(first)
        others.append(first + distance)
    one, other = np.concatenate(ones), np.concatenate(others)
    return Pairs(one, other, listed.place[one] * sites + listed.place[other] % sites)
