"""Bisection over the corners of a step function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.utils.arrays import FloatArray


def first_enough(corners: FloatArray, enough: Callable[[float], bool]) -> float:
    """Return the smallest corner that is enough, where the largest is and every one above an enough one is.

    Parameters
    ----------
    corners : (n,) array
        In ascending order, one at least. The last is not tried.
    enough : callable
        Whether a corner is enough; called ``log2 n`` times, rounded up.

    Examples
    --------
    >>> import numpy as np
    >>> first_enough(np.array([1.0, 2.0, 5.0, 9.0]), lambda corner: corner >= 3.0)
    5.0
    """
    low, high = 0, len(corners) - 1
    while low < high:
        middle = (low + high) // 2
        if enough(float(corners[middle])):
            high = middle
        else:
            low = middle + 1
    return float(corners[high])
