"""What arcs gain at given prices of the rows, and the bound that this makes; see ``placer.curve_walk``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.curve_program import NOWHERE
from placer.structure import each

if TYPE_CHECKING:
    from placer.curve_blocks import Block
    from placer.curve_program import Program


class Prices:
    """What arcs gain at some prices of the rows, what the nodes have, and the bound that both make.

    Attributes
    ----------
    prices : (r,) array
    option, least, path : arrays
        Price of every option, the least of every service, and the price of every path.
    own, have : (n,) array
        The most of any key and column of the node, and that or 0.
    held : (n,) bool array
        Whether the flow of the node touches a row with a price.
    bound : float
    """

    def __init__(self, block: Block, prices: np.ndarray, worth: np.ndarray) -> None:
        self._block, self._worth = block, worth
        self.prices = prices
        options, paths = block.of_prices
        self.option = options @ prices
        self.least = np.minimum.reduceat(self.option, block.first_option[:-1])
        self.path = paths @ prices
        self._paths_cost = bool(self.path.any())
        self.own = self.have = np.zeros(len(block.demand))
        self.held = np.zeros(len(block.demand), dtype=bool)
        self.bound = 0.0

    def prove(self, program: Program) -> None:
        """Find what the nodes have by their keys and columns, and the bound that this makes."""
        costs, key_costs = self._costs(program.arc, program.option), self._costs(program.key_arc, program.key_option)
        self.held = key_costs & (program.rest > 0)
        self.held[program.node[costs & (program.amount > 0)]] = True
        self.own = self._gain(program.key_arc, program.key_option)
        for node, arc, option in ((program.node, program.arc, program.option), program.moved.T):
            np.maximum.at(self.own, node, self._gain(arc, option))
        self.have = np.maximum(self.own, 0.0)
        self.bound = self.bound_of(self.have)

    def bound_of(self, have: np.ndarray) -> float:
        """Return what the prices bound big * S + E by, if the nodes have as much as said."""
        return float(self._block.demand @ have + self._block.upper @ self.prices)

    def gaining(self, first: int, last: int, least: float, scratch: np.ndarray) -> np.ndarray:
        """Return the arcs of a stretch that gain more than their node has, by more than the least.

        ``scratch`` is (2, m) and overwritten: fresh memory would take longer than the sums.
        """
        block, stretch = self._block, slice(first, last)
        more, other = scratch[:, stretch]
        np.take(self.least, block.service[stretch], out=more, mode="clip")
        np.subtract(self._worth[stretch], more, out=more)
        if self._paths_cost:
            more -= np.take(self.path, block.path[stretch], out=other, mode="clip")
        more -= np.take(self.have, block.node[stretch], out=other, mode="clip")
        return first + np.flatnonzero(more > least)

    def more(self, arcs: np.ndarray) -> np.ndarray:
        """Return what some arcs gain beyond what their node has."""
        more = self._worth[arcs] - self.least[self._block.service[arcs]]
        if self._paths_cost:
            more -= self.path[self._block.path[arcs]]
        return more - self.have[self._block.node[arcs]]

    def more_by(self, arc: int, node: int) -> float:
        """Return what one arc gains beyond what its node has."""
        gain = self._worth[arc] - self.least[self._block.service[arc]]
        return float(gain - self.path[self._block.path[arc]] - self.have[node])

    def best(self, arcs: np.ndarray) -> np.ndarray:
        """Return the cheapest option of every arc."""
        block = self._block
        service = block.service[arcs]
        first = block.first_option[service]
        which, rank = each(block.first_option[service + 1] - first)
        option = first[which] + rank
        cheapest = np.flatnonzero(self.option[option] == self.least[service][which])
        return option[cheapest[np.unique(which[cheapest], return_index=True)[1]]]

    def raise_to(self, arc: int, node: int) -> None:
        """Let a node have what an arc gains, if that is more."""
        more = self.more_by(arc, node)
        if more > 0:
            self.have[node] += more
            self.bound += more * float(self._block.demand[node])

    def _gain(self, arc: np.ndarray, option: np.ndarray) -> np.ndarray:
        """Return what ways gain: the sum that it is in ``more``, rounding included."""
        gain = self._worth[arc] - self.option[option]
        if self._paths_cost:
            gain -= self.path[self._block.path[arc]]
        return np.where(arc != NOWHERE, gain, 0.0)

    def _costs(self, arc: np.ndarray, option: np.ndarray) -> np.ndarray:
        """Return which ways touch a row with a price."""
        costs = self.option[option] > 0
        if self._paths_cost:
            costs |= self.path[self._block.path[arc]] > 0
        return costs & (arc != NOWHERE)
