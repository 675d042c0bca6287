"""What service costs at given prices, by period of service and by period of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Group, Market


def site_costs(market: Market, group: Group) -> tuple[float, float]:
    """Return how far apart the sites' costs of a unit are, and how high: means over the origins."""
    cost = _median_base(group, market.never)[:, None] + group.arc_cost
    there = cost < market.never
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, cost, 0.0).sum(axis=0) / count
    deviation = np.sqrt((np.where(there, cost - mean, 0.0) ** 2).sum(axis=0) / count)
    return float(deviation.mean()), float(np.abs(mean).mean())


def _median_base(group: Group, never: float) -> np.ndarray:
    """Return the median of what service costs at each site over the periods that serve (s,); inf where none does.

    Over all periods, half of ``never`` would pass for a cost where a site is closed half of the time.
    """
    serving = (group.base < never).sum(axis=0)
    ordered = np.sort(group.base, axis=0)  # periods that do not serve come last
    places = serving // 2, np.maximum(serving - 1, 0) // 2
    middle = [np.take_along_axis(ordered, place[None], 0)[0] for place in places]
    return np.where(serving > 0, (middle[0] + middle[1]) / 2, np.inf)


def service_costs(market: Market, group: Group, prices: np.ndarray) -> np.ndarray:
    """Return ``v``, the cost of serving a unit by period and site (t, s)."""
    cost = group.base + prices[:, : market.sites] * group.use
    if market.supplied:
        cost += prices[:, market.sites : 2 * market.sites] * group.draw
    return cost


def ahead_costs(market: Market, group: Group, service: np.ndarray) -> np.ndarray:
    """Return the cost of serving what arrives in each period after each delay (delay, t, s); inf past the horizon."""
    periods = market.periods
    delay = np.arange(group.window + 1)[:, None]
    period = np.arange(periods) + delay
    ahead = service[period % periods]
    if not market.cyclic:
        ahead[period >= periods] = np.inf
    return ahead


def served_later(moved: np.ndarray) -> np.ndarray:
    """Return what is served by period (t, s), given what is served of each arrival after each delay (delay, t, s)."""
    delays, periods = moved.shape[:2]
    delay = np.arange(delays)[:, None]
    return np.asarray(moved[delay, (np.arange(periods) - delay) % periods].sum(axis=0))


def link_prices(market: Market, group: Group, prices: np.ndarray) -> np.ndarray:
    """Return what a unit of the group pays on each link (t, l)."""
    return prices[:, market.kinds * market.sites :] * group.link_use
