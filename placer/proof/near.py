"""Surpluses (reduced costs) of all columns, exact over all arcs and periods, and the columns of low surplus.

At duals as ``placer.proof.bound`` reads them, the *surplus* of a column is the cost of one more unit less its worth:

    an assignment   z_ijt - price_i                       price_i = min(unserved_cost, min_j z_ijt) or another price
    unserved        unserved_cost_k - price_i
    a queue flow    v_kjt' - V_kjt
    a tier          tier_yield_s (m_st - pi_jt)           of either sign; below 0 the tier is at its limit

so that for every placement

    cost = bound + sum surplus * column + sum rent * slack        (of a tier: surplus * y, or - surplus * (limit - y))

Surpluses of columns that can carry nothing are inf.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from scipy.sparse import csr_array

from placer.kernels.choice import kernels_for
from placer.kernels.priced_arcs import PricedArcs
from placer.model.answer import Duals
from placer.model.caps import arc_rents
from placer.model.links import links_along
from placer.model.positions import Assignments
from placer.model.stores import NO_STORES
from placer.model.storing import following
from placer.model.structure import Structure
from placer.model.unserved import highest_values
from placer.proof.bound import (
    BoundPrices,
    arc_prices,
    arrival_prices,
    bound_prices,
    cheapest_arcs,
    gains_of_stores,
    priced_arcs,
)
from placer.proof.stored import energy_rents, prices_of_stores
from placer.utils.arrays import NOISE, FloatArray, IntArray, expand_counts, sums_by
from placer.utils.shared_work import each

#: Assignments as demands and arcs, and their surpluses.
_Near = tuple[IntArray, IntArray, FloatArray]
#: Assignments priced in one chunk; it bounds the memory and leaves the result as it is.
ASSIGNMENTS_AT_A_TIME = 1_000_000


@dataclass(frozen=True, eq=False)
class Surpluses:
    """Duals of a structure and the surpluses of its columns at them.

    Attributes
    ----------
    structure : Structure
    duals : Duals
    prices : BoundPrices
    arriving : (classes, sites, periods) array
        ``V``.
    price : (demands,) array
        Price of each demand: its cheapest way to be served or left unserved.
    """

    structure: Structure
    duals: Duals
    prices: BoundPrices
    arriving: FloatArray
    price: FloatArray

    def near(self, margin: float) -> tuple[Assignments, FloatArray]:
        """Return all assignments with a surplus of at most ``margin``, ordered by demand, and their surpluses."""
        kernels = kernels_for(self.structure.assignment_count)
        arcs = None if kernels is None else priced_arcs(self.structure, self.prices, self.arriving)
        if kernels is None or arcs is None:
            return self._near_of_tables(margin)
        chunks = _chunks_of_demands(self.structure.assignment_starts, ASSIGNMENTS_AT_A_TIME)
        found = each(lambda chunk: self._near_by_kernel(kernels, arcs, *chunk, margin), chunks)
        none = np.zeros(0, dtype=int)
        demand, arc, surplus = (np.concatenate(parts) for parts in zip((none, none, np.zeros(0)), *found, strict=True))
        return Assignments(demand, arc), surplus

    def _near_of_tables(self, margin: float) -> tuple[Assignments, FloatArray]:
        """Do as ``near``: tables of prices by way and class, and the exact surpluses of what may be near there."""
        structure, shape = self.structure, (len(self.structure.arc_starts) - 1, self.structure.periods)
        cell = np.ravel_multi_index((structure.demand_pair, structure.demand_period), shape)
        asked, most = np.zeros(shape[0], dtype=bool), np.full(shape, -np.inf)
        asked[structure.demand_pair] = True
        sizes = (np.abs(each).max(initial=0.0, where=np.isfinite(each)) for each in (structure.arc_cost, self.price))
        np.maximum.at(most.ravel(), cell, self.price + (margin + NOISE * float(sum(sizes))))
        none = np.zeros(0, dtype=int)
        parts: list[tuple[IntArray, IntArray]] = [(none, none)]
        for span, groups in arc_prices(structure, self.prices, self.arriving, asked):
            for arcs, price in groups:
                rows, period = np.nonzero(price <= most[structure.arc_pair[arcs], span])
                parts.append((arcs[rows], period + span.start))
        arc, when = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(cell, kind="stable")
        first, last = (
            np.searchsorted(cell[order], np.ravel_multi_index((structure.arc_pair[arc], when), shape), side=side)
            for side in ("left", "right")
        )
        which, rank = expand_counts(last - first)
        demand, its_arc = order[first[which] + rank], arc[which]
        by_demand = np.lexsort((its_arc, demand))
        chosen = Assignments(demand[by_demand], its_arc[by_demand])
        surplus = self.of_assignments(chosen)
        kept = surplus <= margin
        return Assignments(chosen.demand[kept], chosen.arc[kept]), surplus[kept]

    def _near_by_kernel(self, kernels: ModuleType, arcs: PricedArcs, first: int, last: int, margin: float) -> _Near:
        """Return the near assignments of the demands from ``first`` to before ``last``."""
        structure, some = self.structure, slice(first, last)
        size = structure.assignment_starts[last] - structure.assignment_starts[first]
        found = np.empty(size, dtype=int), np.empty(size, dtype=int), np.empty(size)
        pair, period = structure.demand_pair[some], structure.demand_period[some]
        starts, ends = structure.arc_starts[pair], structure.arc_starts[pair + 1]
        count = kernels.near_of_demands(arcs, starts, ends, period, self.price[some], margin, found)
        demand, arc, surplus = (values[:count].copy() for values in found)
        return demand + first, arc, surplus

    def of_assignments(self, chosen: Assignments) -> FloatArray:
        """Return the surpluses of some assignments."""
        structure, demand, arc = self.structure, chosen.demand, chosen.arc
        klass, site, period = structure.arc_class[arc], structure.arc_site[arc], structure.demand_period[demand]
        cost = structure.arc_cost[arc] + self.arriving[klass, site, period]
        if len(self.prices.links):
            cost += _link_rents(structure, self.prices, arc, period)
        cost += arc_rents(structure, self.prices.cap, arc, period)
        return cost - self.price[demand]

    def of_unserved(self) -> FloatArray:
        """Return the surplus of leaving each demand unserved, of a structure without steps of demand."""
        return self.structure.unserved_cost[self.structure.demand_class] - self.price

    def of_queue_flows(self) -> FloatArray:
        """Return the surpluses of the queue flows."""
        flows = self.structure.queue_flows
        served = self.prices.service[flows.klass, flows.site, flows.service]
        closed = np.isinf(served)
        arriving = self.arriving[flows.klass, flows.site, flows.arrival]
        return np.where(closed, np.inf, served - np.where(closed, 0.0, arriving))

    def of_tiers(self) -> FloatArray:
        """Return the surpluses of the tiers (tiers, periods)."""
        site = self.structure.tier_site
        surplus = self.structure.tier_yield[:, None] * (self.prices.tier - self.duals.balance[site])
        return np.where(self.structure.dark[site], np.inf, surplus)

    def of_stores(self) -> FloatArray:
        """Return the surpluses of what stores charge, discharge and hold (3 * stores * periods,)."""
        stores, mu = self.structure.stores, self.duals.stored
        if stores is None:
            return np.zeros(0)
        charging, discharging = gains_of_stores(stores, prices_of_stores(stores, self.duals), mu)
        rent, shared = stores.of_bank(self.power_rents), stores.of_bank(energy_rents(stores, self.duals))
        parts = rent - charging, rent - discharging, shared + mu - mu[:, following(self.structure)]
        return np.concatenate([each.ravel() for each in parts])

    @property
    def power_rents(self) -> FloatArray:
        """The rents of the power of stores (stores, periods), of banks at their first store.

        They are no less than what any use of it earns.
        """
        stores = self.structure.stores
        if stores is None:
            return NO_STORES
        gains = gains_of_stores(stores, prices_of_stores(stores, self.duals), self.duals.stored)
        return stores.most_of_banks(np.maximum(np.maximum(*gains), 0.0))


def surpluses(structure: Structure, duals: Duals) -> Surpluses:
    """Return the surpluses at given duals, each demand priced at its cheapest way to be served or left unserved."""
    prices = bound_prices(structure, duals)
    arriving = arrival_prices(structure, prices.service)
    cheapest = cheapest_arcs(structure, prices, arriving)
    price = np.minimum(highest_values(structure), cheapest)
    return Surpluses(structure, duals, prices, arriving, price)


def _chunks_of_demands(starts: IntArray, at_a_time: int) -> list[tuple[int, int]]:
    """Cut the demands into chunks of at most ``at_a_time`` assignments, each of at least one demand."""
    cuts, last = [0], len(starts) - 1
    while cuts[-1] < last:
        reach = int(np.searchsorted(starts, starts[cuts[-1]] + at_a_time, side="right")) - 1
        cuts.append(min(max(reach, cuts[-1] + 1), last))
    return list(itertools.pairwise(cuts))


def _link_rents(structure: Structure, prices: BoundPrices, arc: IntArray, period: IntArray) -> FloatArray:
    """Return the link rent of one unit over each arc in its period; inf through a link of capacity 0."""
    incidence = csr_array(structure.route_links[:, prices.links])
    which, link = links_along(incidence, structure.arc_route[arc])
    use = structure.link_use[structure.arc_class[arc[which]]]
    rents = np.where(use > 0, prices.link[link, period[which]], 0.0)
    return sums_by(which, rents * use, len(arc))
