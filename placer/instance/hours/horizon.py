"""The hours of the horizon: whole numbers in a row, or timestamps one step apart.

Timestamps are compared as instants, so that the days of 23 and 25 hours at changes of daylight saving have all their
hours, each once. Within the mathematics an hour is its position.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import Column
from placer.instance.attributes.meanings import meaning
from placer.instance.attributes.schema import HOURS_TABLES
from placer.instance.attributes.validation import clean_numbers
from placer.instance.hours.timestamps import has_timestamps, read_timestamps, short_text
from placer.utils.arrays import IntArray

#: The hours of a horizon, by position.
Hours = range | pd.DatetimeIndex

ONE_ZONE = (
    "one time zone for all, or none; where its offset changes, with its name, as in "
    "2026-03-29T03:00+02:00[Europe/Berlin]"
)
_MICROSECONDS = 3_600_000_000
#: How many hours a message names.
_NAMED = 5


def clean_hours(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    """Return the values of a column of hours and its defects, as ``clean_column`` (``attributes.validation``) does.

    Whole numbers come out as an array, timestamps as a Series.
    """
    if not has_timestamps(series):
        return clean_numbers(series, column, table, label)
    read = read_timestamps(series)
    violations = [
        Violation(table, label(row), column.name, _advised(problem, column), column.allowed)
        for row, problem in read.problems.items()
    ]
    if read.zones and (table not in HOURS_TABLES or read.stamps.tz is None):  # nothing follows from them
        violations.append(Violation(table, "", column.name, read.zones, ONE_ZONE))
        return pd.Series(pd.DatetimeIndex([pd.NaT] * len(series))), violations
    return pd.Series(read.stamps), violations


def _advised(problem: str, column: Column) -> str:
    return f"{problem}: write {meaning(column)}" if problem == "missing" else problem


def hours_of(hour: pd.Series) -> Hours:
    """Return the hours of the horizon, given the clean hours of the demand.

    Examples
    --------
    >>> hours_of(pd.Series([7, 6, 7]))
    range(6, 8)
    """
    if pd.api.types.is_datetime64_any_dtype(hour.dtype):
        return pd.DatetimeIndex(hour.unique()).sort_values()
    return range(int(hour.min()), int(hour.max()) + 1)


def hour_positions(hour: pd.Series, hours: Hours) -> IntArray:
    """Return the position of every hour of a table in the horizon."""
    if isinstance(hours, range):
        return hour.to_numpy(int) - hours.start
    return hours.get_indexer(pd.DatetimeIndex(hour)).astype(int)


def index_of(hours: Hours) -> pd.Index:
    """Return the hours of a horizon as an index, which labels results."""
    return pd.Index(np.array(hours)) if isinstance(hours, range) else hours


def horizon_problems(hour: pd.Series, hour_length: float | None, block: IntArray | None = None) -> list[Violation]:
    """Return the gaps in the clean hours of the demand, and the steps that are not as long as they should be.

    Parameters
    ----------
    hour_length : float or None
        Hours in a step; None if it is not known.
    block : (hours,) int array, optional
        Block of every hour: timestamps of different blocks may lie any time apart. One block if not given.
    """
    hours = hours_of(hour)
    if isinstance(hours, range):
        missing = sorted(set(hours) - set(hour.tolist())) if hour.nunique() < len(hours) else []
        return [_gap(hours, _named(_first_missing(missing)), "")] if missing else []
    steps = np.diff(hours.asi8)
    inside = np.ones(len(steps), dtype=bool) if block is None else np.diff(block) == 0
    if not inside.any():
        return []
    sizes, counts = np.unique(steps[inside], return_counts=True)
    usual = int(sizes[counts.argmax()])
    found = []
    if hour_length is not None and abs(usual - hour_length * _MICROSECONDS) > 1:
        given, there = f"{hour_length:g}", f"{usual / _MICROSECONDS:.9g}"
        problem = f"a step of {given} hours, and the timestamps of the demand are {there} hours apart"
        allowed = f"{there}, or timestamps {given} hours apart"
        found.append(Violation("settings", "", "hour_length", problem, allowed))
    gaps = np.flatnonzero(inside & (steps > usual) & (steps % usual == 0))
    if gaps.size:
        after = [hours[gap] + pd.Timedelta(usual, "us") for gap in gaps[:_NAMED]]
        hint = "" if hours.tz is not None else "; the clock of a place with daylight saving needs its time zone"
        found.append(_gap(hours, _named(after), hint))
    odd = np.flatnonzero(inside & (steps % usual != 0))
    if odd.size:
        named = _named(hours[odd + 1][:_NAMED])
        problem = f"steps are not regular: {named} not {usual / _MICROSECONDS:.9g} hours after the one before"
        found.append(Violation("demand", "", "hour", problem, "timestamps one step apart"))
    return found


def _first_missing(missing: list[int]) -> list[int]:
    """Return the first hour of every gap."""
    return [hour for place, hour in enumerate(missing) if not place or missing[place - 1] != hour - 1]


def _gap(hours: Hours, missing: str, hint: str) -> Violation:
    span = f"{short_text(hours[0])} to {short_text(hours[-1])}"
    allowed = f"every hour from {span}, with 0 Mtok where there is no demand{hint}"
    return Violation("demand", "", "hour", f"hours have gaps: no demand at {missing}", allowed)


def _named(hours: Any) -> str:
    return ", ".join(short_text(hour) for hour in hours[:_NAMED])
