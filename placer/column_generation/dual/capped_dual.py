"""The smoothed dual of a market in the prices of its resources and of its caps.

With the market at cap prices of 0 and what the caps count (``dual.capped_market``), the smoothed dual is

    g_mu(y, gamma) = g_mu(y; costs + gamma counted) - gamma . limit

jointly concave, with the gradient ``use - limit`` in gamma. It is a sum over blocks apart from its last term
(``dual.capped_part``). Blocks share the prices of caps alone: the curvature is that of the blocks with one border,
which the Newton step takes by a Schur complement (``dual.bordered``). Prices are flat arrays (``dual.cap_places``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from scipy.linalg import LinAlgError

from placer.column_generation.dual.bordered import BorderedHessian
from placer.column_generation.dual.capped_blocks import capped_blocks
from placer.column_generation.dual.capped_market import CappedMarket
from placer.column_generation.dual.capped_part import CappedPart, CurvedPartEvaluation, PartEvaluation, Prices
from placer.column_generation.dual.parameters import SMOOTHED_DUAL, SmoothedDualParameters
from placer.column_generation.dual.smoothed_dual import CurvedEvaluation, DualEvaluation, available
from placer.column_generation.dual.stacked_hessian import StackedHessian
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.shared_work import each

Result = TypeVar("Result")


class CappedDual:
    """The smoothed dual of a capped market; keeps shortlists of columns between evaluations.

    Parameters
    ----------
    capped : CappedMarket
    parameters : SmoothedDualParameters
    """

    def __init__(self, capped: CappedMarket, parameters: SmoothedDualParameters = SMOOTHED_DUAL) -> None:
        self.capped, self.market = capped, capped.market
        market, caps = self.market, len(capped.caps)
        self._parts = [CappedPart(block, parameters) for block in capped_blocks(capped)]
        self._places = capped.places
        self.unit = self._places.joined(np.broadcast_to(market.unit, market.price_shape), np.ones(caps), 1.0)
        self.available = self._places.joined(available(market), capped.size, 1.0)
        #: No placement costs more, and none less than the smoothed dual.
        self._dearest = _dearest(capped)

    def choose_precision(self, width: float) -> None:
        """Choose the precision of arrays; to be called at every new width."""
        for part in self._parts:
            part.choose_precision(width)

    def evaluate(self, prices: FloatArray, width: float) -> DualEvaluation:
        """Evaluate at some flat prices."""
        found = self._each(lambda part, of_part: part.evaluate(of_part, width), prices)
        return DualEvaluation(*self._sums(prices, found))

    def evaluate_curved(self, prices: FloatArray, width: float, free: BoolArray) -> CurvedEvaluation:
        """Evaluate at some flat prices, with the curvature over the sites with a free price, and over the free caps.

        Raises
        ------
        LinAlgError
            If the dual proves that no placement keeps the caps.
        """
        of_resources, of_caps = self._places.split(free)

        def curved(part: CappedPart, of_part: Prices) -> CurvedPartEvaluation:
            block = part.block
            return part.evaluate_curved(of_part, width, of_resources[block.periods], of_caps[block.caps])

        found = self._each(curved, prices)
        value, gradient = self._sums(prices, found)
        if value > self._dearest:
            raise LinAlgError("no placement keeps the caps")
        return CurvedEvaluation(value, gradient, self._joined(found, np.flatnonzero(of_caps[self._places.border])))

    def _each(self, function: Callable[[CappedPart, Prices], Result], prices: FloatArray) -> list[Result]:
        """Return the results of a function for all parts, each with the prices of its block."""
        own, caps = self._places.split(prices)

        def of_part(part: CappedPart) -> Result:
            return function(part, Prices(own[part.block.periods], caps[part.block.caps]))

        # A single part shares its own work out among threads.
        return each(of_part, self._parts) if len(self._parts) > 1 else [of_part(self._parts[0])]

    def _sums(self, prices: FloatArray, found: Sequence[PartEvaluation]) -> tuple[float, FloatArray]:
        """Return value and gradient."""
        _, caps = self._places.split(prices)
        of_caps = -self.capped.limit
        for part, evaluated in zip(self._parts, found, strict=True):
            of_caps[part.block.caps] += evaluated.counted
        value = sum(evaluated.value for evaluated in found) - float(self.capped.limit @ caps)
        return value, self._places.joined(np.concatenate([evaluated.gradient for evaluated in found]), of_caps)

    def _joined(self, found: Sequence[CurvedPartEvaluation], caps: IntArray) -> BorderedHessian:
        """Return the curvature of all blocks with one border, over some caps in it, by their positions there."""
        periods, resources = self.market.price_shape
        border = np.zeros((len(caps), periods, resources + self._places.size))
        own, of_border = np.zeros((len(caps), len(caps))), self._places.border[caps]
        for part, evaluated in zip(self._parts, found, strict=True):
            block, curvature = part.block, evaluated.curvature
            place = np.searchsorted(of_border, block.caps[block.places.border[curvature.caps]])
            border[place, block.periods] = curvature.border
            own[place[:, None], place] += curvature.own
        spans = [part.block.periods for part in self._parts]
        inner = [evaluated.curvature.inner for evaluated in found]
        return BorderedHessian(inner[0] if len(inner) == 1 else StackedHessian(spans, inner), caps, border, own)


def _dearest(capped: CappedMarket) -> float:
    """Return a cost that no placement exceeds, up to rounding: all demand at its highest price or its penalty."""
    market, total = capped.market, 0.0
    extra = max((float(np.max(extra, initial=0.0)) for _, extra in market.tiers), default=0.0)
    for group in market.groups:
        arc = float(np.max(group.arc_cost, where=group.arc >= 0, initial=0.0))
        served = arc + float(np.max(group.base, where=group.base < market.never, initial=0.0))
        dearest = max(group.unserved, served + float(group.draw.max()) * extra)
        total += dearest * float(group.amount.sum())
    return total * (1 + 1e-3)
