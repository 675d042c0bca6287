"""The two sides of an answer under proof, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

from placer.model.answer import Duals, Flows
from placer.model.loads import Loads
from placer.model.structure import Structure
from placer.proof.bound import BoundPrices
from placer.proof.magnitudes import Magnitudes


@dataclass(frozen=True, eq=False)
class Sides:
    """An answer, its structure, and the loads, prices and typical sizes that follow from them.

    Attributes
    ----------
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
