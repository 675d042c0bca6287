"""Steps of demand with values of their own, as arrays; ``placer.model.unserved`` says what they cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.utils.arrays import BoolArray, FloatArray, IntArray, expand_counts


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of all demands, one demand after the other, each from its lowest value up.

    Attributes
    ----------
    count : (demands,) int array
        Steps of each demand, at least 1.
    share : (steps,) array
        Shares of the demand; those of a demand sum to 1.
    value : (steps,) array
        What an unserved unit costs.
    """

    count: IntArray
    share: FloatArray
    value: FloatArray

    @property
    def demand(self) -> IntArray:
        """The demand of each step (steps,)."""
        return np.repeat(np.arange(len(self.count)), self.count)

    @property
    def start(self) -> IntArray:
        """Position of the first step of each demand (demands,)."""
        return np.cumsum(self.count) - self.count

    @property
    def is_last(self) -> BoolArray:
        """Whether a step is the last of its demand, that of highest value (steps,)."""
        return np.append(np.diff(self.demand) > 0, True)

    def part(self, kept: np.ndarray) -> Steps:
        """Return the steps of some demands, by a mask or by position."""
        chosen = np.arange(len(self.count))[kept]
        which, rank = expand_counts(self.count[chosen])
        place = self.start[chosen][which] + rank
        return Steps(self.count[chosen], self.share[place], self.value[place])
