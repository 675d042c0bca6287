"""Steps that a history lacks, and the rules that fill them.

A gap is a step of a class without a figure, or with 0. Nothing fills it but the rule that the caller names:

    interpolate    the straight line between the known steps before and after
    profile        the median of the other days in the same step of the day, times the level of the day: its known
                   steps over the medians of the same steps; 1 where the day has none
    zero           no demand: 0 is a figure, and a step without any has 0
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.utils.arrays import BoolArray, FloatArray

Missing = Literal["error", "interpolate", "profile", "zero"]
RULES: tuple[Missing, ...] = ("error", "interpolate", "profile", "zero")
#: Gaps that an error names; their number is told.
_MOST_NAMED = 1000
#: Columns of the list of filled steps.
FILLED = ("class", "day", "step", "rule")


def check_missing(missing: object) -> None:
    """Refuse an unknown rule for gaps.

    Raises
    ------
    InstanceError
    """
    if missing not in RULES:
        raise InstanceError([Violation("history", "", "missing", f"{missing!r} is no rule", ", ".join(RULES))])


def filled_steps(
    measures: Sequence[FloatArray], names: Sequence[str], per_day: int, missing: Missing
) -> tuple[list[FloatArray], pd.DataFrame]:
    """Fill the gaps of a history, and list them.

    Parameters
    ----------
    measures : sequence of (steps, classes) float arrays
        Figures such as requests and tokens; NaN where there is none. A class that has none at all in a measure keeps
        NaN there.
    names : sequence of str
        Of the classes.
    per_day : int
        Steps of a day.
    missing : str
        A rule.

    Returns
    -------
    filled : list of arrays
    table : DataFrame
        One row per class and step that was filled: ``class``, ``day``, ``step`` and ``rule``.

    Raises
    ------
    InstanceError
        Listing every gap without a rule, and every gap that its rule cannot fill.
    """
    gaps = [_gaps(each, is_zero_known=missing == "zero") for each in measures]
    found = np.logical_or.reduce(gaps)
    if missing == "error":
        _refuse(found, names, per_day, "an empty step", 'missing="interpolate", "profile" or "zero"')
        return list(measures), _listed(found, names, per_day, missing)
    filled = [_filled(each, gap, per_day, missing) for each, gap in zip(measures, gaps, strict=True)]
    left = np.logical_or.reduce([np.isnan(each) & gap for each, gap in zip(filled, gaps, strict=True)])
    if missing == "zero":  # requests without tokens, or tokens without requests, are no step without demand
        left |= found & np.logical_or.reduce([np.nan_to_num(each) > 0 for each in measures])
    _refuse(left, names, per_day, f"nothing known to fill it by {missing}", "another rule, or fewer days")
    return filled, _listed(found, names, per_day, missing)


def _gaps(values: FloatArray, *, is_zero_known: bool) -> BoolArray:
    unknown = np.isnan(values)
    return (unknown if is_zero_known else unknown | (values == 0)) & ~unknown.all(axis=0)


def _filled(values: FloatArray, gap: BoolArray, per_day: int, missing: Missing) -> FloatArray:
    known = np.where(gap, np.nan, values)
    if missing == "zero":
        return np.where(gap, 0.0, values)
    fill = _interpolated if missing == "interpolate" else _by_profile
    return np.column_stack([fill(each, per_day) for each in known.T]) if known.size else known


def _interpolated(values: FloatArray, _per_day: int) -> FloatArray:
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return values
    return np.interp(np.arange(len(values)), known, values[known], left=np.nan, right=np.nan)


def _by_profile(values: FloatArray, per_day: int) -> FloatArray:
    days = values.reshape(-1, per_day)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a step that no day knows stays NaN
        typical = np.nanmedian(days, axis=0)
    of_known = np.where(np.isnan(days), 0.0, typical).sum(axis=1)
    level = np.divide(np.nansum(days, axis=1), of_known, out=np.ones(len(days)), where=of_known > 0)
    return np.where(np.isnan(days), level[:, None] * typical, days).ravel()


def _refuse(gap: BoolArray, names: Sequence[str], per_day: int, problem: str, allowed: str) -> None:
    if gap.any():
        table = _listed(gap, names, per_day, "error")
        named = table.head(_MOST_NAMED).to_dict("records")
        rows = [f"class {row['class']}, day {row['day']}, step {row['step']}" for row in named]
        found = [Violation("history", row, "", problem, allowed) for row in rows]
        if len(table) > _MOST_NAMED:
            found.append(Violation("history", "", "", f"{len(table) - _MOST_NAMED:,} more steps like it", allowed))
        raise InstanceError(found)


def _listed(gap: BoolArray, names: Sequence[str], per_day: int, missing: Missing) -> pd.DataFrame:
    place, step = np.nonzero(gap.T)
    named = pd.Series(np.asarray(names, dtype=object)[place], dtype=object)
    table = {"class": named, "day": step // per_day, "step": step % per_day, "rule": [missing] * len(step)}
    return pd.DataFrame(table, columns=list(FILLED))
