"""The pool of price vectors, and the cut that each makes for every state (``placer.planning.cuts``)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from placer.planning.cuts import PriceVector, cuts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from placer.planning.state_program import StateProgram
    from placer.utils.arrays import FloatArray, IntArray


class Pool:
    """Price vectors and their cuts; the first is that of prices of 0.

    Parameters
    ----------
    states : sequence of StateProgram
    vectors : iterable of PriceVector
        Those of an earlier plan.

    Attributes
    ----------
    vectors : list of PriceVector
    kin : (states,) int array
        Number of the states that share prices of demands, state by state.
    shapes : int
        Number of the first vectors, of prices 0: one for each shape of structure.
    """

    def __init__(self, states: Sequence[StateProgram], vectors: Iterable[PriceVector] = ()) -> None:
        self.states = tuple(states)
        self.vectors: list[PriceVector] = []
        number: dict[bytes, int] = {}
        self.kin: IntArray = np.array([number.setdefault(state.kinship, len(number)) for state in states])
        self._families = defaultdict(list)
        for place, kin in enumerate(self.kin.tolist()):
            self._families[kin].append(place)
        self._constants: list[FloatArray] = []
        self._slopes: list[FloatArray] = []
        for state in states:
            if not any(prices.fits(state.structure) for prices in self.vectors):
                self.add(PriceVector.zero(state.structure))
        self.shapes = len(self.vectors)
        for prices in vectors:
            self.add(prices)

    def add(self, prices: PriceVector) -> None:
        """Add a price vector, and its cuts for all states that it fits; it says nothing of the others."""
        count = self.states[0].added.shape[1]
        constant, slope = np.full(len(self.states), -np.inf), np.zeros((len(self._families), count))
        for kin, places in self._families.items():
            if prices.fits(self.states[places[0]].structure):
                cuts = cuts_of(prices, [self.states[place] for place in places])
                slope[kin] = cuts[0].slope
                constant[places] = [cut.constant for cut in cuts]
        self.vectors.append(prices)
        self._constants.append(constant)
        self._slopes.append(slope)

    def values(self, units: FloatArray) -> FloatArray:
        """Return what each vector proves of each state at some units (vectors, states)."""
        return np.array(self._constants) - (np.array(self._slopes) @ units)[:, self.kin]

    def least(self, most: FloatArray) -> FloatArray:
        """Return what prices of 0 prove of each state at any units up to the most, (states,)."""
        return self.values(most)[: self.shapes].max(axis=0)

    def rows(self, vector: IntArray, state: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return constants (cuts,) and slopes (cuts, candidates) of some cuts, by vector and state."""
        constants = np.array([self._constants[p][o] for p, o in zip(vector.tolist(), state.tolist(), strict=True)])
        kin = self.kin[state].tolist()
        slopes = np.array([self._slopes[p][k] for p, k in zip(vector.tolist(), kin, strict=True)])
        return constants, slopes.reshape(len(constants), -1)
