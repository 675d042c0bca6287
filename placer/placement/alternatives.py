"""What one more Mtok of each demand would cost in every mode by every way, at the duals of a solution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from placer.model.caps import caps_of_arcs
from placer.model.formulation import Formulation
from placer.model.links import links_along
from placer.model.structure import Structure
from placer.placement.rents import Rents
from placer.proof.bound import arrival_prices, never_served, service_prices
from placer.utils.arrays import AnyArray, BoolArray, FloatArray, IntArray, period_chunks, sums_by

#: Most prices of routes, or of demands by every way, that are held at a time.
_AT_A_TIME = 4_000_000


def prices_everywhere(
    formulation: Formulation, rents: Rents, wanted: BoolArray | None = None
) -> Iterator[tuple[IntArray, FloatArray, BoolArray]]:
    """Yield the cost of one more Mtok of each demand by every choice, some demands at a time.

    A choice is a mode and a way: a data centre over one of the routes to it (``placer.model.structure``). Choices are
    the ways of the first mode, then those of the next; ``class_and_way`` reads them.

    Parameters
    ----------
    wanted : bool array, optional
        Which demands; all if not given.

    Yields
    ------
    chosen : int array
        Positions of some demands.
    price : (chosen, choices) array
        USD per Mtok; inf without a route, or where the data centre lacks a resource that the work needs.
    admissible : (chosen, choices) bool array
    """
    structure = formulation.structure
    service, admissible = arrival_prices_at(structure, rents), structure.admitted
    there = np.isfinite(formulation.latency_ms)
    modes = [np.flatnonzero(structure.served_class == klass).tolist() for klass in range(structure.classes)]
    caps = caps_of_arcs(structure)
    caps = caps[rents.caps[caps] != 0]
    route_links, rent = _scarce_links(structure, rents.link)
    for periods, by_class in _chunks(structure, wanted):
        links = (route_links @ rent[:, periods]).reshape(structure.origins, structure.ways, -1)
        for klass, chosen in by_class:
            origin, period = structure.demand_origin[chosen], structure.demand_period[chosen]
            sending = links[origin, :, period - periods.start]
            sending += formulation.transit_usd_per_gb[origin]
            sending *= structure.link_use[klass]
            for cap in caps.tolist():
                counted = structure.cap_send[cap, klass] * structure.cap_arrival[cap][period]
                sending += (
                    rents.caps[cap] * counted[:, None] * structure.cap_route[cap].reshape(there.shape[1:])[origin]
                )
            parts = []
            for mode in modes[klass]:
                price = sending.copy() if mode != modes[klass][-1] else sending
                price += formulation.distance.over(np.array(mode), origin[:, None], np.arange(structure.ways))
                price += service[mode][structure.way_site[:, None], period].T
                price[~there[mode][origin]] = np.inf
                parts.append(price)
            if parts:
                yield chosen, _beside(parts), _beside([admissible[mode, origin] for mode in modes[klass]])


def _beside(parts: list[AnyArray]) -> AnyArray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def class_and_way(structure: Structure, klass: IntArray | int, choice: IntArray | int) -> tuple[IntArray, IntArray]:
    """Return the class of service and the way of some choices, given the class of their demand; arrays broadcast."""
    mode, way = np.divmod(choice, structure.ways)
    return structure.modes[klass, mode], np.asarray(way)


def arrival_prices_at(structure: Structure, rents: Rents) -> FloatArray:
    """Return the marginal price of serving one Mtok (workloads, data centres, hours of arrival), at the best hour.

    It is inf for work that needs power or accelerators at a data centre without them, for any dual of the limit of 0.
    The price of power includes rents of caps on purchases. Rents of caps on sent tokens are not included.
    """
    price = service_prices(structure, structure.work_cost, rents.accelerator, rents.power + rents.site, rents.caps)
    price[never_served(structure)] = np.inf
    return arrival_prices(structure, price)


def rent_along(structure: Structure, link: FloatArray, route: IntArray, period: IntArray) -> FloatArray:
    """Return the rents along some routes, each in a period, USD per GB."""
    route_links, rent = _scarce_links(structure, link)
    which, passed = links_along(route_links, route)
    return sums_by(which, rent[passed, period[which]], len(route))


def _scarce_links(structure: Structure, link: FloatArray) -> tuple[csr_array, FloatArray]:
    """Return which routes use the links that have a rent in some period, and the rents of those links."""
    scarce = np.flatnonzero(link.any(axis=1))
    return csr_array(structure.route_links[:, scarce]), link[scarce]


def _chunks(structure: Structure, wanted: BoolArray | None) -> Iterator[tuple[slice, list[tuple[int, IntArray]]]]:
    """Yield the demands by period and class, in chunks of periods over which few prices stand at a time."""
    classes = structure.classes
    chunks = period_chunks(structure.periods, structure.route_links.shape[0], _AT_A_TIME)
    group = structure.demand_period // chunks[0].stop * classes + structure.demand_class
    order: IntArray = np.argsort(group, kind="stable")
    order = order if wanted is None else order[wanted[order]]
    bounds = np.searchsorted(group[order], np.arange(len(chunks) * classes + 1))
    for number, chunk in enumerate(chunks):
        first = bounds[number * classes :]
        by_class = [(klass, order[first[klass] : first[klass + 1]]) for klass in range(classes)]
        yield chunk, by_class
