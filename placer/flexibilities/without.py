"""Structures without a flexibility, and with missing green power at a price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from placer.model.answer import Flows
from placer.model.cap_rows import CapRows
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray, sums_by

#: What a unit costs that exceeds no cap, as a part of the price of one that does.
_IDLE = 0.1
_OF_ARCS = ("arc_class", "arc_origin", "arc_site", "arc_rank", "arc_cost")


def without_waiting(structure: Structure) -> Structure:
    """Return the structure in which all work is served in the period in which it arrives."""
    return replace(structure, window=np.zeros_like(structure.window))


def without_moving(structure: Structure, flows: Flows) -> tuple[Structure, float]:
    """Return the structure in which each demand keeps its places in some flows, and the cost of what these leave out.

    Each demand is divided as it is over the sites in the flows, and each part has arcs to its own site alone: origins
    are pairs of an origin and a site. What the flows leave unserved stays so, at its penalty.
    """
    sites, arcs = structure.sites, np.arange(len(structure.arc_site))
    origin = structure.arc_origin * sites + structure.arc_site
    order = np.lexsort((structure.arc_way, structure.arc_class, origin, structure.arc_serves))
    keys, part = np.unique(flows.demand * sites + structure.arc_site[flows.arc], return_inverse=True)
    demand, site = np.divmod(keys, sites)
    pairs = np.repeat(np.arange(structure.origins), sites)
    route = structure.route(pairs[:, None], np.arange(structure.ways)).ravel()
    changed = replace(
        structure,
        **{name: getattr(structure, name)[arcs[order]] for name in _OF_ARCS if name != "arc_origin"},
        arc_origin=origin[order],
        demand_class=structure.demand_class[demand],
        demand_origin=structure.demand_origin[demand] * sites + site,
        demand_period=structure.demand_period[demand],
        demand_amount=sums_by(part, flows.amount, len(keys)),
        route_links=csr_array(structure.route_links[route]),
        cap_route=structure.cap_route.part(0, route),
    )
    return changed, float(structure.unserved_cost[structure.demand_class] @ flows.unserved)


def with_missing(structure: Structure, caps: IntArray, usd_per_unit: float, most: float) -> tuple[Structure, float]:
    """Return the structure in which each of some caps may be exceeded at a price, and the cost of exceeding none.

    The last class asks for ``most`` of every cap. A unit that is served relaxes the cap by one; one that is not served
    costs a part of the price too, since column generation needs costs above 0.

    Parameters
    ----------
    caps : (n,) int array
        Positions of caps.
    most : float
        No cap is exceeded by more.
    """
    count, period, idle = structure.classes, structure.cap_period[caps], _IDLE * usd_per_unit
    cells = CapRows(csr_array(_with_class(structure, caps, period)), (count + 1, structure.sites, structure.periods))

    def more(values: FloatArray, added: float, axis: int = 0) -> FloatArray:
        shape = [1 if at == axis else size for at, size in enumerate(values.shape)]
        return np.concatenate([values, np.full(shape, added, dtype=values.dtype)], axis=axis)

    changed = replace(
        structure,
        demand_class=np.append(structure.demand_class, np.full(len(caps), count)),
        demand_origin=np.append(structure.demand_origin, np.arange(len(caps)) * 0),
        demand_period=np.append(structure.demand_period, period),
        demand_amount=np.append(structure.demand_amount, np.full(len(caps), most)),
        unserved_cost=more(structure.unserved_cost, idle),
        window=np.append(structure.window, 0),
        arc_class=np.append(structure.arc_class, count),
        arc_origin=np.append(structure.arc_origin, 0),
        arc_site=np.append(structure.arc_site, 0),
        arc_rank=np.append(structure.arc_rank, 0),
        arc_cost=np.append(structure.arc_cost, usd_per_unit + idle),
        work_cost=more(structure.work_cost, 0.0),
        use=more(structure.use, 0.0),
        draw=more(structure.draw, 0.0),
        link_use=more(structure.link_use, 0.0),
        cap_work=cells,
        cap_send=more(structure.cap_send, 0.0, axis=1),
        serves=None if structure.serves is None else np.append(structure.serves, count),
    )
    return changed, idle * most * len(caps)


def _with_class(structure: Structure, caps: IntArray, period: IntArray) -> csr_array:
    """Return the coefficients of work with one class more, of which a unit at the first site relaxes a cap by one."""
    cap, (klass, site, at), value = structure.cap_work.entries()
    classes, sites = structure.classes + 1, structure.sites
    cap, value = np.append(cap, caps), np.append(value, np.full(len(caps), -1.0))
    klass, site, at = (
        np.append(klass, np.full(len(caps), classes - 1)),
        np.append(site, np.zeros(len(caps), dtype=int)),
        np.append(at, period),
    )
    row = (at * classes + klass) * sites + site
    shape = (structure.periods * classes * sites, len(structure.cap_limit))
    return csr_array((value, (row, cap)), shape=shape)
