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

from placer.solvers.column_generation.dual.softmax import CELLS, Division
from placer.utils.arrays import period_chunks

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Group


#: Columns within so many widths of their demand's least price are listed; the share of others is below 1e-10.
REACH = 25.0


@dataclass(frozen=True)
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
    least = _least(group, listed, price)
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


def _least(group: Group, listed: Shortlist, price: np.ndarray) -> np.ndarray:
    return np.minimum(np.minimum.reduceat(price, listed.start), group.unserved) if len(listed) else price


def _sum(listed: Shortlist, values: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, listed.start) if len(listed) else values


def _total(place: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum values by place, always in floats: numpy counts in whole numbers where there is nothing to count."""
    return np.bincount(place, values, size).astype(float, copy=False)


def prices_of(listed: Shortlist, arrival: np.ndarray, routes: np.ndarray | None) -> np.ndarray:
    """Return the price of every listed column; arguments as those of ``list_all``."""
    price = listed.cost + arrival.ravel()[listed.place]
    if routes is not None:
        price += routes[listed.t[listed.demand], listed.route]
    return price


@dataclass(frozen=True)
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


def divide_listed(
    group: Group,
    listed: Shortlist,
    pairs: Pairs,
    arrival: np.ndarray,
    routes: np.ndarray | None,
    mu: float,
    incidence: np.ndarray,
    sites: np.ndarray,
) -> Division:
    """Divide the demands of a group over the listed columns.

    Parameters
    ----------
    group : Group
    listed : Shortlist
    pairs : Pairs
        Of the list.
    arrival, mu, sites
        As for ``placer.solvers.column_generation.dual.softmax.divide``.
    routes : (t, s * h) array or None
        What links cost on every route.
    incidence : (l, s * h) array
        Which routes use which links.
    """
    price = prices_of(listed, arrival, routes)
    least = _least(group, listed, price)
    share = np.exp((least[listed.demand] - price) / mu)
    total = np.exp((least - group.unserved) / mu) + _sum(listed, share)
    share /= total[listed.demand]
    sums = _Sums(listed, arrival.shape)
    flow = share * listed.amount[listed.demand]
    through = incidence[:, listed.route]
    passing = np.empty((len(through), len(listed.start)))
    for link, each in enumerate(through):
        passing[link] = _sum(listed, share * each)
    over = np.empty((len(arrival), 0, 0))
    if len(sites):
        over = sums.spread(pairs, share, flow, sites)
        over = sums.with_links(over, flow, passing, through, sites) if len(through) else over
    return Division(
        value=float(listed.amount @ (least - mu * np.log(total))) + listed.beside,
        arriving=sums.at_site(flow),
        passing=sums.by_link(listed.amount * passing),
        over=over,
        above=float((least - arrival.min()).max(initial=0.0)),
    )


@dataclass(frozen=True)
class _Sums:
    """Sums of listed columns and demands by period and site."""

    listed: Shortlist
    shape: tuple[int, ...]

    def at_site(self, values: np.ndarray) -> np.ndarray:
        """Sum values of columns (t, s)."""
        periods, sites = self.shape
        return _total(self.listed.place, values, periods * sites).reshape(periods, sites)

    def by_link(self, values: np.ndarray) -> np.ndarray:
        """Sum values of demands by link (t, l)."""
        result = np.empty((self.shape[0], len(values)))
        for link, each in enumerate(values):
            result[:, link] = _total(self.listed.t, each, self.shape[0])
        return result

    def spread(self, pairs: Pairs, share: np.ndarray, flow: np.ndarray, sites: np.ndarray) -> np.ndarray:
        """Return ``diag(X) - sum_h amount P P'`` over the sites (t, n, n)."""
        periods, count = self.shape
        off = _total(pairs.place, flow[pairs.one] * share[pairs.other], periods * count * count)
        off = off.reshape(periods, count, count)[:, sites[:, None], sites]
        over = -(off + off.transpose(0, 2, 1))
        own = np.arange(len(sites))
        over[:, own, own] = self.at_site(flow * (1 - share))[:, sites]
        return over

    def with_links(
        self, over: np.ndarray, flow: np.ndarray, passing: np.ndarray, through: np.ndarray, sites: np.ndarray
    ) -> np.ndarray:
        """Return the array with rows and columns for the links."""
        listed, count = self.listed, len(sites)
        size = count + len(through)
        whole = np.zeros((len(over), size, size))
        whole[:, :count, :count] = over
        t = listed.place // self.shape[1]
        for link, one in enumerate(through):
            cross = self.at_site(flow * (one - passing[link][listed.demand]))[:, sites]
            whole[:, count + link, :count] = whole[:, :count, count + link] = cross
            for beside, other in enumerate(through):
                both = _total(t, flow * one * other, len(over))
                products = self.by_link((listed.amount * passing[link] * passing[beside])[None])[:, 0]
                whole[:, count + link, count + beside] = both - products
        return whole
