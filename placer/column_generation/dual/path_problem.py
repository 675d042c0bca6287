"""What a path runs on: a market without caps, or one in whose prices those of the caps are the last.

The smoothed dual of a market of several blocks is the sum of those of its blocks, which share no price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from placer.column_generation.dual.capped_dual import CappedDual
from placer.column_generation.dual.capped_market import CappedMarket, capped_market
from placer.column_generation.dual.parameters import SMOOTHED_DUAL, SmoothedDualParameters
from placer.column_generation.dual.path import Dual
from placer.column_generation.dual.smoothed_dual import (
    CurvedEvaluation,
    DualEvaluation,
    SmoothedDual,
    available,
)
from placer.column_generation.dual.stacked_hessian import StackedHessian
from placer.column_generation.market.blocks import block_of
from placer.column_generation.market.definition import Market, market
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.shared_work import each


class PathProblem(Protocol):
    """The prices of a path, and their smoothed dual."""

    @property
    def market(self) -> Market:
        """The market that the path runs on."""

    @property
    def start(self) -> FloatArray:
        """Prices where everything is free."""

    def dual(self, parameters: SmoothedDualParameters) -> Dual:
        """Return the smoothed dual."""

    def plain(self, prices: FloatArray) -> tuple[Market, FloatArray, FloatArray]:
        """Return the market at the prices of the caps, those of its resources (t, r), and those of the caps (c,)."""

    def laid(self, there: Market, prices: FloatArray, caps: FloatArray) -> FloatArray:
        """Return the prices of the path for what ``plain`` returns."""


@dataclass(frozen=True, eq=False)
class WithoutCaps:
    """A market whose prices (t, r) are those of its resources.

    Attributes
    ----------
    market : Market
    caps : int
        Number of caps, none of which has a limit.
    """

    market: Market
    caps: int

    @property
    def start(self) -> FloatArray:
        """Prices of 0."""
        return np.zeros(self.market.price_shape)

    def dual(self, parameters: SmoothedDualParameters) -> Dual:
        """Return the smoothed dual."""
        several = len(self.market.blocks) > 1
        return StackedDual(self.market, parameters) if several else SmoothedDual(self.market, parameters)

    def plain(self, prices: FloatArray) -> tuple[Market, FloatArray, FloatArray]:
        """Return the market, the prices, and zeros for the caps."""
        return self.market, prices, np.zeros(self.caps)

    def laid(self, _: Market, prices: FloatArray, __: FloatArray) -> FloatArray:
        """Return the prices."""
        return prices


@dataclass(frozen=True, eq=False)
class WithCaps:
    """A market with caps: flat prices (t * r + c,), those of its resources and those of the caps that have a limit.

    Attributes
    ----------
    capped : CappedMarket
    """

    capped: CappedMarket

    @property
    def market(self) -> Market:
        """The market at prices 0 of the caps."""
        return self.capped.market

    @property
    def start(self) -> FloatArray:
        """Prices where everything is free."""
        return self.capped.start

    def dual(self, parameters: SmoothedDualParameters) -> Dual:
        """Return the smoothed dual."""
        return CappedDual(self.capped, parameters)

    def plain(self, prices: FloatArray) -> tuple[Market, FloatArray, FloatArray]:
        """Return the market at the prices of the caps, those of its resources (t, r), and those of the caps (c,)."""
        return self.capped.plain(prices)

    def laid(self, there: Market, prices: FloatArray, caps: FloatArray) -> FloatArray:
        """Return the flat prices for those of a market at prices of the caps."""
        return self.capped.laid(there, prices, caps)


def path_problem_of(structure: Structure) -> PathProblem:
    """Return what the path of a structure runs on."""
    if np.isfinite(structure.cap_limit).any():
        return WithCaps(capped_market(structure))
    return WithoutCaps(market(structure), len(structure.cap_limit))


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

    def choose_precision(self, width: float) -> None:
        """Choose the precision of arrays; to be called at every new width."""
        for part, _ in self._parts:
            part.choose_precision(width)

    def evaluate(self, prices: FloatArray, width: float) -> DualEvaluation:
        """Evaluate at some prices (t, r)."""
        found = each(lambda pair: pair[0].evaluate(prices[pair[1]], width), self._parts)
        return DualEvaluation(sum(part.value for part in found), np.concatenate([part.gradient for part in found]))

    def evaluate_curved(self, prices: FloatArray, width: float, free: BoolArray) -> CurvedEvaluation:
        """Evaluate at some prices, with the curvature over the sites with a free price (t, r) and over all links."""
        found = each(lambda pair: pair[0].evaluate_curved(prices[pair[1]], width, free[pair[1]]), self._parts)
        return CurvedEvaluation(
            sum(part.value for part in found),
            np.concatenate([part.gradient for part in found]),
            StackedHessian(self._periods, [part.curvature for part in found]),
        )
