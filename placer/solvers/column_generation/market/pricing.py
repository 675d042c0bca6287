"""Exact pricing of every column at given prices of the resources, in double precision, without storing any column.

For every demand the least price over all sites and periods of service; the dual bound that follows; and the columns
within a margin of their least price, of three kinds: assignments, delays (from the cheapest period of service to
another one) and unserved demand.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.market.service_costs import ahead_costs, link_prices, service_costs
from placer.utils.arrays import period_chunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.solvers.column_generation.market.definition import Group, Market

#: Cells priced at once.
_CELLS = 250_000


@dataclass(frozen=True, eq=False)
class Priced:
    """One group at some prices.

    Attributes
    ----------
    group : Group
    least : (t, h) array
        Price of one unit more of each demand: the least over the sites, or the penalty.
    ahead : (delay, t, s) array
        Cost of service after each delay; inf where it cannot be.
    best_delay : (t, s) int array
        The cheapest.
    """

    group: Group
    least: np.ndarray
    ahead: np.ndarray
    best_delay: np.ndarray

    @property
    def arrival(self) -> np.ndarray:
        """Cost of service at the cheapest delay (t, s)."""
        return np.take_along_axis(self.ahead, self.best_delay[None], 0)[0]


@dataclass(frozen=True, eq=False)
class Near:
    """Columns near their demand's least price, as flat arrays of one length.

    Attributes
    ----------
    number : int array
        Position of the group.
    t, s : int arrays
        Period of arrival and site; site -1 is unserved demand.
    h : int array
        Position of the origin in the group; -1 for delays.
    delay : int array
        For delays; 0 for others.
    price : array
        Reduced price; a delay's is what it costs beyond the cheapest.
    """

    number: np.ndarray
    t: np.ndarray
    s: np.ndarray
    h: np.ndarray
    delay: np.ndarray
    price: np.ndarray

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.t)

    def take(self, chosen: np.ndarray) -> Near:
        """Return some of them."""
        return Near(*(getattr(self, field.name)[chosen] for field in fields(self)))


def join(parts: list[Near]) -> Near:
    """Return all parts one after the other."""
    return Near(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Near)))


def price(market: Market, prices: np.ndarray) -> list[Priced]:
    """Price all groups."""
    return [price_group(market, group, prices, None)[0] for group in market.groups]


def bound(market: Market, prices: np.ndarray, priced: list[Priced]) -> float:
    """Return the dual value at any prices >= 0: no placement costs less (caps aside)."""
    value = -float((market.limit * prices).sum())
    supply = slice(market.sites, 2 * market.sites)
    for amount, extra in market.tiers:
        value -= float((amount * np.maximum(prices[:, supply] - extra, 0.0)).sum())
    return value + sum(float((part.group.amount * part.least).sum()) for part in priced)


def near(market: Market, prices: np.ndarray, margin: float) -> tuple[list[Priced], Near]:
    """Price all groups, and find the columns within a margin of their least price.

    The margin is per unit of the median class and grows with the weight of a class. Delays are sought only where an
    assignment is near.
    """
    priced, found = [], []
    for number, group in enumerate(market.groups):
        part, assigned = price_group(market, group, prices, margin * group.weight)
        priced.append(part)
        found += _columns(part, number, assigned, margin * group.weight, market.never)
    return priced, join(found)


def price_group(
    market: Market, group: Group, prices: np.ndarray, margin: float | None
) -> tuple[Priced, tuple[np.ndarray, ...]]:
    """Price one group; with a margin also return period, site, origin and price of the assignments within it."""
    service = service_costs(market, group, prices)
    # However dear the other periods are, none is served when it cannot be.
    service[group.base == market.never] = np.inf
    ahead = ahead_costs(market, group, service)
    best_delay = ahead.argmin(axis=0)
    arrival = np.take_along_axis(ahead, best_delay[None], 0)[0]
    routes = _route_prices(market, group, prices)
    sites, origins = group.arc_cost.shape
    least = np.empty((market.periods, origins))
    found = []
    for t in period_chunks(market.periods, sites * origins, _CELLS):
        each = arrival[t, :, None] + group.arc_cost
        if routes is not None:
            each += routes(t)
        np.minimum(each.min(axis=1), group.unserved, out=least[t])
        if margin is not None:
            period, site, origin = np.nonzero(each <= (least[t] + margin)[:, None])
            found.append((period + t.start, site, origin, each[period, site, origin]))
    parts = tuple(np.concatenate(values) for values in zip(*found, strict=True)) if found else ()
    return Priced(group, least, ahead, best_delay), parts


def _route_prices(market: Market, group: Group, prices: np.ndarray) -> Callable[[slice], np.ndarray] | None:
    """Return a function from periods to what links cost on every route (t, s, h); None if nothing."""
    paid = link_prices(market, group, prices)
    if not paid.any():
        return None
    incidence = market.links[:, :, group.origins].reshape(len(market.link), -1)
    return lambda t: (paid[t] @ incidence).reshape(-1, *group.arc_cost.shape)


def _columns(part: Priced, number: int, assigned: tuple[np.ndarray, ...], margin: float, never: float) -> list[Near]:
    period, site, origin, cost = assigned
    asked = part.group.amount[period, origin] > 0
    possible = asked & (part.group.arc[site, origin] >= 0) & (part.ahead.min(axis=0)[period, site] < never)
    period, site, origin, cost = (values[possible] for values in assigned)
    found = [_near(number, period, site, origin, 0, cost)]
    idle_t, idle_h = np.nonzero((part.least >= part.group.unserved - margin) & (part.group.amount > 0))
    found.append(_near(number, idle_t, -1, idle_h, 0, part.group.unserved))
    if part.group.window:
        used = np.zeros(part.best_delay.shape, dtype=bool)
        used[period, site] = True
        arrival = part.arrival
        delay, t, s = np.nonzero((part.ahead <= np.minimum(arrival + margin, never / 2)) & used)
        found.append(_near(number, t, s, -1, delay, part.ahead[delay, t, s] - arrival[t, s]))
    return found


def _near(
    number: int,
    t: np.ndarray,
    s: np.ndarray | int,
    h: np.ndarray | int,
    delay: np.ndarray | int,
    cost: np.ndarray | float,
) -> Near:
    def every(values: np.ndarray | float, kind: type) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, dtype=kind), t.shape)

    return Near(every(number, int), t, every(s, int), every(h, int), every(delay, int), every(cost, float))
