"""Prices of resources in two forms: of the market (t, r), and of the rows of the restricted program.

They differ where a site has several tiers: the market prices what a unit drawn costs beyond the first tier, the rows
price the supply itself and, apart from it, the limit on intake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Market
    from placer.solvers.column_generation.master.rows import Resources


def row_prices(resources: Resources, market: Market, prices: np.ndarray, cap_prices: np.ndarray) -> np.ndarray:
    """Return the prices of all rows (rows,) for prices of the market (t, r)."""
    rows = np.zeros(resources.count)
    capacity, supply, link = _split(market, prices)
    _put(rows, resources.capacity, capacity)
    single = resources.only >= 0
    _put(rows, np.where(single, resources.supply, -1), supply)
    power = power_base(market) + supply
    marginal = marginal_cost(market)
    _put(rows, np.where(single, -1, resources.supply), np.minimum(power, marginal))
    _put(rows, resources.intake, np.maximum(power - marginal, 0.0))
    _put(rows, resources.link, link)
    _put(rows, resources.cap, cap_prices)
    return rows


def market_prices(resources: Resources, market: Market, rows: np.ndarray) -> np.ndarray:
    """Return prices of the market (t, r), all >= 0, for prices of the rows.

    Power that nothing limits is worth no more than the tier that could cover all that may be drawn.
    """
    several = (resources.supply >= 0) & (resources.only < 0)
    power = _take(rows, resources.supply) + _take(rows, resources.intake)
    supply = np.where(several, power - power_base(market), power)
    unbound = several & (resources.intake < 0)
    supply = np.where(unbound, np.minimum(supply, marginal_cost(market) - power_base(market)), supply)
    parts = [_take(rows, resources.capacity), *([supply] if market.supplied else []), _take(rows, resources.link)]
    return np.maximum(np.concatenate(parts, axis=1), 0.0)


def cap_prices(resources: Resources, rows: np.ndarray) -> np.ndarray:
    """Return the prices of the caps (c,), all >= 0, among those of the rows."""
    return np.maximum(_take(rows, resources.cap), 0.0)


def _split(market: Market, prices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sites = market.sites
    supply = prices[:, sites : 2 * sites] if market.supplied else np.zeros((market.periods, sites))
    return prices[:, :sites], supply, prices[:, market.kinds * sites :]


def power_base(market: Market) -> np.ndarray:
    """Return the cost of the first unit drawn (t, s); 0 where there is no supply."""
    return np.where(np.isfinite(market.order.base), market.order.base, 0.0)


def marginal_cost(market: Market) -> np.ndarray:
    """Return the cost of the tier that passes the limit on intake or covers all that could be drawn (t, s)."""
    order = market.order
    total = np.cumsum(order.amount, axis=0)
    # Tiers that give just what the intake admits are scarce themselves: there is no limit on intake to price.
    enough = (total >= market.most_drawn) | (total > order.intake)
    rank = np.where(enough.any(axis=0), enough.argmax(axis=0), order.count - 1)
    cost = np.take_along_axis(order.cost, np.maximum(rank, 0)[None], 0)[0]
    # Where even all tiers are not enough, power may be dearer than the last of them.
    return np.where(enough.any(axis=0), cost, np.inf)


def _put(rows: np.ndarray, position: np.ndarray, values: np.ndarray) -> None:
    there = position >= 0
    rows[position[there]] = values[there]


def _take(rows: np.ndarray, position: np.ndarray) -> np.ndarray:
    return np.append(rows, 0.0)[position]
