"""How the demands of a group divide over the listed columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.shortlist import Pairs, Shortlist, least_prices, prices_of
from placer.solvers.column_generation.dual.softmax import Division

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Group


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
    least = least_prices(group, listed, price)
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


def _sum(listed: Shortlist, values: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, listed.start) if len(listed) else values


def _total(place: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum values by place, always in floats: numpy counts in whole numbers where there is nothing to count."""
    return np.bincount(place, values, size).astype(float, copy=False)
