"""The box that prices of several caps must lie in, as the search moves on: a trust region round the best prices so far.

The master bounds the lower bound L from above, and more closely near prices that were tried. It predicts a gain over
the L of the centre. Prices that raise L are the next centre. The box grows where they lie at its edge and gain most of
the predicted gain; it shrinks where they gain next to nothing. If L bends evenly along the way, it is highest at the
part ``predicted / (2 (predicted - gain))`` of it, which is at most about a half there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.by_blocks.shared_caps_parameters import BoxParameters
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Box:
    """A box of prices.

    Attributes
    ----------
    centre, half : (caps,) arrays
        Its middle, and half its width; prices are at least 0.
    """

    centre: FloatArray
    half: FloatArray

    @property
    def low(self) -> FloatArray:
        """The lowest prices."""
        return np.maximum(self.centre - self.half, 0.0)

    @property
    def high(self) -> FloatArray:
        """The highest prices."""
        return self.centre + self.half

    def doubled(self, centre: FloatArray) -> Box:
        """Return a box twice as wide round other prices."""
        return Box(centre, 2 * self.half)

    def after(self, tried: FloatArray, gain: float, predicted: float, parameters: BoxParameters) -> Box:
        """Return the next box.

        Parameters
        ----------
        tried : (caps,) array
            Prices of this box.
        gain : float
            By how much L is higher there than at the centre.
        predicted : float
            The gain that the master predicted; rounding may leave none.
        parameters : BoxParameters
        """
        is_at_edge = (tried <= self.low) & (self.centre > self.half) | (tried >= self.high)
        half = self.half
        if gain >= parameters.grows_from * predicted:
            half = np.where(is_at_edge, parameters.grows * half, half)
        elif gain < parameters.shrinks_below * predicted:
            part = predicted / (2 * (predicted - gain)) if predicted > 0 else 0.0
            half = max(part, parameters.shrinks) * half
        return Box(tried, half) if gain > 0 else replace(self, half=half)
