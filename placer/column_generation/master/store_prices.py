"""Prices of stores: those of a master, or those that start one at given prices of the resources.

A store sells at the prices k of its site or source (``placer.proof.bound``). A content is worth the same throughout a
block at the start, the median of k there: any worth gives a bound, and the first master finds the best one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.master.prices import read_rows, supply_prices, write_rows
from placer.column_generation.master.rows import MasterRows
from placer.model.answer import Duals
from placer.model.stores import NO_STORES, Stores
from placer.model.structure import Structure
from placer.proof.bound import gains_of_stores, store_prices
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class StorePrices:
    """Prices of stores.

    Attributes
    ----------
    stored : (b, t) array
        Worth of a unit held at the end of a period.
    energy : (b, t) array
        Rent of the energy that a bank of several stores shares, >= 0, at the first of them.
    source : (z, t) array
        Of the sources, >= 0.
    intake : (t, s) array
        Rent of the limit on intake, a part of the price of supply, per unit drawn.
    """

    stored: FloatArray
    energy: FloatArray
    source: FloatArray
    intake: FloatArray


def store_prices_of(rows: MasterRows, of_rows: FloatArray) -> StorePrices:
    """Return the prices of stores among those of the rows of a master (rows,)."""
    return StorePrices(*(read_rows(of_rows, each) for each in (rows.stored, rows.energy, rows.source, rows.intake)))


def first_store_prices(structure: Structure, market: Market, prices: FloatArray, caps: FloatArray) -> StorePrices:
    """Return prices of stores at prices (t, r) of the market's resources and (c,) of the caps."""
    stores, intake = structure.stores, np.zeros((market.periods, market.sites))
    if stores is None:
        return StorePrices(NO_STORES, NO_STORES, NO_STORES, intake)
    source = np.zeros(stores.source_cost.shape)
    paid = _paid(structure, stores, market, prices, caps, source)
    stored = np.empty(paid.shape)
    for block in market.blocks:
        stored[:, block] = np.median(paid[:, block], axis=1, keepdims=True)
    return StorePrices(stored, np.zeros(paid.shape), source, intake)


def write_store_prices(
    of_rows: FloatArray,
    rows: MasterRows,
    market: Market,
    prices: FloatArray,
    caps: FloatArray,
    known: StorePrices,
) -> None:
    """Write prices of stores, and the rents of their power, to the rows (rows,) of a master."""
    structure = rows.structure
    if (stores := structure.stores) is None:
        return
    paid = _paid(structure, stores, market, prices, caps, known.source)
    write_rows(of_rows, rows.stored, known.stored)
    write_rows(of_rows, rows.source, known.source)
    write_rows(of_rows, rows.power, _power_rents(stores, paid, known))


def duals_of_resources(
    structure: Structure, market: Market, prices: FloatArray, caps: FloatArray, known: StorePrices
) -> Duals:
    """Return duals at prices (t, r) of the market's resources; those of demands and queues are empty.

    The balance has the whole price of supply.
    """
    sites, supply = market.sites, supply_prices(market, prices).T / structure.overhead
    link = np.zeros(structure.link_capacity.shape)
    link[market.link] = prices[:, market.kinds * sites :].T
    duals = Duals(
        demand=np.zeros(0),
        queue=np.zeros((0, *supply.shape)),
        balance=supply,
        capacity=prices[:, :sites].T.copy(),
        intake=np.zeros(supply.shape),
        link=link,
        cap=caps,
    )
    if (stores := structure.stores) is None:
        return duals
    power = _power_rents(stores, store_prices(stores, supply, caps, known.source), known)
    energy = NO_STORES if stores.bank is None else np.maximum(known.energy, 0.0)
    return replace(duals, stored=known.stored, power=power, energy=energy, source=known.source)


def _power_rents(stores: Stores, paid: FloatArray, known: StorePrices) -> FloatArray:
    """Return the rents of the power of stores, of banks at their first store (b, t)."""
    return stores.most_of_banks(np.maximum(np.maximum(*gains_of_stores(stores, paid, known.stored)), 0.0))


def _paid(
    structure: Structure,
    stores: Stores,
    market: Market,
    prices: FloatArray,
    caps: FloatArray,
    source: FloatArray,
) -> FloatArray:
    """Return ``k`` (b, t)."""
    supply = supply_prices(market, prices).T / structure.overhead
    return store_prices(stores, supply, caps, source)
