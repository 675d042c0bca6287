"""What a restricted master is built from: its keys, its other columns and a basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.column_generation.market.pricing import Near
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.keys import Keys, choose_keys
from placer.solvers.simplex import Basis
from placer.utils.arrays import FloatArray

#: 2^64 over the golden ratio: multiples of it, modulo 2^64, lie evenly (Knuth, The Art of Computer Programming, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class MasterContents:
    """What a master is built from.

    Attributes
    ----------
    prices, shortfall_prices : (rows,) arrays
        Of the scaled rows: those at the start, and those of shortfall.
    keys : Keys
    added : tuple of Near
        The other columns, in the order of their addition.
    basis : Basis or None
        None: of all rows.
    """

    prices: FloatArray
    shortfall_prices: FloatArray
    keys: Keys
    added: tuple[Near, ...]
    basis: Basis | None = None


def first_contents(maker: ColumnMaker, prices: FloatArray, first: Near, most: int) -> MasterContents:
    """Return what the first master of a structure is built from.

    Parameters
    ----------
    maker : ColumnMaker
    prices : (rows,) array
        Starting prices of the shared rows.
    first : Near
        The first columns; at least one of every demand.
    most : int
        Columns that are taken beside the keys. Where there are more, prices are tied, and a sample serves as well.
    """
    rows = maker.rows
    keys, others = choose_keys(maker, maker.useful(first), prices * rows.scale)
    added = (_sample(maker, others, most),)
    return MasterContents(prices * rows.scale, rows.price_bound * rows.scale, keys, added)


def _sample(maker: ColumnMaker, columns: Near, most: int) -> Near:
    """Return at most ``most`` columns, chosen evenly by identity: the same on every machine."""
    if len(columns) <= most:
        return columns
    spread = maker.identity(columns).astype(np.uint64) * _GOLDEN
    return columns.take(np.sort(np.argpartition(spread, most)[:most]))
