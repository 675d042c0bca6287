"""The three objectives of a sweep, in their order: most served, least displaced, most exported.

They are either added up with weights, ``served S - displaced D + E``, or kept as levels that are compared in their
order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.parameters import SweepParameters
from placer.utils.arrays import FloatArray, IntArray

#: An amount, or one for each column.
AnyAmount = TypeVar("AnyAmount", float, FloatArray)
#: Weights of a unit served, a unit displaced (as a loss) and a unit exported.
Counts = tuple[float, float, float]
SERVED: Counts = (1.0, 0.0, 0.0)
DISPLACED: Counts = (0.0, 1.0, 0.0)
EXPORTED: Counts = (0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Weighting:
    """How the objectives are put together.

    Attributes
    ----------
    served, displaced : float
        Weights of a unit served and of a unit displaced; a unit exported counts 1.
    displaces : bool
        Whether the block has arcs that displace.
    by_levels : bool
        Whether the objectives are levels, so that the weights are not used.
    """

    served: float
    displaced: float
    displaces: bool
    by_levels: bool

    @classmethod
    def first(cls, block: Block, parameters: SweepParameters) -> Weighting:
        """Return the weights that a sweep starts with."""
        weight = _from_rows(block, parameters) if parameters.first_weight is None else parameters.first_weight
        displaces = bool(block.displaced.any())
        served = 2 * weight if displaces else weight  # what is served comes before what is displaced
        return cls(served, weight, displaces, served >= parameters.largest_weight)

    @property
    def levels(self) -> tuple[Counts, ...]:
        """Weights of a unit by level: one level for a weighted sum, else one for each objective."""
        if not self.by_levels:
            return ((self.served, self.displaced, 1.0),)
        return (SERVED, DISPLACED, EXPORTED) if self.displaces else (SERVED, EXPORTED)

    @property
    def without_exports(self) -> Counts:
        """The weighted sum of the first two objectives."""
        return (self.served, self.displaced, 0.0)

    def grown(self, parameters: SweepParameters) -> Weighting:
        """Return larger weights, or levels where they would be too large."""
        served, displaced = self.served * parameters.growth, self.displaced * parameters.growth
        by_levels = served >= parameters.largest_weight
        return replace(self, served=served, displaced=displaced, by_levels=by_levels)


def total(counts: Counts, served: AnyAmount, displaced: AnyAmount, exported: AnyAmount) -> AnyAmount:
    """Return the weighted sum of amounts served, displaced and exported."""
    return counts[0] * served - counts[1] * displaced + counts[2] * exported


def worth_of(block: Block, counts: Counts) -> FloatArray:
    """Return the weighted sum of a unit on every arc."""
    served, displaced, exported = counts
    return served - displaced * block.displaced + exported * block.weight


def _from_rows(block: Block, parameters: SweepParameters) -> float:
    """Return twice the largest number of rows in a chain, times the largest ratio of two entries of a row."""
    rows = block.options.shape[1]
    least, most = np.full(rows, np.inf), largest(block.options.data, block.options.indices, rows)
    np.minimum.at(least, block.options.indices, block.options.data)
    used = most > 0
    ratio = float((most[used] / least[used]).max(initial=1.0))
    return min(2.0 * (rows + 1) * ratio, parameters.largest_weight / parameters.growth)


def largest(values: FloatArray, group: IntArray, groups: int) -> FloatArray:
    """Return the largest value of every group, and at least 0."""
    found = np.zeros(groups)
    np.maximum.at(found, group, values)
    return found
