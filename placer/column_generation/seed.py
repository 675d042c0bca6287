"""Seed columns: those that known flows use, for the first restricted master.

A master that holds all columns of a placement is feasible, however far off its starting prices are. Used columns are
kept by their place in a structure, so that they serve every structure with the same classes, sites and periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.market.pricing import Near, join
from placer.model.answer import Flows
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class UsedColumns:
    """Columns by their place in a structure, as int arrays of one length.

    Attributes
    ----------
    klass, period : int arrays
        The class of service, which is that of the demand for unserved demand, and the period of arrival.
    site : int array
        -1 for unserved demand.
    origin : int array
        -1 for delays.
    delay : int array
        Periods that work waits, for delays; 0 for others.
    """

    klass: IntArray
    period: IntArray
    site: IntArray
    origin: IntArray
    delay: IntArray

    def take(self, chosen: IntArray | BoolArray) -> UsedColumns:
        """Return the columns at some positions, or in a mask."""
        return UsedColumns(*(part[chosen] for part in _parts(self)))

    def fit(self, structure: Structure) -> bool:
        """Whether a structure has the classes and origins of the columns."""
        ends = self.klass.max(initial=0), self.origin.max(initial=0)
        return bool(ends[0] < structure.classes and ends[1] < structure.origins)

    def led_by(self, leader: IntArray, origins: int) -> UsedColumns:
        """Return the columns of the origins that stand for theirs.

        Parameters
        ----------
        leader : (classes * origins,) int array
            As of ``near_pairs``.
        origins : int
            Number of origins.
        """
        of_pair = leader[self.klass * origins + np.maximum(self.origin, 0)] % origins
        return replace(self, origin=np.where(self.origin < 0, -1, of_pair))


def used_columns(structure: Structure, flows: Flows) -> UsedColumns:
    """Return the columns that flows use: assignments, unserved demand, delays."""
    unserved, waits = np.flatnonzero(flows.unserved > 0), np.flatnonzero(flows.waiting > 0)
    demand, queue = np.concatenate([flows.demand, unserved]), structure.queue_flows
    nowhere, assigned = np.full(len(unserved), -1), np.zeros(len(demand), dtype=int)
    return UsedColumns(
        klass=np.concatenate([structure.arc_class[flows.arc], structure.demand_class[unserved], queue.klass[waits]]),
        period=np.concatenate([structure.demand_period[demand], queue.arrival[waits]]),
        site=np.concatenate([structure.arc_site[flows.arc], nowhere, queue.site[waits]]),
        origin=np.concatenate([structure.demand_origin[demand], np.full(len(waits), -1)]),
        delay=np.concatenate([assigned, structure.delay(queue.arrival[waits], queue.service[waits])]),
    )


def columns_at(market: Market, used: UsedColumns) -> Near:
    """Return those of the columns that a market has and that have demand, with reduced prices of 0."""
    found = []
    for number, group in enumerate(market.groups):
        lanes = group.lanes
        mine = used.take(np.isin(used.klass, [group.klass, *lanes.klass]))
        lane = np.where(mine.site < 0, -1, lanes.find(mine.klass, mine.site))
        place = np.full(max(int(group.origins.max()), int(mine.origin.max(initial=0))) + 2, -1)
        place[group.origins] = np.arange(len(group.origins))  # the last place is that of delays
        h = place[mine.origin]
        is_there = (mine.origin < 0) | ((h >= 0) & (group.amount[mine.period, h] > 0))
        is_there &= (mine.site < 0) | ((lane >= 0) & ((mine.origin < 0) | (group.arc[lane, h] >= 0)))
        kept, lane, h = mine.take(is_there), lane[is_there], h[is_there]
        count = len(h)
        found.append(Near(np.full(count, number), kept.period, lane, h, kept.delay, np.zeros(count)))
    return join(found)


def columns_of(structure: Structure, market: Market, flows: Flows) -> Near:
    """Return the columns that flows use, assignments, unserved demand, delays; with reduced prices of 0.

    Parameters
    ----------
    structure : Structure
    market : Market
        The market of the structure.
    flows : Flows
        Flows of a structure with the same demands and arcs.
    """
    return columns_at(market, used_columns(structure, flows))


def union(parts: list[Near]) -> Near:
    """Return the columns of all parts in their order; of those that differ in their price alone, the first."""
    every = join(parts)
    return every.take(_first_of_each([getattr(every, field.name) for field in fields(Near) if field.name != "price"]))


def union_of_used(parts: Sequence[UsedColumns]) -> UsedColumns:
    """Return the columns of all parts, each once."""
    every = UsedColumns(*map(np.concatenate, zip(*map(_parts, parts), strict=True)))
    return every.take(_first_of_each(_parts(every)))


def _parts(columns: UsedColumns) -> list[IntArray]:
    return [getattr(columns, field.name) for field in fields(UsedColumns)]


def _first_of_each(names: list[IntArray]) -> IntArray:
    """Return the position of the first of each column, by numbers from -1 on that name it."""
    places = [name + 1 for name in names]
    shape = [int(place.max(initial=0)) + 1 for place in places]
    _, first = np.unique(np.ravel_multi_index(places, shape), return_index=True)
    return np.sort(first)
