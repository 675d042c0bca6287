"""The structure of an instance, put together from its coefficients."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from placer.instance.attributes.settings import Settings
from placer.instance.contracts import supply_limit_mw
from placer.instance.network.routes import Routes
from placer.instance.pools import accelerators_of
from placer.instance.problem import Instance
from placer.model.batteries import stores_of
from placer.model.cap_rows import NO_CELLS, CapRows, all_cells
from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP
from placer.model.coefficients import PowerCoefficients, WorkCoefficients
from placer.model.distance import DistanceCosts
from placer.model.structure import Structure
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, IntArray, positions_in

#: GB a link of 1 Gbps carries in an hour: 3600 s / 8 bits per byte.
GB_PER_GBPS_HOUR = 450.0


class Arcs(TypedDict):
    """The admissible arcs, by the names of their fields in ``Structure``."""

    arc_class: IntArray
    arc_origin: IntArray
    arc_site: IntArray
    arc_rank: IntArray
    arc_cost: FloatArray


class Caps(TypedDict):
    """The caps, by the names of their fields in ``Structure``."""

    cap_limit: FloatArray
    cap_work: CapRows
    cap_tier: CapRows
    cap_send: FloatArray
    cap_route: CapRows
    cap_arrival: CapRows


def assemble(
    instance: Instance,
    routes: Routes,
    capacity_gbps: FloatArray,
    admissible: BoolArray,
    distance: DistanceCosts,
    work: WorkCoefficients,
    power: PowerCoefficients,
) -> Structure:
    """Return the structure of an instance, without penalties (all 0) and without limits of one's own.

    Parameters
    ----------
    routes : Routes
        The routes that arcs may take.
    capacity_gbps : (links, hours) array
    admissible : (classes, hubs, ways) bool array
    """
    demand, workloads, centres, supplies = instance.demand, instance.workloads, instance.data_centres, instance.supplies
    settings, hours, classes = (
        instance.settings,
        instance.settings.hour_length * instance.weights,
        instance.service_classes,
    )
    gb_per_mtok, deadline = (
        workloads[name].to_numpy(float)[classes.workload] for name in ("gb_per_mtok", "deadline_hours")
    )
    period, max_utilisation = instance.demand_period, centres["max_utilisation"].to_numpy(float)[:, None]
    return Structure(
        demand_class=positions_in(workloads["workload"], demand["workload"]),
        demand_origin=positions_in(instance.hubs["hub"], demand["hub"]),
        demand_period=period,
        demand_amount=demand["mtok"].to_numpy(float) * instance.weights[period],
        unserved_cost=np.zeros(len(classes.workload)),
        # A deadline of whole steps stays one although the division rounds: 0.3 / 0.1 is less than 3.
        window=np.floor(deadline / settings.hour_length + INPUT).astype(int),
        cyclic=settings.cyclic,
        routes=routes.per_pair,
        work_cost=work.accelerator_usd + (work.operations_usd + work.water_usd)[:, :, None],
        use=work.peak_accelerator_hours,
        draw=work.it_mwh,
        capacity=accelerators_of(instance) * max_utilisation * hours,
        intake=instance.hourly("data_centres", "power_limit_mw") * hours,
        overhead=instance.hourly("data_centres", "pue"),
        tier_site=positions_in(centres["data_centre"], supplies["data_centre"]),
        tier_yield=1 - supplies["loss"].to_numpy(float),
        tier_cost=power.energy_usd + power.carbon_usd,
        tier_limit=supply_limit_mw(instance) * hours,
        link_use=gb_per_mtok,
        link_capacity=GB_PER_GBPS_HOUR * capacity_gbps * hours,
        route_links=routes.links,
        block=instance.blocks,
        serves=classes.serves,
        **arcs_of(admissible, routes.per_pair, routes.usd_per_gb, gb_per_mtok, distance, classes.serves),
        stores=stores_of(instance),
        **_caps_of(settings, work.water_litres, power.carbon_kg, routes.links.shape[0]),
    )


def arcs_of(
    admitted: BoolArray,
    routes: int,
    usd_per_gb: FloatArray,
    gb_per_mtok: FloatArray,
    distance: DistanceCosts,
    serves: IntArray | None = None,
) -> Arcs:
    """Return the arcs of a structure, in their order.

    Parameters
    ----------
    admitted : (classes, hubs, ways) bool array
    routes : int
        Most routes from a hub to a data centre.
    usd_per_gb : (hubs, ways) array
        ``transit_hw``.
    gb_per_mtok : (classes,) array
    serves : (classes,) int array, optional
        ``Structure.serves``.
    """
    klass, origin, way = np.nonzero(admitted)
    if serves is not None:
        order = np.lexsort((way, klass, origin, serves[klass]))
        klass, origin, way = klass[order], origin[order], way[order]
    site, rank = np.divmod(way, routes)
    cost = usd_per_gb[origin, way] * gb_per_mtok[klass] + distance.over(klass, origin, way)
    return Arcs(arc_class=klass, arc_origin=origin, arc_site=site, arc_rank=rank, arc_cost=cost)


def _caps_of(settings: Settings, water_litres: FloatArray, carbon_kg: FloatArray, routes: int) -> Caps:
    """Return the caps on the carbon of energy bought and on the water of work served, given per MWh and per Mtok."""
    (classes, sites), (tiers, hours) = water_litres.shape, carbon_kg.shape
    limit = np.zeros(OWN_CAPS)
    limit[CARBON_CAP], limit[WATER_CAP] = settings.carbon_limit_kg, settings.water_limit_litres
    every_hour = np.broadcast_to(water_litres[:, :, None], (classes, sites, hours))
    of_work, of_tiers = [NO_CELLS] * OWN_CAPS, [NO_CELLS] * OWN_CAPS
    of_work[WATER_CAP], of_tiers[CARBON_CAP] = all_cells(every_hour), all_cells(carbon_kg)
    return Caps(
        cap_limit=limit,
        cap_work=CapRows.of_cells((classes, sites, hours), of_work),
        cap_tier=CapRows.of_cells((tiers, hours), of_tiers),
        cap_send=np.zeros((OWN_CAPS, classes)),
        cap_route=CapRows.nothing(OWN_CAPS, (routes,)),
        cap_arrival=CapRows.of_cells((hours,), [all_cells(np.ones(hours))] * OWN_CAPS),
    )
