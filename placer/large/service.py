"""What service costs at given prices, by period of service and by period of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.large.market import Group, Market


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
