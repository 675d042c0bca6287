"""Array types by what they hold, and two steps on arrays that NumPy has not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]
BoolArray = NDArray[np.bool_]


def expand_counts(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Repeat every position as often as its count.

    Parameters
    ----------
    counts : (n,) int array

    Returns
    -------
    position, rank : (counts.sum(),) int arrays
        The position that is repeated, and the number of the repetition, from 0.

    Examples
    --------
    >>> position, rank = expand_counts(np.array([2, 0, 3]))
    >>> position.tolist(), rank.tolist()
    ([0, 0, 2, 2, 2], [0, 1, 0, 1, 2])
    """
    position = np.repeat(np.arange(len(counts)), counts)
    return position, np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)


def sorted_unique(values: FloatArray) -> FloatArray:
    """Return the values in ascending order, each once.

    It sorts; ``np.unique`` hashes, which is slow where many values are equal.

    Examples
    --------
    >>> sorted_unique(np.array([3.0, 1.0, 3.0])).tolist()
    [1.0, 3.0]
    """
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
