"""Complementarity of an answer: duals times slacks, flows times reduced costs, and the error of the dual objective."""

from __future__ import annotations

import numpy as np

from placer.model.caps import arc_rents
from placer.model.loads import crossings
from placer.model.unserved import columns_of_unserved, dual_payments, unserved_by_column
from placer.proof.bound import worth
from placer.proof.sides import Sides
from placer.proof.stored import stored_columns, stored_rows, worth_of_stores
from placer.utils.arrays import FloatArray


def arriving_prices(sides: Sides) -> FloatArray:
    """Return the price of arriving work (classes, sites, periods): for classes that wait, the dual of the queue."""
    waits = (sides.structure.window > 0)[:, None, None]
    return np.where(waits, sides.duals.queue, sides.prices.service)


def row_products(sides: Sides) -> list[FloatArray]:
    """Return the products of duals and the slacks of their rows, in units of cost."""
    structure, duals, load = sides.structure, sides.duals, sides.loads
    pairs = (
        (duals.demand, load.met, structure.demand_amount),
        (duals.queue, load.released, load.arriving),
        (duals.balance, load.supplied, load.drawn),
        (duals.capacity, load.used, structure.capacity),
        (duals.intake, load.drawn, structure.intake),
        (duals.link[load.links], load.carried, structure.link_capacity[load.links]),
        (duals.cap, load.capped, structure.cap_limit),
    )
    products = [np.abs(dual * np.where(np.isfinite(side), load_ - side, 0.0)) for dual, load_, side in pairs]
    return products if structure.stores is None else [*products, *stored_rows(sides, structure.stores)]


def column_products(sides: Sides) -> list[FloatArray]:
    """Return the products of flows, or of the slack of a tier, and their reduced costs, in units of cost."""
    structure, flows, duals = sides.structure, sides.flows, sides.duals
    queue = structure.queue_flows
    served = sides.prices.service[queue.klass, queue.site, queue.service]
    waiting = served - duals.queue[queue.klass, queue.site, queue.arrival]
    step, cost, most = columns_of_unserved(structure)
    unserved, left_out = cost - duals.demand[step], unserved_by_column(structure, flows.unserved)
    bought = np.where(np.isfinite(most), most - left_out, 0.0)
    tier = _reduced_tier_costs(sides)
    left = np.where(np.isfinite(structure.tier_limit), structure.tier_limit - flows.taken, 0.0)
    return [
        _product(_assignment_prices(sides) - duals.demand[flows.demand], flows.amount),
        _product(unserved if structure.steps is None else np.maximum(unserved, 0.0), left_out),
        _product(np.maximum(-unserved, 0.0), bought),
        _product(waiting, flows.waiting),
        _product(np.maximum(tier, 0.0), flows.taken),
        _product(np.maximum(-tier, 0.0), left),
        *([] if structure.stores is None else stored_columns(sides, structure.stores)),
    ]


def given_away(sides: Sides, bound: float) -> FloatArray:
    """Return the distance of the bound from the dual objective of the given duals: payments less rents times limits."""
    structure, duals, prices = sides.structure, sides.duals, sides.prices
    payments = dual_payments(structure, duals.demand).sum()
    rents = (
        worth(prices.capacity, structure.capacity)
        + worth(duals.intake, structure.intake)
        + worth(duals.link[sides.loads.links], structure.link_capacity[sides.loads.links])
        + worth(prices.cap, structure.cap_limit)
        + worth(np.maximum(-_reduced_tier_costs(sides), 0.0), structure.tier_limit)
        + (0.0 if structure.stores is None else worth_of_stores(sides, structure.stores))
    )
    return np.array([abs(bound - (payments - rents))])


def _reduced_tier_costs(sides: Sides) -> FloatArray:
    """Return the reduced cost of every tier (tiers, periods); 0 where no supply can be had."""
    structure, site = sides.structure, sides.structure.tier_site
    reduced = structure.tier_yield[:, None] * (sides.prices.tier - sides.duals.balance[site])
    return np.where(sides.structure.dark[site], 0.0, reduced)


def _assignment_prices(sides: Sides) -> FloatArray:
    """Return the cost of a unit more of every used assignment at the duals."""
    structure, flows, prices = sides.structure, sides.flows, sides.prices
    klass, period = structure.arc_class[flows.arc], structure.demand_period[flows.demand]
    which, link = crossings(structure, flows, prices.links)
    rents = structure.link_use[klass[which]]
    rents = np.where(rents > 0, prices.link[link, period[which]], 0.0) * rents
    on_route = np.bincount(which, rents, len(flows.amount))
    return (
        structure.arc_cost[flows.arc]
        + arriving_prices(sides)[klass, structure.arc_site[flows.arc], period]
        + on_route
        + arc_rents(structure, prices.cap, flows.arc, period)
    )


def _product(reduced: FloatArray, flow: FloatArray) -> FloatArray:
    """Return |reduced cost * flow|; 0 where the reduced cost is inf, since a limit of 0 already forbids that flow."""
    return np.abs(np.where(np.isposinf(reduced), 0.0, reduced) * flow)
