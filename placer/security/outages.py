"""A contingency applied to the structure of an instance: the arcs that are hit, and the remaining structure.

    lost data centres   have no arcs and no capacity
    lost supplies       have a limit of 0; other supplies of their data centre may still be bought
    lost links          carry nothing: routes, and so round trips and arcs, are found again without them
    lost batteries      have no power and hold nothing: those of lost data centres, and of power zones without a supply

An arc is *hit* if its data centre is lost or loses a supply, or if its route passes a lost link. Work served over arcs
that are hit is displaced. All other work stays, in its mode if its workload has modes. Displaced work may go to all
remaining data centres, in any mode that is in time there. It may return to its own data centre if another supply or
another route is left.

A lost data centre still passes on the traffic of other sites over links that meet there. The limits of power zones hold
in a contingency too. Caps and own limits hold for the placement only, so that batteries need no green and grey content.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.instance.network.dominance import without_dominated
from placer.instance.network.routes import Routes, find_routes
from placer.instance.problem import Instance
from placer.model.assembly import arcs_of
from placer.model.blocks import OF_BLOCKS
from placer.model.cap_rows import CapRows
from placer.model.caps import OWN_CAPS
from placer.model.distance import DistanceCosts, distance_costs
from placer.model.formulation import Formulation
from placer.model.latency import task_latency
from placer.model.parts import part_of
from placer.model.structure import Structure
from placer.running import in_time
from placer.security.contingencies import Contingency, batteries_lost, contingencies_of
from placer.security.definition import Security
from placer.utils.arrays import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Outage:
    """A contingency and the structure that it leaves.

    Attributes
    ----------
    structure : Structure
        The structure without it: demands, classes, sites, periods, tiers and links are numbered as in the structure of
        the instance; arcs and routes have new numbers. Caps have none but the limits of power zones and pools.
    hit : (arcs,) bool array
        Which arcs of the structure of the instance are hit.
    distance : DistanceCosts
        The cost of distance over the remaining routes.
    """

    contingency: Contingency
    structure: Structure
    hit: BoolArray
    distance: DistanceCosts

    @property
    def name(self) -> str:
        """The name of the contingency."""
        return self.contingency.name


def outages_of(instance: Instance, formulation: Formulation, security: Security) -> list[Outage]:
    """Return all contingencies of a security applied to a formulation of the instance.

    Raises
    ------
    InstanceError
        If the security does not fit the instance.
    NoSolutionError
        If the time is over: routes are found anew for every contingency that loses links.
    """
    every = contingencies_of(instance, security)
    return [outage_of(instance, formulation, each) for each in in_time(every, "finding the routes of contingencies")]


def outage_of(instance: Instance, formulation: Formulation, contingency: Contingency) -> Outage:
    """Return a contingency applied to a formulation of the instance."""
    whole = formulation.structure
    lost_links = np.flatnonzero(contingency.links)
    hit_sites = contingency.sites.copy()
    hit_sites[whole.tier_site[contingency.supplies]] = True
    passes = np.asarray(csr_array(whole.route_links[:, lost_links]).sum(axis=1)).ravel() > 0
    left, distance = whole, formulation.distance
    if lost_links.size:
        left, distance = _with_routes(instance, formulation, contingency.links)
    left = part_of(left, arcs=~contingency.sites[left.arc_site])
    left = _with_limits_left(left, contingency, whole, _physical_limits(formulation))
    if left.stores is not None:
        left = replace(left, stores=left.stores.without_contents().without(batteries_lost(instance, contingency)))
    return Outage(contingency, left, hit_sites[whole.arc_site] | passes[whole.arc_route], distance)


def outage_in_block(outage: Outage, block: Structure, cap_limit: FloatArray) -> Outage:
    """Return the contingency of a block applied to another block of the same formulation (``placer.model.blocks``).

    Parameters
    ----------
    cap_limit : (caps of the block,) array
        Limits of its power zones and pools, inf for all other caps.
    """
    of_block: dict[str, Any] = {name: getattr(block, name) for name in OF_BLOCKS}
    left = replace(outage.structure, **of_block)
    return replace(outage, structure=_with_limits_left(left, outage.contingency, block, cap_limit))


def _with_limits_left(left: Structure, contingency: Contingency, whole: Structure, cap_limit: FloatArray) -> Structure:
    """Return the structure with the limits of sites and supplies that are left, and some limits of caps."""
    return replace(
        left,
        capacity=np.where(contingency.sites[:, None], 0.0, whole.capacity),
        tier_limit=np.where(contingency.supplies[:, None], 0.0, whole.tier_limit),
        cap_limit=cap_limit,
        cap_route=CapRows.nothing(len(cap_limit), (left.route_links.shape[0],)),
    )


def _physical_limits(formulation: Formulation) -> FloatArray:
    """Return the limits of the caps that are power zones and pools, and inf for all others (caps,)."""
    physical = np.array([False] * OWN_CAPS + [not limit.is_own and not limit.content for limit in formulation.limits])
    return np.where(physical, formulation.structure.cap_limit, np.inf)


def _with_routes(instance: Instance, formulation: Formulation, lost: BoolArray) -> tuple[Structure, DistanceCosts]:
    """Return the structure over the remaining routes without some links, and the cost of distance over them."""
    structure = formulation.structure
    routes = _routes_without(instance, structure, lost)
    latency = task_latency(instance, routes)
    distance = distance_costs(instance, latency.latency_ms)
    arcs = arcs_of(
        latency.admissible, routes.per_pair, routes.usd_per_gb, structure.link_use, distance, structure.serves
    )
    return replace(structure, routes=routes.per_pair, route_links=routes.links, **arcs), distance


def _routes_without(instance: Instance, structure: Structure, lost: BoolArray) -> Routes:
    """Return the routes over the links that are not lost, with links numbered as in the instance."""
    kept = np.flatnonzero(~lost)
    hubs, centres = instance.hubs["hub"], instance.data_centres["data_centre"]
    settings = instance.settings
    links = instance.links.iloc[kept]
    found = find_routes(links, hubs, centres, directed=settings.directed, most=settings.routes)
    used = coo_array(found.links)
    shape = (used.shape[0], len(lost))
    numbered = replace(found, links=csr_array(coo_array((used.data, (used.row, kept[used.col])), shape=shape)))
    return without_dominated(numbered, np.asarray(np.isfinite(structure.link_capacity).any(axis=1)))
