"""Check one table against its schema: the values come out clean, or every defect is named.

Nothing is converted that could be a mistake: text is not a number, True is not 1, NaN is not absent.
"""

from __future__ import annotations

import math
import numbers
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.schema import LARGEST, REQUIRED, SMALLEST, WIDEST_RANGE, Column, Kind, Table, meant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: Longest text of a value repeated in a message.
_SHOWN_CHARACTERS = 40


def tabulate(rows: Iterable[Mapping[str, object]], table: Table) -> pd.DataFrame:
    """Lay records out as a table of the columns they name, unknown ones too, with defaults where a record lacks one."""
    records = list(rows)
    names = dict.fromkeys(name for record in records for name in record) if records else table.names
    default = {column.name: column.default for column in table.columns if column.default is not REQUIRED}
    return pd.DataFrame(
        {name: pd.Series([record.get(name, default.get(name)) for record in records], dtype=object) for name in names}
    )


def _kept(values: np.ndarray) -> pd.Series:
    """Return the column of an attribute placer does not know, as it is: Arrow's texts hold no half characters."""
    try:
        return pd.Series(values)
    except UnicodeEncodeError:
        return pd.Series(values, dtype=object)


def clean(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[Violation]]:
    """Return the table with exact types and all its columns, and the list of its defects.

    Columns that are absent get their default; columns placer does not know are kept at the end, as they are.
    Rows keep their order and get a fresh index. The returned table is fit for use only if there is no defect.
    """
    frame = _key_as_columns(frame, table)
    violations = _check_headers(frame, table)
    count = len(frame)
    label = _row_label(frame, table)
    columns: dict[str, Any] = {}
    for column in table.columns:
        if column.name in frame and not isinstance(frame[column.name], pd.DataFrame):
            values, found = _CLEANERS[column.kind](frame[column.name], column, table.name, label)
            violations += found
        elif column.default is REQUIRED:
            values = [None] * count
        else:
            values = [column.default] * count
        columns[column.name] = _typed(values, column)
    if not violations:
        columns |= {str(name): _kept(frame[name].to_numpy()) for name in frame.columns if name not in columns}
    result = pd.DataFrame(columns, index=pd.RangeIndex(count))
    if table.unique and not violations:
        violations = _check_duplicates(result, table)
    return result, violations


def slips(names: Iterable[object], table: Table) -> dict[str, str]:
    """Return the unknown names that are probably slips, each with the known name that was meant and is not there."""
    given = [str(name) for name in names]
    absent = tuple(name for name in table.names if name not in given)
    found = {name: meant(name, absent) for name in given if name not in table.names}
    return {name: intended for name, intended in found.items() if intended}


def show(value: object) -> str:
    """Return a value as a message prints it: short, on one line, and with its kind visible."""
    try:
        text = repr(value).replace("\n", " ")
    except ValueError:  # Python does not print whole numbers of more than 4300 digits
        text = f"a huge {type(value).__name__}"
    return _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def _key_as_columns(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Accept a table whose key stands in the index, as pandas users often keep it."""
    in_index = [name for name in frame.index.names if name in table.key and name not in frame.columns]
    return (frame.reset_index(level=in_index) if in_index else frame).reset_index(drop=True)


def _check_headers(frame: pd.DataFrame, table: Table) -> list[Violation]:
    violations = []
    headers = [str(name) for name in frame.columns]
    for name in dict.fromkeys(headers):
        if headers.count(name) > 1:
            violations.append(Violation(table.name, "", name, "column given twice", "once"))
        if not name.strip():
            violations.append(Violation(table.name, "", show(name), "a column without a name", "a name"))
    violations += [
        Violation(table.name, "", name, "unknown column", f"perhaps {intended}")
        for name, intended in slips(headers, table).items()
    ]
    required = [column for column in table.columns if column.default is REQUIRED and column.name not in headers]
    violations += [Violation(table.name, "", column.name, "column missing", column.allowed) for column in required]
    return violations


def _row_label(frame: pd.DataFrame, table: Table) -> Callable[[int], str]:
    """Return what names a row: its key, or its number where the key does not serve."""
    keys = [frame[name].tolist() for name in table.key if name in frame and frame[name].ndim == 1]

    def label(row: int) -> str:
        parts = [key[row] for key in keys]
        if parts and all(math.isfinite(part) if isinstance(part, float) else not _text_problem(part) for part in parts):
            return _shortened("|".join(str(part) for part in parts))
        return f"row {row + 1}"

    return label


def _check_duplicates(frame: pd.DataFrame, table: Table) -> list[Violation]:
    key = list(table.key)
    repeated = frame[frame.duplicated(key)]
    rows = ("|".join(str(part) for part in row) for row in repeated[key].itertuples(index=False))
    return [Violation(table.name, row, "", "given twice", "once") for row in rows]


def _kind_problem(value: object) -> str:
    """Say what keeps a value from being a number; empty if nothing does."""
    if value is None or value is pd.NA or value is pd.NaT:
        return "missing"
    if isinstance(value, (bool, np.bool_)):
        return f"{show(value)} is a truth value"
    if isinstance(value, str):
        return f"{show(value)} is text"
    if not isinstance(value, numbers.Real) or isinstance(value, np.timedelta64):
        return f"{show(value)} is not a number"
    try:
        return "NaN" if math.isnan(value) else ""
    except OverflowError:
        return f"{show(value)} is out of range"


def _range_problem(value: float, column: Column) -> str:
    if not column.admits(value):
        return f"{value:g} is out of range"
    if column.scaled and math.isfinite(value) and value and not SMALLEST <= abs(value) < LARGEST:
        return f"{value:g} is taken for nothing or infinity by solvers (limits {SMALLEST:g} and {LARGEST:g})"
    if column.kind is Kind.WHOLE and value != math.floor(value):
        return f"{value:g} is not whole"
    return ""


def number_problem(value: Any, column: Column) -> str:
    """Say what keeps a value out of a column of numbers; empty if nothing does."""
    return _kind_problem(value) or _range_problem(float(value), column)


def _clean_numbers(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    violations: list[Violation] = []
    if series.dtype.kind in "iuf":
        values = series.to_numpy(dtype=float, copy=True)
        suspects = np.flatnonzero(~_plainly_fine(values, column))
    else:
        values = np.full(len(series), math.nan)
        suspects = np.arange(len(series), dtype=np.intp)
    items = series.to_numpy()
    for row in suspects.tolist():
        problem = number_problem(items[row], column)
        if column.default is None and problem in ("missing", "NaN"):
            continue
        if problem:
            violations.append(Violation(table, label(row), column.name, problem, column.allowed))
        else:
            values[row] = float(items[row])
    if not violations:
        violations += _check_magnitudes(values, column, table, label)
    return values, violations


def _plainly_fine(values: np.ndarray, column: Column) -> np.ndarray:
    """Mark the values that need no closer look."""
    size = np.abs(values)
    fine = np.isfinite(values) & (values > column.low if column.low_open else values >= column.low)
    fine &= values < column.high if column.high_open else values <= column.high
    if column.scaled:
        fine &= (values == 0) | ((size >= SMALLEST) & (size < LARGEST))
    return fine & (values == np.floor(values)) if column.kind is Kind.WHOLE else fine


def _check_magnitudes(values: np.ndarray, column: Column, table: str, label: Callable[[int], str]) -> list[Violation]:
    """Refuse a column whose values are too far apart for one linear program."""
    size = np.abs(values)
    rows = np.flatnonzero(np.isfinite(size) & (size > 0))
    if not column.scaled or rows.size < 2:
        return []
    least, most = int(rows[size[rows].argmin()]), int(rows[size[rows].argmax()])
    if size[most] <= WIDEST_RANGE * size[least]:
        return []
    problem = f"{values[least]:g} here and {values[most]:g} in [{label(most)}] are too far apart to solve together"
    return [Violation(table, label(least), column.name, problem, f"a ratio of at most {WIDEST_RANGE:g}")]


def _clean_hourly(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    """Each value is one number for all hours, or a sequence with one number per hour."""
    items = [list(item) if _is_sequence(item) else item for item in series]
    flat = [value for item in items for value in (item if isinstance(item, list) else [item])]
    ends = np.cumsum([len(item) if isinstance(item, list) else 1 for item in items], dtype=np.intp)

    def place(position: int) -> str:
        row = int(np.searchsorted(ends, position, side="right"))
        hours = items[row]
        return f"{label(row)}, hour {position - ends[row] + len(hours)}" if isinstance(hours, list) else label(row)

    numbers_, violations = _clean_numbers(pd.Series(flat, dtype=object), column, table, place)
    parts = np.split(numbers_, ends[:-1]) if items else []
    return [
        tuple(part.tolist()) if isinstance(item, list) else float(part[0])
        for item, part in zip(items, parts, strict=True)
    ], violations


def _is_sequence(value: object) -> bool:
    """Whether a value is an ordered collection of values: a list, tuple, range, one-dimensional array or series."""
    unordered = (str, bytes, dict, set, frozenset)
    return hasattr(value, "__len__") and not isinstance(value, unordered) and getattr(value, "ndim", 1) == 1


def _text_problem(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
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
    violations: list[Violation] = []
    known_good: set[str] = set()
    values: list[str | None] = []
    for row, item in enumerate(series):
        if type(item) is str and item in known_good:
            values.append(item)
            continue
        problem = _text_problem(item)
        if not problem:
            known_good.add(str(item))
        elif not (problem == "missing" and column.default is None):
            violations.append(Violation(table, label(row), column.name, problem, column.allowed))
        values.append(None if problem else str(item))
    return values, violations


def _clean_names(
    series: pd.Series, column: Column, table: str, label: Callable[[int], str]
) -> tuple[Any, list[Violation]]:
    """A set of names: any collection of texts, or one text with names separated by '|'."""
    values: list[tuple[str, ...] | None] = []
    violations: list[Violation] = []
    for row, item in enumerate(series):
        if _text_problem(item) == "missing":
            values.append(None)
            continue
        names = item.split("|") if isinstance(item, str) else item
        if not isinstance(names, (list, tuple, set, frozenset)):
            problem = f"{show(item)} is not a collection of names"
        elif not names:
            problem = "empty: nothing is allowed"
        else:
            problem = next((text for text in map(_text_problem, names) if text), "")
            problem = problem or next((f"{show(name)} holds '|'" for name in names if "|" in str(name)), "")
        if problem:
            violations.append(Violation(table, label(row), column.name, problem, column.allowed))
            values.append(None)
        else:
            values.append(tuple(sorted({str(name) for name in names})))
    return values, violations


_CLEANERS = {
    Kind.NUMBER: _clean_numbers,
    Kind.WHOLE: _clean_numbers,
    Kind.HOURLY: _clean_hourly,
    Kind.TEXT: _clean_text,
    Kind.NAMES: _clean_names,
}


def _typed(values: Any, column: Column) -> Any:
    """Give a column its storage type: floats, whole numbers, or Python objects."""
    if column.kind in (Kind.TEXT, Kind.NAMES, Kind.HOURLY):
        return pd.Series(list(values), dtype=object)
    numbers_ = np.array(
        [math.nan if value is None else value for value in values] if isinstance(values, list) else values
    )
    if column.kind is Kind.WHOLE and np.isfinite(numbers_.astype(float)).all():
        return numbers_.astype(np.int64)
    return numbers_.astype(float)
