"""Costs of service at given prices, by period of service and by period of arrival (``market.definition``)."""

from __future__ import annotations

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.utils.arrays import FloatArray


def site_costs(market: Market, group: Group) -> tuple[float, float]:
    """Return standard deviation and absolute mean of a unit's cost over the sites that serve it, as means over origins.

    The cost of a site is its median base cost plus that of the arc.
    """
    base = _median_base(group, market.never)[:, None]
    cost, there = base + group.arc_cost, (base < market.never) & (group.arc >= 0)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, cost, 0.0).sum(axis=0) / count
    deviation = np.sqrt((np.where(there, cost - mean, 0.0) ** 2).sum(axis=0) / count)
    return float(deviation.mean()), float(np.abs(mean).mean())


def _median_base(group: Group, never: float) -> FloatArray:
    """Return the median base cost of each site over the periods that serve (s,); inf where none does.

    A median over all periods would be about half of ``never`` where a site is closed half of the time.
    """
    serving = (group.base < never).sum(axis=0)
    ordered = np.sort(group.base, axis=0)  # periods that do not serve come last
    places = serving // 2, np.maximum(serving - 1, 0) // 2
    middle = [np.take_along_axis(ordered, place[None], 0)[0] for place in places]
    return np.where(serving > 0, (middle[0] + middle[1]) / 2, np.inf)


def service_costs(market: Market, group: Group, prices: FloatArray) -> FloatArray:
    """Return ``v = base + use alpha + draw pi``, the cost of serving a unit by period and site (t, s)."""
    of_sites = group.lanes.of_sites
    cost = group.base + of_sites(prices[:, : market.sites]) * group.use
    if market.supplied:
        cost += of_sites(prices[:, market.sites : 2 * market.sites]) * group.draw
    return cost


def ahead_costs(market: Market, group: Group, service: FloatArray) -> FloatArray:
    """Return the cost of serving work after each delay, by period of arrival (delay, t, s); inf past its block.

    A softmax over delays needs every delay, while filters of ``scipy.ndimage`` give their minimum only.
    """
    delay, arrival = np.arange(group.window + 1)[:, None], np.arange(market.periods)
    ahead = service[market.after(arrival, delay)]
    ahead[~market.is_within(arrival, delay)] = np.inf
    return ahead


def served_later(by_delay: FloatArray) -> FloatArray:
    """Return the work served by period (t, s), given the work served by delay and period of arrival (delay, t, s)."""
    delays, periods = by_delay.shape[:2]
    delay = np.arange(delays)[:, None]
    return np.asarray(by_delay[delay, (np.arange(periods) - delay) % periods].sum(axis=0))


def link_prices(market: Market, group: Group, prices: FloatArray) -> FloatArray:
    """Return ``link_use nu``, the price of each link for a unit of a class (t, l)."""
    return prices[:, market.kinds * market.sites :] * group.link_use
