"""Comparison of solvers over many problems: performance profiles, and the growth of time with size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd


def performance_profile(seconds: pd.DataFrame) -> pd.DataFrame:
    """Return the share of problems that each solver solves within a multiple of the least time.

    As in Dolan and Moré, 'Benchmarking optimization software with performance profiles', 2002.

    Parameters
    ----------
    seconds : DataFrame
        A row for each problem, a column for each solver; NaN where the solver has no right answer.

    Returns
    -------
    DataFrame
        Index ``ratio``: every multiple of the least time at which a share rises, from 1 on; a column for each solver.
        A problem that no solver solves counts as unsolved.

    Examples
    --------
    >>> performance_profile(pd.DataFrame({"a": [1.0, 4.0], "b": [2.0, np.nan]}))
             a    b
    ratio
    1.0    1.0  0.0
    2.0    1.0  0.5
    """
    ratios = seconds.div(seconds.min(axis=1), axis=0)
    values = ratios.to_numpy(float)
    at = np.unique(np.append(values[np.isfinite(values)], 1.0))
    shares = {name: [float((ratios[name] <= ratio).mean()) for ratio in at] for name in ratios}
    return pd.DataFrame(shares, index=pd.Index(at, name="ratio"))


def growth(points: Sequence[tuple[float, float]]) -> float:
    """Return the exponent of time over size, fitted to the logarithms; NaN with fewer than two sizes.

    Examples
    --------
    >>> round(growth([(10, 1), (100, 100)]), 6)
    2.0
    """
    sizes, seconds = (np.log([point[axis] for point in points]) for axis in (0, 1))
    if len(set(sizes.tolist())) < 2:
        return math.nan
    return float(np.polyfit(sizes, seconds, 1)[0])
