"""The flow of a block, and the small program that changes it.

A node sends its demand to its *key*, an arc and an option, or leaves it unserved where it has none. The program holds
only what is in question: a column moves demand of a node from its key to another arc and option, so it takes of the
rows what the new one does less what the key does, and gains the difference. A node needs a row of its own only where it
has two columns or more. Nodes without columns move by changing their key, which shifts the room of the rows and leaves
the basis feasible. From time to time the program starts afresh, with the largest flow of every node that is served
whole as its key and the other flows as basic columns, so that it stays as small as what is in question.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.warm import LEAST_ENTRY, Entries, WarmLP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from scipy.sparse import csr_array

    from placer.curve_blocks import Block

Pairs = list[tuple[int, float]]
#: A way to send the demand of a node: node, arc and option.
Way = tuple[int, int, int]
#: The arc of what is left unserved.
NOWHERE = -1

#: Flows at most this share of the demand of their node are rounding.
_NOTHING = 1e-12
#: The program starts afresh once it has this many times the columns it started with, and these more.
_GROWTH, _FEW = 1.5, 400


class Program:
    """Flow and program of a block.

    Attributes
    ----------
    lp : WarmLP
        The program; it counts its runs.
    served, exported : float
        Of the present flow.
    key_arc, key_option : (nodes,) int arrays
        -1 where a node has no key.
    node, arc, option, amount : (columns,) arrays
        What the columns lead to (arc ``NOWHERE``: to leave demand of the node unserved), and their flow, of nodes that
        have not moved since the last run.
    rest : (nodes,) array
        Demand left to the keys, likewise.
    free : list of float
        What the flow leaves of the rows.
    infeasible : float
        By how much the flow of the last run exceeds a row or a demand, relative to 1 + its side.
    """

    def __init__(self, block: Block) -> None:
        self.block = block
        nodes = len(block.demand)
        self.lp = WarmLP()
        self.served = self.exported = self.infeasible = 0.0
        self.key_arc, self.key_option = np.full(nodes, -1), np.full(nodes, -1)
        self.free: list[float] = block.upper.tolist()
        self._room: list[float] = block.upper.tolist()  # what the keys leave of the rows, if they have all demand
        self._shifted = False
        self._entries = _as_pairs(block.options), _as_pairs(block.paths)
        self._clear()

    def _clear(self) -> None:
        self.lp.start(np.array(self._room))
        self.node, self.arc, self.option = (np.zeros(0, dtype=int) for _ in range(3))
        self.amount = np.zeros(0)
        self.rest = self.block.demand
        self._columns_of: dict[int, list[int]] = {}
        self._row_of: dict[int, int] = {}
        self._present: set[Way] = set()
        self._moved: dict[int, Way] = {}
        self._few = 0

    @property
    def moved(self) -> Collection[Way]:
        """Where nodes with columns have moved since the last run."""
        return self._moved.values()

    def uses(self, node: int) -> list[tuple[int, int, float]]:
        """Return the flow of a node: arc, option and amount."""
        demand = float(self.block.demand[node])
        if node in self._moved:
            return [(*self._moved[node][1:], demand)]
        flows, rest = [], demand
        for one in self._columns_of.get(node, ()):
            amount = float(self.amount[one])
            if amount > 0:
                rest -= amount
                if self.arc[one] != NOWHERE:
                    flows.append((int(self.arc[one]), int(self.option[one]), amount))
        if self.key_arc[node] != NOWHERE and rest > 0:
            flows.append((int(self.key_arc[node]), int(self.key_option[node]), rest))
        return flows

    def has_room(self, arc: int, option: int) -> bool:
        """Return whether the rows leave room for the whole demand of the arc's node."""
        demand = float(self.block.demand[self.block.node[arc]])
        return all(self.free[row] >= each * demand for row, each in self._taken(arc, option))

    def move(self, node: int, arc: int, option: int) -> None:
        """Move the whole demand of a node from what it uses to an arc and option."""
        demand = float(self.block.demand[node])
        for used, other, amount in self.uses(node):
            self._take(self.free, used, other, -amount)
            self._count(used, -amount)
        self._take(self.free, arc, option, demand)
        self._count(arc, demand)
        if node in self._columns_of:
            self._moved[node] = (node, arc, option)
        else:
            self._set_key(node, arc, option)

    def change(self, entering: Iterable[Way], big: float) -> None:
        """Let ways enter the program."""
        self._add([*self._moved.values(), *entering], big)
        self._moved.clear()
        if self._shifted:
            self.lp.set_upper(np.array(self._room))
            self._shifted = False

    def restart(self, prices: np.ndarray, big: float) -> None:
        """Start the program afresh at the present flow, if it has grown."""
        if self.lp.columns <= _GROWTH * self._few + _FEW:
            return
        flows = {node: sorted(self.uses(node), key=lambda flow: -flow[2]) for node in self._columns_of}
        columns: list[Way] = []
        for node, uses in flows.items():
            demand = float(self.block.demand[node])
            unserved = demand - sum(amount for _, _, amount in uses)
            split = [use for use in uses if use[2] > _NOTHING * demand]
            if not split or unserved > _NOTHING * demand:
                self._set_key(node, NOWHERE, NOWHERE)
            else:
                self._set_key(node, *split.pop(0)[:2])
            columns += [(node, *use[:2]) for use in split]
        self._clear()
        self._shifted = False
        self._add(columns, big)
        self._few = len(columns)
        if len(columns) <= len(prices):
            self.lp.set_basis(np.lexsort((np.array(self.free), -prices))[: len(columns)])

    def gains(self, big: float) -> np.ndarray:
        """Return what the columns gain."""
        return self._gains(self.node, self.arc, big)

    def served_gains(self) -> np.ndarray:
        """Return what the columns serve."""
        return self._served(self.node, self.arc)

    def read(self) -> np.ndarray:
        """Take the flow of the program; return the duals of the block's rows."""
        block = self.block
        values, duals = self.lp.answer()
        self.amount = np.maximum(values, 0.0)
        nodes = len(block.demand)
        rest = self.rest = block.demand - np.bincount(self.node, self.amount, minlength=nodes)
        arcs = np.append(self.arc, self.key_arc)
        sent = np.flatnonzero(arcs != NOWHERE)
        arcs = arcs[sent]
        options = np.append(self.option, self.key_option)[sent]
        amounts = np.append(self.amount, rest)[sent]
        by_option = np.bincount(options, amounts, minlength=block.options.shape[0])
        by_path = np.bincount(block.path[arcs], amounts, minlength=block.paths.shape[0])
        options, paths = block.of_flows
        free = block.upper - options @ by_option - paths @ by_path
        self.free = free.tolist()
        self.served = float(amounts.sum())
        self.exported = float(block.weight[arcs] @ amounts)
        self.infeasible = max(_worst(free, block.upper), _worst(rest, block.demand))
        return duals[: len(block.upper)]

    def _add(self, wanted: list[Way], big: float) -> None:
        """Add columns, and the rows of nodes that have more than one from now on (one alone is held by its bound)."""
        new = [way for way in wanted if way not in self._present]
        if not new:
            return
        self._present.update(new)
        first: dict[int, list[int]] = {}
        before = self.lp.columns
        for place, (node, _, _) in enumerate(new, start=before):
            columns = self._columns_of.setdefault(node, [])
            if columns and node not in self._row_of:
                self._row_of[node] = self.lp.rows + len(first)
                first[node] = [one for one in columns if one < before]
            columns.append(place)
        demand = self.block.demand
        self.lp.add_rows(demand[list(first)], _entries([[(one, 1.0) for one in ones] for ones in first.values()]))
        ways = np.array(new)
        self.node, self.arc, self.option = (
            np.append(old, added) for old, added in zip((self.node, self.arc, self.option), ways.T, strict=True)
        )
        self.lp.add_columns(
            self._gains(ways[:, 0], ways[:, 1], big), demand[ways[:, 0]], _entries([self._column(*way) for way in new])
        )

    def _column(self, node: int, arc: int, option: int) -> Pairs:
        entries = dict(self._taken(arc, option))
        for row, value in self._taken(int(self.key_arc[node]), int(self.key_option[node])):
            entries[row] = entries.get(row, 0.0) - value
        if node in self._row_of:
            entries[self._row_of[node]] = 1.0
        return [(row, value) for row, value in entries.items() if abs(value) > LEAST_ENTRY]

    def _gains(self, node: np.ndarray, arc: np.ndarray, big: float) -> np.ndarray:
        return big * self._served(node, arc) + self._exported(arc) - self._exported(self.key_arc[node])

    def _served(self, node: np.ndarray, arc: np.ndarray) -> np.ndarray:
        return (arc != NOWHERE).astype(float) - (self.key_arc[node] != NOWHERE)

    def _exported(self, arcs: np.ndarray) -> np.ndarray:
        return np.where(arcs != NOWHERE, self.block.weight[arcs], 0.0)

    def _set_key(self, node: int, arc: int, option: int) -> None:
        if self.key_arc[node] == arc and self.key_option[node] == option:
            return
        demand = float(self.block.demand[node])
        self._take(self._room, int(self.key_arc[node]), int(self.key_option[node]), -demand)
        self._take(self._room, arc, option, demand)
        self.key_arc[node], self.key_option[node] = arc, option
        self._shifted = True

    def _taken(self, arc: int, option: int) -> Pairs:
        """Return what a unit takes of the rows."""
        if arc == NOWHERE:
            return []
        options, paths = self._entries
        return options[option] + paths[self.block.path[arc]]

    def _take(self, left: list[float], arc: int, option: int, amount: float) -> None:
        for row, each in self._taken(arc, option):
            left[row] -= each * amount

    def _count(self, arc: int, amount: float) -> None:
        self.served += amount
        self.exported += amount * float(self.block.weight[arc])


def _worst(left: np.ndarray, side: np.ndarray) -> float:
    return float((-left / (1 + side)).max(initial=0.0))


def _as_pairs(matrix: csr_array) -> list[Pairs]:
    """Return the entries of every row as (column, value)."""
    pairs = list(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))
    return [pairs[start:stop] for start, stop in pairwise(matrix.indptr.tolist())]


def _entries(vectors: list[Pairs]) -> Entries:
    flat = [pair for vector in vectors for pair in vector]
    start = np.cumsum([0, *map(len, vectors)], dtype=np.int32)[:-1]
    index = np.array([row for row, _ in flat], dtype=np.int32)
    return Entries(start, index, np.array([value for _, value in flat], dtype=float))
