"""Check the values of one column against its schema: return clean values, or name every defect.

A missing cell (None, NaN or empty in a file) holds the default of its column, in every kind of input. Values that may
be mistakes are not converted: text is not a number, and True is not 1.
"""

from __future__ import annotations

import math
import numbers
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import REQUIRED, Column, Kind
from placer.instance.attributes.meanings import meaning
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.solver_limits import LARGEST, SMALLEST, WIDEST_RANGE

#: Longest text of a value that a message repeats.
_SHOWN_CHARACTERS = 40


#: Rows from which a column of names is looked at name by name first.
_LONG = 10_000

#: Text for a missing cell in messages.
_MISSING = ("missing", "NaN")

#: A date in another order than that of ISO 8601, or with other signs between its numbers.
_OTHER_DATE = re.compile(r"(?:\d{1,2}([/.-])\d{1,2}\1\d{2,4}|\d{4}([/.])\d{1,2}\2\d{1,2})(?!\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf", re.ASCII)


def is_missing(value: object) -> bool:
    """Whether a cell is missing: None, NaN (of ``Decimal`` too), or the NA and NaT of pandas."""
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, (float, np.floating)) and math.isnan(value))
        or (isinstance(value, Decimal) and value.is_nan())
    )


def show(value: object) -> str:
    """Return a value for a message: short, on one line, and with its type visible."""
    try:
        text = repr(value).replace("\n", " ")
    except ValueError:  # Python does not print integers of more than 4300 digits
        text = f"a huge {type(value).__name__}"
    return truncated(text)


def truncated(text: str) -> str:
    """Return a text truncated to the length that a message shows."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def _kind_problem(value: object) -> str:
    """Return why a value is not a number; empty if it is one."""
    if value is None or value is pd.NA or value is pd.NaT:
        return "missing"
    if isinstance(value, (bool, np.bool_)):
        return f"{show(value)} is a truth value"
    if isinstance(value, str):
        return f"{show(value)} is text"
    if not isinstance(value, (numbers.Real, Decimal)) or isinstance(value, np.timedelta64):
        return f"{show(value)} is not a number"
    try:
        return "NaN" if is_missing(value) or math.isnan(value) else ""
    except OverflowError:
        return f"{show(value)} is out of range"


def _range_problem(value: float, column: Column) -> str:
    if not column.admits(value):
        return f"{value:g} is out of range"
    if column.scaled and math.isfinite(value) and value and not SMALLEST <= abs(value) < LARGEST:
        return f"{value:g} is taken for nothing or infinity by solvers (limits {SMALLEST:g} and {LARGEST:g})"
    if column.kind in (Kind.WHOLE, Kind.HOUR) and value != math.floor(value):
        return f"{value:g} is not whole"
    return ""


def number_problem(value: Any, column: Column) -> str:
    """Return why a numeric column does not admit a value; empty if it does."""
    return _kind_problem(value) or _range_problem(float(value), column)


def clean_numbers(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[FloatArray, list[Violation]]:
    """Return the values of a column of numbers and its defects, as ``clean_column`` does."""
    violations: list[Violation] = []
    default = float(column.default) if isinstance(column.default, int | float) else math.nan
    if series.dtype.kind in "iuf":
        values = series.to_numpy(dtype=float, copy=True)
        if column.default is not REQUIRED:
            values[np.isnan(values)] = default
        suspects = np.flatnonzero(~_plainly_fine(values, column))
        suspects = suspects[~np.isnan(values[suspects])] if column.default is None else suspects
    else:
        values = np.full(len(series), math.nan)
        suspects = np.arange(len(series), dtype=np.intp)
    items = series.to_numpy()
    for row in suspects.tolist():
        problem = number_problem(items[row], column)
        if problem in _MISSING and column.default is not REQUIRED:
            values[row] = default
        elif problem:
            values[row] = math.nan
            violations.append(
                Violation(table, label(row), column.name, _advised(problem, items[row], column), column.allowed)
            )
        else:
            values[row] = float(items[row])
    return values, violations + _check_magnitudes(values, column, table, label)


def _advised(problem: str, value: object, column: Column) -> str:
    """Extend a problem with the correct input, where that is known."""
    if problem in _MISSING:
        return f"{problem}: write {meaning(column)}"
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            return f"{problem}: turn the column into numbers, as pandas.to_numeric does"
        if re.fullmatch(r"[+-]?\d+,\d+", text):
            return f"{problem}: write a point, not a comma, before the decimals, and no separator of thousands"
        if column.kind is Kind.HOUR and (cure := date_cure(text)):
            return f"{problem}: {cure}"
        if text.casefold() in ("", "-", "na", "n/a", "nan", "none", "null"):
            empty = "leave the cell empty for the default" if column.default is not REQUIRED else "write a number"
            return f"{problem}: {empty}"
        if re.match(r"[+-]?[\d.]+\s*[^\d.\s:,_-]", text):
            return f"{problem}: write the number alone; the unit stands in the name of the column"
    return problem


def date_cure(text: str) -> str:
    """Return what to write in place of a date that is not in the form of ISO 8601; empty if a text is no such date.

    Examples
    --------
    >>> date_cure("31/12/2026 00:00"), date_cure("2026-12-31")
    ('write ISO dates, such as 2026-12-31T00:00', '')
    """
    return "write ISO dates, such as 2026-12-31T00:00" if _OTHER_DATE.match(text.strip()) else ""


def _plainly_fine(values: FloatArray, column: Column) -> BoolArray:
    """Mark the values that need no further check."""
    size = np.abs(values)
    fine = np.isfinite(values) & (values > column.low if column.low_open else values >= column.low)
    fine &= values < column.high if column.high_open else values <= column.high
    if column.scaled:
        fine &= (values == 0) | ((size >= SMALLEST) & (size < LARGEST))
    return fine & (values == np.floor(values)) if column.kind in (Kind.WHOLE, Kind.HOUR) else fine


def _check_magnitudes(values: FloatArray, column: Column, table: str, label: Callable[[int], str]) -> list[Violation]:
    """Refuse a column whose magnitudes range too widely for one linear program."""
    size = np.abs(values)
    rows = np.flatnonzero(np.isfinite(size) & (size > 0))
    if not column.scaled or rows.size < 2:
        return []
    least, most = int(rows[size[rows].argmin()]), int(rows[size[rows].argmax()])
    if size[most] <= WIDEST_RANGE * size[least]:
        return []
    problem = f"{values[least]:g} here and {values[most]:g} in [{label(most)}] are too far apart to solve together"
    return [Violation(table, label(least), column.name, problem, f"a ratio of at most {WIDEST_RANGE:g}")]


def text_problem(value: object) -> str:
    """Return why a value is not a name; empty if it is one."""
    if is_missing(value):
        return "missing"
    if (
        isinstance(value, (int, np.integer))
        and not isinstance(value, (bool, np.timedelta64))
        and abs(int(value)) < 2**64
    ):
        return ""
    if not isinstance(value, str):
        return f"{show(value)} is not text"
    if not value.strip():
        return "empty"
    if value != value.strip():
        return f"{show(value)} starts or ends with a blank"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        return f"{show(value)} holds a control character or half a character"
    return ""


def _clean_text(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    if (repeated := _repeated_names(series)) is not None:
        return repeated, []
    violations: list[Violation] = []
    known_good: set[str] = set()
    values: list[str | None] = []
    for row, item in enumerate(series):
        if type(item) is str and item in known_good:
            values.append(item)
            continue
        problem = text_problem(item)
        if not problem:
            known_good.add(str(item))
        elif problem != "missing" or column.default is REQUIRED:
            advised = f"{problem}: write {meaning(column)}" if problem in ("missing", "empty") else problem
            violations.append(Violation(table, label(row), column.name, advised, column.allowed))
        values.append(None if problem else str(item))
    return values, violations


def _repeated_names(series: pd.Series) -> np.ndarray | None:
    """Return a long column of few names as it is, each name one object; None if it is anything else.

    A demand over a year repeats its names millions of times.
    """
    if len(series) < _LONG or not (series.dtype == object or isinstance(series.dtype, pd.StringDtype)):
        return None
    try:
        codes, names = pd.factorize(series)
    except TypeError:  # a value that cannot be hashed
        return None
    if codes.min() >= 0 and all(type(name) is str and not text_problem(name) for name in names):
        return np.asarray(names, dtype=object)[codes]
    return None


def _list_problem(name: str) -> str:
    """Return why a name is probably several names in one; empty if it is a single name."""
    sign = next((sign for sign in "|,;" if sign in name), "")
    return f"{show(name)} holds {sign!r}: separate names by '|', as in EU|CH, or give a list of names" if sign else ""


def _clean_names(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    """Clean a column of sets of names: collections of texts, or one text with names separated by '|'."""
    values: list[tuple[str, ...] | None] = []
    violations: list[Violation] = []
    for row, item in enumerate(series):
        if is_missing(item):
            values.append(None)
            if column.default is REQUIRED:
                advised = f"missing: write {meaning(column)}"
                violations.append(Violation(table, label(row), column.name, advised, column.allowed))
            continue
        names = item.split("|") if isinstance(item, str) else item
        if not isinstance(names, (list, tuple, set, frozenset)):
            problem = f"{show(item)} is not a collection of names"
        elif not names:
            problem = "empty: nothing is allowed"
        else:
            problem = next((text for text in map(text_problem, names) if text), "")
            problem = problem or next(filter(None, (_list_problem(str(name)) for name in names)), "")
        if problem:
            violations.append(Violation(table, label(row), column.name, problem, column.allowed))
            values.append(None)
        else:
            values.append(tuple(sorted({str(name) for name in names})))
    return values, violations


_CLEANERS = {
    Kind.NUMBER: clean_numbers,
    Kind.WHOLE: clean_numbers,
    Kind.TEXT: _clean_text,
    Kind.NAMES: _clean_names,
}


def clean_column(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    """Return the values of a column, None or NaN where they have a defect, and the defects.

    Parameters
    ----------
    series : Series
        The cells as they were given.
    table : str
        Name of the table, for the violations.
    label : callable
        From the position of a row to its label.
    """
    return _CLEANERS[column.kind](series, column, table, label)
