"""Which links routes use: link by link along some routes, as sets of links, and the links that demand could fill."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray, expand_counts


def links_along(route_links: csr_array, route: IntArray) -> tuple[IntArray, IntArray]:
    """Return the links along some routes, end to end: the position of the route in ``route``, and the link.

    Parameters
    ----------
    route_links : (routes, links) sparse array
        ``Structure.route_links``, or some of its columns.
    route : int array
    """
    which, rank = expand_counts(np.diff(route_links.indptr)[route])
    return which, route_links.indices[route_links.indptr[route][which] + rank]


def link_sets(structure: Structure) -> tuple[BoolArray, IntArray]:
    """Return the sets of limited links that routes pass, and the set of every route.

    Returns
    -------
    sets : (sets, links) bool array
        The empty set comes first.
    number : (origins, ways) int array
        Which of the sets each route passes.
    """
    limited = np.flatnonzero(np.isfinite(structure.link_capacity).any(axis=1))
    number = np.zeros(structure.origins * structure.ways, dtype=int)
    incidence = csr_array(structure.route_links[:, limited])
    used = np.flatnonzero(np.diff(incidence.indptr))
    passed, which = np.unique(csr_array(incidence[used]).toarray() != 0, axis=0, return_inverse=True)
    number[used] = which.ravel() + 1
    sets = np.zeros((1 + len(passed), len(structure.link_capacity)), dtype=bool)
    sets[1:, limited] = passed
    return sets, number.reshape(structure.origins, structure.ways)


def scarce_links(structure: Structure) -> IntArray:
    """Return the links whose capacity could be exceeded if everything that may pass did; none that is always closed."""
    capacity = structure.link_capacity
    finite = np.flatnonzero(np.isfinite(capacity).any(axis=1) & (capacity > 0).any(axis=1))
    return finite[(most_carried(structure, finite) > capacity[finite]).any(axis=1)]


def most_carried(structure: Structure, links: IntArray) -> FloatArray:
    """Return the load of some links if all demand that may pass them did (links, periods)."""
    most = np.zeros((len(links), structure.periods))
    if not links.size:
        return most
    passed = coo_array(structure.route_links[:, links])
    origin, arc_route, arc_serves = passed.row // structure.ways, structure.arc_route, structure.arc_serves
    for klass in np.flatnonzero(structure.link_use > 0):
        is_open = np.zeros(passed.shape[0], dtype=bool)
        is_open[arc_route[arc_serves == klass]] = True
        uses = is_open[passed.row]
        touched = np.zeros((structure.origins, len(links)))
        touched[origin[uses], passed.col[uses]] = 1.0
        asked = np.zeros((len(touched), structure.periods))
        mine = structure.demand_class == klass
        place = structure.demand_origin[mine], structure.demand_period[mine]
        np.add.at(asked, place, structure.demand_amount[mine])
        most += structure.link_use[klass] * touched.T @ asked
    return most
