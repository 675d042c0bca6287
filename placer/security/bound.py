"""A bound on the cost of every secure placement at any prices, with an inner minimum for each contingency.

Without columns of recourse, a way to serve demand i is a primary arc p and a backup for each contingency o that hits p.
At rents of the placement and of every contingency (``placer.proof.bound``) its cost is at least

    Z_ip = z_ip + r_k sum_{o: p not hit} s^o_ip + r_k sum_{o: p hit} min(P, min_{b in o} (arriving_o + links_o))

    s^o_ip = cost of the use in o by one unit that stays, at the rents of o

and no secure placement costs less, with stranded work at P, than

    sum_i amount_i min((1 + rho) unserved_k, min_p Z_ip) - rents of limits - rents of limits in every o - rho U

with rho the rent of the row that limits the penalty of unserved demand to U. Contingencies separate: each inner minimum
has the form of the bound of a placement. The bound needs no column of recourse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placer.model.answer import Duals
from placer.model.caps import arc_rents
from placer.model.links import links_along
from placer.model.structure import Structure
from placer.model.unserved import paid_per_unit
from placer.proof.bound import BoundPrices, arrival_prices, bound_prices, cheapest_arcs, rents_of
from placer.running import in_time
from placer.security.coupling import RecourseStructure
from placer.utils.arrays import FloatArray, IntArray, sums_by


@dataclass(frozen=True, eq=False)
class Contingent:
    """The prices of one contingency.

    Attributes
    ----------
    structure : Structure
        Of recourse, without costs, with the penalty on stranded work.
    """

    recourse: RecourseStructure
    structure: Structure
    duals: Duals

    @cached_property
    def prices(self) -> BoundPrices:
        """The prices of its bound."""
        return bound_prices(self.structure, self.duals)


def secure_bound(
    whole: Structure,
    duals: Duals,
    contingents: Sequence[Contingent],
    unserved_rent: FloatArray | float = 0.0,
    unserved_rent_usd: float = 0.0,
) -> float:
    """Return a lower bound on the cost of every secure placement, the penalty of stranded work included.

    Parameters
    ----------
    whole : Structure
        Of the instance.
    duals : Duals
        Of its own limits.
    contingents : sequence of Contingent
        Prices of any contingencies: the bound holds for any prices, and if contingencies are left out.
    unserved_rent : float or (demands,) array
        ``rho``, of the row over each demand if there are several; 0 without such a row.
    unserved_rent_usd : float
        ``rho U``, summed over the rows.
    """
    prices = bound_prices(whole, duals)
    rents = rents_of(whole, prices).total + unserved_rent_usd
    rents += sum(float(rents_by_period(each).sum()) for each in contingents)
    return float(whole.demand_amount @ secure_prices(whole, prices, contingents, unserved_rent)) - rents


def secure_prices(
    whole: Structure, prices: BoundPrices, contingents: Sequence[Contingent], unserved_rent: FloatArray | float = 0.0
) -> FloatArray:
    """Return the payment of a unit of each demand in the bound: the least of its ways and its penalty (demands,), USD.

    Parameters
    ----------
    whole, contingents, unserved_rent
        As of ``secure_bound``.
    prices : BoundPrices
        Of the duals of its own limits.
    """
    chosen = whole.assignments
    cost = assignment_prices(whole, prices, chosen.demand, chosen.arc) + whole.arc_cost[chosen.arc]
    if prices.cap.any():
        cost += arc_rents(whole, prices.cap, chosen.arc, whole.demand_period[chosen.demand])
    for each in in_time(contingents, "proving the bound over contingencies"):
        cost += contingency_prices(each, chosen.demand, chosen.arc)
    cheapest = np.full(len(whole.demand_amount), np.inf)
    np.minimum.at(cheapest, chosen.demand, cost)
    return np.minimum((1 + unserved_rent) * whole.unserved_cost[whole.demand_class], cheapest)


def assignment_prices(structure: Structure, prices: BoundPrices, demand: IntArray, arc: IntArray) -> FloatArray:
    """Return the cost of the use of sites and links by a unit of some assignments, without the cost of the arc."""
    klass, site, period = structure.arc_class[arc], structure.arc_site[arc], structure.demand_period[demand]
    arriving = arrival_prices(structure, prices.service)[klass, site, period]
    return arriving + _link_prices(structure, prices, structure.arc_route[arc], klass, period)


def contingency_prices(each: Contingent, demand: IntArray, arc: IntArray) -> FloatArray:
    """Return the part of one contingency in the price of some assignments of the whole, per unit."""
    recourse, left, prices = each.recourse, each.structure, each.prices
    whole = recourse.whole
    share, hit = recourse.share[whole.arc_class[arc]], recourse.outage.hit[arc]
    arriving = arrival_prices(left, prices.service)
    backup = paid_per_unit(left, cheapest_arcs(left, prices, arriving))
    moves, stays = np.flatnonzero(hit & (share > 0)), np.flatnonzero(~hit & (share > 0))
    part = np.zeros(len(arc))
    part[moves] = share[moves] * backup[recourse.place[demand[moves]]]
    # A unit that stays is served at its data centre, and takes its route of the whole.
    klass, site, period = whole.arc_class[arc[stays]], whole.arc_site[arc[stays]], whole.demand_period[demand[stays]]
    staying = arriving[klass, site, period] + _link_prices(whole, prices, whole.arc_route[arc[stays]], klass, period)
    part[stays] = share[stays] * staying
    return part


def rents_by_period(each: Contingent) -> FloatArray:
    """Return the rents of the limits of one contingency times the limits (periods,)."""
    left, rents = each.structure, rents_of(each.structure, each.prices)
    parts = [rents.capacity, rents.link, rents.supply]
    if left.stores is not None:
        parts.append(rents.store)
    total = np.sum([part.sum(axis=0) for part in parts], axis=0)
    return np.asarray(total + sums_by(left.cap_period, rents.cap, left.periods))


def _link_prices(
    structure: Structure, prices: BoundPrices, route: IntArray, klass: IntArray, period: IntArray
) -> FloatArray:
    """Return the payment of a unit of some classes for the links of some routes; links without capacity cost inf."""
    total = np.zeros(len(route))
    if not len(prices.links):
        return total
    which, position = links_along(structure.route_links[:, prices.links].tocsr(), route)
    rents = prices.link[position, period[which]]
    uses = structure.link_use[klass[which]]
    each = np.where(uses > 0, uses * np.where(uses > 0, rents, 0.0), 0.0)
    return sums_by(which, each, len(route))
