"""Contributions of assignments to caps: the terms in x of the cap rows of ``placer.model.structure``."""

from __future__ import annotations

import numpy as np

from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray

#: Positions of the caps of settings; limits of one's own follow from ``OWN_CAPS`` on, in their order.
CARBON_CAP, WATER_CAP, OWN_CAPS = 0, 1, 2


def caps_of_arcs(structure: Structure) -> IntArray:
    """Return the positions of the caps with a limit that assignments count towards."""
    return structure.caps_along[0]


def arc_coefficients(structure: Structure, cap: int, arc: IntArray, period: IntArray) -> FloatArray:
    """Return the contribution of a unit of some assignments to a cap.

    Parameters
    ----------
    cap : int
        One of ``caps_of_arcs``.
    arc, period : (n,) int arrays
        Arc and period of arrival of each assignment.
    """
    caps, along, by_arrival = structure.caps_along
    place = int(np.searchsorted(caps, cap))
    sent = structure.cap_send[cap, structure.arc_class[arc]]
    return np.asarray(sent * along[place][structure.arc_route[arc]] * by_arrival[place][period])


def arc_rents(structure: Structure, cap_prices: FloatArray, arc: IntArray, period: IntArray) -> FloatArray:
    """Return the payment of a unit of some assignments for caps, at prices of either sign (n,); parameters as above."""
    rents = np.zeros(len(arc))
    for cap in caps_of_arcs(structure).tolist():
        if cap_prices[cap] != 0:
            rents += cap_prices[cap] * arc_coefficients(structure, cap, arc, period)
    return rents


def arc_rents_of_all_periods(structure: Structure, cap_prices: FloatArray) -> FloatArray:
    """Return the payment of a unit over every arc for caps that count all periods of arrival alike (arcs,)."""
    return arc_rents(structure, cap_prices, np.arange(len(structure.arc_cost)), np.zeros(len(structure.arc_cost), int))


def counts_by_arrival(structure: Structure) -> bool:
    """Return whether any cap counts assignments of one period of arrival otherwise than those of another."""
    arrival = structure.cap_arrival[caps_of_arcs(structure)].array
    return bool((arrival != arrival[:, :1]).any())


def route_rents(structure: Structure, cap_prices: FloatArray, klass: int, route: IntArray) -> FloatArray:
    """Return the payment of a unit of a class for caps along some routes, by period of arrival (routes, periods).

    Parameters
    ----------
    cap_prices : (caps,) array
        Of either sign.
    route : (routes,) int array
    """
    caps, along, by_arrival = structure.caps_along
    paid = cap_prices[caps] * structure.cap_send[caps, klass]
    some = np.flatnonzero(paid)
    return np.asarray((paid[some, None] * along[some][:, route]).T @ by_arrival[some])
