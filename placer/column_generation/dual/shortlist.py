"""The columns of a class whose shares are not negligible: those near the lowest price of their demand.

At a small width all but a few shares of a demand are below rounding. The columns with larger ones are kept as a list in
double precision, which a small width needs in any case: single precision rounds prices by as much as the width. A
shortlist is made for prices and a width, and the next one from it; a column that is missing costs time, never the
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.dual.parameters import SMOOTHED_DUAL
from placer.utils.arrays import period_chunks, positions_of

if TYPE_CHECKING:
    from placer.column_generation.dual.parameters import SmoothedDualParameters
    from placer.column_generation.market.groups import Group
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PriceParts:
    """The parts of ``z`` beside the cost of the arc.

    Attributes
    ----------
    arrival : (t, s) array
        ``V``, the cost of service by period of arrival.
    routes : (t, s * h) array or None
        What links cost on every route; None where none costs anything.
    """

    arrival: FloatArray
    routes: FloatArray | None


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every two columns of one demand.

    Attributes
    ----------
    one, other : (pairs,) int arrays
        Positions of the columns.
    cell : (pairs,) int array
        ``(t * sites + s) * sites + s'``, where they meet in an array (t, s, s').
    """

    one: IntArray
    other: IntArray
    cell: IntArray


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The listed columns of a class, demand by demand.

    Attributes
    ----------
    sites : int
        Number of sites.
    cell : (n,) int array
        ``t * sites + s`` of every column.
    route : (n,) int array
        ``s * origins + h``.
    cost : (n,) array
        Cost of the arc.
    demand : (n,) int array
        Position among the demands listed.
    first : (demands,) int array
        First column of each demand.
    t : (demands,) int array
        Period of each demand.
    amount : (demands,) array
    unlisted_value : float
        Value of the demands without a column, all of them unserved.
    """

    sites: int
    cell: IntArray
    route: IntArray
    cost: FloatArray
    demand: IntArray
    first: IntArray
    t: IntArray
    amount: FloatArray
    unlisted_value: float

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.cell)

    @property
    def pair_count(self) -> int:
        """Number of pairs: ``n (n - 1) / 2`` of each demand with n columns."""
        size = np.diff(np.append(self.first, len(self)))
        return int((size * (size - 1)).sum()) // 2

    @cached_property
    def pairs(self) -> Pairs:
        """All pairs, by the distance of the two columns in the list."""
        ones, others = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        one = np.arange(len(self))
        for distance in range(1, self.sites):
            one = one[one + distance < len(self)]
            one = one[self.demand[one] == self.demand[one + distance]]
            if not one.size:
                break
            ones.append(one)
            others.append(one + distance)
        one, other = np.concatenate(ones), np.concatenate(others)
        return Pairs(one, other, self.cell[one] * self.sites + self.cell[other] % self.sites)


def list_columns(
    group: Group, parts: PriceParts, mu: float, parameters: SmoothedDualParameters = SMOOTHED_DUAL
) -> Shortlist:
    """List the columns of a class within ``shortlist_reach_widths * mu`` of the lowest price of their demand.

    Parameters
    ----------
    group : Group
    parts : PriceParts
    mu : float
        Width of the class.
    parameters : SmoothedDualParameters
    """
    periods, sites = parts.arrival.shape
    origins = group.amount.shape[1]
    reach, found = parameters.shortlist_reach_widths * mu, []
    for t in period_chunks(periods, sites * origins, parameters.cells_per_chunk):
        price = parts.arrival[t, :, None] + group.arc_cost
        if parts.routes is not None:
            price += parts.routes[t].reshape(price.shape)
        lowest = np.minimum(price.min(axis=1), group.unserved)
        lowest[group.amount[t] == 0] = -np.inf
        period, site, origin = positions_of(price <= (lowest + reach)[:, None])
        # Prices are fastest to compare site by site, but the list goes demand by demand.
        found.append(np.sort(((period + t.start) * origins + origin) * sites + site))
    position = np.concatenate(found)
    row = position // sites
    return _shortlist(group, row, position - row * sites)


def relist(
    group: Group, listed: Shortlist, parts: PriceParts, mu: float, parameters: SmoothedDualParameters = SMOOTHED_DUAL
) -> Shortlist:
    """List the columns of a shortlist that are near at other prices and width; arguments as of ``list_columns``."""
    price = column_prices(listed, parts)
    lowest = lowest_prices(group, listed, price)
    kept = np.flatnonzero(price <= (lowest + parameters.shortlist_reach_widths * mu)[listed.demand])
    sites, origins = group.arc_cost.shape
    period = listed.cell[kept] // sites
    site = listed.cell[kept] - period * sites
    return _shortlist(group, period * origins + listed.route[kept] - site * origins, site)


def column_prices(listed: Shortlist, parts: PriceParts) -> FloatArray:
    """Return ``z`` of every listed column."""
    price = listed.cost + parts.arrival.ravel()[listed.cell]
    if parts.routes is not None:
        price += parts.routes[listed.t[listed.demand], listed.route]
    return price


def lowest_prices(group: Group, listed: Shortlist, price: FloatArray) -> FloatArray:
    """Return ``z* = min(penalty, min z)`` of each demand, given ``z`` of every column."""
    return np.minimum(np.minimum.reduceat(price, listed.first), group.unserved) if len(listed) else price


def _shortlist(group: Group, row: IntArray, site: IntArray) -> Shortlist:
    """Lay out some columns, sorted by row and site; ``row`` is ``t * origins + h`` of each."""
    sites, origins = group.arc_cost.shape
    period = row // origins  # quicker than ``np.divmod``, which divides twice
    origin = row - period * origins
    first = np.flatnonzero(np.diff(row, prepend=-1))
    amount = group.amount.ravel()
    unlisted = float(group.amount.sum()) - float(amount[row[first]].sum())
    return Shortlist(
        sites=sites,
        cell=period * sites + site,
        route=site * origins + origin,
        cost=group.arc_cost[site, origin],
        demand=np.repeat(np.arange(len(first)), np.diff(np.append(first, len(row)))),
        first=first,
        t=period[first],
        amount=amount[row[first]],
        unlisted_value=unlisted * group.unserved,
    )
