"""The shared rows of the restricted master: the limits that have one, their coefficients, and their scale.

    capacity   sum use s                  <= capacity       where it can be reached
    supply     sum draw s                 <= single tier    where one tier counts, whose cost is part of the work's
               sum draw s - sum y          = 0              where several count, each a column 0 <= y <= amount
    intake     sum draw s                 <= intake         where several count and give more than the intake
    link       sum link_use x             <= capacity       where it can be reached
    cap        sum cap_work s + sum cap_tier y + sum of the counts of arcs x <= limit
    stores     those of ``placer.model.stores``, whose columns stand in the rows of their sites and sources, and in caps

s is the work of a class served at a site in a period, x an assignment. Supply counts the draw of a site before its
overhead, as in ``market.definition``. A first tier that covers the largest possible draw counts as single, unless a cap
could make another tier cheaper. Every row is divided by a typical coefficient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.market.definition import Market, typical
from placer.column_generation.market.merit_order import caps_count_tiers, has_stores
from placer.column_generation.master.counted import counted_of_arcs, counted_of_service
from placer.column_generation.parameters import DEFAULTS, MasterParameters
from placer.model.stores import NO_STORES, Stores
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray, expand_counts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Entries of a sparse array, piece by piece: column, row, coefficient.
Pieces = list[tuple[IntArray, IntArray, FloatArray]]


@dataclass(frozen=True, eq=False)
class MasterRows:
    """The shared rows. Where a limit has no row, its position is -1.

    Attributes
    ----------
    structure : Structure
    capacity, supply, intake : (t, s) int arrays
        Position of the row of each site and period.
    link : (t, l) int array
        Position of the row of each link of the market and period.
    cap : (c,) int array
        Position of the row of each cap.
    stored, power, energy, source : (b, t), (b, t), (b, t), (z, t) int arrays
        Position of each row of stores, of banks at their first store; empty without any.
    limit : (rows,) array
    is_equality : (rows,) bool array
        Whether the limit must be met exactly.
    price_bound : (rows,) array
        A price that no optimum exceeds.
    scale : (rows,) array
        The divisor of the row.
    single : (t, s) int array
        The single tier, whose cost is part of the work's; -1 where several tiers count, or none.
    single_cost : (t, s) array
        Its cost per unit drawn; 0 where there is none.
    tier, tier_period : (tiers,) int arrays
        Tier and period of every column y.
    tier_cost, tier_amount : (tiers,) arrays
        Cost per unit drawn, and amount in units drawn.
    counted : (k * t * s, caps) sparse array
        What serving a unit counts towards each cap, a single tier included.
    counted_sent : (arcs, caps) sparse array
        What sending a unit over an arc counts.
    """

    structure: Structure
    capacity: IntArray
    supply: IntArray
    intake: IntArray
    link: IntArray
    cap: IntArray
    stored: IntArray
    power: IntArray
    energy: IntArray
    source: IntArray
    limit: FloatArray
    is_equality: BoolArray
    price_bound: FloatArray
    scale: FloatArray
    single: IntArray
    single_cost: FloatArray
    tier: IntArray
    tier_period: IntArray
    tier_cost: FloatArray
    tier_amount: FloatArray
    counted: csr_array
    counted_sent: csr_array

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.limit)

    @property
    def tier_row(self) -> IntArray:
        """Row of the supply that every column y gives to (tiers,)."""
        return self.supply[self.tier_period, self.structure.tier_site[self.tier]]

    def service_cost(self, klass: IntArray, t: IntArray, s: IntArray) -> FloatArray:
        """Return the cost of serving a unit of each class, period and site, a single tier included."""
        structure = self.structure
        return structure.work_cost[klass, s, t] + structure.draw[klass, s] * self.single_cost[t, s]

    def service_entries(self, klass: IntArray, t: IntArray, s: IntArray) -> Pieces:
        """Return the row coefficients of serving a unit, as pieces (position in the arrays, row, coefficient)."""
        structure = self.structure
        every = np.arange(len(klass))
        use, draw = structure.use[klass, s], structure.draw[klass, s]
        pieces: Pieces = [
            (every, self.capacity[t, s], use),
            (every, self.supply[t, s], draw),
            (every, self.intake[t, s], draw),
        ]
        if self.counted.nnz:
            place = np.ravel_multi_index((klass, t, s), (structure.classes, *self.capacity.shape))
            pieces += self._capped(self.counted, place)
        return [
            (which[kept], row[kept], value[kept])
            for which, row, value in pieces
            for kept in [(row >= 0) & (value != 0)]
        ]

    def arc_entries(self, arc: IntArray) -> Pieces:
        """Return what sending a unit over some arcs takes of the rows of caps, as pieces likewise."""
        return self._capped(self.counted_sent, arc) if self.counted_sent.nnz else []

    def _capped(self, counted: csr_array, place: IntArray) -> Pieces:
        """Return the entries of caps at some rows of a sparse array, as pieces."""
        which, rank = expand_counts(np.diff(counted.indptr)[place])
        entry = counted.indptr[place[which]] + rank
        return [(which, self.cap[counted.indices[entry]], counted.data[entry])]

    def tier_entries(self) -> Pieces:
        """Return the coefficients of every column y in rows of supply and caps, as pieces (y, row, coefficient)."""
        structure, tier, period = self.structure, self.tier, self.tier_period
        every = np.arange(len(tier))
        pieces: Pieces = [(every, self.tier_row, np.full(len(every), -1.0))]
        per_drawn = structure.overhead[structure.tier_site[tier], period] / structure.tier_yield[tier]
        counted = structure.cap_tier.at(tier, period).tocoo()
        limited = self.cap[counted.col] >= 0
        which, cap = counted.row[limited], counted.col[limited]
        pieces.append((which, self.cap[cap], counted.data[limited] * per_drawn[which]))
        if structure.stores is not None:
            source = structure.stores.tier_source[tier]
            own = np.flatnonzero(source >= 0)
            pieces.append((own, self.source[source[own], period[own]], -per_drawn[own]))
        return pieces


def lay_rows(structure: Structure, market: Market, parameters: MasterParameters = DEFAULTS.master) -> MasterRows:
    """Lay the rows of a structure; the market tells which limits can be reached.

    Parameters
    ----------
    structure : Structure
    market : Market
        The market of the structure, at any prices of its caps.
    parameters : MasterParameters
    """
    order = market.order
    is_single, is_several = _tiers_that_count(structure, market)
    present = _present(structure, market, is_single, is_several)
    limits: dict[str, FloatArray | float] = {
        "capacity": structure.capacity.T,
        "supply": np.where(is_several, 0.0, order.within[0]),
        "intake": order.intake,
        "link": structure.link_capacity[market.link].T,
        "cap": structure.cap_limit,
        "stored": 0.0,
        "power": NO_STORES if structure.stores is None else structure.stores.power,
        "energy": NO_STORES if structure.stores is None else structure.stores.energy,
        "source": 0.0,
    }
    positions = _number_rows(present)
    limit, scales = _by_row(present, limits), _scales(structure)
    rank, t, s = np.nonzero(is_several[None] & (order.tier >= 0))
    single, tier = np.where(is_single, order.tier[0], -1), order.tier[rank, t, s]
    return MasterRows(
        structure,
        **positions,
        limit=limit,
        is_equality=np.isin(
            np.arange(len(limit)), np.append(positions["supply"][is_several], positions["stored"].ravel())
        ),
        price_bound=_by_row(present, _price_bounds(structure, market, parameters, scales["cap"])),
        scale=_by_row(present, scales),
        counted=counted_of_service(structure, single),
        counted_sent=counted_of_arcs(structure),
        single=single,
        single_cost=_per_drawn(structure, structure.tier_cost, single),
        tier=tier,
        tier_period=t,
        tier_cost=structure.tier_cost[tier, t] / structure.tier_yield[tier] * structure.overhead[s, t],
        tier_amount=np.minimum(order.amount[rank, t, s], 2 * market.most_drawn[t, s]),
    )


def _tiers_that_count(structure: Structure, market: Market) -> tuple[BoolArray, BoolArray]:
    """Return where a single tier counts, and where several do (t, s)."""
    order = market.order
    stored = has_stores(structure)
    is_single = (order.count == 1) | ((order.within[0] >= market.most_drawn) & ~caps_count_tiers(structure))
    is_single &= ~stored
    return is_single, stored | (~is_single & (order.count > 1) & (market.most_drawn > 0))


def _present(structure: Structure, market: Market, is_single: BoolArray, is_several: BoolArray) -> dict[str, BoolArray]:
    """Return which limits have a row, by kind and in the order of the rows."""
    order = market.order
    first = order.within[0]
    total = np.minimum(np.cumsum(order.amount, axis=0)[-1], market.most_drawn)
    return {
        "capacity": (market.most_used > structure.capacity.T) & (structure.capacity.T > 0),
        "supply": is_several | (is_single & (first < market.most_drawn) & (first > 0)),
        "intake": is_several & (order.intake < total),
        "link": np.isfinite(structure.link_capacity[market.link].T),
        "cap": np.isfinite(structure.cap_limit),
        **_present_of_stores(structure.stores),
    }


def _present_of_stores(stores: Stores | None) -> dict[str, BoolArray]:
    """Return which rows of stores there are, by kind: those of energy are of banks of several."""
    if stores is None:
        return dict.fromkeys(("stored", "power", "energy", "source"), NO_STORES.astype(bool))
    every = np.ones(stores.power.shape, dtype=bool)
    return {
        "stored": every,
        "power": every & stores.leads[:, None],
        "energy": stores.over_banks(every.astype(float)) > 1,
        "source": np.ones(stores.source_cost.shape, dtype=bool),
    }


def _number_rows(present: dict[str, BoolArray]) -> dict[str, IntArray]:
    """Number the rows kind by kind; -1 where there is none."""
    positions, first = {}, 0
    for kind, there in present.items():
        positions[kind] = np.where(there, first + np.cumsum(there).reshape(there.shape) - 1, -1)
        first += int(there.sum())
    return positions


def _by_row(present: dict[str, BoolArray], values: Mapping[str, FloatArray | float]) -> FloatArray:
    """Return the values of the limits that have a row, in the order of the rows."""
    return np.concatenate([np.broadcast_to(values[kind], there.shape)[there] for kind, there in present.items()])


def _scales(structure: Structure) -> dict[str, FloatArray | float]:
    """Return a typical coefficient of every kind of row, and of every cap."""
    draw = typical(structure.draw)
    work, tier = structure.cap_work, structure.cap_tier
    routes = [typical(np.abs(structure.cap_route.values_of(cap))) for cap in range(len(work))]
    caps = [
        typical(np.abs(np.concatenate([work.values_of(cap), draw * tier.values_of(cap), route * send])))
        for cap, (send, route) in enumerate(zip(structure.cap_send, routes, strict=True))
    ]
    return {
        "capacity": typical(structure.use),
        "supply": draw,
        "intake": draw,
        "link": typical(structure.link_use),
        "cap": np.array(caps),
        "stored": draw,
        "power": draw,
        "energy": draw,
        "source": draw,
    }


def _price_bounds(
    structure: Structure, market: Market, parameters: MasterParameters, of_caps: FloatArray | float
) -> dict[str, FloatArray | float]:
    """Return for every kind of row a price at which no demand could afford a unit.

    It is ``margin (highest penalty - lowest cost of service) / smallest coefficient``; a cap, which every unit of work
    may count under by any factor, has a further margin and its typical coefficient instead, one of ``of_caps``.
    """
    cheapest = min((float(group.base.min()) for group in market.groups), default=0.0)
    highest = float(structure.unserved_cost.max(initial=1.0)) - min(cheapest, 0.0)
    worth = parameters.shortfall_price_margin * highest

    def per_unit(coefficients: FloatArray) -> float:
        return worth / float(coefficients[coefficients > 0].min(initial=np.inf))

    return {
        "capacity": per_unit(structure.use),
        "supply": per_unit(structure.draw),
        "intake": per_unit(structure.draw),
        "link": per_unit(structure.link_use),
        "cap": parameters.shortfall_price_rise * worth / of_caps,
        **dict.fromkeys(
            ("stored", "power", "energy", "source"), parameters.shortfall_price_rise * per_unit(structure.draw)
        ),
    }


def _per_drawn(structure: Structure, per_taken: FloatArray, single: IntArray) -> FloatArray:
    """Return a figure of the single tiers per unit drawn (t, s), for one per unit taken (tiers, t); 0 without one."""
    figure = np.zeros(single.shape)
    t, s = np.nonzero(single >= 0)
    tier = single[t, s]
    figure[t, s] = per_taken[tier, t] / structure.tier_yield[tier] * structure.overhead[s, t]
    return figure
