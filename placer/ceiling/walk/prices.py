"""Gains of arcs at given prices of the rows, and the bounds that follow; see ``placer.ceiling.walk.sweep``.

Prices have levels, one for each objective, in the order of the objectives. Gains are compared level by level: a
difference within the tie at one level leaves the comparison to the next. The usual case is a single level, in which the
objectives are added up with weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.columns import NOWHERE, KnownWays
from placer.utils.arrays import BoolArray, FloatArray, IntArray, expand_counts

#: Prices smaller than this are rounding.
_NO_PRICE = 1e-13
#: Weight of a gain at one level, in units of the next level, in the ranking of arcs by gain.
_RANK = 1e6


@dataclass
class _Level:
    """One level of prices: of rows, options, cheapest options and paths, and the values of the nodes at them."""

    worth: FloatArray
    prices: FloatArray
    option: FloatArray
    least: FloatArray
    path: FloatArray
    have: FloatArray
    bound: float


class SweepPrices:
    """Gains of arcs at given prices of the rows, values of the nodes, and the bounds that follow from both.

    The value of a node is the best of 0 and of the gains of its known ways.

    Parameters
    ----------
    prices : sequence of (r,) arrays
        By level. Prices of the first level are >= 0. So are those of later levels on rows without an earlier price.
    worth : sequence of (m,) arrays
        Count of a unit on every arc, by level.
    tie : float
        Gains at a level are equal if they differ by less.

    Attributes
    ----------
    option, least, path : arrays
        Price of every option, lowest option price of every service, and price of every path. With several levels, the
        sum of absolute prices, which is 0 for an option or path without a priced row.
    sheds : (n,) bool array
        Whether all known ways of a node have a negative gain, so that no service is better.
    held : (n,) bool array
        Whether the flow of the node touches a row with a price.
    reached : list of float
        Upper bound on flows by known ways, by level. An optimum of the program reaches it.
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
        """Upper bounds by level; the bound of a later level holds for flows that are optimal at all earlier levels."""
        return [level.bound for level in self._levels]

    @property
    def have(self) -> list[FloatArray]:
        """Values of the nodes, by level."""
        return [level.have for level in self._levels]

    def prove(self, known: KnownWays) -> None:
        """Compute the values of the nodes over their known ways, and the bounds that follow."""
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
        """Return the arcs in [first, last) whose gain exceeds the value of their node by more than ``least``.

        ``scratch`` is (2, m) and overwritten: new memory would take longer than the sums.
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
        """Return the gains of some arcs less the values of their nodes, at the first level where these differ."""
        more = self._beyond(self._levels[0], arcs)
        for level in self._levels[1:]:
            near = np.flatnonzero(np.abs(more) <= self._tie)
            more *= _RANK
            more[near] = self._beyond(level, arcs[near])
        return more

    def more_by(self, arc: int, node: int) -> float:
        """Return the gain of one arc less the value of its node."""
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
        """Raise the value of a node to the gain of an arc if the gain is larger."""
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

    def raise_all(self, arcs: IntArray) -> None:
        """Raise the value of every node to the gain of its arc if that is larger, as ``raise_to``; one arc a node."""
        node, alike = self._block.node[arcs], np.ones(len(arcs), dtype=bool)
        for level in self._levels:
            more = self._beyond(level, arcs)
            kept = ~alike | (more >= -self._tie)
            arcs, node, alike, more = arcs[kept], node[kept], alike[kept], more[kept]
            rising = ~alike | (more > 0)
            level.have[node[rising]] += more[rising]
            # One by one, so that the sum rounds as if the nodes were raised in turn.
            for gained in (more * self._block.demand[node])[rising].tolist():
                level.bound += gained
            alike &= ~rising | (more <= self._tie)

    def weights(self) -> tuple[float, float]:
        """Return the least weights of the first and the middle of three levels with which their sum is as good a proof.

        With two levels, the second return value is 0. The sum is as good a proof if prices of rows stay >= 0, no arc
        gains more than the value of its node, and the cheapest options stay the cheapest.
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
        """Return the slacks of one level whose weighted sum over levels must stay >= 0."""
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
        """Return the gains of ways, by the same sum as in ``more`` so that both round alike."""
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


def dual_feasible(prices: Sequence[FloatArray]) -> list[FloatArray]:
    """Return the prices of some levels without rounding and without signs that are not dual feasible.

    A negative price is feasible only on a row that an earlier level prices, since that row is full in all flows that
    are optimal at the earlier level.
    """
    kept: list[FloatArray] = []
    full = np.zeros(len(prices[0]), dtype=bool)
    for price in prices:
        some = np.where(np.abs(price) > _NO_PRICE, price, 0.0)
        kept.append(np.where(full, some, np.maximum(some, 0.0)))
        full |= kept[-1] != 0
    return kept
