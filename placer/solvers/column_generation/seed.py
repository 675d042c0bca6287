"""Seed columns: those that known flows use, for the first restricted master.

A master that holds all columns of a placement is feasible, however far off its starting prices are.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.market.pricing import Near, join

if TYPE_CHECKING:
    from placer.model.answer import Flows
    from placer.model.structure import Structure
    from placer.solvers.column_generation.market.definition import Market


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
    number, origin = (np.full(len(structure.demand_amount), -1) for _ in range(2))
    number_of = np.full(structure.classes, -1)
    for position, group in enumerate(market.groups):
        asked = group.demand >= 0
        number[group.demand[asked]] = position
        origin[group.demand[asked]] = np.nonzero(asked)[1]
        number_of[group.klass] = position
    unserved = np.flatnonzero((flows.unserved > 0) & (number >= 0))
    demand = np.concatenate([flows.demand, unserved])
    site = np.concatenate([structure.arc_site[flows.arc], np.full(len(unserved), -1)])
    kept = number[demand] >= 0
    demand, site = demand[kept], site[kept]
    waits = np.flatnonzero(flows.waiting > 0)
    waits = waits[number_of[structure.queue_flows.klass[waits]] >= 0]
    queue = structure.queue_flows
    delay = structure.delay(queue.arrival[waits], queue.service[waits])
    count = len(demand) + len(waits)
    return Near(
        number=np.concatenate([number[demand], number_of[queue.klass[waits]]]),
        t=np.concatenate([structure.demand_period[demand], queue.arrival[waits]]),
        s=np.concatenate([site, queue.site[waits]]),
        h=np.concatenate([origin[demand], np.full(len(waits), -1)]),
        delay=np.concatenate([np.zeros(len(demand), dtype=int), delay]),
        price=np.zeros(count),
    )


def union(parts: list[Near]) -> Near:
    """Return the columns of all parts in their order; of those that differ in their price alone, the first."""
    every = join(parts)
    names = [field.name for field in fields(Near) if field.name != "price"]
    places = [getattr(every, name) + 1 for name in names]
    shape = [int(place.max(initial=0)) + 1 for place in places]
    _, first = np.unique(np.ravel_multi_index(places, shape), return_index=True)
    return every.take(np.sort(first))
