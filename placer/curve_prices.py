"""What arcs gain at given prices of the rows, and the bound that this makes; see ``placer.curve_walk``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.curve_program import NOWHERE

if TYPE_CHECKING:
    from placer.curve_blocks import Block
    from placer.curve_program import Program


class Prices:
    """What every arc gains at some prices of the rows, what the nodes have, and the bound that both make.

    Attributes
    ----------
    prices : (r,) array
    option, least, path : arrays
        Price of every option, the least of every service, and the price of every path.
    gain : (m,) array
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
        self.gain = worth - self.least[block.service] - self.path[block.path]
        self.own = self.have = np.zeros(len(block.demand))
        self.held = np.zeros(len(block.demand), dtype=bool)
        self.bound = 0.0

    def prove(self, program: Program) -> None:
        """Find what the nodes have by their keys and columns, and the bound that this makes."""
        price, key_price = self._price(program.arc, program.option), self._price(program.key_arc, program.key_option)
        self.held = (key_price > 0) & (program.rest > 0)
        self.held[program.node[(price > 0) & (program.amount > 0)]] = True
        self.own = self._gain(program.key_arc, program.key_option)
        np.maximum.at(self.own, program.node, self._gain(program.arc, program.option))
        for node, arc, _ in program.moved:
            self.own[node] = max(self.own[node], self.gain[arc])
        self.have = np.maximum(self.own, 0.0)
        self.bound = self.bound_of(self.have)

    def bound_of(self, have: np.ndarray) -> float:
        """Return what the prices bound big * S + E by, if the nodes have as much as said."""
        return float(self._block.demand @ have + self._block.upper @ self.prices)

    def best(self, arc: int) -> int:
        """Return the cheapest option of an arc."""
        service = self._block.service[arc]
        first, last = self._block.first_option[service : service + 2]
        return int(first + np.argmin(self.option[first:last]))

    def raise_to(self, arc: int, node: int) -> None:
        """Let a node have what an arc gains, if that is more."""
        more = float(self.gain[arc] - self.have[node])
        if more > 0:
            self.have[node] += more
            self.bound += more * float(self._block.demand[node])

    def _gain(self, arc: np.ndarray, option: np.ndarray) -> np.ndarray:
        """Return what arcs gain by given options: the sum that ``gain`` is, rounding included."""
        gain = self._worth[arc] - self.option[option] - self.path[self._block.path[arc]]
        return np.where(arc != NOWHERE, gain, 0.0)

    def _price(self, arc: np.ndarray, option: np.ndarray) -> np.ndarray:
        return np.where(arc != NOWHERE, self.option[option] + self.path[self._block.path[arc]], 0.0)
