"""Messages to a worker process for some blocks, and its replies, as small as possible.

Blocks differ in few arrays. A message holds the arrays that differ from those of the first block. Most queue flows and
most unserved amounts are 0, and packed flows leave them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from placer.column_generation.warm_start import KnownPrices
from placer.least_cost.tie_break import TieBreak
from placer.model.answer import STORE_COLUMNS, Duals, Flows
from placer.proof.certificate import Certificate
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Sparse:
    """An array with few entries that are not 0.

    Attributes
    ----------
    place : int array
    value : array
    """

    size: int
    place: IntArray
    value: FloatArray

    @classmethod
    def of(cls, array: FloatArray) -> Sparse:
        """Return the entries of a flat array that are not 0."""
        place = np.flatnonzero(array)
        return cls(len(array), place.astype(np.int32), array[place])

    @property
    def array(self) -> FloatArray:
        """The flat array (size,)."""
        array = np.zeros(self.size)
        array[self.place] = self.value
        return array


@dataclass(frozen=True, eq=False)
class PackedFlows:
    """Flows of a block in a third of the memory.

    Attributes
    ----------
    demand, arc : int arrays
    amount : array
    taken : (tiers, periods) array
    stored : mapping from str to (stores, periods) array
        Amounts of stores, by their names in ``Flows``.
    """

    demand: IntArray
    arc: IntArray
    amount: FloatArray
    unserved: Sparse
    waiting: Sparse
    taken: FloatArray
    stored: Mapping[str, FloatArray]

    @classmethod
    def of(cls, flows: Flows) -> PackedFlows:
        """Pack flows."""
        return cls(
            flows.demand.astype(np.int32),
            flows.arc.astype(np.int32),
            flows.amount,
            Sparse.of(flows.unserved),
            Sparse.of(flows.waiting),
            flows.taken,
            {name: getattr(flows, name) for name in STORE_COLUMNS},
        )

    @property
    def flows(self) -> Flows:
        """The flows as they were."""
        demand, arc = self.demand.astype(np.int64), self.arc.astype(np.int64)
        return Flows(demand, arc, self.amount, self.unserved.array, self.waiting.array, self.taken, **self.stored)


@dataclass(frozen=True, eq=False)
class BlockAnswer:
    """The proven answer of one block.

    Attributes
    ----------
    duals : Duals
        At the cap prices of the task; those of shared caps are 0.
    certificate : Certificate
        With what counts towards caps charged at these prices.
    tie_break : TieBreak or None
        None where none was asked for.
    taken : (caps,) array
        What the flows take of every cap.
    known : KnownPrices or None
        From which the block may start at other cap prices; None where none were asked for.
    detail : str
        What the solver says of itself.
    """

    flows: PackedFlows
    duals: Duals
    certificate: Certificate
    tie_break: TieBreak | None
    taken: FloatArray
    known: KnownPrices | None
    detail: str
    iterations: int
