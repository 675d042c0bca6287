"""The columns of a sweep's program: row entries and gains, each less those of the key of the node.

A *way* to send the demand of a node is a triple of node, arc and option; ways are the rows of (w, 3) int arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.parameters import WALK_SIMPLEX
from placer.solvers.simplex import Vectors
from placer.utils.arrays import NOISE, BoolArray, FloatArray, IntArray

#: The arc and option of demand that is left unserved.
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns, in the order of the program.

    Attributes
    ----------
    node, arc, option : (c,) int arrays
        The node whose demand a column moves, and where to (arc ``NOWHERE``: it is left unserved).
    row, taken : (c, w) arrays
        Row entries of a unit less those of the key: rows and amounts, padded with amounts of 0.
    gain : (3, c) array
        Served, displaced and exported demand of a unit less those of a unit by the key.
    """

    node: IntArray
    arc: IntArray
    option: IntArray
    row: IntArray
    taken: FloatArray
    gain: FloatArray

    @classmethod
    def none(cls, block: Block) -> Columns:
        """Return no columns."""
        nothing = np.zeros(0, dtype=int)
        width = 2 * block.taken(nothing, nothing)[0].shape[1]
        return cls(nothing, nothing, nothing, np.zeros((0, width), dtype=int), np.zeros((0, width)), np.zeros((3, 0)))

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.node)

    @property
    def ways(self) -> IntArray:
        """The ways the columns stand for."""
        return np.column_stack([self.node, self.arc, self.option])

    def extended(self, ways: IntArray, row: IntArray, taken: FloatArray, gain: FloatArray) -> Columns:
        """Return these columns and more after them."""
        node, arc, option = (
            np.append(old, new) for old, new in zip((self.node, self.arc, self.option), ways.T, strict=True)
        )
        rows, amounts = np.vstack([self.row, row]), np.vstack([self.taken, taken])
        return Columns(node, arc, option, rows, amounts, np.hstack([self.gain, gain]))

    def load(self, amount: FloatArray, rows: int) -> FloatArray:
        """Return the row activities of an amount of each column."""
        taken = np.bincount(self.row.ravel(), (self.taken * amount[:, None]).ravel(), minlength=rows)
        return np.asarray(taken, dtype=float)


@dataclass(frozen=True, eq=False)
class KnownWays:
    """The known ways of the nodes, and the flow of those that have not moved since the last run.

    Attributes
    ----------
    amount : (c,) array
        Flow of the columns.
    key_arc, key_option : (n,) int arrays
        The key of every node; ``NOWHERE`` where it has none.
    rest : (n,) array
        Demand left to the keys.
    moved : (w, 3) int array
        Ways of nodes with columns that have moved since.
    """

    columns: Columns
    amount: FloatArray
    key_arc: IntArray
    key_option: IntArray
    rest: FloatArray
    moved: IntArray


def keys_first(ways: IntArray, amount: FloatArray, demand: FloatArray) -> tuple[IntArray, BoolArray]:
    """Return the ways with a flow, by node and falling flow, and which of them become keys.

    That is the largest flow of every node that is served whole.
    """
    node = ways[:, 0]
    unserved = demand - np.bincount(node, amount, minlength=len(demand))
    kept = amount > NOISE * demand[node]
    ways, amount = ways[kept], amount[kept]
    ways = ways[np.lexsort((-amount, ways[:, 0]))]
    largest = np.append(True, ways[1:, 0] != ways[:-1, 0])[: len(ways)]
    return ways, largest & (unserved[ways[:, 0]] <= NOISE * demand[ways[:, 0]])


def record_new(ways: IntArray, options: int, codes: set[int]) -> IntArray:
    """Return the ways whose code is not in the set, each once, and add their codes; ``options`` of the block."""
    node, arc, option = ways.T
    numbers = np.where(arc == NOWHERE, -1 - node, arc * options + option).tolist()
    fresh = []
    for place, number in enumerate(numbers):
        if number not in codes:
            codes.add(number)
            fresh.append(place)
    return ways[fresh]


def takes(block: Block, ways: IntArray, key_arc: IntArray, key_option: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the row entries of columns: those of their way less those of the key of its node."""
    node, arc, option = ways.T
    row, own = block.taken(arc, option)
    key_row, key = block.taken(key_arc[node], key_option[node])
    return np.hstack([row, key_row]), np.hstack([own, -key])


def gains(block: Block, arc: IntArray, key: IntArray) -> FloatArray:
    """Return what a unit of columns serves, displaces and exports (3, c), less what a unit by the key does."""
    served = (arc != NOWHERE).astype(float) - (key != NOWHERE)
    return np.array([served, *(_of(values, arc) - _of(values, key) for values in (block.displaced, block.weight))])


def vectors(row: IntArray, value: FloatArray) -> Vectors:
    """Return sparse vectors from arrays with one line each. Entries of the same row add up; row -1 holds no entry."""
    count = len(row)
    stride = int(row.max(initial=0)) + 1
    place = (np.arange(count)[:, None] * stride + row)[row >= 0]
    order = np.argsort(place, kind="stable")
    place = place[order]
    first = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
    total = np.add.reduceat(value[row >= 0][order], first) if len(first) else np.zeros(0)
    kept = np.abs(total) > WALK_SIMPLEX.smallest_entry
    vector, index = np.divmod(place[first[kept]], stride)
    start = np.searchsorted(vector, np.arange(count))
    return Vectors(start.astype(np.int32), index.astype(np.int32), total[kept])


def _of(values: FloatArray, arc: IntArray) -> FloatArray:
    return np.where(arc != NOWHERE, values[arc], 0.0)
