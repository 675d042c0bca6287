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
    from collections.abc import Iterable, Mapping, Sequence

#: Longest text of a value repeated in a message.
_SHOWN_CHARACTERS = 40


def tabulate(rows: Iterable[Mapping[str, object]], table: Table) -> pd.DataFrame:
    """Lay records out as a table, giving absent attributes their default; unknown ones become columns too."""
    records = list(rows)
    known = {column.name: column for column in table.columns}
    names = list(dict.fromkeys([*known, *(name for record in records for name in record)]))
    absent_required = {
        name
        for name, column in known.items()
        if column.default is REQUIRED and not any(name in record for record in records)
    }
    columns: dict[str, list[object]] = {}
    for name in names:
        if name in absent_required and records:
            continue
        default = known[name].default if name in known else None
        columns[name] = [record.get(name, default) for record in records]
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def clean(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[Violation]]:
    """Return the table with exact types and all its columns, and the list of its defects.

    Columns that are absent get their default; columns placer does not know are kept at the end, as they are.
    Rows keep their order and get a fresh index. The returned table is fit for use only if there is no defect.
    """
    frame = _key_as_columns(frame, table)
    violations = _check_headers(frame, table)
    count = len(frame)
    labels = _row_labels(frame, table)
    columns: dict[str, Any] = {}
    for column in table.columns:
        if column.name in frame and not isinstance(frame[column.name], pd.DataFrame):
            values, found = _CLEANERS[column.kind](frame[column.name], column, table.name, labels)
            violations += found
        elif column.default is REQUIRED:
            values = [None] * count
        else:
            values = [column.default] * count
        columns[column.name] = _typed(values, column)
    result = pd.DataFrame(columns, index=pd.RangeIndex(count))
    if table.unique and not violations:
        violations += _check_duplicates(result, table)
    for name in frame.columns:
        if name not in columns:
            result[name] = frame[name].to_numpy()
    return result, violations


def show(value: object) -> str:
    """Return a value as a message prints it: short, and with its kind visible."""
    text = repr(value)
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
        if name not in table.names and (intended := meant(name, table.names)) and intended not in headers:
            violations.append(Violation(table.name, "", name, "unknown column", f"perhaps {intended}"))
    required = [column for column in table.columns if column.default is REQUIRED and column.name not in headers]
    violations += [Violation(table.name, "", column.name, "column missing", column.allowed) for column in required]
    return violations


def _row_labels(frame: pd.DataFrame, table: Table) -> Sequence[str]:
    """Name each row by its key, or by its number where the key is missing. Made only when asked for."""
    keys = [frame[name].tolist() for name in table.key if name in frame and frame[name].ndim == 1]

    class Labels:
        def __getitem__(self, row: int) -> str:
            parts = [key[row] for key in keys]
            if not parts or any(part is None or part == "" or part != part for part in parts):  # noqa: PLR0124 - NaN
                return f"row {row + 1}"
            text = "|".join(str(part) for part in parts)
            return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."

    return Labels()  # type: ignore[return-value]


def _check_duplicates(frame: pd.DataFrame, table: Table) -> list[Violation]:
    key = list(table.key)
    repeated = frame[frame.duplicated(key)]
    rows = ("|".join(str(part) for part in row) for row in repeated[key].itertuples(index=False))
    return [Violation(table.name, row, "", "given twice", "once") for row in rows]


def _number_problem(value: object) -> str:
    """Say what keeps a value from being a number; empty if nothing does."""
    if value is None or value is pd.NA or value is pd.NaT:
        return "missing"
    if isinstance(value, (bool, np.bool_)):
        return f"{show(value)} is a truth value"
    if isinstance(value, str):
        return f"{show(value)} is text"
    if not isinstance(value, numbers.Real):
        return f"{show(value)} is not a number"
    return "NaN" if math.isnan(value) else ""


def _as_float(value: Any) -> float:
    """Return a number as a float; a whole number too large for one becomes infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def _range_problem(value: float, column: Column) -> str:
    if not column.admits(value):
        return f"{value:g} is out of range"
    if column.scaled and math.isfinite(value) and value and not SMALLEST <= abs(value) < LARGEST:
        return f"{value:g} is taken for nothing or infinity by solvers (limits {SMALLEST:g} and {LARGEST:g})"
    return ""


def _clean_numbers(series: pd.Series, column: Column, table: str, labels: Sequence[str]) -> tuple[Any, list[Violation]]:
    whole = column.kind is Kind.WHOLE
    violations: list[Violation] = []
    if series.dtype.kind in "iuf":
        values = series.to_numpy(dtype=float, copy=True)
        suspects = np.flatnonzero(~_plainly_fine(values, column, whole=whole))
    else:
        values = np.full(len(series), math.nan)
        suspects = np.arange(len(series), dtype=np.intp)
    items = series.to_numpy()
    for row in suspects.tolist():
        item = items[row]
        problem = _number_problem(item)
        if column.default is None and problem in ("missing", "NaN"):
            continue
        if not problem:
            values[row] = _as_float(item)
            problem = _range_problem(values[row], column)
            if whole and not problem and values[row] != math.floor(values[row]):
                problem = f"{values[row]:g} is not whole"
        if problem:
            violations.append(Violation(table, labels[row], column.name, problem, column.allowed))
    if not violations:
        violations += _check_magnitudes(values, column, table, labels)
    return values, violations


def _plainly_fine(values: np.ndarray, column: Column, *, whole: bool) -> np.ndarray:
    """Mark the values that need no closer look."""
    size = np.abs(values)
    fine = np.isfinite(values) & (values > column.low if column.low_open else values >= column.low)
    fine &= values < column.high if column.high_open else values <= column.high
    if column.scaled:
        fine &= (values == 0) | ((size >= SMALLEST) & (size < LARGEST))
    return fine & (values == np.floor(values)) if whole else fine


def _check_magnitudes(values: np.ndarray, column: Column, table: str, labels: Sequence[str]) -> list[Violation]:
    """Refuse a column whose values are too far apart for one linear program."""
    size = np.abs(values)
    rows = np.flatnonzero(np.isfinite(size) & (size > 0))
    if not column.scaled or rows.size < 2:
        return []
    least, most = int(rows[size[rows].argmin()]), int(rows[size[rows].argmax()])
    if size[most] <= WIDEST_RANGE * size[least]:
        return []
    problem = f"{values[least]:g} here and {values[most]:g} in [{labels[most]}] are too far apart to solve together"
    return [Violation(table, labels[least], column.name, problem, f"a ratio of at most {WIDEST_RANGE:g}")]


def _clean_hourly(series: pd.Series, column: Column, table: str, labels: Sequence[str]) -> tuple[Any, list[Violation]]:
    """Each value is one number for all hours, or a sequence with one number per hour."""
    cleaned: list[object] = []
    violations: list[Violation] = []
    for row, item in enumerate(series):
        if isinstance(item, (str, bytes)) or not hasattr(item, "__len__"):
            values, found = _clean_numbers(pd.Series([item], dtype=object), column, table, [labels[row]])
            cleaned.append(float(values[0]))
        elif isinstance(item, (dict, set, frozenset)):
            cleaned.append(math.nan)
            found = [Violation(table, labels[row], column.name, f"{show(item)} has no order", column.allowed)]
        else:
            hours = [f"{labels[row]}, hour {hour}" for hour in range(len(item))]
            values, found = _clean_numbers(pd.Series(list(item), dtype=object), column, table, hours)
            cleaned.append(tuple(values.tolist()))
        violations += found
    return cleaned, violations


def _text_problem(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_)):
        return ""
    if not isinstance(value, str):
        return f"{show(value)} is not text"
    if not value.strip():
        return "empty"
    if value != value.strip():
        return f"{show(value)} starts or ends with a blank"
    if any(unicodedata.category(character) == "Cc" for character in value):
        return f"{show(value)} holds a control character"
    return ""


def _clean_text(series: pd.Series, column: Column, table: str, labels: Sequence[str]) -> tuple[Any, list[Violation]]:
    violations: list[Violation] = []
    known_good: set[str] = set()
    values: list[str | None] = []
    for row, item in enumerate(series):
        if type(item) is str and item in known_good:
            values.append(item)
            continue
        problem = _text_problem(item)
        if problem == "missing" and column.default is None:
            values.append(None)
            continue
        if problem:
            violations.append(Violation(table, labels[row], column.name, problem, column.allowed))
        else:
            known_good.add(str(item))
        values.append(str(item))
    return values, violations


def _clean_names(series: pd.Series, column: Column, table: str, labels: Sequence[str]) -> tuple[Any, list[Violation]]:
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
        if problem:
            violations.append(Violation(table, labels[row], column.name, problem, column.allowed))
            values.append(None)
        else:
            values.append(tuple(sorted(str(name) for name in names)))
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
