"""Rounding of drawn numbers, so that all machines agree, and clipping to the limits of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.utils.solver_limits import LARGEST, SMALLEST, WIDEST_RANGE

if TYPE_CHECKING:
    from placer.utils.arrays import FloatArray

#: Powers of ten that are exact as floats, hence the same on every machine.
_TENS = np.array([float(f"1e{power}") for power in range(23)])
_LEAST_POWER, _DIGITS = -9, 12
_DECADES = np.array([float(f"1e{power}") for power in range(_LEAST_POWER, 16)])


def rounded(values: FloatArray) -> FloatArray:
    """Round numbers from 1e-9 to 1e15, and 0, to 12 significant digits.

    Machines differ in the last bit of a logarithm; rounding almost always removes that difference. All steps are exact
    or correctly rounded, so the result equals the twelve digits parsed as a decimal.
    """
    first_digit = np.searchsorted(_DECADES, values, side="right") - 1 + _LEAST_POWER
    power = _DIGITS - 1 - np.maximum(first_digit, _LEAST_POWER)  # 0 has no first digit
    up, down = _TENS[np.maximum(power, 0)], _TENS[np.maximum(-power, 0)]
    return np.rint(values * up / down) * down / up


def within_limits(values: FloatArray) -> FloatArray:
    """Round drawn numbers, and clip them to values that the schema admits in one column.

    Values above the largest admitted number are set to it; values too small beside the largest value become 0.
    """
    cut = np.minimum(values, LARGEST / 2)
    least = max(SMALLEST, cut.max() / WIDEST_RANGE) * (1 + 1e-9)
    kept = np.where(cut < least, 0.0, cut)
    if not kept.any():
        kept.flat[values.argmax()] = least
    return rounded(kept)
