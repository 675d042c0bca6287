"""The flow of a block, and the small program that changes it.

A node sends its demand to its *key*, an arc and an option; a node without a key leaves its demand unserved. A column
moves demand of a node from its key to another arc and option. Its row entries and its gain are those of the new way
less those of the key. The program so holds only the nodes that have another way than their key. A node needs a row only
if it has two columns or more. Nodes without columns move by a change of their key, which shifts the sides of the rows
and leaves the basis feasible. Once the program has grown, it is rebuilt: the largest flow of every node that is served
whole becomes its key, and the other flows become basic columns. It is rebuilt at a new limit; at the same limit only if
the flow counts for more than at the last rebuild. Columns that were dropped may enter again, but no flow returns, so
the rounds end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.columns import NOWHERE, Columns, KnownWays, gains, keys_first, record_new, takes, vectors
from placer.ceiling.walk.filling import filled, has_room, moved_whole
from placer.ceiling.walk.objectives import Counts, total
from placer.ceiling.walk.parameters import SweepParameters
from placer.errors import NoSolutionError
from placer.solvers.incremental import IncrementalLP
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray, IntArray


class SweepProgram:
    """Flow and program of a block.

    Attributes
    ----------
    served, displaced, exported : float
        Of the present flow.
    infeasible : float
        Largest excess of the flow of the last run over a row or a demand, relative to 1 + its side.
    moves : int
        Number of demands moved without a run.
    """

    def __init__(self, block: Block, parameters: SweepParameters) -> None:
        nodes = len(block.demand)
        self._block, self._parameters = block, parameters
        self._lp = IncrementalLP(parameters.simplex)
        self.served = self.displaced = self.exported = self.infeasible = 0.0
        self.moves = 0
        self._key_arc, self._key_option = np.full(nodes, NOWHERE), np.full(nodes, NOWHERE)
        # Lists, from which one number is read in less time than from arrays.
        self._free: list[float] = block.upper.tolist()
        self._demand: list[float] = block.demand.tolist()
        self._weight: list[float] = block.weight.tolist()
        self._displaced: list[float] = block.displaced.tolist()
        self._path: list[int] = block.path.tolist()
        self._counted_when_built = -math.inf
        self._clear()

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self._lp.runs

    @property
    def iterations(self) -> int:
        """Simplex iterations in all runs."""
        return self._lp.iterations

    @property
    def known(self) -> KnownWays:
        """The known ways of the nodes, and their flow."""
        return KnownWays(self._columns, self._amount, self._key_arc, self._key_option, self._rest, self._moved_ways)

    def counted(self, counts: Counts) -> float:
        """Return the weighted sum of the present flow."""
        return total(counts, self.served, self.displaced, self.exported)

    def has_room(self, node: int, arc: int, option: int) -> bool:
        """Return whether the rows leave room for the whole demand of a node."""
        return has_room(self._free, self._taken_by(arc, option), self._demand[node])

    def move(self, node: int, arc: int, option: int) -> None:
        """Move the whole demand of a node from its present ways to an arc and option."""
        self.moves += 1
        self._leave(node)
        self._take(arc, option, self._demand[node])
        if self._count[node]:
            self._moved[node] = (arc, option)
            return
        self._key_arc[node], self._key_option[node] = arc, option
        self._keys_moved = True

    def move_in_turn(self, arcs: IntArray, price: FloatArray) -> IntArray:
        """Move whole demands by arcs, in their order and as far as there is room (``moved_whole``); return the arcs."""
        arcs, options = moved_whole(self._block, self._free, arcs, price, self._leave)
        node = self._block.node[arcs]
        keyed = self._count[node] == 0
        self.moves += len(arcs)
        self._count_flows(arcs, self._block.demand[node])
        self._key_arc[node[keyed]], self._key_option[node[keyed]] = arcs[keyed], options[keyed]
        self._keys_moved |= bool(keyed.any())
        ways = np.column_stack([node, arcs, options])[~keyed].tolist()
        self._moved.update((of, (arc, option)) for of, arc, option in ways)
        return arcs

    def add(self, ways: IntArray, counts: Counts) -> None:
        """Add ways to the program, together with the ways by which nodes have moved."""
        self._add(np.concatenate([self._moved_ways, ways]), counts)
        self._moved.clear()
        if self._keys_moved:
            self._room, self._keys_moved = self._left_by_keys(), False
            self._lp.set_upper(self._room)

    def has_gained(self, counts: Counts) -> bool:
        """Return whether the flow counts more, by more than rounding, than when the program was last rebuilt."""
        least = self._parameters.gap * float(self._block.demand.sum()) * max(1.0, counts[0])
        return self.counted(counts) > self._counted_when_built + least

    def rebuild(self, prices: FloatArray, counts: Counts) -> None:
        """Rebuild the program at the present flow if it has grown; a positive price marks a tight row."""
        limit = self._parameters.program_growth * self._size_when_built + self._parameters.program_spare
        if self._lp.columns <= limit:
            return
        touched = self._count > 0
        ways, amount = self._flows_of(touched)
        self._key_arc[touched] = self._key_option[touched] = NOWHERE
        self._build(ways, amount, prices, counts)

    def send_by(self, arcs: IntArray, counts: Counts) -> None:
        """Send nodes without a flow by some arcs, in their order, as far as there is room, and build the program."""
        ways, amount = filled(self._block, np.array(self._free), arcs)
        for (_, arc, option), sent in zip(ways.tolist(), amount.tolist(), strict=True):
            self._take(arc, option, sent)
        self._build(ways, amount, np.zeros(len(self._free)), counts)

    def set_objective(self, counts: Counts) -> None:
        """Set the objective to the gains of the columns."""
        self._lp.set_costs(self._gains(counts))

    def forget_basis(self) -> None:
        """Let the next run start cold."""
        self._lp.forget()

    def run(self, levels: Sequence[Counts]) -> None:
        """Maximise the first level from the last basis, and every further one over the optima of those before.

        Raises
        ------
        NoSolutionError
            If HiGHS does not answer.
        """
        if len(levels) == 1:
            self._lp.run()
        else:
            self._lp.run_in_order([self._gains(counts) for counts in levels])

    def read(self) -> FloatArray:
        """Take the flow of the last run; return the duals of the block's rows.

        Raises
        ------
        NoSolutionError
            If the answer holds a value that is not finite.
        """
        block, keyed = self._block, self._key_arc != NOWHERE
        point = self._lp.point()
        if not np.isfinite(point.values).all():
            raise NoSolutionError(Reason.FAILED, "HiGHS, walk: the answer holds a value that is not finite")
        amount = self._amount = np.maximum(point.values, 0.0)
        self._rest = block.demand - np.bincount(self._columns.node, amount, minlength=len(block.demand))
        free = self._room - self._columns.load(amount, len(block.upper))
        self._free = free.tolist()
        self.served, self.displaced, self.exported = (self._columns.gain @ amount).tolist()
        self._count_flows(self._key_arc[keyed], block.demand[keyed])
        self.infeasible = max(_excess(free, block.upper), _excess(self._rest, block.demand))
        return point.duals[: len(block.upper)]

    def duals_of(self, counts: Counts) -> FloatArray:
        """Return the duals of the block's rows for another objective, in the basis of the last run."""
        return self._lp.duals_of(self._gains(counts))[: len(self._block.upper)]

    def flows(self) -> tuple[IntArray, FloatArray]:
        """Return the ways with a flow, and their amounts."""
        return self._flows_of(np.ones(len(self._block.demand), dtype=bool))

    @property
    def _moved_ways(self) -> IntArray:
        """Ways by which nodes with columns have moved since the last run."""
        return np.array([(node, *key) for node, key in self._moved.items()], dtype=int).reshape(-1, 3)

    def _clear(self) -> None:
        """Drop all columns, so that the keys hold all demand."""
        nodes = len(self._block.demand)
        # Sides of the rows less the load of the keys, and whether they differ from those of the program.
        self._room, self._keys_moved, self._size_when_built = self._left_by_keys(), False, 0
        self._lp.clear()
        self._lp.add_rows(np.full(len(self._room), -np.inf), self._room)
        # The columns, and by node: their number, the first of them, and the row of the node's demand; -1 for none.
        self._columns: Columns = Columns.none(self._block)
        self._amount, self._rest = np.zeros(0), self._block.demand
        self._count: IntArray = np.zeros(nodes, dtype=int)
        self._first, self._row = np.full(nodes, -1), np.full(nodes, -1)
        self._codes: set[int] = set()
        self._moved: dict[int, tuple[int, int]] = {}

    def _build(self, ways: IntArray, amount: FloatArray, prices: FloatArray, counts: Counts) -> None:
        """Build the program at the flow of the keys and of some ways of nodes without a key."""
        ways, keys = keys_first(ways, amount, self._block.demand)
        self._key_arc[ways[keys, 0]], self._key_option[ways[keys, 0]] = ways[keys, 1], ways[keys, 2]
        self._clear()
        self._add(ways[~keys], counts)
        self._size_when_built, self._counted_when_built = self._lp.columns, self.counted(counts)
        if self._size_when_built <= len(prices):
            self._lp.start_from_columns(np.lexsort((np.array(self._free), -prices))[: self._size_when_built])

    def _count_flows(self, arcs: IntArray, amount: FloatArray) -> None:
        """Count flows by arcs as served, displaced and exported."""
        self.served += float(amount.sum())
        self.displaced += float(amount @ self._block.displaced[arcs])
        self.exported += float(amount @ self._block.weight[arcs])

    def _leave(self, node: int) -> None:
        """Take the flow of a node out of the rows and of what is served, displaced and exported."""
        for arc, option, amount in self._uses(node):
            self._take(arc, option, -amount)

    def _uses(self, node: int) -> list[tuple[int, int, float]]:
        """Return the flow of a node: arc, option and amount."""
        demand = self._demand[node]
        if node in self._moved:
            return [(*self._moved[node], demand)]
        key = int(self._key_arc[node]), int(self._key_option[node])
        if not self._count[node]:
            return [(*key, demand)] if key[0] != NOWHERE else []
        own = np.flatnonzero(self._columns.node[: len(self._amount)] == node)
        ways = self._columns.arc[own].tolist(), self._columns.option[own].tolist(), self._amount[own].tolist()
        flows = [*zip(*ways, strict=True), (*key, demand - sum(ways[2]))]
        return [flow for flow in flows if flow[0] != NOWHERE and flow[2] > 0]

    def _flows_of(self, chosen: BoolArray) -> tuple[IntArray, FloatArray]:
        """Return the ways with a flow of the nodes in a mask, and their amounts."""
        moved, columns = self._moved_ways, self._columns
        still = chosen.copy()
        still[moved[:, 0]] = False
        keyed = np.flatnonzero(still & (self._key_arc != NOWHERE) & (self._rest > 0))
        used = (self._amount > 0) & (columns.arc != NOWHERE) & still[columns.node]
        by_key = np.column_stack([keyed, self._key_arc[keyed], self._key_option[keyed]])
        amounts = [self._amount[used], self._rest[keyed], self._block.demand[moved[:, 0]]]
        return np.concatenate([columns.ways[used], by_key, moved]), np.concatenate(amounts)

    def _add(self, wanted: IntArray, counts: Counts) -> None:
        """Add columns, and rows for the nodes that now have more than one (a bound suffices for a single column)."""
        if not len(ways := record_new(wanted, self._block.options.shape[0], self._codes)):
            return
        node, demand, before = ways[:, 0], self._block.demand, self._lp.columns
        added = np.bincount(node, minlength=len(demand))
        crowded = np.flatnonzero((added > 0) & (self._row < 0) & (self._count + added > 1))
        self._row[crowded] = self._lp.rows + np.arange(len(crowded))
        entries = vectors(self._first[crowded, None], np.ones((len(crowded), 1)))
        self._lp.add_rows(np.full(len(crowded), -np.inf), demand[crowded], entries)
        fresh = np.flatnonzero(self._count[node] == 0)[::-1]  # backwards, so that the first of a node stays
        self._first[node[fresh]] = before + fresh
        self._count += added
        row, taken = takes(self._block, ways, self._key_arc, self._key_option)
        gain = gains(self._block, ways[:, 1], self._key_arc[node])
        self._columns = self._columns.extended(ways, row, taken, gain)
        entries = vectors(np.column_stack([row, self._row[node]]), np.column_stack([taken, np.ones(len(node))]))
        self._lp.add_columns(total(counts, *gain), demand[node], entries)

    def _gains(self, counts: Counts) -> FloatArray:
        """Return the gains of the columns."""
        return total(counts, *self._columns.gain)

    def _left_by_keys(self) -> FloatArray:
        """Return the sides of the rows less the load of the keys with all demand."""
        block, keyed = self._block, np.flatnonzero(self._key_arc != NOWHERE)
        return block.upper - block.load(self._key_arc[keyed], self._key_option[keyed], block.demand[keyed])

    def _taken_by(self, arc: int, option: int) -> list[tuple[int, float]]:
        """Return the row entries of a unit by an arc and option; empty for ``NOWHERE``."""
        return [] if arc == NOWHERE else self._block.taken_by(option, self._path[arc])

    def _take(self, arc: int, option: int, amount: float) -> None:
        """Add an amount to the flow by an arc and option."""
        for row, value in self._taken_by(arc, option):
            self._free[row] -= value * amount
        self.served += amount
        self.displaced += amount * self._displaced[arc]
        self.exported += amount * self._weight[arc]


def _excess(left: FloatArray, side: FloatArray) -> float:
    return float((-left / (1 + side)).max(initial=0.0))
