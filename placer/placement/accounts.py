"""What a solution means in Mtok, MWh and USD: the quantities every table and price is made from.

Costs that are incurred in one place and hour by several workloads (energy, carbon) are shared by the energy drawn, so
that the parts of all flows add up to the cost of the program exactly. Work that waited carries the energy cost of the
hours it was served in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.model.answer import Flows
from placer.model.caps import CARBON_CAP, WATER_CAP
from placer.model.formulation import Formulation
from placer.model.loads import served_work
from placer.model.stores import NO_STORES
from placer.model.storing import net_charge, storing_cost
from placer.model.structure import Structure
from placer.placement.storage import metered, spread_over_supplies, spread_over_work
from placer.tolerances import SOLVER
from placer.utils.arrays import NOISE, BoolArray, FloatArray, IntArray

#: The parts of the cost of a placement, in the order they are reported.
COST_PARTS = (
    *("accelerators", "operations", "energy", "carbon", "storage", "transit", "water"),
    *("latency_loss", "surcharges"),
)
#: Those of them that arise over an arc, and not where work is served.
ARC_PARTS = ("transit", "latency_loss", "surcharges")
#: What contracts of power cost in any case: a part of the cost, and of no price.
CONTRACTS = "contracts"
#: The charges of policies that a region is paid: transfers, which are a part of prices and no cost.
POLICY = "policy"

#: Which of the used assignments a function is asked for.
Chosen = slice | IntArray
ALL = slice(None)
#: Assignments, or rows of a table, that are worked on at a time where a year has millions of them.
ROWS = 250_000


@dataclass(frozen=True, eq=False)
class SettledFlows:
    """The primal quantities of an answer.

    Attributes
    ----------
    demand, arc : (used assignments,) int arrays
        Demand and arc of every assignment that carries anything.
    sent : (used assignments,) array
        Mtok they carry.
    unserved : (demands,) array
        Mtok left unserved.
    waiting : (queue flows,) array
        Mtok of every queue flow.
    bought : (supplies, hours) array
        MWh of every supply.
    served : (workloads, data centres, hours) array
        Mtok, in the hour it is served.
    drawn : (data centres, hours) array
        MWh at the meter that work draws.
    metered : (data centres, hours) array
        MWh that the meter delivers: the same without batteries (``placer.placement.storage``).
    carbon_kg : (supplies, hours) array
        Per MWh of every supply, what the batteries of its zone add included.
    net_charge : (batteries, hours) array
        MWh charged less discharged.
    wear_usd : (batteries, hours) array
        Of what they discharge.
    storing_usd : float
        What batteries cost beside the supplies of data centres: their wear, and what those of zones buy.
    stored_usd, stored_carbon_kg : (data centres, hours) arrays
        Per MWh drawn, beside the mean of what is delivered in the same hour.
    unit_cost : dict of str to (workloads, data centres, hours) array
        USD per Mtok sent in an hour, for every cost part that arises where work is served.
    over_arcs : dict of str to (arcs,) array
        USD per Mtok sent over an arc, for every other cost part (``ARC_PARTS``), and for ``POLICY``.
    """

    demand: IntArray
    arc: IntArray
    sent: FloatArray
    unserved: FloatArray
    waiting: FloatArray
    bought: FloatArray
    served: FloatArray
    drawn: FloatArray
    metered: FloatArray
    carbon_kg: FloatArray
    net_charge: FloatArray
    wear_usd: FloatArray
    storing_usd: float
    stored_usd: FloatArray
    stored_carbon_kg: FloatArray
    unit_cost: dict[str, FloatArray]
    over_arcs: dict[str, FloatArray]


def carrying(structure: Structure, accounts: SettledFlows, chosen: Chosen = ALL) -> BoolArray:
    """Return which of some used assignments carry more than rounding, as a bool array: the rows of tables and maps.

    Flows up to ``SOLVER`` of their demand count in every sum, but are no row of a table and no reason for a price.
    """
    own = SOLVER * structure.demand_amount[accounts.demand[chosen]]
    return np.asarray(accounts.sent[chosen] > np.maximum(own, NOISE * structure.total_demand))


def arc_usd(structure: Structure, accounts: SettledFlows, part: str, chosen: Chosen = ALL) -> FloatArray:
    """Return the USD of some used assignments for a cost part. A year has millions of them, so they are not kept."""
    arc, sent = accounts.arc[chosen], accounts.sent[chosen]
    if part in accounts.over_arcs:
        return np.asarray(accounts.over_arcs[part][arc] * sent)
    klass, _, site, period = assignment_axes(structure, accounts.demand[chosen], arc)
    return np.asarray(accounts.unit_cost[part][klass, site, period] * sent)


def settle(formulation: Formulation, flows: Flows) -> SettledFlows:
    """Turn flows into quantities and costs."""
    structure = formulation.structure
    served = served_work(structure, flows)
    drawn = np.einsum("kj,jt,kjt->jt", structure.draw, structure.overhead, served)
    delivered = metered(structure, flows, drawn)
    carbon_kg = _carbon_of_supplies(formulation, flows)
    hourly = {
        part: average_usd_per_mwh(structure, usd, flows.taken, delivered)
        for part, usd in (("energy", formulation.energy_usd), ("carbon", formulation.carbon_usd))
    }
    stored_usd = _stored_usd(formulation, flows, drawn, hourly["energy"] + hourly["carbon"])
    return SettledFlows(
        demand=flows.demand,
        arc=flows.arc,
        sent=flows.amount,
        unserved=flows.unserved,
        waiting=flows.waiting,
        bought=flows.taken,
        served=served,
        drawn=drawn,
        metered=delivered,
        carbon_kg=carbon_kg,
        net_charge=net_charge(flows),
        wear_usd=NO_STORES if structure.stores is None else structure.stores.cost[:, None] * flows.discharged,
        storing_usd=storing_cost(structure, flows),
        stored_carbon_kg=_stored_carbon(structure, flows, drawn, delivered, carbon_kg),
        stored_usd=stored_usd,
        unit_cost=_unit_costs(formulation, flows.waiting, hourly | {"storage": stored_usd}),
        over_arcs=_over_arcs(formulation),
    )


def _over_arcs(formulation: Formulation) -> dict[str, FloatArray]:
    """Return the costs and the charges over every arc, USD per Mtok; they add up to ``structure.arc_cost``."""
    structure, distance = formulation.structure, formulation.distance
    loss = distance.loss_usd[structure.arc_class, structure.arc_origin, structure.arc_way]
    place = structure.arc_class, structure.arc_origin, structure.arc_site
    surcharge, charge = distance.surcharge_usd[place], distance.charged(structure)
    return {
        "transit": structure.arc_cost - loss - surcharge - charge,
        "latency_loss": loss,
        "surcharges": surcharge,
        POLICY: charge,
    }


def assignment_axes(
    structure: Structure, demand: IntArray, arc: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return class, origin, site and period of some assignments, given by demand and arc."""
    return (
        structure.arc_class[arc],
        structure.arc_origin[arc],
        structure.arc_site[arc],
        structure.demand_period[demand],
    )


def over_service(structure: Structure, waiting: FloatArray, in_service: FloatArray) -> FloatArray:
    """Carry a figure (workloads, data centres, hours of service) over to the hours of arrival.

    For work that is served at once it stays as it is. Work that waits takes the mean over the hours it is served in,
    or, where none arrives, the figure of the hour it would be served in first.
    """
    if not in_service.any():
        return np.broadcast_to(0.0, in_service.shape)  # most parts are 0 in most instances: they take no memory
    arriving = in_service.copy()
    flows = structure.queue_flows
    if flows.klass.size:
        queue = flows.queue
        total = np.bincount(queue, waiting)
        busy = total > SOLVER * total.max()
        share = np.where(busy[queue], waiting, (flows.arrival == flows.service).astype(float))
        share /= np.bincount(queue, share)[queue]
        figure = share * in_service[flows.klass, flows.site, flows.service]
        mean = np.bincount(queue, figure)
        where = structure.rows.queue >= 0
        arriving[where] = mean[structure.rows.queue[where]]
    return arriving


def average_usd_per_mwh(structure: Structure, usd: FloatArray, bought: FloatArray, metered: FloatArray) -> FloatArray:
    """Return the mean cost of a MWh delivered to each data centre in each hour, of some cost per MWh bought.

    Where none is delivered it is the cost at the cheapest supply; without a supply it is 0.
    """
    sites, periods = metered.shape
    spent = structure.at_sites(usd * bought)
    idle = np.zeros((sites, periods))
    order = np.argsort((structure.tier_cost / structure.tier_yield[:, None]).mean(axis=1))[::-1]
    for tier in order:  # the cheapest last, so that it stays
        idle[structure.tier_site[tier]] = usd[tier] / structure.tier_yield[tier]
    return np.divide(spent, metered, out=idle, where=metered > SOLVER * metered.max(initial=0.0))


def _carbon_of_supplies(formulation: Formulation, flows: Flows) -> FloatArray:
    """Return the carbon of a MWh of every supply, what the batteries of its zone add included (supplies, hours)."""
    structure = formulation.structure
    if structure.stores is None:
        return formulation.carbon_kg
    of_zones = structure.stores.cap_source[CARBON_CAP] * structure.stores.at_sources(net_charge(flows))
    return formulation.carbon_kg + spread_over_supplies(structure, structure.stores, flows.taken, of_zones)


def _stored_carbon(
    structure: Structure, flows: Flows, drawn: FloatArray, delivered: FloatArray, carbon_kg: FloatArray
) -> FloatArray:
    if structure.stores is None:
        return np.broadcast_to(0.0, drawn.shape)
    average = average_usd_per_mwh(structure, carbon_kg, flows.taken, delivered)
    return spread_over_work(structure, drawn, structure.at_sites(carbon_kg * flows.taken), average)


def _stored_usd(formulation: Formulation, flows: Flows, drawn: FloatArray, charged: FloatArray) -> FloatArray:
    """Return the storage part of a MWh drawn (data centres, hours), given its parts energy and carbon together."""
    structure, stores = formulation.structure, formulation.structure.stores
    if stores is None:
        return np.broadcast_to(0.0, drawn.shape)
    wear = stores.cost[:, None] * flows.discharged
    of_zones = stores.source_cost * stores.at_sources(net_charge(flows)) + stores.at_sources(wear)
    added = spread_over_supplies(structure, stores, flows.taken, of_zones)
    paid = structure.at_sites((structure.tier_cost + added) * flows.taken)
    return spread_over_work(structure, drawn, paid + stores.at_sites(wear, structure.sites), charged)


def _unit_costs(formulation: Formulation, waiting: FloatArray, per_mwh: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the costs per Mtok, given those of a MWh drawn (data centres, hours)."""
    structure = formulation.structure
    shape = (structure.classes, structure.sites, structure.periods)
    per_mtok = structure.draw[:, :, None] * structure.overhead[None]
    parts = {
        "accelerators": over_service(structure, waiting, formulation.accelerator_usd),
        "operations": np.broadcast_to(formulation.operations_usd[:, :, None], shape),
        "water": np.broadcast_to(formulation.water_usd[:, :, None], shape),
    }
    for part, usd in per_mwh.items():
        each = per_mtok * usd[None] if usd.any() else np.broadcast_to(0.0, shape)
        parts[part] = over_service(structure, waiting, each)
    return parts


def cap_use(formulation: Formulation, accounts: SettledFlows) -> dict[str, float]:
    """Return carbon in kg and water in litres over the horizon."""
    structure, stores, of_batteries = formulation.structure, formulation.structure.stores, 0.0
    if stores is not None:
        of_batteries = float((stores.cap_source[CARBON_CAP] * stores.at_sources(accounts.net_charge)).sum())
    return {
        "carbon_kg": float((structure.cap_tier[CARBON_CAP] * accounts.bought).sum()) + of_batteries,
        "water_litres": float((structure.cap_work[WATER_CAP] * accounts.served).sum()),
    }
