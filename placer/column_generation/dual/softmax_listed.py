"""Softmax of the demands of a class over its shortlist; the formulas are those of ``dual.softmax``.

Listed columns stand demand by demand, so that sums over the sites of a demand are sums over stretches of the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.dual.shortlist import column_prices, lowest_prices
from placer.column_generation.dual.softmax import Softmax

if TYPE_CHECKING:
    from placer.column_generation.dual.shortlist import PriceParts, Shortlist
    from placer.column_generation.market.groups import Group
    from placer.utils.arrays import FloatArray, IntArray


def softmax_over_shortlist(
    group: Group,
    listed: Shortlist,
    parts: PriceParts,
    mu: float,
    incidence: FloatArray,
    sites: IntArray,
    links: IntArray | None = None,
) -> Softmax:
    """Compute the softmax of a class over its listed columns.

    Parameters
    ----------
    group : Group
    listed : Shortlist
    parts : PriceParts
    mu : float
        Width of the class.
    incidence : (l, s * h) array
        1 where a route uses a link.
    sites : int array
        Sites of the covariance; may be empty.
    links : int array, optional
        Links of the covariance; all if not given.
    """
    price = column_prices(listed, parts)
    lowest = lowest_prices(group, listed, price)
    share = np.exp((lowest[listed.demand] - price) / mu)
    total = np.exp((lowest - group.unserved) / mu) + _sum_by_demand(listed, share)
    share /= total[listed.demand]
    sums = _ColumnSums(listed, len(parts.arrival), share, share * listed.amount[listed.demand], incidence)
    return Softmax(
        value=float(listed.amount @ (lowest - mu * np.log(total))) + listed.unlisted_value,
        arriving=sums.at_site(sums.flow),
        link_flow=sums.link_flow,
        covariance=sums.covariance(sites, sums.uses if links is None else sums.uses[links]),
        price_range=float((lowest - parts.arrival.min()).max(initial=0.0)),
    )


class _ColumnSums:
    """Sums of listed columns and demands by period, site and link.

    Attributes
    ----------
    share, flow : (n,) arrays
        ``P`` of every column, and ``amount P``.
    uses : (l, n) array
        1 where the route of a column uses a link.
    t : (n,) int array
        Period of every column.
    """

    def __init__(
        self, listed: Shortlist, periods: int, share: FloatArray, flow: FloatArray, incidence: FloatArray
    ) -> None:
        self.listed, self.periods = listed, periods
        self.share, self.flow = share, flow
        self.uses = incidence[:, listed.route]
        self.t = listed.cell // listed.sites

    @property
    def link_flow(self) -> FloatArray:
        """The flow over every link (t, l)."""
        result = np.empty((self.periods, len(self.uses)))
        for link, uses in enumerate(self.uses):
            result[:, link] = _sum_by(self.t, self.flow * uses, self.periods)
        return result

    def at_site(self, values: FloatArray) -> FloatArray:
        """Sum values of columns (t, s)."""
        sites = self.listed.sites
        return _sum_by(self.listed.cell, values, self.periods * sites).reshape(self.periods, sites)

    def covariance(self, sites: IntArray, links: FloatArray) -> FloatArray:
        """Return the covariance over some sites, then the links with some uses (t, n, n); empty without sites."""
        if not len(sites):
            return np.empty((self.periods, 0, 0))
        of_sites = self._covariance_of_sites(sites)
        return self._with_links(of_sites, sites, links) if len(links) else of_sites

    def _covariance_of_sites(self, sites: IntArray) -> FloatArray:
        """Return ``diag(X) - sum_h amount P P'``; its diagonal is summed as ``amount P (1 - P)``, without rounding."""
        pairs, count = self.listed.pairs, self.listed.sites
        products = _sum_by(pairs.cell, self.flow[pairs.one] * self.share[pairs.other], self.periods * count * count)
        products = products.reshape(self.periods, count, count)[:, sites[:, None], sites]
        covariance = -(products + products.transpose(0, 2, 1))
        own = np.arange(len(sites))
        covariance[:, own, own] = self.at_site(self.flow * (1 - self.share))[:, sites]
        return covariance

    def _with_links(self, of_sites: FloatArray, sites: IntArray, links: FloatArray) -> FloatArray:
        """Add rows and columns of the links: ``sum amount P (u - E u)`` and ``sum amount P (u - E u) u'``.

        ``E u`` is the share of a demand that passes a link.
        """
        listed, count = self.listed, len(sites)
        size = count + len(links)
        whole = np.zeros((self.periods, size, size))
        whole[:, :count, :count] = of_sites
        for link, uses in enumerate(links):
            moved = self.flow * (uses - _sum_by_demand(listed, self.share * uses)[listed.demand])
            cross = self.at_site(moved)[:, sites]
            whole[:, count + link, :count] = whole[:, :count, count + link] = cross
            for other in range(link, len(links)):
                both = _sum_by(self.t, moved * links[other], self.periods)
                whole[:, count + link, count + other] = whole[:, count + other, count + link] = both
        return whole


def _sum_by_demand(listed: Shortlist, values: FloatArray) -> FloatArray:
    return np.add.reduceat(values, listed.first) if len(listed) else values


def _sum_by(position: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Sum values by position, in floats: NumPy counts in integers where there are no values."""
    return np.bincount(position, values, size).astype(float, copy=False)
