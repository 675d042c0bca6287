"""The flow of a block, and the small program that changes it.

A node sends its demand to its *key*, an arc and an option, or leaves it unserved where it has none. The program holds
only what is in question: a column moves demand of a node from its key to another arc and option, so it takes of the
rows what the new one does less what the key does, and gains the difference. A node needs a row of its own only where it
has two columns or more. Nodes without columns move by changing their key, which shifts the room of the rows and leaves
the basis feasible. From time to time the program starts afresh, with the largest flow of every node that is served
whole as its key and the other flows as basic columns, so that it stays as small as what is in question.

A *way* to send the demand of a node is a triple of node, arc and option; ways are the rows of (w, 3) int arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import SimplexParameters, Vectors
from placer.termination import Reason
from placer.utils.arrays import expand_counts

if TYPE_CHECKING:
    from placer.ceiling.walk.block import Block

#: What a unit served, displaced (as a loss) and exported counts.
Counts = tuple[float, float, float]
SERVED: Counts = (1.0, 0.0, 0.0)
DISPLACED: Counts = (0.0, 1.0, 0.0)
EXPORTED: Counts = (0.0, 0.0, 1.0)
#: The arc and option of what is left unserved.
NOWHERE = -1
#: Flows at most this share of the demand of their node are rounding.
_NOTHING = 1e-12
#: The program starts afresh once it has this many times the columns it started with, and these more.
_GROWTH, _FEW = 2.0, 800
#: How HiGHS runs the program of a walk: primal throughout, to its tightest tolerance, with entries down to 1e-12.
WALK_SIMPLEX = SimplexParameters(
    "walk", maximises=True, feasibility=1e-10, smallest_entry=1e-12, warnings_fail=True, heard_from=5_000
)


class Program:
    """Flow and program of a block.

    Attributes
    ----------
    lp : IncrementalLP
        The program; it counts its runs.
    served, displaced, exported : float
        Of the present flow.
    key_arc, key_option : (nodes,) int arrays
        ``NOWHERE`` where a node has no key.
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
        self.lp = IncrementalLP(WALK_SIMPLEX)
        self.served = self.displaced = self.exported = self.infeasible = 0.0
        self.key_arc, self.key_option = np.full(nodes, NOWHERE), np.full(nodes, NOWHERE)
        self.free: list[float] = block.upper.tolist()
        self._demand: list[float] = block.demand.tolist()
        self._weight: list[float] = block.weight.tolist()
        self._displaced: list[float] = block.displaced.tolist()
        self._path: list[int] = block.path.tolist()
        self._pairs: dict[tuple[int, int], list[tuple[int, float]]] = {}
        self._start()

    def _start(self) -> None:
        """Start with no columns."""
        nodes = len(self.block.demand)
        self._room = self._left_by_keys()
        self._shifted = False
        self.lp.clear()
        self.lp.add_rows(np.full(len(self._room), -np.inf), self._room)
        self.node, self.arc, self.option = (np.zeros(0, dtype=int) for _ in range(3))
        self.amount = np.zeros(0)
        width = 2 * self.block.taken(self.node, self.node)[0].shape[1]
        self._taken = np.zeros((0, width), dtype=int), np.zeros((0, width))
        self.rest = self.block.demand
        self._columns = np.zeros(nodes, dtype=int)
        self._first = np.full(nodes, -1)
        self._row = np.full(nodes, -1)
        self._present: set[int] = set()
        self._moved: dict[int, tuple[int, int]] = {}
        self._few = 0

    @property
    def moved(self) -> np.ndarray:
        """Ways by which nodes with columns have moved since the last run."""
        return np.array([(node, *key) for node, key in self._moved.items()], dtype=int).reshape(-1, 3)

    def has_room(self, node: int, arc: int, option: int) -> bool:
        """Return whether the rows leave room for the whole demand of a node."""
        demand, free = self._demand[node], self.free
        return all(free[row] >= value * demand for row, value in self._taken_by(arc, option))

    def room(self, services: np.ndarray, price: np.ndarray) -> np.ndarray:
        """Return the most for which some services have room by one option, of those with a price of 0."""
        block = self.block
        first = block.first_option[services]
        which, rank = expand_counts(block.first_option[services + 1] - first)
        option = first[which] + rank
        row, value = block.taken(np.full(len(option), NOWHERE), option)
        fits = np.divide(np.array(self.free)[row], value, out=np.full(row.shape, np.inf), where=value > 0)
        room = np.zeros(len(services))
        np.maximum.at(room, which, np.where(price[option] > 0, 0.0, fits.min(axis=1, initial=np.inf)))
        return room

    def move(self, node: int, arc: int, option: int) -> None:
        """Move the whole demand of a node from what it uses to an arc and option."""
        demand = self._demand[node]
        for used, other, amount in self._uses(node):
            self._take(used, other, -amount)
        self._take(arc, option, demand)
        if self._columns[node]:
            self._moved[node] = (arc, option)
            return
        key = int(self.key_arc[node]), int(self.key_option[node])
        for *way, amount in ((*key, -demand), (arc, option, demand)):
            for row, value in self._taken_by(*way):
                self._room[row] -= value * amount
        self.key_arc[node], self.key_option[node] = arc, option
        self._shifted = True

    def change(self, entering: np.ndarray, counts: Counts) -> None:
        """Let ways enter the program."""
        self._add(np.concatenate([self.moved, entering]), counts)
        self._moved.clear()
        if self._shifted:
            self.lp.set_upper(self._room)
            self._shifted = False

    def restart(self, prices: np.ndarray, counts: Counts) -> None:
        """Start the program afresh at the present flow, if it has grown."""
        if self.lp.columns <= _GROWTH * self._few + _FEW:
            return
        demand, touched = self.block.demand, self._columns > 0
        ways, amount = self._flows_of(touched)
        node = ways[:, 0]
        unserved = demand - np.bincount(node, amount, minlength=len(demand))
        split = amount > _NOTHING * demand[node]
        ways, amount = ways[split], amount[split]
        order = np.lexsort((-amount, ways[:, 0]))
        ways = ways[order]
        largest = np.append(True, ways[1:, 0] != ways[:-1, 0])[: len(ways)]
        keys = largest & (unserved[ways[:, 0]] <= _NOTHING * demand[ways[:, 0]])
        self.key_arc[touched] = self.key_option[touched] = NOWHERE
        self.key_arc[ways[keys, 0]], self.key_option[ways[keys, 0]] = ways[keys, 1], ways[keys, 2]
        self._start()
        self._add(ways[~keys], counts)
        self._few = self.lp.columns
        if self._few <= len(prices):
            self.lp.start_from_columns(np.lexsort((np.array(self.free), -prices))[: self._few])

    def gains(self, counts: Counts) -> np.ndarray:
        """Return what the columns gain."""
        return self._gains(self.node, self.arc, counts)

    def flows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the ways by which demand is sent, and how much of it."""
        return self._flows_of(np.ones(len(self.block.demand), dtype=bool))

    def read(self) -> np.ndarray:
        """Take the flow of the program; return the duals of the block's rows.

        Raises
        ------
        NoSolutionError
            If the answer holds what is no number.
        """
        block, keyed = self.block, self.key_arc != NOWHERE
        point = self.lp.point()
        values, duals = point.values, point.duals
        if not (np.isfinite(values).all() and np.isfinite(duals).all()):
            raise NoSolutionError(Reason.FAILED, "HiGHS, walk: an answer with what is no number")
        amount = self.amount = np.maximum(values, 0.0)
        self.rest = block.demand - np.bincount(self.node, amount, minlength=len(block.demand))
        row, value = self._taken
        free = self._room - np.bincount(row.ravel(), (value * amount[:, None]).ravel(), minlength=len(block.upper))
        self.free = free.tolist()
        sent, key = block.demand[keyed], self.key_arc[keyed]
        self.served = float(sent.sum() + self.gains(SERVED) @ amount)
        self.displaced = float(sent @ block.displaced[key] - self.gains(DISPLACED) @ amount)
        self.exported = float(sent @ block.weight[key] + self.gains(EXPORTED) @ amount)
        self.infeasible = max(_worst(free, block.upper), _worst(self.rest, block.demand))
        return duals[: len(block.upper)]

    def _uses(self, node: int) -> list[tuple[int, int, float]]:
        """Return the flow of a node: arc, option and amount."""
        demand = self._demand[node]
        if node in self._moved:
            return [(*self._moved[node], demand)]
        key = int(self.key_arc[node]), int(self.key_option[node])
        if not self._columns[node]:
            return [(*key, demand)] if key[0] != NOWHERE else []
        own = np.flatnonzero(self.node[: len(self.amount)] == node)
        flows = list(zip(self.arc[own].tolist(), self.option[own].tolist(), self.amount[own].tolist(), strict=True))
        flows.append((*key, demand - sum(amount for _, _, amount in flows)))
        return [flow for flow in flows if flow[0] != NOWHERE and flow[2] > 0]

    def _flows_of(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ways by which some nodes send demand, given as a mask, and how much."""
        moved = self.moved
        still = chosen.copy()
        still[moved[:, 0]] = False
        keyed = np.flatnonzero(still & (self.key_arc != NOWHERE) & (self.rest > 0))
        used = (self.amount > 0) & (self.arc != NOWHERE) & still[self.node]
        ways = np.concatenate(
            [
                np.column_stack([self.node, self.arc, self.option])[used],
                np.column_stack([keyed, self.key_arc[keyed], self.key_option[keyed]]),
                moved,
            ]
        )
        return ways, np.concatenate([self.amount[used], self.rest[keyed], self.block.demand[moved[:, 0]]])

    def _add(self, wanted: np.ndarray, counts: Counts) -> None:
        """Add columns, and the rows of nodes that have more than one from now on (one alone is held by its bound)."""
        ways = self._new(wanted)
        if not len(ways):
            return
        node, arc, option = ways.T
        before, demand = self.lp.columns, self.block.demand
        added = np.bincount(node, minlength=len(demand))
        crowded = np.flatnonzero((added > 0) & (self._row < 0) & (self._columns + added > 1))
        self._row[crowded] = self.lp.rows + np.arange(len(crowded))
        alone = self._first[crowded]
        self.lp.add_rows(
            np.full(len(alone), -np.inf), demand[crowded], _entries(alone[:, None], np.ones((len(alone), 1)))
        )
        new = np.flatnonzero(self._columns[node] == 0)[::-1]  # backwards, so that the first of a node stays
        self._first[node[new]] = before + new
        self._columns += added
        self.node, self.arc, self.option = (
            np.append(old, new) for old, new in zip((self.node, self.arc, self.option), ways.T, strict=True)
        )
        row, value = self._takes(node, arc, option)
        self._taken = np.vstack([self._taken[0], row]), np.vstack([self._taken[1], value])
        own = self._row[node]
        entries = _entries(np.column_stack([row, own]), np.column_stack([value, np.ones(len(node))]))
        self.lp.add_columns(self._gains(node, arc, counts), demand[node], entries)

    def _new(self, wanted: np.ndarray) -> np.ndarray:
        """Return the ways that are no columns yet, and remember them."""
        node, arc, option = wanted.T
        options = self.block.options.shape[0]
        codes = np.where(arc == NOWHERE, -1 - node, arc * options + option).tolist()
        fresh = []
        for place, code in enumerate(codes):
            if code not in self._present:
                self._present.add(code)
                fresh.append(place)
        return wanted[fresh]

    def _takes(self, node: np.ndarray, arc: np.ndarray, option: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what columns take of the block's rows: what their way does less what the key does."""
        row, own = self.block.taken(arc, option)
        key_row, key = self.block.taken(self.key_arc[node], self.key_option[node])
        return np.hstack([row, key_row]), np.hstack([own, -key])

    def _gains(self, node: np.ndarray, arc: np.ndarray, counts: Counts) -> np.ndarray:
        served, displaced, exported = counts
        block, key = self.block, self.key_arc[node]
        gains = served * ((arc != NOWHERE).astype(float) - (key != NOWHERE))
        if displaced:
            gains -= displaced * (_of(block.displaced, arc) - _of(block.displaced, key))
        if exported:
            gains += exported * (_of(block.weight, arc) - _of(block.weight, key))
        return gains

    def _left_by_keys(self) -> np.ndarray:
        """Return what the keys leave of the rows if they have all demand."""
        keyed = np.flatnonzero(self.key_arc != NOWHERE)
        block = self.block
        return block.upper - block.load(self.key_arc[keyed], self.key_option[keyed], block.demand[keyed])

    def _taken_by(self, arc: int, option: int) -> list[tuple[int, float]]:
        """Return what a unit by an arc and option takes of the rows; nothing where there is no arc."""
        if arc == NOWHERE:
            return []
        way = (option, self._path[arc])
        if way not in self._pairs:
            self._pairs[way] = self.block.taken_by(*way)
        return self._pairs[way]

    def _take(self, arc: int, option: int, amount: float) -> None:
        """Let more flow by an arc and option."""
        for row, value in self._taken_by(arc, option):
            self.free[row] -= value * amount
        self.served += amount
        self.displaced += amount * self._displaced[arc]
        self.exported += amount * self._weight[arc]


def _of(values: np.ndarray, arc: np.ndarray) -> np.ndarray:
    return np.where(arc != NOWHERE, values[arc], 0.0)


def _worst(left: np.ndarray, side: np.ndarray) -> float:
    return float((-left / (1 + side)).max(initial=0.0))


def _entries(row: np.ndarray, value: np.ndarray) -> Vectors:
    """Return vectors from arrays with one line each: entries of the same row are added up, and row -1 is none."""
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
