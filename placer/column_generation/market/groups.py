"""The classes of a market as dense arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placer.column_generation.market.lanes import Lanes, lanes_of
from placer.model.caps import arc_rents_of_all_periods
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Group:
    """One class of work, at the origins with demand for it. Its axis s is that of its lanes (``market.lanes``).

    Attributes
    ----------
    klass : int
        Position of the class in the structure.
    lanes : Lanes
    origins : (h,) int array
        Positions of the origins in the structure.
    amount : (t, h) array
        Demand.
    demand : (t, h) int array
        Position of the demand in the structure; -1 where there is none.
    arc_cost : (s, h) array
        ``never`` where there is no arc.
    arc : (s, h) int array
        Position of the arc in the structure; -1 where there is none.
    base : (t, s) array
        Cost of serving a unit, with supply at the cost of the first tier; ``never`` where it cannot be served.
    use, draw : (s,) arrays
        Capacity and supply that a unit takes.
    link_use : float
        Link capacity that a unit takes.
    unserved : float
        Penalty of a unit unserved.
    window : int
        Periods that a unit may wait, less than the longest block.
    weight : float
        Resources that a unit takes, relative to the median class.
    """

    klass: int
    lanes: Lanes
    origins: IntArray
    amount: FloatArray
    demand: IntArray
    arc_cost: FloatArray
    arc: IntArray
    base: FloatArray
    use: FloatArray
    draw: FloatArray
    link_use: float
    unserved: float
    window: int
    weight: float


@dataclass(frozen=True, eq=False)
class CostsAtCaps:
    """Costs with the rents of caps in them: of work (k, j, t), and of arcs (a,)."""

    work: FloatArray
    arc: FloatArray


def costs_at(structure: Structure, cap_prices: FloatArray) -> CostsAtCaps:
    """Return the costs at prices (c,) of the caps."""
    return CostsAtCaps(
        work=structure.work_cost + structure.cap_work.priced(cap_prices),
        arc=structure.arc_cost + arc_rents_of_all_periods(structure, cap_prices),
    )


class GroupMaker:
    """Makes the groups of a market.

    Parameters
    ----------
    structure : Structure
    costs : CostsAtCaps
    base : (t, s) array
        Cost of the first unit of supply.
    never : float
        Cost that stands for an impossible assignment.
    weight : (classes,) array
        Weight of every class.
    """

    def __init__(
        self, structure: Structure, costs: CostsAtCaps, base: FloatArray, never: float, weight: FloatArray
    ) -> None:
        self.structure = structure
        self.never = never
        self.base_of_power = base
        self.costs = costs
        self.origins = structure.origins
        self.closed = _closed_arcs(structure)
        self.weight = weight

    def group(self, klass: int) -> Group | None:
        """Return the group of a class; None if it has no demand."""
        structure = self.structure
        mine = np.flatnonzero((structure.demand_class == klass) & (structure.demand_amount > 0))
        if not mine.size:
            return None
        origins, column = np.unique(structure.demand_origin[mine], return_inverse=True)
        shape = (structure.periods, len(origins))
        amount, demand = np.zeros(shape), np.full(shape, -1)
        place = structure.demand_period[mine], column
        amount[place], demand[place] = structure.demand_amount[mine], mine
        lanes = lanes_of(structure, klass)
        return Group(
            klass=klass,
            lanes=lanes,
            origins=origins,
            amount=amount,
            demand=demand,
            **self._arcs(klass, lanes, origins),
            base=_base(structure, lanes, self.costs, self.base_of_power, self.never),
            use=structure.use[lanes.klass, lanes.site],
            draw=structure.draw[lanes.klass, lanes.site],
            link_use=float(structure.link_use[klass]),
            unserved=float(structure.unserved_cost[klass]),
            window=min(int(structure.window[klass]), int(structure.block_span[1].max()) - 1),
            weight=float(self.weight[np.unique(lanes.klass)].mean()),
        )

    def _arcs(self, klass: int, lanes: Lanes, origins: IntArray) -> dict[str, Any]:
        structure = self.structure
        arcs = np.flatnonzero((structure.arc_serves == klass) & ~self.closed)
        shape = (len(lanes), self.origins)
        cost, arc = np.full(shape, self.never), np.full(shape, -1)
        place = lanes.find(structure.arc_class[arcs], structure.arc_site[arcs]), structure.arc_origin[arcs]
        cost[place], arc[place] = self.costs.arc[arcs], arcs
        return {"arc_cost": np.ascontiguousarray(cost[:, origins]), "arc": np.ascontiguousarray(arc[:, origins])}


def group_at(structure: Structure, group: Group, costs: CostsAtCaps, base: FloatArray, never: float) -> Group:
    """Return a group at other costs.

    Parameters
    ----------
    structure : Structure
    group : Group
        Of this structure at any costs.
    costs, base, never
        As of ``GroupMaker``.
    """
    there, arc_cost = group.arc >= 0, np.full(group.arc.shape, never)
    arc_cost[there] = costs.arc[group.arc[there]]
    return replace(group, arc_cost=arc_cost, base=_base(structure, group.lanes, costs, base, never))


def _base(structure: Structure, lanes: Lanes, costs: CostsAtCaps, base: FloatArray, never: float) -> FloatArray:
    """Return ``Group.base``."""
    place = lanes.klass, lanes.site
    draw = structure.draw[place]
    power = np.where(draw > 0, lanes.of_sites(base), 0.0) * draw
    dead = (structure.use[place] > 0) & (lanes.of_sites(structure.capacity.T) == 0)
    return np.where(np.isfinite(power) & ~dead, costs.work[place].T + power, never)


def _closed_arcs(structure: Structure) -> BoolArray:
    """Return the arcs that a link of capacity 0 on their route closes (a,)."""
    shut = structure.route_links @ (structure.link_capacity == 0).all(axis=1).astype(float)
    route = structure.arc_route
    return (np.asarray(shut)[route] > 0) & (structure.link_use[structure.arc_class] > 0)
