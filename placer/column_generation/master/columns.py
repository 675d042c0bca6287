"""Columns of the restricted master as numbers: cost, and coefficients in the shared rows and in queues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from placer.column_generation.market.definition import Market
from placer.column_generation.market.pricing import Near
from placer.column_generation.master.rows import MasterRows, Pieces
from placer.column_generation.master.store_columns import store_columns
from placer.utils.arrays import FloatArray, IntArray


class ColumnMaker:
    """Makes the columns of assignments, delays and unserved demand.

    Work that waits is served at a default delay; a delay column moves a unit of it from there to another delay.

    Parameters
    ----------
    market : Market
    rows : MasterRows
    delays : list of (t, s) int arrays
        Default delay of each group, by period of arrival and site.

    Attributes
    ----------
    market, rows, delays
    amount : (demands,) array
        Amount of every demand: group by group, period by period, origin by origin.
    queues : int
        Number of queues (group, period, lane).
    """

    def __init__(self, market: Market, rows: MasterRows, delays: list[IntArray]) -> None:
        self.market, self.rows, self.delays = market, rows, delays
        self.amount = np.concatenate([group.amount.ravel() for group in market.groups])
        self.queues = market.periods * sum(len(group.lanes) for group in market.groups)
        #: Class of service and site of the lanes of all groups, group by group, and the first of each group.
        self._klass, self._site = (
            np.concatenate([getattr(group.lanes, name) for group in market.groups]) for name in ("klass", "site")
        )
        self._lanes = np.array([len(group.lanes) for group in market.groups], dtype=int)
        self._first_lane = np.cumsum([0, *self._lanes])
        self._window = np.array([group.window for group in market.groups], dtype=int)
        self._unserved = np.array([group.unserved for group in market.groups])
        self._origins = np.array([group.amount.shape[1] for group in market.groups], dtype=int)
        self._first = np.cumsum([0, *(group.amount.size for group in market.groups)])

    def demand(self, columns: Near) -> IntArray:
        """Return the demand of each column; -1 for delays."""
        demand = self._first[columns.number] + columns.t * self._origins[columns.number] + columns.h
        return np.where(columns.h >= 0, demand, -1)

    def queue(self, columns: Near) -> IntArray:
        """Return the queue that each column joins or leaves; -1 where work does not wait."""
        lanes = self._lanes[columns.number]
        queue = self._first_lane[columns.number] * self.market.periods + columns.t * lanes + columns.s
        return np.where((self._window[columns.number] > 0) & (columns.s >= 0), queue, -1)

    def identity(self, columns: Near) -> IntArray:
        """Return a number for each column that no other column has."""
        of_demand = self.demand(columns) * (int(self._lanes.max()) + 1) + columns.s + 1
        of_queue = self.queue(columns) * (int(self._window.max(initial=0)) + 1) + columns.delay
        return np.where(columns.h >= 0, of_demand, -1 - of_queue)

    def useful(self, columns: Near) -> Near:
        """Return the columns without delays to the default delay."""
        return columns.take((columns.h >= 0) | (columns.delay != self._default_delay(columns)))

    def make(self, columns: Near) -> tuple[FloatArray, csr_array]:
        """Return the cost of each column, and its coefficients (columns, shared rows then queues), rows scaled."""
        rows, lane = self.rows, self._first_lane[columns.number] + columns.s
        assigned, delayed = np.flatnonzero((columns.h >= 0) & (columns.s >= 0)), np.flatnonzero(columns.h < 0)
        by_default = self.market.after(columns.t, self._default_delay(columns))
        moved = self.market.after(columns.t, columns.delay)
        cost = np.where(columns.s < 0, self._unserved[columns.number], 0.0)
        pieces: Pieces = []
        for which, period, sign in ((assigned, by_default, 1.0), (delayed, moved, 1.0), (delayed, by_default, -1.0)):
            place = self._klass[lane[which]], period[which], self._site[lane[which]]
            cost[which] += sign * rows.service_cost(*place)
            pieces += [(which[part], row, sign * value) for part, row, value in rows.service_entries(*place)]
        arc = self._arcs(columns, assigned)
        cost[assigned] += rows.structure.arc_cost[arc]
        pieces += self._link_entries(columns, assigned)
        pieces += [(assigned[which], row, value) for which, row, value in rows.arc_entries(arc)]
        scaled = [(which, row, value / rows.scale[row]) for which, row, value in pieces]
        queue = self.queue(columns)
        waits = np.flatnonzero(queue >= 0)
        scaled.append((waits, rows.count + queue[waits], np.where(columns.h[waits] >= 0, -1.0, 1.0)))
        which, row, value = (np.concatenate(parts) for parts in zip(*scaled, strict=True))
        return cost, csr_array((value, (which, row)), shape=(len(columns), rows.count + self.queues))

    def penalty(self, columns: Near, amount: FloatArray) -> float:
        """Return the penalty for the demand that columns leave unserved."""
        left = np.flatnonzero(columns.s < 0)
        return float(self._unserved[columns.number[left]] @ amount[left])

    def _default_delay(self, columns: Near) -> IntArray:
        """Return the default delay of the work of each column; 0 where it does not wait."""
        delay = np.zeros(len(columns), dtype=np.int64)
        for number in np.flatnonzero(self._window > 0).tolist():
            mine = np.flatnonzero((columns.number == number) & (columns.s >= 0))
            delay[mine] = self.delays[number][columns.t[mine], columns.s[mine]]
        return delay

    def _arcs(self, columns: Near, assigned: IntArray) -> IntArray:
        """Return the arc of each assignment."""
        arc, number = np.empty(len(assigned), dtype=int), columns.number[assigned]
        for position, group in enumerate(self.market.groups):
            mine = np.flatnonzero(number == position)
            arc[mine] = group.arc[columns.s[assigned[mine]], columns.h[assigned[mine]]]
        return arc

    def _link_entries(self, columns: Near, assigned: IntArray) -> Pieces:
        """Return the coefficients of the assignments in rows of links, as pieces (column, row, coefficient)."""
        pieces: Pieces = []
        number = columns.number[assigned]
        for position, group in enumerate(self.market.groups):
            if not (group.link_use > 0 and len(self.market.link)):
                continue
            mine = assigned[number == position]
            site = group.lanes.site[columns.s[mine]]
            link, which = np.nonzero(self.market.links[:, site, group.origins[columns.h[mine]]])
            row = self.rows.link[columns.t[mine][which], link]
            limited = row >= 0
            pieces.append((mine[which][limited], row[limited], np.full(int(limited.sum()), group.link_use)))
        return pieces


@dataclass(frozen=True, eq=False)
class SupplyColumns:
    """The columns y of supply tiers, each scaled as the row of its supply, so that its coefficient there is -1.

    Those of stores, c, g and e, follow, each scaled as the row of what is stored.

    Attributes
    ----------
    reduced_cost, amount : (columns,) arrays
        At the starting prices, and the upper bound.
    takes : (columns, rows) sparse array
    scale : (columns,) array
        Units drawn, or at the meter for stores, per unit of the column.
    """

    reduced_cost: FloatArray
    amount: FloatArray
    takes: csr_array
    scale: FloatArray


def supply_columns(rows: MasterRows, prices: FloatArray) -> SupplyColumns:
    """Return the columns of tiers and stores at prices (rows,) of the scaled rows."""
    cost, amount, entries = store_columns(rows)
    pieces = [*rows.tier_entries(), *((len(rows.tier) + which, row, value) for which, row, value in entries)]
    which, row, value = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    scale = rows.scale[np.concatenate([rows.tier_row, *[rows.stored.ravel()] * 3])]
    takes = csr_array((value / rows.scale[row] * scale[which], (which, row)), shape=(len(scale), rows.count))
    return SupplyColumns(
        reduced_cost=np.concatenate([rows.tier_cost, cost]) * scale + takes @ prices,
        amount=np.concatenate([rows.tier_amount, amount]) / scale,
        takes=takes,
        scale=scale,
    )
