"""How often every hour of the horizon counts, and the blocks that work waits within.

Twelve representative days are twelve blocks of 24 hours whose weights are the days that each stands for. Costs, tokens,
energy, carbon and water count times the weight; capacities and powers are those of one hour.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.hours.by_hour import index_problem, span_of
from placer.instance.hours.horizon import Hours
from placer.instance.hours.timestamps import short_text
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, IntArray


def weights_of(periods: pd.DataFrame, hours: Hours) -> FloatArray:
    """Return the weight of every hour; 1 without a table of periods."""
    if periods.empty:
        return np.ones(len(hours))
    return periods.set_index("hour")["weight"].reindex(hours).to_numpy(float)


def blocks_of(periods: pd.DataFrame, hours: Hours) -> IntArray:
    """Return the block of every hour, numbered in the order of the hours; all 0 without a table of periods."""
    if periods.empty:
        return np.zeros(len(hours), dtype=int)
    names = periods.set_index("hour")["block"].reindex(hours)
    return np.cumsum(np.append(False, _differs(names.to_numpy(object)))).astype(int)


def _differs(names: np.ndarray) -> BoolArray:
    return np.array([one != other for one, other in itertools.pairwise(names)], dtype=bool)


def period_problems(
    periods: pd.DataFrame,
    hours: Hours,
    deadline_hours: FloatArray,
    hour_length: float | None,
    *,
    has_batteries: bool = False,
) -> list[Violation]:
    """Return the defects of a table of periods.

    Parameters
    ----------
    periods : DataFrame
        Clean, not empty.
    hours : range or DatetimeIndex
        The hours of the demand.
    deadline_hours : array
        Of the workloads.
    hour_length : float or None
        Hours in a step; None if it is not known.
    has_batteries : bool
        Whether energy is carried from hour to hour.
    """
    if problem := index_problem(pd.Index(periods["hour"]), hours):
        return [Violation("periods", "", "hour", problem, f"{span_of(hours)}, each once")]
    ordered = periods.set_index("hour").reindex(hours)
    number = blocks_of(periods, hours)
    names = ordered["block"].to_numpy(object)
    firsts = np.flatnonzero(np.append(True, np.diff(number) > 0))
    violations, seen = [], set()
    for first in firsts.tolist():
        if names[first] in seen:
            problem = f"block {names[first]} goes on after another block"
            row = short_text(hours[first])
            violations.append(Violation("periods", row, "block", problem, "blocks of hours that follow each other"))
        seen.add(names[first])
    # A deadline of a whole number of steps stays one although the division rounds.
    waits = hour_length is not None and bool((deadline_hours >= hour_length * (1 - INPUT)).any())
    if not waits and not has_batteries:
        return violations
    carries = "some workload waits" if waits else "a battery stores energy"
    weight = ordered["weight"].to_numpy(float)
    uneven = np.flatnonzero((np.diff(number) == 0) & (np.diff(weight) != 0)) + 1
    for first in np.unique(number[uneven], return_index=True)[1].tolist():
        place = uneven[first]
        problem = f"a weight of {weight[place]:g} after {weight[place - 1]:g} in one block, and {carries}"
        allowed = "one weight for all hours of a block, or a block for each weight"
        violations.append(Violation("periods", short_text(hours[place]), "weight", problem, allowed))
    return violations
