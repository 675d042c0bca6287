"""The bound of given duals as a linear function of demand: payments for its units, less rents that do not depend on it.

It serves many structures that differ in the amounts of demand alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.proof.bound import arrival_prices, bound_of, bound_prices, cheapest_arcs

if TYPE_CHECKING:
    from placer.model.answer import Duals
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray


def payments_and_rents(structure: Structure, duals: Duals) -> tuple[FloatArray, float]:
    """Return what a unit of each demand pays (demands,), and all rents: no flows cost less than the difference.

    Parameters
    ----------
    structure : Structure
        With any amounts.
    duals : Duals
        Of limits and supply; those of demands and queues are of no use.
    """
    prices = bound_prices(structure, duals)
    cheapest = cheapest_arcs(structure, prices, arrival_prices(structure, prices.service))
    paid = np.minimum(structure.unserved_cost[structure.demand_class], cheapest)
    nothing = replace(structure, demand_amount=np.zeros_like(structure.demand_amount))
    return paid, -bound_of(nothing, prices, paid)
