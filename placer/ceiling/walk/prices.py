"""What arcs gain at given prices of the rows, and the bounds that this makes; see ``placer.ceiling.walk.sweep``.

Prices come in levels, one for each objective, the first of which comes first: gains are compared in the order of the
levels, and those closer than a tie at one level are compared at the next. Prices of one level alone are the usual
case, in which all objectives count at once, with weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.walk.columns import NOWHERE
from placer.utils.arrays import expand_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.ceiling.walk.block import Block
    from placer.ceiling.walk.columns import KnownWays
    from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Prices smaller than this are rounding.
_NO_PRICE = 1e-13
#: What a gain at one level counts in units of the next, where arcs are ranked by what they gain.
_RANK = 1e6


@dataclass
class _Level:
    """One level of prices: those of options, cheapest options and paths, and what nodes have at them."""

    worth: FloatArray
    prices: FloatArray
    option: FloatArray
    least: FloatArray
    path: FloatArray
    have: FloatArray
    bound: float


class SweepPrices:
    """What arcs gain at some prices of the rows, what the nodes have, and the bounds that both make.

    Parameters
    ----------
    block : Block
    prices : sequence of (r,) arrays
        Of every level. Those of the first are >= 0, and so are those of any other where the levels before have none.
    worth : sequence of (m,) arrays
        What a unit counts by every arc, by level.
    tie : float
        Gains closer than this at a level are alike there.

    Attributes
    ----------
    option, least, path : arrays
        Price of every option, the least of every service, and the price of every path; of several levels, the sum of
        their amounts, which is 0 where nothing touches a row with a price.
    sheds : (n,) bool array
        Whether a node would rather have nothing than any way it is known by.
    held : (n,) bool array
        Whether the flow of the node touches a row with a price.
    reached : list of float
        By level, what no flow by the ways that nodes are known by exceeds: what an optimum of the program reaches.
    """

    def __init__(self, block: Block, prices: Sequence[FloatArray], worth: Sequence[FloatArray], tie: float) -> None:
        self._block, self._tie = block, tie
        self._levels: list[_Level] = []
        options, paths = block.of_prices
        self._cheapest: BoolArray | None = None
        for one, counted in zip(prices, worth, strict=True):
            option, path = options @ one, paths @ one
            among = option if self._cheapest is None else np.where(self._cheapest, option, np.inf)
            least = np.minimum.reduceat(among, block.first_option[:-1])
            if len(prices) > 1:
                self._cheapest = among <= np.repeat(least + tie, np.diff(block.first_option))
            self._levels.append(_Level(counted, one, option, least, path, np.zeros(len(block.demand)), 0.0))
        self.option, self.path = self._amounts([(level.option, level.path) for level in self._levels])
        self.least = np.minimum.reduceat(self.option, block.first_option[:-1])
        self._paths_cost = bool(self.path.any())
        self.sheds = self.held = np.zeros(len(block.demand), dtype=bool)
        self.reached: list[float] = []

    @property
    def prices(self) -> list[FloatArray]:
        """The prices of the rows, by level."""
        return [level.prices for level in self._levels]

    @property
    def bounds(self) -> list[float]:
        """What no flow exceeds at the first level, nor at any other if it is at its best at those before."""
        return [level.bound for level in self._levels]

    @property
    def have(self) -> list[FloatArray]:
        """The most a unit of every node gains by the ways it is known by, by level."""
        return [level.have for level in self._levels]

    def prove(self, known: KnownWays) -> None:
        """Find what the nodes have by the ways they are known by, and the bounds that this makes."""
        columns, key_arc, key_option = known.columns, known.key_arc, known.key_option
        costs, key_costs = self._costs(columns.arc, columns.option), self._costs(key_arc, key_option)
        self.held = key_costs & (known.rest > 0)
        self.held[columns.node[costs & (known.amount > 0)]] = True
        nodes = np.arange(len(self._block.demand))
        ways = ((nodes, key_arc, key_option), (columns.node, columns.arc, columns.option))
        node, arc, option = (np.concatenate(parts) for parts in zip(*ways, known.moved.T, strict=True))
        last, self.reached = len(self._levels) - 1, []
        undecided, self.sheds = np.ones(len(nodes), dtype=bool), np.zeros(len(nodes), dtype=bool)
        for place, level in enumerate(self._levels):
            gain = self._gain(level, arc, option)
            own = np.full(len(nodes), -np.inf)
            np.maximum.at(own, node, gain)
            self.sheds |= undecided & (own < -self._tie)
            undecided &= np.abs(own) <= self._tie
            level.have = np.where(self.sheds, 0.0, np.where(undecided, np.maximum(own, 0.0), own))
            rents = float(self._block.upper @ level.prices)
            level.bound = float(self._block.demand @ level.have) + rents
            self.reached.append(float(self._block.demand @ own) + rents)
            if place < last:
                near = gain >= own[node] - self._tie
                node, arc, option = node[near], arc[near], option[near]

    def gaining(self, first: int, last: int, least: float, scratch: FloatArray) -> IntArray:
        """Return the arcs in [first, last) whose gain exceeds that of their node by more than ``least``.

        ``scratch`` is (2, m) and overwritten: fresh memory would take longer than the sums.
        """
        block, stretch, level = self._block, slice(first, last), self._levels[0]
        more, other = scratch[:, stretch]
        np.take(level.least, block.service[stretch], out=more, mode="clip")
        np.subtract(level.worth[stretch], more, out=more)
        if self._paths_cost:
            more -= np.take(level.path, block.path[stretch], out=other, mode="clip")
        more -= np.take(level.have, block.node[stretch], out=other, mode="clip")
        if len(self._levels) == 1:
            return first + np.flatnonzero(more > least)
        near = first + np.flatnonzero(more >= -self._tie)
        return near[self.more(near) > least]

    def more(self, arcs: IntArray) -> FloatArray:
        """Return what some arcs gain beyond what their node has, by the first level at which they differ from it."""
        more = self._beyond(self._levels[0], arcs)
        for level in self._levels[1:]:
            near = np.flatnonzero(np.abs(more) <= self._tie)
            more *= _RANK
            more[near] = self._beyond(level, arcs[near])
        return more

    def more_by(self, arc: int, node: int) -> float:
        """Return what one arc gains beyond what its node has."""
        levels = self._levels
        more = self._beyond_by(levels[0], arc, node)
        for level in levels[1:]:
            more = self._beyond_by(level, arc, node) if abs(more) <= self._tie else more * _RANK
        return more

    def best(self, arcs: IntArray) -> IntArray:
        """Return the cheapest option of every arc."""
        block, level = self._block, self._levels[-1]
        service = block.service[arcs]
        first = block.first_option[service]
        which, rank = expand_counts(block.first_option[service + 1] - first)
        option = first[which] + rank
        lowest = level.option[option] == level.least[service][which]
        if self._cheapest is not None:
            lowest &= self._cheapest[option]
        cheapest = np.flatnonzero(lowest)
        return option[cheapest[np.unique(which[cheapest], return_index=True)[1]]]

    def raise_to(self, arc: int, node: int) -> None:
        """Let a node have what an arc gains, if that is more."""
        demand, alike = float(self._block.demand[node]), True
        for level in self._levels:
            more = self._beyond_by(level, arc, node)
            if alike and more <= 0:
                if more < -self._tie:
                    return
                continue
            alike = alike and more <= self._tie
            level.have[node] += more
            level.bound += more * demand

    def weights(self) -> tuple[float, float]:
        """Return what the first of three levels, and the middle one, must count at least for a sum to prove as much.

        Of two levels, the second return value is 0. A sum proves as much if prices of rows stay >= 0, no arc gains more
        than its node has, and no option is cheaper than the cheapest.
        """
        excess = [self._excess(level) for level in self._levels]
        first, *middle, last = excess
        tied = first <= self._tie
        second = np.zeros_like(first)
        ahead = behind = 0.0
        if middle:
            second = middle[0]
            behind = max(1.0, _most(-last, second, tied & (second > self._tie)))
            ahead = behind * _most(-second, first, ~tied)
        return max(ahead, _most(-(behind * second + last), first, ~tied)), behind

    def _excess(self, level: _Level) -> FloatArray:
        """Return what must not fall below 0 in a sum over levels."""
        block = self._block
        arcs = -self._beyond(level, np.arange(len(block.node)))
        dearer = level.option - np.repeat(level.least, np.diff(block.first_option))
        return np.concatenate([arcs, dearer, level.prices, level.have])

    def _beyond(self, level: _Level, arcs: IntArray) -> FloatArray:
        more = level.worth[arcs] - level.least[self._block.service[arcs]]
        if self._paths_cost:
            more -= level.path[self._block.path[arcs]]
        return more - level.have[self._block.node[arcs]]

    def _beyond_by(self, level: _Level, arc: int, node: int) -> float:
        gain = level.worth[arc] - level.least[self._block.service[arc]]
        return float(gain - level.path[self._block.path[arc]] - level.have[node])

    def _gain(self, level: _Level, arc: IntArray, option: IntArray) -> FloatArray:
        """Return what ways gain: the sum that it is in ``more``, rounding included."""
        gain = level.worth[arc] - level.option[option]
        if self._paths_cost:
            gain -= level.path[self._block.path[arc]]
        return np.where(arc != NOWHERE, gain, 0.0)

    def _costs(self, arc: IntArray, option: IntArray) -> BoolArray:
        """Return which ways touch a row with a price."""
        costs = self.option[option] > 0
        if self._paths_cost:
            costs |= self.path[self._block.path[arc]] > 0
        return costs & (arc != NOWHERE)

    @staticmethod
    def _amounts(levels: list[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
        if len(levels) == 1:
            return levels[0]
        option, path = (np.sum([np.abs(one) for one in side], axis=0) for side in zip(*levels, strict=True))
        return option, path


def _most(above: FloatArray, below: FloatArray, where: BoolArray) -> float:
    """Return the largest ratio, and at least 0."""
    return float((above[where] / below[where]).max(initial=0.0))


def in_order(prices: Sequence[FloatArray]) -> list[FloatArray]:
    """Return the prices of some levels, in order, without what is rounding or has a sign that proves nothing.

    A price below 0 is one only where a level before has a price, for such a row is full in all flows that are at their
    best there.
    """
    kept: list[FloatArray] = []
    full = np.zeros(len(prices[0]), dtype=bool)
    for price in prices:
        some = np.where(np.abs(price) > _NO_PRICE, price, 0.0)
        kept.append(np.where(full, some, np.maximum(some, 0.0)))
        full |= kept[-1] != 0
    return kept
