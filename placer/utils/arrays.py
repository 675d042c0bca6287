"""Array types by element, and array operations that NumPy lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]
BoolArray = NDArray[np.bool_]
#: Names as Python texts: arrays of objects, since texts of NumPy have one length.
NameArray = NDArray[np.object_]
#: Arrays of any element.
AnyArray = NDArray[Any]

#: Quantities of at most this share of the total they belong to are rounding of the arithmetic, which carries 16 digits
#: through a few thousand sums: they are 0 in every table.
NOISE = 1e-12
#: Integers are numbered by counting where the largest is at most this many times their number.
_COUNTED = 8


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


def positions_in(names: pd.Series, given: pd.Series) -> IntArray:
    """Return the position of every given name among some names without repeats; -1 where it is none of them.

    Examples
    --------
    >>> import pandas as pd
    >>> positions_in(pd.Series(["a", "b", "c"]), pd.Series(["c", "a", "z"]))
    array([ 2,  0, -1])
    """
    # Object arrays as they are: pandas would otherwise infer the type of every name anew.
    return pd.Index(names.to_numpy(object), dtype=object).get_indexer(pd.Index(given.to_numpy(object), dtype=object))


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


def numbered(values: IntArray) -> tuple[IntArray, IntArray]:
    """Return the values in ascending order, each once, and the position of every given value among them.

    It is ``np.unique`` with the inverse, but counts instead of sorting where no value is negative or much larger than
    their number.

    Examples
    --------
    >>> distinct, position = numbered(np.array([7, 2, 7]))
    >>> distinct.tolist(), position.tolist()
    ([2, 7], [1, 0, 1])
    """
    if not len(values) or values.min() < 0 or values.max() > _COUNTED * len(values):
        distinct, position = np.unique(values, return_inverse=True)
        return distinct, position
    is_present = np.zeros(int(values.max()) + 1, dtype=bool)
    is_present[values] = True
    return np.flatnonzero(is_present), (np.cumsum(is_present) - 1)[values]


def is_among(values: IntArray, known: IntArray) -> BoolArray:
    """Return which values are among some known ones.

    It is ``np.isin``, but sorts and searches; NumPy hashes, which takes five times as long where there are many.

    Examples
    --------
    >>> is_among(np.array([3, 1, 3]), np.array([2, 3])).tolist()
    [True, False, True]
    """
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    ordered = np.sort(known)
    return np.asarray(ordered[np.minimum(np.searchsorted(ordered, values), len(known) - 1)] == values)


def positions_of(mask: BoolArray) -> tuple[IntArray, ...]:
    """Return the positions of the true entries, as ``np.nonzero`` does.

    NumPy steps through every entry of an array of several dimensions, ten times as long as through a flat one.

    Examples
    --------
    >>> row, column = positions_of(np.array([[False, True], [True, False]]))
    >>> row.tolist(), column.tolist()
    ([0, 1], [1, 0])
    """
    return np.unravel_index(np.flatnonzero(mask), mask.shape)


def period_chunks(periods: int, width: int, cells: int) -> list[slice]:
    """Cut ``range(periods)`` into chunks of ``max(1, cells // width)`` periods; the last chunk may be shorter.

    A table of ``width`` cells a period then holds at most ``cells`` cells a chunk, or a single period where one period
    alone holds more.

    Parameters
    ----------
    width : int
        Cells of one period; 0 counts as 1.
    cells : int
        Cells of a chunk at most.

    Examples
    --------
    >>> period_chunks(5, width=10, cells=25)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    length = max(1, cells // max(width, 1))
    return [slice(start, min(start + length, periods)) for start in range(0, periods, length)]


def sums_by(position: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Return the sums of values by position (size,): ``np.bincount`` with weights, typed as floats.

    Examples
    --------
    >>> sums_by(np.array([0, 2, 0]), np.array([1.0, 5.0, 3.0]), 4).tolist()
    [4.0, 0.0, 5.0, 0.0]
    """
    return np.asarray(np.bincount(position, values, size), dtype=np.float64)


def union(first: IntArray, second: IntArray) -> IntArray:
    """Return the numbers of two arrays, each once, by size: ``np.union1d``, which is slower where runs are sorted.

    Examples
    --------
    >>> union(np.array([1, 3, 5]), np.array([3, 4])).tolist()
    [1, 3, 4, 5]
    """
    every = np.sort(np.concatenate([first, second]), kind="stable")  # merges sorted runs
    return every[np.append(every[:-1] != every[1:], np.ones(min(len(every), 1), dtype=bool))]


def ratio(part: FloatArray | IntArray, whole: FloatArray | IntArray) -> FloatArray:
    """Divide a part by its whole; NaN where the whole is 0 or NaN."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=~(np.isnan(whole) | (whole == 0)))


def without_noise(values: FloatArray, size: float | FloatArray | None = None) -> FloatArray:
    """Return the values with rounding, and with it -0.0, as 0.

    Parameters
    ----------
    values : array
        NaN and inf stay as they are.
    size : float or array, optional
        Values of at most ``NOISE * size`` in magnitude are rounding. The largest finite magnitude of the values if
        not given.

    Examples
    --------
    >>> without_noise(np.array([3.0, 7e-19, -0.0, -2.0, np.nan])).tolist()
    [3.0, 0.0, 0.0, -2.0, nan]
    >>> without_noise(np.array([7e-19]), size=1.0).tolist()
    [0.0]
    """
    values = np.asarray(values, dtype=float)
    if size is None:
        size = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return np.where(np.abs(values) <= NOISE * size, 0.0, values)


def zero_tiny(values: NDArray[np.floating[Any]]) -> None:
    """Set the values whose squares would be subnormal to zero, in place.

    Processors take a hundred times as long for a product that is subnormal. In single precision these are values below
    about 1e-19, in double precision below about 1e-154.

    Examples
    --------
    >>> values = np.array([1.0, 1e-20], np.float32)
    >>> zero_tiny(values)
    >>> values.tolist()
    [1.0, 0.0]
    """
    values[np.abs(values) < np.sqrt(np.finfo(values.dtype).tiny)] = 0.0
