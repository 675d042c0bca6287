"""Prices of resources in two forms: of the market (t, r), and of the rows of the restricted master.

They differ where a site has several tiers. The market prices the cost of a unit drawn beyond the first tier; the rows
price the supply itself and, apart from it, the limit on intake:

    power = cost of the first tier + market price,    supply row = min(power, marginal cost),    intake row = the rest
"""

from __future__ import annotations

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.market.merit_order import has_stores
from placer.column_generation.master.rows import MasterRows
from placer.model.structure import Structure
from placer.proof.bound import bounded_supply, tier_prices
from placer.utils.arrays import BoolArray, FloatArray, IntArray


def row_prices(rows: MasterRows, market: Market, prices: FloatArray, caps: FloatArray) -> FloatArray:
    """Return the prices of all rows (rows,).

    Parameters
    ----------
    rows : MasterRows
    market : Market
        The market at the cap prices.
    prices : (t, r) array
        Prices of the market's resources.
    caps : (c,) array
        Prices of the caps.
    """
    of_rows = np.zeros(rows.count)
    capacity, supply, link = _by_kind(market, prices)
    write_rows(of_rows, rows.capacity, capacity)
    is_single = rows.single >= 0
    write_rows(of_rows, np.where(is_single, rows.supply, -1), supply)
    power = power_base(market) + supply
    marginal = marginal_cost(market)
    write_rows(of_rows, np.where(is_single, -1, rows.supply), np.minimum(power, marginal))
    write_rows(of_rows, rows.intake, np.maximum(power - marginal, 0.0))
    write_rows(of_rows, rows.link, link)
    write_rows(of_rows, rows.cap, caps)
    return of_rows


def market_prices(rows: MasterRows, market: Market, of_rows: FloatArray) -> FloatArray:
    """Return prices of the market (t, r), >= 0, for prices of the rows (rows,).

    Where no row limits the intake, ``power <= cost of the tier that covers all that could be drawn``. Stores may make
    supply cheaper than its first tier: prices there are of either sign.
    """
    is_several = (rows.supply >= 0) & (rows.single < 0)
    power = read_rows(of_rows, rows.supply) + read_rows(of_rows, rows.intake)
    supply = np.where(is_several, power - power_base(market), power)
    is_unbound = is_several & (rows.intake < 0) & ~_has_sources(rows.structure)
    supply = np.where(is_unbound, np.minimum(supply, marginal_cost(market) - power_base(market)), supply)
    parts = [read_rows(of_rows, rows.capacity), *([supply] if market.supplied else []), read_rows(of_rows, rows.link)]
    every = np.maximum(np.concatenate(parts, axis=1), 0.0)
    if rows.structure.stores is not None:
        stored = np.flatnonzero(has_stores(rows.structure))
        bounded = _bounded(rows, market, supply, of_rows)
        every[:, market.sites + stored] = bounded[:, stored]
    return every


def _has_sources(structure: Structure) -> BoolArray:
    """Return which sites have a tier of a source with stores (s,)."""
    there = np.zeros(structure.sites, dtype=bool)
    if structure.stores is not None:
        there[structure.tier_site[structure.stores.tier_source >= 0]] = True
    return there


def _bounded(rows: MasterRows, market: Market, supply: FloatArray, of_rows: FloatArray) -> FloatArray:
    """Return prices of supply (t, s) as the bound takes them, of either sign: none is above a tier without limit."""
    structure, base = rows.structure, power_base(market)
    source = np.maximum(read_rows(of_rows, rows.source), 0.0)
    tier = tier_prices(structure, cap_prices(rows, of_rows), source)
    at_meter = (supply + base).T / structure.overhead
    return (bounded_supply(structure, at_meter, tier) * structure.overhead).T - base


def cap_prices(rows: MasterRows, of_rows: FloatArray) -> FloatArray:
    """Return the prices of the caps (c,), all >= 0, among those of the rows."""
    return np.maximum(read_rows(of_rows, rows.cap), 0.0)


def power_base(market: Market) -> FloatArray:
    """Return the cost of the first unit drawn (t, s); 0 where there is no supply."""
    return np.where(np.isfinite(market.order.base), market.order.base, 0.0)


def supply_prices(market: Market, prices: FloatArray) -> FloatArray:
    """Return the price of a unit drawn (t, s), at prices (t, r) of the market's resources."""
    return power_base(market) + _by_kind(market, prices)[1]


def marginal_cost(market: Market) -> FloatArray:
    """Return the cost of the tier that reaches the intake or covers all that could be drawn (t, s); inf if none does.

    Tiers that give exactly the intake are scarce themselves, so that the intake has no price: ``total > intake``.
    """
    order = market.order
    total = np.cumsum(order.amount, axis=0)
    is_enough = (total >= market.most_drawn) | (total > order.intake)
    rank = np.where(is_enough.any(axis=0), is_enough.argmax(axis=0), order.count - 1)
    cost = np.take_along_axis(order.cost, np.maximum(rank, 0)[None], 0)[0]
    return np.where(is_enough.any(axis=0), cost, np.inf)


def _by_kind(market: Market, prices: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the prices of capacity (t, s), supply (t, s) and links (t, l)."""
    sites = market.sites
    supply = prices[:, sites : 2 * sites] if market.supplied else np.zeros((market.periods, sites))
    return prices[:, :sites], supply, prices[:, market.kinds * sites :]


def write_rows(of_rows: FloatArray, position: IntArray, values: FloatArray) -> None:
    """Write values to their rows, where they have one."""
    there = position >= 0
    of_rows[position[there]] = values[there]


def read_rows(of_rows: FloatArray, position: IntArray) -> FloatArray:
    """Return the values of rows by position; 0 where there is no row."""
    return np.append(of_rows, 0.0)[position]
