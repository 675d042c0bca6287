"""The least rents of limits of 0 that units may raise, such that the prices of demands stay valid.

The dual of a limit of 0 does not enter the dual objective, so any value is optimal if it is dual feasible. Column
generation leaves closed arcs out and returns no dual for them. A cut needs such a dual, since units open these arcs:
at the rents of the cut, every arc of i must cost at least the proven price pi_i of demand i. Otherwise the cut would
lie below the proven cost. In the notation of ``placer.proof.bound``, with

    R_kjt = max over the demands i whose work may be served at j in t, by class k, of  pi_i - (z_ij - V_kjt')

the work of class k needs ``v_kjt >= R_kjt``. At a closed limit, the missing part ``R_kjt - v_kjt`` is added to

    a pool               where it is 0 in t and k takes of it
    the supply, q_jt     where the site is dark in t, and the capacity is open or k takes none of it
    the capacity         where it is 0 in t and k takes of it
    a link               of capacity 0, by ``(pi_i - z_ij) / link_use_k``, on arcs that are still too cheap

each time the least amount that suffices for all classes. A site is also dark if the power zones of all its supplies
have a limit of 0. At a dark site q starts from the cost of its cheapest tier. A rise of q is a rent of the intake if
the intake is 0, else of the tiers. The rent of a power zone with a limit of 0 is the least at which none of its tiers
earns a rent. If several limits of an arc are 0, any division of the rent between them is valid. Positive limits keep
their duals, and so do closed caps that count assignments: solvers keep their arcs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from placer.decomposition.closed_stores import with_store_rents
from placer.decomposition.cuts import PriceVector
from placer.model.answer import Duals
from placer.model.caps import caps_of_arcs, route_rents
from placer.model.structure import Structure
from placer.proof.bound import least_ahead, service_prices
from placer.utils.arrays import BoolArray, FloatArray, IntArray


def prices_of(structure: Structure, opened: Structure, duals: Duals) -> PriceVector:
    """Return the price vector of proven duals, with rents of the limits that are 0 and that units may raise.

    Parameters
    ----------
    structure : Structure
        The structure of the duals.
    opened : Structure
        The same with a unit of each variable.
    """
    return with_store_rents(structure, opened, _with_rents(structure, opened, duals))


def _with_rents(structure: Structure, opened: Structure, duals: Duals) -> PriceVector:
    """Return the price vector with rents of the limits of 0 that are not those of stores."""
    prices = PriceVector.of(duals)
    closed = _Closed.of(structure, opened)
    if not (closed.capacity.any() or closed.supply.any() or closed.link.any() or closed.cap.any()):
        return prices
    prices = replace(prices, cap=np.where(closed.cap, 0.0, prices.cap))
    tier = _tier_prices(opened, prices.cap)
    prices = replace(
        prices,
        capacity=np.where(closed.capacity, 0.0, prices.capacity),
        supply=np.where(closed.supply, tier, prices.supply),
        intake=np.where(closed.supply, 0.0, prices.intake),
        link=np.where(closed.link, 0.0, prices.link),
    )
    needed = _Needed.of(opened, duals.demand, prices)
    prices = _with_pool_rents(opened, prices, closed.cap, needed)
    prices = _with_site_rents(structure, opened, prices, closed, needed, tier)
    prices = _with_zone_rents(opened, prices, closed.cap)
    return _with_link_rents(opened, prices, closed.link, needed) if closed.link.any() else prices


@dataclass(frozen=True, eq=False)
class _Closed:
    """Where a limit of 0 may be raised: (sites, periods) twice, (links, periods), (caps,) that count no assignments."""

    capacity: BoolArray
    supply: BoolArray
    link: BoolArray
    cap: BoolArray

    @classmethod
    def of(cls, structure: Structure, opened: Structure) -> _Closed:
        """Return the limits that are closed in a structure and open with a unit of each variable."""
        cap = (structure.cap_limit == 0) & (opened.cap_limit > 0) & ~(structure.cap_send != 0).any(axis=1)
        cap &= ~_of_open_sources(structure)
        barred = (structure.cap_tier[cap].array > 0).any(axis=0)
        shut = replace(structure, tier_limit=np.where(barred, 0.0, structure.tier_limit))
        return cls(
            capacity=(structure.capacity == 0) & (opened.capacity > 0),
            supply=shut.dark & ~opened.dark,
            link=(structure.link_capacity == 0) & (opened.link_capacity > 0),
            cap=cap,
        )


@dataclass(frozen=True, eq=False)
class _Needed:
    """The least cost of every arc that the prices of demands require.

    Attributes
    ----------
    price : (classes, origins, periods) array
        ``pi``, -inf where there is no demand.
    rents : PriceVector
        Rents of the limits along the arcs.
    """

    opened: Structure
    price: FloatArray
    rents: PriceVector

    @classmethod
    def of(cls, opened: Structure, demand_price: FloatArray, rents: PriceVector) -> _Needed:
        """Lay the prices of demands out by class, origin and period."""
        price = np.full((opened.classes, opened.origins, opened.periods), -np.inf)
        price[opened.demand_class, opened.demand_origin, opened.demand_period] = demand_price
        return cls(opened, price, rents)

    def on_arrival(self, klass: int, arcs: IntArray) -> FloatArray:
        """Return ``pi_i - (z_ij - V)`` over some arcs of a class (arcs, periods)."""
        opened, route = self.opened, self.opened.arc_route[arcs]
        left = self.price[opened.served_class[klass], opened.arc_origin[arcs]] - opened.arc_cost[arcs, None]
        if opened.link_use[klass] > 0 and self.rents.link.any():
            left = left - opened.link_use[klass] * (csr_array(opened.route_links[route]) @ self.rents.link)
        if self.rents.cap[caps_of_arcs(opened)].any():
            left = left - route_rents(opened, self.rents.cap, klass, route)
        return np.asarray(left)

    def in_service(self, klass: int, arcs: IntArray) -> FloatArray:
        """Return ``R`` of a class over its arcs to a site (periods,)."""
        arriving = self.on_arrival(klass, arcs).max(axis=0, initial=-np.inf)
        return _most_before(self.opened, arriving, int(self.opened.window[klass]))


def _with_site_rents(
    structure: Structure,
    opened: Structure,
    prices: PriceVector,
    closed: _Closed,
    needed: _Needed,
    tier: FloatArray,
) -> PriceVector:
    """Return the prices with rents of supply and capacity at the sites where one of them is closed."""
    rise, rent = np.zeros(prices.supply.shape), np.zeros(prices.capacity.shape)
    served = service_prices(opened, opened.work_cost, prices.capacity, prices.supply, prices.cap)
    sites = np.flatnonzero((closed.capacity | closed.supply).any(axis=1))
    missing: dict[tuple[int, int], FloatArray] = {}
    for klass, site, arcs in _arcs_to(opened, sites):
        missing[klass, site] = np.maximum(needed.in_service(klass, arcs) - served[klass, site], 0.0)
        drawn = opened.draw[klass, site] * opened.overhead[site]
        takes = closed.capacity[site] & (opened.use[klass, site] > 0)
        laid = closed.supply[site] & ~takes & (drawn > 0)
        rise[site] = np.where(
            laid, np.maximum(rise[site], missing[klass, site] / np.where(laid, drawn, 1.0)), rise[site]
        )
    for (klass, site), amount in missing.items():
        use = opened.use[klass, site]
        if use > 0:
            left = (amount - opened.draw[klass, site] * opened.overhead[site] * rise[site]) / use
            rent[site] = np.where(closed.capacity[site], np.maximum(rent[site], left), rent[site])
    supply = prices.supply + rise
    shut = closed.supply & (structure.intake == 0)
    return replace(
        prices,
        capacity=prices.capacity + rent,
        supply=supply,
        intake=np.where(shut, np.maximum(supply - tier, 0.0), prices.intake),
    )


def _with_zone_rents(opened: Structure, prices: PriceVector, closed: BoolArray) -> PriceVector:
    """Return the prices with the least rents of closed power zones at which no tier of theirs earns anything."""
    cost = opened.tier_cost + opened.cap_tier.priced(np.maximum(prices.cap, 0.0)) - _source_prices(opened, prices)
    intake = np.where(np.isfinite(opened.intake), np.maximum(prices.intake, 0.0), 0.0)
    earned = opened.tier_yield[:, None] * (prices.supply - intake)[opened.tier_site] - cost
    cap = prices.cap.copy()
    for place in np.flatnonzero(closed).tolist():
        counted = opened.cap_tier[place]
        inside = (counted > 0) & (opened.tier_limit > 0)
        cap[place] = (earned[inside] / counted[inside]).max(initial=cap[place])
    return replace(prices, cap=cap)


def _with_pool_rents(opened: Structure, prices: PriceVector, closed: BoolArray, needed: _Needed) -> PriceVector:
    """Return the prices with the least rents of closed pools at which no work in them is cheaper than it needs."""
    caps = np.flatnonzero(closed)
    number, (klass, site, period), use = opened.cap_work[caps].entries()
    served = service_prices(opened, opened.work_cost, prices.capacity, prices.supply, prices.cap)
    cap = prices.cap.copy()
    for k, j, arcs in _arcs_to(opened, np.unique(site)):
        own = np.flatnonzero((klass == k) & (site == j))
        missing = (needed.in_service(k, arcs) - served[k, j])[period[own]]
        np.maximum.at(cap, caps[number[own]], np.maximum(missing, 0.0) / use[own])
    return replace(prices, cap=cap)


def _with_link_rents(opened: Structure, prices: PriceVector, closed: BoolArray, needed: _Needed) -> PriceVector:
    """Return the prices with rents of closed links: the first on each route that is still too cheap pays all of it."""
    served = service_prices(opened, opened.work_cost, prices.capacity, prices.supply, prices.cap)
    rent = np.zeros(prices.link.shape)
    for klass in np.flatnonzero(opened.link_use > 0).tolist():
        arcs = np.flatnonzero(opened.arc_class == klass)
        arriving = least_ahead(opened, served[klass], int(opened.window[klass]))
        missing = (needed.on_arrival(klass, arcs) - arriving[opened.arc_site[arcs]]) / opened.link_use[klass]
        routes = csr_array(opened.route_links[opened.arc_route[arcs]])
        arc, link = np.repeat(np.arange(len(arcs)), np.diff(routes.indptr)), routes.indices
        for period in np.flatnonzero(closed.any(axis=0)).tolist():
            through = closed[link, period]
            first_arc, place = np.unique(arc[through], return_index=True)
            np.maximum.at(rent[:, period], link[through][place], missing[first_arc, period])
    return replace(prices, link=prices.link + rent)


def _arcs_to(opened: Structure, sites: IntArray) -> list[tuple[int, int, IntArray]]:
    """Return the arcs to some sites by class and site."""
    arcs = np.flatnonzero(np.isin(opened.arc_site, sites))
    where = opened.arc_class[arcs] * opened.sites + opened.arc_site[arcs]
    order = np.argsort(where, kind="stable")
    parts = np.split(arcs[order], np.flatnonzero(np.diff(where[order])) + 1)
    return [(int(opened.arc_class[part[0]]), int(opened.arc_site[part[0]]), part) for part in parts if len(part)]


def _of_open_sources(structure: Structure) -> BoolArray:
    """Return which caps count what a store with power takes from a source (caps,): its discharge opens them."""
    stores = structure.stores
    if stores is None:
        return np.zeros(len(structure.cap_limit), dtype=bool)
    has_power = stores.at_sources(stores.power) > 0
    return np.array(
        [bool((stores.cap_source[cap] != 0)[has_power].any()) for cap in range(len(structure.cap_limit))], dtype=bool
    )


def _source_prices(opened: Structure, prices: PriceVector) -> FloatArray:
    """Return the price of the source of every tier (tiers, periods); 0 without stores."""
    stores = opened.stores
    return np.zeros(opened.tier_cost.shape) if stores is None else stores.of_tiers(prices.source)


def _tier_prices(opened: Structure, cap: FloatArray) -> FloatArray:
    """Return the price of a unit of supply from the cheapest tier that may be open; 0 at sites without any."""
    price = (opened.tier_cost + opened.cap_tier.priced(np.maximum(cap, 0.0))) / opened.tier_yield[:, None]
    least = np.full(opened.capacity.shape, np.inf)
    np.minimum.at(least, opened.tier_site, np.where(opened.tier_limit > 0, price, np.inf))
    return np.where(np.isfinite(least), least, 0.0)


def _most_before(structure: Structure, values: FloatArray, window: int) -> FloatArray:
    """Return for each period the maximum over the periods of its block from which work may wait until it."""
    most, period = values.copy(), np.arange(structure.periods)
    first, length = structure.block_span
    last = length - 1 if structure.cyclic else first + length - 1 - period
    for delay in range(1, min(window, int(last.max())) + 1):
        may = delay <= last
        np.maximum.at(most, structure.after(period[may], np.array(delay)), values[may])
    return most
