"""Exact pricing of every column at given prices of the resources, in double precision, without storing any column.

There are three kinds of columns:

    assignment   of demand (t, h) to site j              price  z_hjt
    unserved     demand (t, h)                           price  penalty
    delay        of work at site j from t to t'          price  v_jt' - V_jt, beyond the best period of service

The price of a column is its reduced cost before the dual of its demand, the lowest price ``z*_th`` of the first two
kinds. So with ``limit`` and ``tiers`` of the market (``market.definition``), the dual bound is

    bound = sum amount z* - sum limit y - sum_tiers amount max(0, pi - extra)

and a column is *near* if its price is within a margin of ``z*`` (of 0 for a delay).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.service_costs import ahead_costs, link_prices, service_costs
from placer.kernels.choice import kernels_for
from placer.utils.arrays import AnyArray, BoolArray, FloatArray, IntArray, period_chunks, positions_of
from placer.utils.shared_work import each

#: Cells (t, s, h) priced at once, few enough to stay in the processor's cache.
CELLS_PER_CHUNK = 80_000


@dataclass(frozen=True, eq=False)
class Priced:
    """One group at some prices.

    Attributes
    ----------
    group : Group
    least : (t, h) array
        ``z*``, the price of one unit more of each demand: the lowest over the sites, or the penalty.
    ahead : (delay, t, s) array
        Cost of service after each delay; inf where it cannot be.
    best_delay : (t, s) int array
        The cheapest delay.
    """

    group: Group
    least: FloatArray
    ahead: FloatArray
    best_delay: IntArray

    @property
    def arrival(self) -> FloatArray:
        """``V``, the cost of service at the cheapest delay (t, s)."""
        return np.take_along_axis(self.ahead, self.best_delay[None], 0)[0]


@dataclass(frozen=True, eq=False)
class Near:
    """Near columns, as flat arrays of one length.

    Attributes
    ----------
    number : int array
        Position of the group in the market.
    t, s : int arrays
        Period of arrival, and the lane of the group, which is a site of it if it has no modes; -1 is unserved demand.
    h : int array
        Position of the origin in the group; -1 for delays.
    delay : int array
        Periods that work waits, for delays; 0 for others.
    price : array
        Price, as the module's text defines it.
    """

    number: IntArray
    t: IntArray
    s: IntArray
    h: IntArray
    delay: IntArray
    price: FloatArray

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.t)

    def take(self, chosen: IntArray | BoolArray) -> Near:
        """Return the columns at some positions, or in a mask."""
        return Near(*(getattr(self, field.name)[chosen] for field in fields(self)))


def join(parts: list[Near]) -> Near:
    """Concatenate the columns of all parts."""
    return Near(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Near)))


class _Assignments(NamedTuple):
    """Assignments of a group within a margin, as flat arrays of one length."""

    t: IntArray
    s: IntArray
    h: IntArray
    price: FloatArray


def price(market: Market, prices: FloatArray) -> list[Priced]:
    """Price all groups at some prices (t, r)."""

    def priced(group: Group) -> Priced:
        pricing = _Pricing(market, group, prices)
        pricing.count(-np.inf)
        return pricing.priced

    return each(priced, market.groups)


def bound(market: Market, prices: FloatArray, priced: list[Priced]) -> float:
    """Return the dual bound at some prices >= 0, caps aside: no placement costs less."""
    value = -float((market.limit * prices).sum())
    supply = slice(market.sites, 2 * market.sites)
    for amount, extra in market.tiers:
        value -= float((amount * np.maximum(prices[:, supply] - extra, 0.0)).sum())
    return value + sum(float((part.group.amount * part.least).sum()) for part in priced)


def near(
    market: Market, prices: FloatArray, margin: float, cells_per_chunk: int = CELLS_PER_CHUNK
) -> tuple[list[Priced], Near]:
    """Price all groups, and list the near columns.

    Delays are listed only at sites and periods of arrival with a near assignment.

    Parameters
    ----------
    market : Market
    prices : (t, r) array
    margin : float
        Per unit of the median class; of another class, this times its weight.
    cells_per_chunk : int
        Cells priced at once.
    """

    def near_of(number: int) -> tuple[Priced, list[Near]]:
        group = market.groups[number]
        pricing = _Pricing(market, group, prices, cells_per_chunk)
        assignments = pricing.listed(margin * group.weight)
        return pricing.priced, _near_columns(pricing.priced, number, assignments, margin * group.weight, market.never)

    priced = each(near_of, range(len(market.groups)))
    return [part for part, _ in priced], join([columns for _, found in priced for columns in found])


def near_count(market: Market, prices: FloatArray, margin: float) -> int:
    """Return the number of near columns, without a list of them; parameters as of ``near``."""

    def count(group: Group) -> int:
        pricing, reach = _Pricing(market, group, prices), margin * group.weight
        counts = pricing.count(reach)
        part = pricing.priced
        found = counts.sum() + np.count_nonzero(_near_unserved(part, reach))
        return int(found + np.count_nonzero(_near_delays(part, counts > 0, reach, market.never) if group.window else 0))

    return sum(each(count, market.groups))


class _Pricing:
    """One group at some prices: its lowest prices are set when near assignments are counted or listed."""

    def __init__(
        self, market: Market, group: Group, prices: FloatArray, cells_per_chunk: int = CELLS_PER_CHUNK
    ) -> None:
        service = service_costs(market, group, prices)
        # Where service is impossible it stays so, however high the costs of the other periods.
        service[group.base == market.never] = np.inf
        ahead = ahead_costs(market, group, service)
        self.priced = Priced(group, np.empty(group.amount.shape), ahead, ahead.argmin(axis=0))
        self._routes = _route_prices(market, group, prices)
        self._kernels = kernels_for(market.columns) if self._routes is None else None
        self._arrival, self._cells_per_chunk = self.priced.arrival, cells_per_chunk
        #: Where work may be served, and demands and arcs are (t, s), (t, h), (s, h).
        self._possible = self._arrival < market.never, group.amount > 0, group.arc >= 0

    def count(self, margin: float) -> IntArray:
        """Return the number of near assignments by period and site (t, s)."""
        counts = np.empty(self._arrival.shape, dtype=int)
        if self._kernels is not None:
            group = self.priced.group
            self._kernels.price_class(
                self._arrival, group.arc_cost, group.unserved, margin, *self._possible, self.priced.least, counts
            )
            return counts
        for t, _, near in self._by_chunk(margin):
            counts[t] = near.sum(axis=2)
        return counts

    def listed(self, margin: float) -> _Assignments:
        """List the near assignments, by period, site and origin."""
        if self._kernels is not None:
            counts = self.count(margin)
            t, s, h = np.empty((3, counts.sum()), dtype=int)
            found = _Assignments(t, s, h, np.empty(len(t)))
            cost, least = self.priced.group.arc_cost, self.priced.least
            self._kernels.list_near(self._arrival, cost, margin, *self._possible[1:], least, counts, found)
            return found
        parts = []
        for t, price, near in self._by_chunk(margin):
            period, site, origin = positions_of(near)
            parts.append(_Assignments(period + t.start, site, origin, price[period, site, origin]))
        return _Assignments(*(np.concatenate(values) for values in zip(*parts, strict=True)))

    def _by_chunk(self, margin: float) -> Iterator[tuple[slice, FloatArray, BoolArray]]:
        """Set the lowest prices; yield periods, all prices in them (t, s, h), and which are near and possible."""
        group, least, (served, asked, there) = self.priced.group, self.priced.least, self._possible
        for t in period_chunks(len(least), group.arc_cost.size, self._cells_per_chunk):
            price = self._arrival[t, :, None] + group.arc_cost
            if self._routes is not None:
                price += self._routes(t)
            np.minimum(price.min(axis=1), group.unserved, out=least[t])
            near = price <= (least[t] + margin)[:, None]
            if margin >= 0:
                near &= there
                near &= asked[t, None]
                near &= served[t, :, None]
            yield t, price, near


def _route_prices(market: Market, group: Group, prices: FloatArray) -> Callable[[slice], FloatArray] | None:
    """Return a function from periods to the price of every route (t, s, h); None if no route has a price."""
    paid = link_prices(market, group, prices)
    if not paid.any():
        return None
    incidence = group.lanes.of_sites(market.links[:, :, group.origins], 1).reshape(len(market.link), -1)
    return lambda t: (paid[t] @ incidence).reshape(-1, *group.arc_cost.shape)


def _near_columns(part: Priced, number: int, assignments: _Assignments, margin: float, never: float) -> list[Near]:
    """Return the near assignments, the near unserved demand, and the near delays."""
    group, (t, s, h, z) = part.group, assignments
    found = [_flat(number, t, s, h, 0, z)]
    unserved_t, unserved_h = np.nonzero(_near_unserved(part, margin))
    found.append(_flat(number, unserved_t, -1, unserved_h, 0, group.unserved))
    if group.window:
        used = np.zeros(part.best_delay.shape, dtype=bool)
        used[t, s] = True
        delay, t, s = np.nonzero(_near_delays(part, used, margin, never))
        found.append(_flat(number, t, s, -1, delay, part.ahead[delay, t, s] - part.arrival[t, s]))
    return found


def _near_unserved(part: Priced, margin: float) -> BoolArray:
    """Return which demands (t, h) are near to stay unserved."""
    return np.asarray((part.least >= part.group.unserved - margin) & (part.group.amount > 0))


def _near_delays(part: Priced, used: BoolArray, margin: float, never: float) -> BoolArray:
    """Return which delays (delay, t, s) are near, where assignments of some periods and sites (t, s) are."""
    return np.asarray((part.ahead <= np.minimum(part.arrival + margin, never / 2)) & used)


def _flat(
    number: int, t: IntArray, s: IntArray | int, h: IntArray | int, delay: IntArray | int, price: FloatArray | float
) -> Near:
    """Return columns with single values repeated to the length of ``t``."""

    def repeated(values: IntArray | FloatArray | float, kind: type) -> AnyArray:
        return np.broadcast_to(np.asarray(values, dtype=kind), t.shape)

    site, origin, delays = (repeated(values, int) for values in (s, h, delay))
    return Near(repeated(number, int), t, site, origin, delays, repeated(price, float))
