"""Columns that are likely to be used in a block: those that the smaller answer uses in any of its blocks.

Where a few days stand for many, a day is often between two of them: its optimum takes columns of both. So every block
gets the columns of all blocks of the smaller structure, at their periods within the block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.model.answer import Flows
from placer.model.blocks import Span, cut
from placer.model.structure import Structure, assignment_positions
from placer.reduced.laid import Places, used_positions
from placer.utils.arrays import IntArray


@dataclass(frozen=True, eq=False)
class BlockColumns:
    """Columns by their place in any block.

    Attributes
    ----------
    pair, period, arc : int arrays of one length
        The pair of class and origin that asks, the period of the block, and the arc.
    """

    pair: IntArray
    period: IntArray
    arc: IntArray

    @classmethod
    def of(
        cls, structure: Structure, spans: Sequence[Span], places: Places, small: Structure, flows: Flows
    ) -> BlockColumns:
        """Return the columns that flows of a smaller structure use, at the places of the whole.

        Parameters
        ----------
        structure : Structure
            The whole.
        spans : sequence of Span
            Of its blocks.
        places : Places
            Of the whole in the smaller structure.
        flows : Flows
            Of the smaller structure.
        """
        _, firsts = np.unique(small.block[[places.period[span.periods][0] for span in spans]], return_index=True)
        parts = [_columns(structure, spans[number], places, small, flows) for number in firsts.tolist()]
        return cls(*np.unique(np.concatenate(parts, axis=1), axis=1))

    def positions_in(self, block: Structure) -> IntArray:
        """Return the positions of these among the assignments of a block, ascending."""
        demand = np.full((block.classes * block.origins, block.periods), -1)
        demand[block.demand_pair, block.demand_period] = np.arange(len(block.demand_amount))
        inside = self.period < block.periods
        asking = demand[self.pair[inside], self.period[inside]]
        return np.sort(assignment_positions(block, asking[asking >= 0], self.arc[inside][asking >= 0]))


def _columns(structure: Structure, span: Span, places: Places, small: Structure, flows: Flows) -> IntArray:
    """Return pair, period and arc of the columns that stand in a block for those of the smaller structure."""
    block = cut(structure, span)
    position = used_positions(replace(places, period=places.period[span.periods]), block, small, flows)
    demand = np.searchsorted(block.assignment_starts, position, side="right") - 1
    pair = block.demand_pair[demand]
    return np.stack(
        [pair, block.demand_period[demand], block.arc_starts[pair] + position - block.assignment_starts[demand]]
    )
