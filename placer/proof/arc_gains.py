"""Gains of arcs at given duals: an upper bound on the improvement from opening an arc.

    gain_khw = sum over the demands i that class k serves at origin h of
               amount_i max(0, credit_khw + price_i - V_kjt - link_use_k sum of nu_lt along the route - rents of caps)

``V`` is the price of serving a unit that arrives (``placer.proof.bound``), rents only; the credit holds the other costs
of serving, with the opposite sign. By weak duality the optimum of a program in which the duals are feasible improves by
at most the sum of the gains of the opened arcs.
"""

from __future__ import annotations

import numpy as np

from placer.model.answer import Duals
from placer.model.caps import caps_of_arcs
from placer.model.structure import Structure
from placer.proof.bound import arrival_prices, service_prices
from placer.utils.arrays import FloatArray

#: Most gains of demands at sites that are held at a time.
_AT_A_TIME = 2_000_000


def arc_gains(structure: Structure, duals: Duals, credit: FloatArray | None = None) -> FloatArray:
    """Return ``gain`` (classes, origins, ways) of every arc, existing arcs included.

    Parameters
    ----------
    structure : Structure
        Its costs of arcs and of work do not enter.
    credit : (classes, origins, ways) array, optional
        What a unit over each arc earns; nothing if not given.
    """
    free = np.zeros_like(structure.work_cost)
    arriving = arrival_prices(
        structure, service_prices(structure, free, duals.capacity, duals.balance + duals.intake, duals.cap)
    )
    link = np.asarray(structure.route_links @ duals.link)
    caps = caps_of_arcs(structure)
    caps = caps[duals.cap[caps] != 0]
    gains = np.zeros((structure.classes, structure.origins, structure.ways))
    modes = structure.modes[structure.demand_class]
    demand, place = np.nonzero(modes >= 0)
    served_by, step = modes[demand, place], max(1, _AT_A_TIME // max(structure.ways, 1))
    for first in range(0, len(demand), step):
        some, klass = demand[first : first + step], served_by[first : first + step]
        origin, period = structure.demand_origin[some], structure.demand_period[some]
        route = structure.route(origin[:, None], np.arange(structure.ways))
        serving = np.repeat(arriving[klass, :, period], structure.routes, axis=1)
        cost = serving + structure.link_use[klass][:, None] * link[route, period[:, None]]
        for cap in caps.tolist():
            counted = structure.cap_send[cap, klass] * structure.cap_arrival[cap][period]
            cost = cost + duals.cap[cap] * counted[:, None] * structure.cap_route[cap][route]
        earned = duals.demand[some, None] if credit is None else credit[klass, origin] + duals.demand[some, None]
        gain = np.maximum(earned - cost, 0.0) * structure.demand_amount[some, None]
        np.add.at(gains, (klass, origin), gain)
    return gains
