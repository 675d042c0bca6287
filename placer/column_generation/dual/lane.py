"""What a path runs on: a market without caps, or one in whose prices those of the caps are the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from placer.column_generation.dual.capped_dual import CappedDual
from placer.column_generation.dual.capped_market import CappedMarket, capped_market
from placer.column_generation.dual.smoothed_dual import SmoothedDual
from placer.column_generation.dual.stacked_dual import StackedDual
from placer.column_generation.market.definition import Market, market

if TYPE_CHECKING:
    from placer.column_generation.dual.parameters import SmoothedDualParameters
    from placer.column_generation.dual.path import Dual
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray


class Lane(Protocol):
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


def lane_of(structure: Structure) -> Lane:
    """Return what the path of a structure runs on."""
    if np.isfinite(structure.cap_limit).any():
        return WithCaps(capped_market(structure))
    return WithoutCaps(market(structure), len(structure.cap_limit))
