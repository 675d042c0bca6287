"""The smoothed dual of a market of several blocks: the sum of those of its blocks, which share no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.dual.parameters import SMOOTHED_DUAL
from placer.column_generation.dual.smoothed_dual import (
    CurvedEvaluation,
    Evaluation,
    SmoothedDual,
    available,
)
from placer.column_generation.dual.stacked_hessian import StackedHessian
from placer.column_generation.market.blocks import block_of
from placer.utils.shared_work import each

if TYPE_CHECKING:
    from placer.column_generation.dual.parameters import SmoothedDualParameters
    from placer.column_generation.market.definition import Market
    from placer.utils.arrays import BoolArray, FloatArray


class StackedDual:
    """The smoothed dual of a market block by block, as ``SmoothedDual`` has it.

    Parameters
    ----------
    market : Market
    parameters : SmoothedDualParameters
    """

    def __init__(self, market: Market, parameters: SmoothedDualParameters = SMOOTHED_DUAL) -> None:
        self.unit, self.available = market.unit, available(market)
        self._periods = market.blocks
        parts = [SmoothedDual(block_of(market, periods), parameters) for periods in self._periods]
        self._parts = list(zip(parts, self._periods, strict=True))

    def shorten(self, prices: FloatArray, width: float) -> None:
        """Make shortlists for some prices, where they are faster than all columns; to be called at every new width."""
        each(lambda pair: pair[0].shorten(prices[pair[1]], width), self._parts)

    def evaluate(self, prices: FloatArray, width: float) -> Evaluation:
        """Evaluate at some prices (t, r)."""
        found = each(lambda pair: pair[0].evaluate(prices[pair[1]], width), self._parts)
        return Evaluation(sum(part.value for part in found), np.concatenate([part.gradient for part in found]))

    def evaluate_curved(self, prices: FloatArray, width: float, free: BoolArray) -> CurvedEvaluation:
        """Evaluate at some prices, with the curvature over the sites with a free price (t, r) and over all links."""
        found = each(lambda pair: pair[0].evaluate_curved(prices[pair[1]], width, free[pair[1]]), self._parts)
        return CurvedEvaluation(
            sum(part.value for part in found),
            np.concatenate([part.gradient for part in found]),
            StackedHessian(self._periods, [part.curvature for part in found]),
        )
