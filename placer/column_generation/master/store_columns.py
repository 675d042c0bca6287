"""The columns c, g and e of stores in the restricted master (``placer.model.stores``): all are there from the start."""

from __future__ import annotations

import numpy as np

from placer.column_generation.master.rows import MasterRows, Pieces
from placer.model.stores import Stores
from placer.model.storing import before, charging_cost
from placer.utils.arrays import FloatArray, IntArray


def store_columns(rows: MasterRows) -> tuple[FloatArray, FloatArray, Pieces]:
    """Return cost and upper bound of the columns c, g and e (3 * b * t,), and their entries, as pieces."""
    stores = rows.structure.stores
    if stores is None:
        return np.zeros(0), np.zeros(0), []
    taken = charging_cost(rows.structure, stores).ravel()
    cost = np.concatenate([taken, np.repeat(stores.cost, rows.structure.periods) - taken, np.zeros(taken.size)])
    power, energy = (stores.of_bank(each).ravel() for each in (stores.power, stores.energy))
    return cost, np.concatenate([power, power, energy]), [*_charging(rows, stores), *_holding(rows, stores)]


def _charging(rows: MasterRows, stores: Stores) -> Pieces:
    """Return the entries of c and g."""
    structure, size = rows.structure, stores.power.size
    column = np.arange(size)
    store, period = np.divmod(column, structure.periods)
    efficiency, site, source = stores.efficiency[store], stores.site[store], stores.source[store]
    own, at_source = np.flatnonzero(site >= 0), np.flatnonzero(source >= 0)
    power = rows.power[stores.banks].ravel()
    pieces: Pieces = []
    for first, sign, kept in ((0, 1.0, -efficiency), (size, -1.0, 1 / efficiency)):
        pieces += [(first + column, rows.stored.ravel(), kept), (first + column, power, np.ones(size))]
        for row in (rows.supply, rows.intake):
            place = row[period[own], site[own]]
            drawn = sign / structure.overhead[site[own], period[own]]
            pieces.append(_there(first + own, place, drawn))
        place = rows.source[source[at_source], period[at_source]]
        pieces.append((first + at_source, place, np.full(len(place), -sign)))
        for cap, counted in _caps(rows, stores):
            value = sign * counted[source[at_source], period[at_source]]
            pieces.append((first + at_source, np.full(len(value), cap), value))
        if stores.cap_store is not None:
            which, (its, when), value = stores.cap_store.entries()
            pieces.append(_there(first + its * structure.periods + when, rows.cap[which], sign * value))
    return pieces


def _caps(rows: MasterRows, stores: Stores) -> list[tuple[int, FloatArray]]:
    """Return the row of every cap that has one, and what a unit taken from each source counts (z, t)."""
    if not len(stores.source_cost):
        return []
    return [(row, stores.cap_source[cap]) for cap, row in enumerate(rows.cap.tolist()) if row >= 0]


def _holding(rows: MasterRows, stores: Stores) -> Pieces:
    """Return the entries of e; in a block of one period, what was held before is what is held after."""
    structure, stored = rows.structure, rows.stored.ravel()
    column = np.arange(len(stored))
    store, period = np.divmod(column, structure.periods)
    previous = store * structure.periods + before(structure)[period]
    moved = np.flatnonzero(previous != column)
    ones, first = np.ones(len(moved)), 2 * len(stored)
    return [
        (first + column[moved], stored[moved], ones),
        (first + previous[moved], stored[moved], -ones),
        _there(first + column, rows.energy[stores.banks].ravel(), np.ones(len(stored))),
    ]


def _there(which: IntArray, row: IntArray, value: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the entries of the rows that are there."""
    kept = row >= 0
    return which[kept], row[kept], value[kept]
