"""Hourly values: cleaned, and where they carry their hours, aligned with the hours of the demand.

A Series or a mapping says which hour each of its values belongs to. Its values are put into the order of the demand's
hours; timestamps of another time zone are compared as instants. An index that is not exactly those hours, in any order,
is a violation. Lists, tuples and arrays carry no hours and are read by position.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import clean_numbers, show
from placer.instance.hours.horizon import Hours
from placer.instance.hours.timestamps import read_timestamps, short_text, zone_name
from placer.utils.arrays import FloatArray

#: How many hours a violation spells out.
_NAMED = 3


def clean_hourly(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    """Return the values of an hourly column and its defects, as ``clean_column`` (``attributes.validation``) does.

    Each value is one number for all hours, a sequence of one number per hour, or the same with its hours, which comes
    out as a Series for ``align``.
    """
    indexes = [_index_of(item) for item in series]
    items = [_values_of(item) for item in series]
    flat = [value for item in items for value in (item if isinstance(item, list) else [item])]
    ends = np.cumsum([len(item) if isinstance(item, list) else 1 for item in items], dtype=np.intp)

    def place(position: int) -> str:
        row = int(np.searchsorted(ends, position, side="right"))
        hours, index = items[row], indexes[row]
        if not isinstance(hours, list):
            return label(row)
        hour = position - ends[row] + len(hours)
        return f"{label(row)}, hour {hour if index is None else index[hour]}"

    numbers_, violations = clean_numbers(pd.Series(flat, dtype=object), column, table, place)
    parts = np.split(numbers_, ends[:-1]) if items else []
    return [
        pd.Series(part, index)
        if index is not None
        else tuple(part.tolist())
        if isinstance(item, list)
        else float(part[0])
        for item, index, part in zip(items, indexes, parts, strict=True)
    ], violations


def times(values: pd.Series, factor: float | FloatArray | pd.Series) -> pd.Series:
    """Return the clean values of a column, hourly or not, times one factor or one for each row.

    Examples
    --------
    >>> times(pd.Series([2.0, (1.0, 3.0)]), 2.0).tolist()
    [4.0, (2.0, 6.0)]
    """
    if values.dtype == float:
        return values * factor
    factors = np.broadcast_to(np.asarray(factor, dtype=float), len(values)).tolist()
    pairs = zip(values, factors, strict=True)
    return pd.Series(
        [tuple(each * by for each in value) if isinstance(value, tuple) else value * by for value, by in pairs],
        values.index,
        dtype=object,
    )


def peaks(values: pd.Series) -> FloatArray:
    """Return the largest of each of the clean values of a column, hourly or not.

    Examples
    --------
    >>> peaks(pd.Series([2.0, (1.0, 3.0)])).tolist()
    [2.0, 3.0]
    """
    return np.array([max(value) if isinstance(value, tuple) else value for value in values], dtype=float)


def _index_of(value: object) -> pd.Index | None:
    """Return the hours that an hourly value carries: the index of a Series, the keys of a mapping; else None."""
    if isinstance(value, pd.Series):
        return value.index
    return pd.Index(pd.Series(list(value), dtype=object)) if isinstance(value, Mapping) and value else None


def _values_of(value: Any) -> Any:
    """Return the values of an hourly value as a list; anything else as it is, and an empty mapping too."""
    if isinstance(value, Mapping) and value:
        return list(value.values())
    return list(value) if _is_sequence(value) else value


def _is_sequence(value: object) -> bool:
    """Whether a value is an ordered collection of values: a list, tuple, range or one-dimensional array."""
    unordered = (str, bytes, dict, set, frozenset)
    return hasattr(value, "__len__") and not isinstance(value, unordered) and getattr(value, "ndim", 1) == 1


def align(
    frames: Mapping[str, pd.DataFrame], hours: Hours, defects: Collection[tuple[str, str]]
) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Return the tables with every indexed hourly value as a tuple in the order of the hours, and what does not match.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Clean tables; an indexed value is a Series.
    hours : range or DatetimeIndex
        The hours of the demand, in their order.
    defects : collection of (str, str)
        Tables and columns that have defects already: nothing further is said of them.
    """
    aligned, violations = dict(frames), []
    for name, table in TABLES.items():
        for column in (column.name for column in table.columns if column.kind is Kind.HOURLY):
            values = aligned[name][column]
            if (name, column) in defects or values.dtype == float:  # one number a row: nothing to align
                continue
            cells = values.tolist()
            if not any(isinstance(cell, pd.Series) for cell in cells):
                continue
            for row, cell in enumerate(cells):
                if not isinstance(cell, pd.Series):
                    continue
                if problem := index_problem(cell.index, hours):
                    allowed = f"{span_of(hours)} in the index, each once; a list is taken by position"
                    violations.append(Violation(name, str(aligned[name].iloc[row, 0]), column, problem, allowed))
                else:
                    cells[row] = in_order(cell, hours)
            aligned[name] = aligned[name].assign(**{column: pd.Series(cells, dtype=object)})
    return aligned, violations


def in_order(values: pd.Series, hours: Hours) -> tuple[float, ...]:
    """Return values whose index matches the hours, in the order of the hours."""
    given = values.index if isinstance(hours, range) else _in_zone_of(hours, read_timestamps(values.index).stamps)
    return tuple(values.to_numpy(float)[given.get_indexer(pd.Index(hours))].tolist())


def index_problem(index: pd.Index, hours: Hours) -> str:
    """Say how the index of an hourly value differs from the hours of the demand; empty if it does not.

    Examples
    --------
    >>> index_problem(pd.Index([1, 0]), range(2))
    ''
    >>> index_problem(pd.Index([0, 1, 1]), range(3))
    'the index does not match the hours of the demand: hour 1 is given twice, hour 2 is missing'
    """
    said = _difference_of_numbers(index, hours) if isinstance(hours, range) else _difference_of_times(index, hours)
    return f"the index does not match the hours of the demand: {said}" if said else ""


def _difference_of_numbers(index: pd.Index, hours: range) -> str:
    strange = [key for key in index if not _is_hour(key)]
    return f"{show(strange[0])} is no hour" if strange else _difference(pd.Index(index), pd.Index(hours))


def _difference_of_times(index: pd.Index, hours: pd.DatetimeIndex) -> str:
    read = read_timestamps(index)
    if read.problems:
        return next(iter(read.problems.values()))
    if read.stamps.tz is None and hours.tz is not None:
        whose = f"the time zone {zone_name(hours.tz)}"
        return read.zones or f"it has no time zone, and the demand {whose}; pandas' tz_localize gives it its own"
    if read.stamps.tz is not None and hours.tz is None:
        return f"it has the time zone {zone_name(read.stamps.tz)}, and the demand none; give the demand one"
    return _difference(_in_zone_of(hours, read.stamps), hours)


def _in_zone_of(hours: pd.DatetimeIndex, stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return instants in the time zone of the demand."""
    return stamps if hours.tz is None else stamps.tz_convert(hours.tz)


def _difference(given: pd.Index, hours: pd.Index) -> str:
    """Say which hours are given twice, missing or not in the demand; empty if none."""
    found = [
        _some(given[given.duplicated()].unique(), "is given twice", "are given twice"),
        _some(hours[~hours.isin(given)], "is missing", "are missing"),
        _some(given[~given.isin(hours)].unique(), "is not in the demand", "are not in the demand"),
    ]
    return ", ".join(text for text in found if text)


def _is_hour(key: object) -> bool:
    """Whether a key of an index can be an hour: a whole number, and no truth value."""
    if isinstance(key, (bool, np.bool_)):
        return False
    return isinstance(key, (int, np.integer)) or (isinstance(key, (float, np.floating)) and float(key).is_integer())


def _some(hours: pd.Index, one: str, many: str) -> str:
    """Say something of some hours, the first of them by name; empty if there are none."""
    if not len(hours):
        return ""
    more = f" and {len(hours) - _NAMED} more" if len(hours) > _NAMED else ""
    named = ", ".join(map(short_text, hours[:_NAMED]))
    return f"hour{'s' * (len(hours) > 1)} {named}{more} {one if len(hours) == 1 else many}"


def span_of(hours: Hours) -> str:
    """Return the hours of a horizon in words."""
    first, last = short_text(hours[0]), short_text(hours[-1])
    return f"hour {first}" if len(hours) == 1 else f"the hours {first} to {last}"
