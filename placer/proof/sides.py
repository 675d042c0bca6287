"""The quantities from which ``placer.proof.answer_certificate`` computes the figures of a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.model.answer import Duals, Flows
    from placer.model.loads import Loads
    from placer.model.structure import Structure
    from placer.proof.bound import BoundPrices
    from placer.proof.magnitudes import Magnitudes
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Sides:
    """An answer, its structure, and the loads, prices and typical sizes that follow from them.

    Attributes
    ----------
    structure : Structure
    flows : Flows
    duals : Duals
        As the answer has them.
    loads : Loads
        Of the flows.
    prices : BoundPrices
        The duals as they prove a bound.
    typical : Magnitudes
        Of the structure.
    """

    structure: Structure
    flows: Flows
    duals: Duals
    loads: Loads
    prices: BoundPrices
    typical: Magnitudes


def arriving_prices(sides: Sides) -> FloatArray:
    """Return the price of arriving work (classes, sites, periods): for classes that wait, the dual of the queue."""
    waits = (sides.structure.window > 0)[:, None, None]
    return np.where(waits, sides.duals.queue, sides.prices.service)
