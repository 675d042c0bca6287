"""The cost of work at every site and over every arc at given duals, and the bound on the cost that the duals prove.

With rents alpha of capacity, nu of links and gamma of caps (all >= 0) and a price q of the draw of a site,

    serving     v_kjt = work_cost_kjt + use_kj alpha_jt + overhead_jt draw_kj q_jt + sum_c gamma_c cap_work_ckjt
    arriving    V_kjt = least of v_kjt' over the window                                 v itself without one
    sending     z_ijt = arc_cost_ij + V_kjt + link_use_k sum of nu_lt along the route
                        + sum_c gamma_c cap_send_ck cap_route_cr cap_arrival_ct
    a tier      m_st  = (tier_cost_st + sum_c gamma_c cap_tier_cst) / tier_yield_s      per unit of supply
                        of a source with stores: less its price pi_zt >= 0 before the division
    a store     k_bt  = q_jt at a site;  source_cost_zt + sum_c gamma_c cap_source_czt - pi_zt at a source

and no placement costs less than

    bound = sum_i amount_i min(unserved_cost_k, min_j z_ijt)            (in steps: ``placer.model.unserved``)
            - sum_jt alpha capacity - sum_lt nu link_capacity - sum_c gamma cap_limit - sum_jt S_jt - sum_bt B_bt

    S_jt  = max  sum_s (q_jt - m_st) tier_yield_s y_st
            over 0 <= y_st <= tier_limit_st  with  sum_s tier_yield_s y_st <= intake_jt

    B_bt  = power_bt max(0, efficiency mu_bt - k_bt, k_bt - cost_b - mu_bt / efficiency)
            + energy_bt max(0, mu_b,t+1 - mu_bt)

(each over the stores of a bank, which share power and energy, and with what caps add to a store alone)
with mu_bt the worth of a unit that store b holds at the end of t (``placer.model.stores``): the most that the store can
earn at the prices k is at most ``sum_t B_bt``, for any mu, and equals it at the best mu.

The bound is the Lagrangian dual of the program with balance, capacity, links and caps relaxed. The relaxed program
separates into demands, queues and the supply of each site. Each is solved exactly, so that the bound holds for any
duals. (At duals pi of the balance and sigma of the intake, q = pi + sigma.) The best duals give the optimum itself.

Any q is allowed. Where a tier without limit at a site without limit makes S infinite, q falls to the cost of that tier.
Rents below 0 and rents of infinite limits count as 0. Work costs inf where it needs supply or capacity and the site has
none, and on routes through a link of capacity 0: such arcs carry nothing at any duals.

The bound is linear in the amounts of demand: payments for units, less rents that do not depend on them. So it serves
many structures that differ in these amounts alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from placer.kernels.choice import kernels_for
from placer.kernels.priced_arcs import PricedArcs
from placer.model.answer import Duals
from placer.model.caps import arc_rents_of_all_periods, caps_of_arcs, counts_by_arrival, route_rents
from placer.model.stores import NO_STORES, Stores
from placer.model.storing import following
from placer.model.structure import Structure
from placer.model.unserved import paid_per_unit
from placer.utils.arrays import BoolArray, FloatArray, IntArray, period_chunks
from placer.utils.shared_work import each

#: Most prices of demands, or of routes, that are held at a time.
_AT_A_TIME = 2_000_000


@dataclass(frozen=True, eq=False)
class BoundPrices:
    """Prices that prove a bound, made from any duals.

    Attributes
    ----------
    capacity : (sites, periods) array
        ``alpha``, >= 0.
    supply : (sites, periods) array
        ``q``.
    links : (priced links,) int array
        Positions of the links that have a rent or no capacity.
    link : (priced links, periods) array
        ``nu``, >= 0; inf where the capacity is 0.
    cap : (caps,) array
        ``gamma``, >= 0.
    tier : (tiers, periods) array
        ``m``.
    service : (classes, sites, periods) array
        ``v``; inf where that work can never be served.
    store, stored : (stores, periods) arrays
        ``k`` and ``mu``; empty without stores.
    """

    capacity: FloatArray
    supply: FloatArray
    links: IntArray
    link: FloatArray
    cap: FloatArray
    tier: FloatArray
    service: FloatArray
    store: FloatArray = field(default_factory=lambda: NO_STORES)
    stored: FloatArray = field(default_factory=lambda: NO_STORES)


@dataclass(frozen=True, eq=False)
class LimitRents:
    """Rents times limits at some prices, in USD; 0 of infinite limits.

    Attributes
    ----------
    capacity, supply : (sites, periods) arrays
    link : (priced links, periods) array
    cap : (caps,) array
    store : (stores, periods) array
        ``B``; empty without stores.
    """

    capacity: FloatArray
    supply: FloatArray
    link: FloatArray
    cap: FloatArray
    store: FloatArray = field(default_factory=lambda: NO_STORES)

    @property
    def total(self) -> float:
        """The sum."""
        return sum(float(each.sum()) for each in (self.capacity, self.link, self.cap, self.supply, self.store))


def bound_prices(structure: Structure, duals: Duals) -> BoundPrices:
    """Return the prices of some duals; some are counted as 0, lowered or set to inf, as the module's text says."""
    capacity = _rent(duals.capacity, structure.capacity)
    cap = _rent(duals.cap, structure.cap_limit)
    stores, source = structure.stores, np.maximum(duals.source, 0.0)
    tier = tier_prices(structure, cap, source)
    supply = bounded_supply(structure, duals.balance + _rent(duals.intake, structure.intake), tier)
    links, link = _link_rents(structure, duals)
    return BoundPrices(
        capacity=capacity,
        supply=supply,
        links=links,
        link=link,
        cap=cap,
        tier=tier,
        service=np.where(
            never_served(structure), np.inf, service_prices(structure, structure.work_cost, capacity, supply, cap)
        ),
        store=NO_STORES if stores is None else store_prices(stores, supply, cap, source),
        stored=duals.stored,
    )


def tier_prices(structure: Structure, cap: FloatArray, source: FloatArray) -> FloatArray:
    """Return ``m`` (tiers, periods), at prices of caps and of the sources."""
    paid = structure.tier_cost + structure.cap_tier.priced(cap) if cap.any() else structure.tier_cost
    if structure.stores is not None:
        paid = paid - structure.stores.of_tiers(source)
    return np.asarray(paid / structure.tier_yield[:, None])


def source_prices(stores: Stores, cap: FloatArray, source: FloatArray) -> FloatArray:
    """Return what a unit charged at every source costs (sources, periods), at prices of caps and of the sources."""
    return np.asarray(stores.source_cost + stores.cap_source.priced(cap) - source)


def store_prices(stores: Stores, supply: FloatArray, cap: FloatArray, source: FloatArray) -> FloatArray:
    """Return ``k`` (stores, periods), at prices of supply, of caps and of the sources."""
    return stores.prices(supply, source_prices(stores, cap, source)) + stores.own_prices(cap)


def service_prices(
    structure: Structure, work_cost: FloatArray, capacity: FloatArray, supply: FloatArray, cap: FloatArray
) -> FloatArray:
    """Return ``v`` (classes, sites, periods): the price of serving a unit, whether or not it can be served.

    Parameters
    ----------
    structure : Structure
    work_cost : (classes, sites, periods) array
        ``structure.work_cost``, or 0 where the duals are of a program in which work costs nothing.
    capacity, supply : (sites, periods) arrays
        ``alpha`` and ``q``.
    cap : (caps,) array
        ``gamma``.
    """
    work = work_cost + structure.cap_work.priced(cap) if cap.any() else work_cost
    drawn = structure.draw[:, :, None] * structure.overhead
    return work + structure.use[:, :, None] * capacity + drawn * supply


def never_served(structure: Structure) -> BoolArray:
    """Return where work needs supply or capacity and the site has none (classes, sites, periods)."""
    drawn = structure.draw[:, :, None] * structure.overhead
    return ((drawn > 0) & structure.dark) | ((structure.use[:, :, None] > 0) & (structure.capacity == 0))


def arrival_prices(structure: Structure, service: FloatArray) -> FloatArray:
    """Return ``V`` (classes, sites, periods): the price of serving a unit that arrives, at its best period."""
    arriving = service.copy()
    for klass in np.flatnonzero(structure.window > 0):
        arriving[klass] = least_ahead(structure, service[klass], int(structure.window[klass]))
    return arriving


def least_ahead(structure: Structure, price: FloatArray, window: int) -> FloatArray:
    """Return the minimum of each value and the ``window`` values after it in its block, along the last axis.

    ``scipy.ndimage.minimum_filter1d`` gives the same to the last bit, and faster where windows are long; importing it
    takes longer than all windows of a week's placement.
    """
    least, period = price.copy(), np.arange(structure.periods)
    first, length = structure.block_span
    last = length - 1 if structure.cyclic else first + length - 1 - period
    delays = np.arange(1, min(window, int(last.max())) + 1)
    for delay, ahead in zip(delays, structure.after(period, delays[:, None]), strict=True):
        np.minimum(least, np.where(delay <= last, price[..., ahead], np.inf), out=least)
    return least


def cheapest_arcs(structure: Structure, prices: BoundPrices, arriving: FloatArray) -> FloatArray:
    """Return ``min_j z`` of every demand over all its arcs; inf where no arc can carry anything.

    Parameters
    ----------
    structure : Structure
    prices : BoundPrices
    arriving : (classes, sites, periods) array
        ``V``, exact or any other.

    Returns
    -------
    (demands,) array

    Notes
    -----
    Works through ways and classes, some periods at a time, and never holds more than a table of the (class, origin)
    pairs that ask for anything. A kernel works through the pairs.
    """
    pair_of_demand = structure.demand_pair
    asked = np.zeros(structure.classes * structure.origins, dtype=bool)
    asked[pair_of_demand] = True
    table = _cheapest_by_kernel(structure, prices, arriving, np.flatnonzero(asked))
    if table is not None:
        return np.asarray(table[(np.cumsum(asked) - 1)[pair_of_demand], structure.demand_period])
    least = np.full(len(structure.demand_amount), np.inf)
    slot = np.cumsum(asked) - 1
    for span, groups in arc_prices(structure, prices, arriving, asked):
        table = np.full((int(asked.sum()), span.stop - span.start), np.inf)
        for arcs, price in groups:
            rows = slot[structure.arc_pair[arcs]]
            table[rows] = np.minimum(table[rows], price)
        inside = np.flatnonzero((structure.demand_period >= span.start) & (structure.demand_period < span.stop))
        least[inside] = table[slot[pair_of_demand[inside]], structure.demand_period[inside] - span.start]
    return least


def arc_prices(
    structure: Structure, prices: BoundPrices, arriving: FloatArray, asked: BoolArray
) -> Iterator[tuple[slice, Iterator[tuple[IntArray, FloatArray]]]]:
    """Yield spans of periods, each with the arcs of one way and class after the other and their prices.

    Parameters
    ----------
    structure, prices, arriving
        As of ``cheapest_arcs``.
    asked : (pairs,) bool array
        The (class, origin) pairs whose arcs are priced.

    Yields
    ------
    span : slice
    groups : iterator of (arcs,) int arrays and (arcs, periods of the span) arrays
        ``z``.
    """
    groups = _arcs_by_way_and_class(structure, asked[structure.arc_pair])
    cost, by_arrival = _costs_with_rents(structure, prices)

    def priced(span: slice) -> Iterator[tuple[IntArray, FloatArray]]:
        for way, members in itertools.groupby(groups, key=lambda arcs: int(structure.arc_way[arcs[0]])):
            site, rents = way // structure.routes, _route_rents(structure, prices, way, span)
            for arcs in members:
                klass, origin = structure.arc_class[arcs[0]], structure.arc_origin[arcs]
                price = cost[arcs, None] + arriving[klass, site, span]
                if rents is not None and structure.link_use[klass] > 0:
                    price += structure.link_use[klass] * rents[origin]
                if by_arrival:
                    route = structure.route(origin, way)
                    price += route_rents(structure, prices.cap, int(klass), route)[:, span]
                yield arcs, price

    for span in period_chunks(structure.periods, max(int(asked.sum()), structure.origins), _AT_A_TIME):
        yield span, priced(span)


def priced_arcs(structure: Structure, prices: BoundPrices, arriving: FloatArray) -> PricedArcs | None:
    """Return the arcs at some prices as kernels take them; None if rents of caps differ by period."""
    cost, by_arrival = _costs_with_rents(structure, prices)
    if by_arrival:
        return None
    links = csr_array(structure.route_links[:, prices.links])
    return PricedArcs(
        klass=structure.arc_class,
        site=structure.arc_site,
        route=structure.arc_route,
        cost=cost,
        arriving=arriving,
        link_use=structure.link_use,
        link_starts=links.indptr,
        link=links.indices,
        link_price=prices.link,
    )


def _costs_with_rents(structure: Structure, prices: BoundPrices) -> tuple[FloatArray, bool]:
    """Return the costs of arcs with the rents of caps, and whether these differ by period and are not in them."""
    if not prices.cap.any() or not prices.cap[caps_of_arcs(structure)].any():
        return structure.arc_cost, False
    if counts_by_arrival(structure):
        return structure.arc_cost, True
    return structure.arc_cost + arc_rents_of_all_periods(structure, prices.cap), False


def _cheapest_by_kernel(
    structure: Structure, prices: BoundPrices, arriving: FloatArray, pairs: IntArray
) -> FloatArray | None:
    """Return the lowest price of some (class, origin) pairs (pairs, periods); None without a kernel for the arcs."""
    kernels = kernels_for(structure.assignment_count)
    arcs = None if kernels is None else priced_arcs(structure, prices, arriving)
    if kernels is None or arcs is None:
        return None
    table, starts = np.empty((len(pairs), structure.periods)), structure.arc_starts
    starts, ends = starts[pairs], starts[pairs + 1]
    chunks = period_chunks(len(pairs), structure.periods, _AT_A_TIME // 10)
    each(lambda some: kernels.cheapest_of_pairs(arcs, starts[some], ends[some], table[some]), chunks)
    return table


def bound_of(structure: Structure, prices: BoundPrices, cheapest: FloatArray) -> float:
    """Return the lower bound on the cost of every placement that the prices prove.

    Parameters
    ----------
    structure : Structure
    prices : BoundPrices
    cheapest : (demands,) array
        ``cheapest_arcs`` at the exact arrival prices.
    """
    return float(structure.demand_amount @ paid_per_unit(structure, cheapest)) - rents_of(structure, prices).total


def bound_at(structure: Structure, duals: Duals) -> float:
    """Return the lower bound that some duals prove, in one pass over all arcs."""
    prices = bound_prices(structure, duals)
    return float(structure.demand_amount @ payments(structure, prices)) - rents_of(structure, prices).total


def payments(structure: Structure, prices: BoundPrices) -> FloatArray:
    """Return what a unit of each demand pays: the least of its ways and its penalty (demands,)."""
    cheapest = cheapest_arcs(structure, prices, arrival_prices(structure, prices.service))
    return paid_per_unit(structure, cheapest)


def rents_of(structure: Structure, prices: BoundPrices) -> LimitRents:
    """Return the rents of all limits times the limits."""
    limit = structure.link_capacity[prices.links]
    return LimitRents(
        capacity=_earned(prices.capacity, structure.capacity),
        supply=supply_rents(structure, prices),
        link=_earned(np.where(limit > 0, prices.link, 0.0), limit),
        cap=_earned(prices.cap, structure.cap_limit),
        store=NO_STORES if structure.stores is None else store_rents(structure, structure.stores, prices),
    )


def store_rents(structure: Structure, stores: Stores, prices: BoundPrices) -> FloatArray:
    """Return ``B`` (stores, periods): at most this can be earned by storing."""
    power, energy = rents_of_stores(structure, stores, prices)
    return np.asarray(stores.power * power + stores.energy * energy)


def rents_of_stores(structure: Structure, stores: Stores, prices: BoundPrices) -> tuple[FloatArray, FloatArray]:
    """Return the rents of power and of energy (stores, periods), twice: what a unit more of each can earn at most."""
    charging, discharging = gains_of_stores(stores, prices.store, prices.stored)
    holding = prices.stored[:, following(structure)] - prices.stored
    power, energy = np.maximum(np.maximum(charging, discharging), 0.0), np.maximum(holding, 0.0)
    return stores.most_of_banks(power), stores.most_of_banks(energy)


def gains_of_stores(stores: Stores, price: FloatArray, stored: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what a unit charged and a unit discharged earn (stores, periods), given ``k`` and ``mu``."""
    efficiency = stores.efficiency[:, None]
    return efficiency * stored - price, price - stores.cost[:, None] - stored / efficiency


def supply_rents(structure: Structure, prices: BoundPrices) -> FloatArray:
    """Return ``S`` (sites, periods): the largest profit of a site's supply at its price, from the cheapest tiers on."""
    site, rank, order = _tiers_of_sites(structure)
    shape = (structure.sites, int(rank.max(initial=-1)) + 1, structure.periods)
    gain, amount = np.zeros(shape), np.zeros(shape)
    gain[site, rank] = np.maximum(prices.supply[site] - prices.tier[order], 0.0)
    amount[site, rank] = structure.tier_yield[order, None] * structure.tier_limit[order]
    # Unprofitable supply is not bought. Amounts stay finite: where tier and intake are unlimited, q was lowered to the
    # cost of the tier.
    amount = np.where(gain > 0, np.minimum(amount, structure.intake[:, None]), 0.0)
    best = np.argsort(-gain, axis=1, kind="stable")
    gain, amount = np.take_along_axis(gain, best, axis=1), np.take_along_axis(amount, best, axis=1)
    before = np.cumsum(amount, axis=1) - amount
    taken = np.clip(structure.intake[:, None] - before, 0.0, amount)
    return (gain * taken).sum(axis=1)


def worth(rent: FloatArray, limit: FloatArray) -> float:
    """Return the sum of rents times finite limits."""
    return float(_earned(rent, limit).sum())


def _earned(rent: FloatArray, limit: FloatArray) -> FloatArray:
    return rent * np.where(np.isfinite(limit), limit, 0.0)


def _rent(dual: FloatArray, limit: FloatArray) -> FloatArray:
    return np.where(np.isfinite(limit), np.maximum(dual, 0.0), 0.0)


def bounded_supply(structure: Structure, supply: FloatArray, tier: FloatArray) -> FloatArray:
    """Return ``q`` (sites, periods), lowered where supply would earn without end at the prices ``m`` of tiers."""
    most = np.full(supply.shape, np.inf)
    np.minimum.at(most, structure.tier_site, np.where(np.isinf(structure.tier_limit), tier, np.inf))
    return np.where(np.isinf(structure.intake), np.minimum(supply, most), supply)


def _link_rents(structure: Structure, duals: Duals) -> tuple[IntArray, FloatArray]:
    limited = np.flatnonzero(np.isfinite(structure.link_capacity).any(axis=1))
    limit = structure.link_capacity[limited]
    rents = np.where(limit == 0, np.inf, _rent(duals.link[limited], limit))
    priced = (rents > 0).any(axis=1)
    return limited[priced], rents[priced]


def _arcs_by_way_and_class(structure: Structure, asked: BoolArray) -> list[IntArray]:
    """Return the arcs (arcs,) that are asked for, way by way and there class by class."""
    arcs = np.flatnonzero(asked)
    where = structure.arc_way[arcs] * structure.classes + structure.arc_class[arcs]
    order = np.argsort(where, kind="stable")
    groups = np.split(arcs[order], np.flatnonzero(np.diff(where[order])) + 1)
    return [group for group in groups if len(group)]


def _route_rents(structure: Structure, prices: BoundPrices, way: int, span: slice) -> FloatArray | None:
    """Return the sum of ``nu`` along the routes of all origins by a way (origins, periods); None without any."""
    if not len(prices.links):
        return None
    incidence = csr_array(structure.route_links[way :: structure.ways][:, prices.links])
    return np.asarray(incidence @ prices.link[:, span])


def _tiers_of_sites(structure: Structure) -> tuple[IntArray, IntArray, IntArray]:
    """Return the tiers site by site: the site of each, its place among those of the site, and its position."""
    order = np.argsort(structure.tier_site, kind="stable")
    counts = np.bincount(structure.tier_site, minlength=structure.sites)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return structure.tier_site[order], rank, order
