"""Columns of the restricted program as numbers: what each costs and what it takes of the shared rows and of queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Market
    from placer.solvers.column_generation.market.pricing import Near
    from placer.solvers.column_generation.master.rows import Resources


class ColumnMaker:
    """Makes columns; knows at which delay work is served unless a delay moves it.

    Parameters
    ----------
    market : Market
    resources : Resources
    delays : list of (t, s) int arrays
        By group.
    """

    def __init__(self, market: Market, resources: Resources, delays: list[np.ndarray]) -> None:
        self._market, self._resources, self._delays = market, resources, delays
        self._klass = np.array([group.klass for group in market.groups], dtype=int)
        self._window = np.array([group.window for group in market.groups], dtype=int)
        self._unserved = np.array([group.unserved for group in market.groups])
        self._origins = np.array([group.amount.shape[1] for group in market.groups], dtype=int)
        self._first = np.cumsum([0, *(group.amount.size for group in market.groups)])
        self.queues = len(market.groups) * market.periods * market.sites

    def demand(self, near: Near) -> np.ndarray:
        """Return the row of the demand of each column; -1 for delays."""
        row = self._first[near.number] + near.t * self._origins[near.number] + near.h
        return np.where(near.h >= 0, row, -1)

    def queue(self, near: Near) -> np.ndarray:
        """Return the queue each column joins or leaves; -1 where work does not wait."""
        market = self._market
        place = (near.number * market.periods + near.t) * market.sites + near.s
        return np.where((self._window[near.number] > 0) & (near.s >= 0), place, -1)

    def identity(self, near: Near) -> np.ndarray:
        """Return a number for each column that no other column has."""
        market = self._market
        of_demand = self.demand(near) * (market.sites + 1) + near.s + 1
        of_queue = self.queue(near) * (int(self._window.max(initial=0)) + 1) + near.delay
        return np.where(near.h >= 0, of_demand, -1 - of_queue)

    def useful(self, near: Near) -> Near:
        """Return the columns without delays to where work is served anyway."""
        return near.take((near.h >= 0) | (near.delay != self._own_delay(near)))

    def make(self, near: Near) -> tuple[np.ndarray, csr_array]:
        """Return the cost of each column, and what it takes (columns, resource rows then queues), rows scaled."""
        resources = self._resources
        assigned, delayed = np.flatnonzero((near.h >= 0) & (near.s >= 0)), np.flatnonzero(near.h < 0)
        klass = self._klass[near.number]
        usual = (near.t + self._own_delay(near)) % self._market.periods
        moved = (near.t + near.delay) % self._market.periods
        cost = np.where(near.s < 0, self._unserved[near.number], 0.0)
        pieces = []
        for columns, period, sign in ((assigned, usual, 1.0), (delayed, moved, 1.0), (delayed, usual, -1.0)):
            place = klass[columns], period[columns], near.s[columns]
            cost[columns] += sign * resources.service_cost(*place)
            pieces += [(columns[which], row, sign * each) for which, row, each in resources.service_entries(*place)]
        cost[assigned] += self._arc_cost(near, assigned)
        pieces += self._link_entries(near, assigned)
        scaled = [(which, row, each / resources.scale[row]) for which, row, each in pieces]
        queue = self.queue(near)
        waits = np.flatnonzero(queue >= 0)
        scaled.append((waits, resources.count + queue[waits], np.where(near.h[waits] >= 0, -1.0, 1.0)))
        which, row, each = (np.concatenate(parts) for parts in zip(*scaled, strict=True))
        return cost, csr_array((each, (which, row)), shape=(len(near), resources.count + self.queues))

    def _own_delay(self, near: Near) -> np.ndarray:
        delay = np.zeros(len(near), dtype=np.int64)
        for number in np.flatnonzero(self._window > 0).tolist():
            mine = np.flatnonzero((near.number == number) & (near.s >= 0))
            delay[mine] = self._delays[number][near.t[mine], near.s[mine]]
        return delay

    def _arc_cost(self, near: Near, assigned: np.ndarray) -> np.ndarray:
        cost, number = np.empty(len(assigned)), near.number[assigned]
        for place, group in enumerate(self._market.groups):
            mine = np.flatnonzero(number == place)
            cost[mine] = group.arc_cost[near.s[assigned[mine]], near.h[assigned[mine]]]
        return cost

    def _link_entries(self, near: Near, assigned: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        pieces, number = [], near.number[assigned]
        for place, group in enumerate(self._market.groups):
            if not (group.link_use > 0 and len(self._market.link)):
                continue
            mine = assigned[number == place]
            link, which = np.nonzero(self._market.links[:, near.s[mine], group.origins[near.h[mine]]])
            row = self._resources.link[near.t[mine][which], link]
            pieces.append((mine[which], row, np.full(len(which), group.link_use)))
        return pieces
