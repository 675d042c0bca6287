"""Row activities and cost of flows, computed from the structure alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from placer.model.answer import Flows
from placer.model.caps import arc_coefficients, caps_of_arcs
from placer.model.links import links_along
from placer.model.storing import capped_by_stores, charged_at_sites, storing_cost
from placer.model.structure import Structure
from placer.model.unserved import penalties
from placer.utils.arrays import FloatArray, IntArray, sums_by


@dataclass(frozen=True, eq=False)
class Loads:
    """The two sides of every row of ``placer.model.structure`` that flows decide.

    Attributes
    ----------
    met : (demands,) array
        Amount of each demand assigned or left unserved.
    arriving : (classes, sites, periods) array
        Work assigned to a site, by the period it arrives in.
    released : (classes, sites, periods) array
        Work that will be served, by its period of arrival; for classes that do not wait, the arriving work.
    used, drawn, supplied : (sites, periods) arrays
        Capacity used, supply drawn (by work, and by the stores of the site less what they give) and supply taken.
    links : (limited links,) int array
        Positions of the links that have a limit.
    carried : (limited links, periods) array
    capped : (caps,) array
        What counts towards each cap.
    """

    met: FloatArray
    arriving: FloatArray
    released: FloatArray
    used: FloatArray
    drawn: FloatArray
    supplied: FloatArray
    links: IntArray
    carried: FloatArray
    capped: FloatArray


def loads(structure: Structure, flows: Flows) -> Loads:
    """Return the row activities of flows."""
    shape = (structure.classes, *structure.capacity.shape)
    queue = structure.queue_flows
    klass, site = structure.arc_class[flows.arc], structure.arc_site[flows.arc]
    arriving = _sum_at(shape, (klass, site, structure.demand_period[flows.demand]), flows.amount)
    waits = (structure.window > 0)[:, None, None]
    released = np.where(waits, _sum_at(shape, (queue.klass, queue.site, queue.arrival), flows.waiting), arriving)
    served = served_work(structure, flows, arriving)
    links = np.flatnonzero(np.isfinite(structure.link_capacity).any(axis=1))
    return Loads(
        met=sums_by(flows.demand, flows.amount, len(structure.demand_amount)) + flows.unserved,
        arriving=arriving,
        released=released,
        used=np.einsum("kj,kjt->jt", structure.use, served),
        drawn=_drawn(structure, flows, served),
        supplied=structure.at_sites(structure.tier_yield[:, None] * flows.taken),
        links=links,
        carried=_carried(structure, flows, links),
        capped=_capped(structure, flows, served),
    )


def served_work(structure: Structure, flows: Flows, arriving: FloatArray | None = None) -> FloatArray:
    """Return the work served at every site in every period (classes, sites, periods).

    Parameters
    ----------
    arriving : (classes, sites, periods) array, optional
        Of these flows; summed up here if not given.
    """
    shape, queue = (structure.classes, *structure.capacity.shape), structure.queue_flows
    if arriving is None:
        klass, site = structure.arc_class[flows.arc], structure.arc_site[flows.arc]
        arriving = _sum_at(shape, (klass, site, structure.demand_period[flows.demand]), flows.amount)
    waited = _sum_at(shape, (queue.klass, queue.site, queue.service), flows.waiting)
    return np.where((structure.window > 0)[:, None, None], waited, arriving)


def cost_of(structure: Structure, flows: Flows) -> float:
    """Return the cost of flows, as ``placer.model.structure`` adds it up."""
    klass, site, queue = structure.arc_class[flows.arc], structure.arc_site[flows.arc], structure.queue_flows
    at_arrival = structure.work_cost[klass, site, structure.demand_period[flows.demand]]
    assigned = structure.arc_cost[flows.arc] + np.where(structure.window[klass] == 0, at_arrival, 0.0)
    return float(
        assigned @ flows.amount
        + structure.work_cost[queue.klass, queue.site, queue.service] @ flows.waiting
        + (structure.tier_cost * flows.taken).sum()
        + storing_cost(structure, flows)
        + penalties(structure, flows.unserved).sum()
    )


def crossings(structure: Structure, flows: Flows, links: IntArray) -> tuple[IntArray, IntArray]:
    """Return which used assignment crosses which of some links, one entry for every crossing.

    Parameters
    ----------
    links : int array
        Positions of the links to look at.

    Returns
    -------
    which, link : int arrays
        Position among the used assignments, and position in ``links``.
    """
    return links_along(csr_array(structure.route_links[:, links]), structure.arc_route[flows.arc])


def _drawn(structure: Structure, flows: Flows, served: FloatArray) -> FloatArray:
    drawn = structure.overhead * np.einsum("kj,kjt->jt", structure.draw, served)
    return drawn if structure.stores is None else drawn + charged_at_sites(structure, flows)


def _carried(structure: Structure, flows: Flows, links: IntArray) -> FloatArray:
    which, link = crossings(structure, flows, links)
    sent = structure.link_use[structure.arc_class[flows.arc]] * flows.amount
    return _sum_at((len(links), structure.periods), (link, structure.demand_period[flows.demand[which]]), sent[which])


def _capped(structure: Structure, flows: Flows, served: FloatArray) -> FloatArray:
    capped = structure.cap_work.totals(served) + structure.cap_tier.totals(flows.taken)
    capped += capped_by_stores(structure, flows)
    period = structure.demand_period[flows.demand]
    for cap in caps_of_arcs(structure).tolist():
        capped[cap] += (arc_coefficients(structure, cap, flows.arc, period) * flows.amount).sum()
    return capped


def _sum_at(shape: tuple[int, ...], position: tuple[IntArray, ...], values: FloatArray) -> FloatArray:
    """Add values up at positions in an array of zeros."""
    total = sums_by(np.ravel_multi_index(position, shape), values, int(np.prod(shape)))
    return total.reshape(shape)
