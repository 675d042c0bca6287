"""The charges of own rows by block of columns, and the cost of every way to serve work at the duals.

A *way* is an assignment of one more Mtok of a demand: to a data centre, and for work that may wait to the hour of
service that is cheapest there. At the duals its cost is

    cost of the way = costs + rents of limits + charges of own rows
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.extended.extension import charges as charges_of
from placer.model.formulation import Formulation
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.placement.rents import Rents
from placer.proof.bound import never_served
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, sums_by


@dataclass(frozen=True, eq=False)
class Charges:
    """The charges of own rows, in USD per unit; below 0 where a row pays.

    Attributes
    ----------
    assigned : (assignments,) array
        Per Mtok sent.
    unserved : (demands,) array
        Per Mtok left unserved.
    waiting : (queue flows,) array
        Per Mtok that waits.
    supply : (supplies, hours) array
        Per MWh bought.
    """

    assigned: FloatArray
    unserved: FloatArray
    waiting: FloatArray
    supply: FloatArray


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways to serve one more Mtok, one for every assignment.

    Attributes
    ----------
    cost : (assignments,) array
        USD per Mtok at the duals; inf if the work can never be served.
    charge : (assignments,) array
        The part of it that own rows charge.
    """

    cost: FloatArray
    charge: FloatArray


def read_charges(structure: Structure, program: LinearProgram, row_duals: FloatArray) -> Charges:
    """Return the charges of the own rows of an extended program at its duals."""
    charge, part = charges_of(program, row_duals), program.col_blocks
    return Charges(
        assigned=charge[part["x"]],
        unserved=charge[part["u"]],
        waiting=charge[part["f"]],
        supply=charge[part["y"]].reshape(structure.tier_cost.shape),
    )


def with_charged_supply(formulation: Formulation, charges: Charges) -> Formulation:
    """Return the formulation with the charges of own rows for power in the prices of its supplies."""
    structure = formulation.structure
    return replace(formulation, structure=replace(structure, tier_cost=structure.tier_cost + charges.supply))


def charged_classes(structure: Structure, charges: Charges) -> BoolArray:
    """Return which workloads own rows charge where they are sent or wait (classes,)."""
    charged = np.zeros(structure.classes, dtype=bool)
    klass = structure.demand_class[structure.assignments.demand]
    charged[klass[charges.assigned != 0]] = True
    charged[structure.served_class[structure.queue_flows.klass[charges.waiting != 0]]] = True
    return charged


def charged_usd_per_mwh(structure: Structure, rents: Rents, charges: Charges) -> FloatArray:
    """Return the charge of own rows for a MWh at the meter from the marginal supply (data centres, hours)."""
    if not structure.tier_yield.size:
        return np.zeros(rents.power.shape)
    supply = np.maximum(rents.marginal_supply, 0)
    each = charges.supply[supply, np.arange(structure.periods)[None]] / structure.tier_yield[supply]
    return np.where(rents.marginal_supply >= 0, each, 0.0)


def waiting_charges(structure: Structure, charges: Charges, waiting: FloatArray) -> FloatArray:
    """Return the mean charge of waiting work by queue (queues,), with the weights of ``over_service``."""
    flows = structure.queue_flows
    total = np.bincount(flows.queue, waiting)
    busy = total > SOLVER * total.max(initial=0.0)
    share = np.where(busy[flows.queue], waiting, (flows.arrival == flows.service).astype(float))
    share /= np.bincount(flows.queue, share)[flows.queue]
    return sums_by(flows.queue, share * charges.waiting, len(total))


def find_ways(
    formulation: Formulation, program: LinearProgram, row_duals: FloatArray, rents: Rents, charges: Charges
) -> Ways:
    """Return the ways at the duals of an extended program, with idle power at the cost of its first MWh."""
    structure, rows, cols = formulation.structure, program.row_blocks, program.col_blocks
    duals = row_duals.copy()
    duals[rows["balance"]] = 0.0 - rents.power[structure.rows.balance >= 0]
    reduced = program.cost - program.matrix.T @ duals
    demand, arc = structure.assignments.demand, structure.assignments.arc
    klass, site, period = structure.arc_class[arc], structure.arc_site[arc], structure.demand_period[demand]
    closed = never_served(structure)
    power = charged_usd_per_mwh(structure, rents, charges)
    drawn = structure.draw[klass, site] * structure.overhead[site, period]
    waits = structure.window[klass] > 0
    served = np.where(closed[klass, site, period], np.inf, 0.0)
    extra = np.where(waits, 0.0, drawn * power[site, period])
    later, later_charge = _best_waiting(structure, reduced[cols["f"]], charges, closed, power)
    queue = np.where(waits, structure.rows.queue[klass, site, period], 0)
    if len(later):
        served = np.where(waits, later[queue], served)
        extra = np.where(waits, later_charge[queue], extra)
    return Ways(
        cost=reduced[cols["x"]] + duals[rows["demand"]][demand] + served,
        charge=charges.assigned + extra,
    )


def cheapest_way(structure: Structure, cost: FloatArray, demand: int) -> int:
    """Return the position of the cheapest assignment of a demand; -1 if it has none."""
    first, stop = structure.assignment_starts[demand : demand + 2]
    return int(first + cost[first:stop].argmin()) if stop > first else -1


def _best_waiting(
    structure: Structure, reduced: FloatArray, charges: Charges, closed: BoolArray, power: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the least reduced cost of the flows of every queue, and the charges on that flow (queues,)."""
    flows = structure.queue_flows
    cost = np.where(closed[flows.klass, flows.site, flows.service], np.inf, reduced)
    order = np.lexsort((cost, flows.queue))
    first = order[np.unique(flows.queue[order], return_index=True)[1]]
    site, service = flows.site[first], flows.service[first]
    drawn = structure.draw[flows.klass[first], site] * structure.overhead[site, service]
    return cost[first], charges.waiting[first] + drawn * power[site, service]
