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

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from placer.column_generation.market.service_costs import ahead_costs, link_prices, service_costs
from placer.utils.arrays import AnyArray, BoolArray, FloatArray, IntArray, period_chunks, positions_of
from placer.utils.shared_work import each

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.column_generation.market.definition import Market
    from placer.column_generation.market.groups import Group

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
    return each(lambda group: _price_group(market, group, prices)[0], market.groups)


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
        margin_of_group = margin * group.weight
        part, assignments = _price_group(market, group, prices, margin_of_group, cells_per_chunk)
        return part, _near_columns(part, number, assignments, margin_of_group, market.never)

    priced = each(near_of, range(len(market.groups)))
    return [part for part, _ in priced], join([columns for _, found in priced for columns in found])


def _price_group(
    market: Market,
    group: Group,
    prices: FloatArray,
    margin: float | None = None,
    cells_per_chunk: int = CELLS_PER_CHUNK,
) -> tuple[Priced, _Assignments]:
    """Price one group; with a margin, list the assignments within it, else none."""
    service = service_costs(market, group, prices)
    # Where service is impossible it stays so, however high the costs of the other periods.
    service[group.base == market.never] = np.inf
    ahead = ahead_costs(market, group, service)
    best_delay = ahead.argmin(axis=0)
    arrival = np.take_along_axis(ahead, best_delay[None], 0)[0]
    routes = _route_prices(market, group, prices)
    least = np.empty((market.periods, len(group.origins)))
    none = np.zeros(0, dtype=int)
    found = [_Assignments(none, none, none, np.zeros(0))]
    for t in period_chunks(market.periods, group.arc_cost.size, cells_per_chunk):
        z = arrival[t, :, None] + group.arc_cost
        if routes is not None:
            z += routes(t)
        np.minimum(z.min(axis=1), group.unserved, out=least[t])
        if margin is not None:
            period, site, origin = positions_of(z <= (least[t] + margin)[:, None])
            found.append(_Assignments(period + t.start, site, origin, z[period, site, origin]))
    assignments = _Assignments(*(np.concatenate(values) for values in zip(*found, strict=True)))
    return Priced(group, least, ahead, best_delay), assignments


def _route_prices(market: Market, group: Group, prices: FloatArray) -> Callable[[slice], FloatArray] | None:
    """Return a function from periods to the price of every route (t, s, h); None if no route has a price."""
    paid = link_prices(market, group, prices)
    if not paid.any():
        return None
    incidence = group.lanes.of_sites(market.links[:, :, group.origins], 1).reshape(len(market.link), -1)
    return lambda t: (paid[t] @ incidence).reshape(-1, *group.arc_cost.shape)


def _near_columns(part: Priced, number: int, assignments: _Assignments, margin: float, never: float) -> list[Near]:
    """Return the near assignments that are possible, the near unserved demand, and the near delays."""
    group, (t, s, h, _) = part.group, assignments
    possible = (group.amount[t, h] > 0) & (group.arc[s, h] >= 0) & (part.ahead.min(axis=0)[t, s] < never)
    t, s, h, z = (values[possible] for values in assignments)
    found = [_flat(number, t, s, h, 0, z)]
    unserved_t, unserved_h = np.nonzero((part.least >= group.unserved - margin) & (group.amount > 0))
    found.append(_flat(number, unserved_t, -1, unserved_h, 0, group.unserved))
    if group.window:
        used = np.zeros(part.best_delay.shape, dtype=bool)
        used[t, s] = True
        arrival = part.arrival
        delay, t, s = np.nonzero((part.ahead <= np.minimum(arrival + margin, never / 2)) & used)
        found.append(_flat(number, t, s, -1, delay, part.ahead[delay, t, s] - arrival[t, s]))
    return found


def _flat(
    number: int, t: IntArray, s: IntArray | int, h: IntArray | int, delay: IntArray | int, price: FloatArray | float
) -> Near:
    """Return columns with single values repeated to the length of ``t``."""

    def repeated(values: IntArray | FloatArray | float, kind: type) -> AnyArray:
        return np.broadcast_to(np.asarray(values, dtype=kind), t.shape)

    site, origin, delays = (repeated(values, int) for values in (s, h, delay))
    return Near(repeated(number, int), t, site, origin, delays, repeated(price, float))
