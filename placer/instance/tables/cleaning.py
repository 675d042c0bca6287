"""Check one table against its schema: return clean values, or name every defect.

An unknown column is an error if it probably stands for a known column that is absent, belongs to another kind of
node or edge, or is in a table whose columns are closed. Every other unknown column is kept unchanged, and
``placer.check`` lists it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import REQUIRED, Column, Kind, Table
from placer.instance.attributes.meanings import meaning
from placer.instance.attributes.schema import ANYWHERE, EDGE_TABLES, NODE_TABLES
from placer.instance.attributes.synonyms import meant, nearest_or_all, perhaps
from placer.instance.attributes.validation import clean_column, is_missing, show, text_problem, truncated
from placer.instance.hours.by_hour import clean_hourly
from placer.instance.hours.horizon import clean_hours
from placer.instance.hours.timestamps import short_text
from placer.utils.arrays import AnyArray, BoolArray

#: Figures of a file that add up to a whole may miss it by this part, since files round: shares to 1, hours to a day or
#: a year. Shares are then normalised.
FILE_ROUNDING = 1e-6
_CLEANERS = {Kind.HOURLY: clean_hourly, Kind.HOUR: clean_hours}


def tabulate(rows: Iterable[Mapping[str, object]], table: Table) -> pd.DataFrame:
    """Lay records out as a table of all columns that they name; a value that a record lacks is missing."""
    records = list(rows)
    names = dict.fromkeys(name for record in records for name in record) if records else table.names
    return pd.DataFrame({name: pd.Series([record.get(name) for record in records], dtype=object) for name in names})


def _kept(values: AnyArray) -> pd.Series:
    """Return an unknown column unchanged, as objects where needed: Arrow texts cannot hold lone surrogates."""
    try:
        return pd.Series(values)
    except UnicodeEncodeError:
        return pd.Series(values, dtype=object)


def clean(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[Violation]]:
    """Return the table with exact types and all its columns, and the list of its defects.

    Absent columns and missing cells get their default. Unknown columns are kept unchanged at the end. Rows keep their
    order and get a fresh index. The table holds None or NaN in place of a value with a defect.
    """
    frame = with_key(frame, table)
    violations = _check_headers(frame, table)
    count = len(frame)
    label = _row_label(frame, table)
    columns: dict[str, Any] = {}
    for column in table.columns:
        given = frame.get(column.name)
        if isinstance(given, pd.Series):
            values, found = _CLEANERS.get(column.kind, clean_column)(given, column, table.name, label)
            violations += found
        elif column.default is REQUIRED:
            values = [None] * count
        else:
            values = [column.default] * count
        columns[column.name] = _typed(values, column)
    if not violations:
        columns |= {str(name): _kept(frame[name].to_numpy()) for name in frame.columns if name not in columns}
    result = pd.DataFrame(columns, index=pd.RangeIndex(count))
    return result, violations + (_check_duplicates(result, table) if table.unique else [])


def slips(names: Iterable[object], table: Table) -> dict[str, str]:
    """Return the unknown names that are probably misspelt, each with the absent known name that was meant."""
    given = [str(name) for name in names]
    absent = tuple(name for name in table.names if name not in given)
    found = {name: meant(name, absent) for name in given if name not in table.names}
    return {name: intended for name, intended in found.items() if intended}


def misnamed(names: Iterable[object], table: Table, place: tuple[str, str], what: str) -> list[Violation]:
    """Return a violation for every unknown name whose values placer would wrongly ignore.

    Such a name is a misspelling or synonym of an absent known name, or an attribute of another kind of node or edge.
    placer ignores all other unknown names.

    Parameters
    ----------
    names : iterable
        Names of the columns of a table, or of the attributes of a node or edge.
    place : (str, str)
        Table and row of the violations.
    what : str
        ``column`` or ``attribute``.
    """
    given = [str(name) for name in names]
    slip, owners, violations = slips(given, table), _owners(table), []
    for name in given:
        if name in table.names:
            continue
        if intended := slip.get(name):
            violations.append(Violation(*place, name, f"unknown {what}", perhaps(name, intended)))
        elif owner := owners.get(name):
            violations.append(Violation(*place, name, "does not belong here", f"on a {owner} only"))
        elif table.closed and name.strip() and name not in ANYWHERE:
            violations.append(Violation(*place, name, f"unknown {what}", nearest_or_all(name, table.names)))
    return violations


def _owners(table: Table) -> dict[str, str]:
    """Return the attributes of other kinds of nodes, or of edges, that a table does not have."""
    for kinds in (NODE_TABLES, EDGE_TABLES):
        if table in kinds.values():
            harmless = ANYWHERE if kinds is NODE_TABLES else frozenset()
            keys = {name for other in kinds.values() for name in other.key}
            return {
                name: kind
                for kind, other in reversed(kinds.items())
                for name in other.names
                if name not in harmless and name not in table.names and name not in keys
            }
    return {}


def with_key(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return a table with its key as columns.

    The key may stand in the index, as pandas users often keep it, or, where it is one column, under ``name``. A level
    of timestamps in the index, of any name, is the hour.
    """
    if named_by(frame, table):
        key = table.key[0]
        frame = frame.rename(columns={"name": key}) if "name" in frame else frame.rename_axis(index={"name": key})
    if "hour" in table.key and "hour" not in (*frame.columns, *frame.index.names):
        frame = frame.set_axis(_with_hour(frame.index))
    in_index = [name for name in frame.index.names if name in table.key and name not in frame.columns]
    return (frame.reset_index(level=in_index) if in_index else frame).reset_index(drop=True)


def _with_hour(index: pd.Index) -> pd.Index:
    """Return an index whose level of timestamps, if it is the only one, is named ``hour``."""
    stamped = [isinstance(index.get_level_values(place), pd.DatetimeIndex) for place in range(index.nlevels)]
    if sum(stamped) != 1:
        return index
    return index.set_names("hour") if index.nlevels == 1 else index.set_names("hour", level=stamped.index(True))


def named_by(frame: pd.DataFrame, table: Table) -> bool:
    """Whether a column ``name`` stands for the key of a table."""
    names = [*map(str, frame.columns), *map(str, frame.index.names)]
    return len(table.key) == 1 and table.key[0] not in names and names.count("name") == 1


def _check_headers(frame: pd.DataFrame, table: Table) -> list[Violation]:
    violations = []
    headers = [str(name) for name in frame.columns]
    for name in dict.fromkeys(headers):
        if headers.count(name) > 1:
            violations.append(Violation(table.name, "", name, "column given twice", "once"))
        if not name.strip():
            violations.append(Violation(table.name, "", show(name), "a column without a name", "a name"))
    violations += misnamed(headers, table, (table.name, ""), "column")
    required = [column for column in table.columns if column.default is REQUIRED and column.name not in headers]
    violations += [
        Violation(table.name, "", column.name, f"column missing: write {meaning(column)}", column.allowed)
        for column in required
    ]
    return violations


def _row_label(frame: pd.DataFrame, table: Table) -> Callable[[int], str]:
    """Return the label of a row: its key, or its number where the key identifies no row."""

    @cache  # few tables have defects: only those look for their keys
    def keys() -> list[pd.Series]:
        return [frame[name] for name in table.key if name in frame and frame[name].ndim == 1]

    def label(row: int) -> str:
        parts = [key.iloc[[row]].tolist()[0] for key in keys()]
        if parts and all(map(_can_name, parts)):
            return truncated("|".join(map(short_text, parts)))
        return f"row {row + 1}"

    return label


def _can_name(part: object) -> bool:
    """Whether a value of a key can name its row in a message."""
    if isinstance(part, float):
        return math.isfinite(part)
    return (isinstance(part, datetime) and not is_missing(part)) or not text_problem(part)


def _check_duplicates(frame: pd.DataFrame, table: Table) -> list[Violation]:
    if len(frame) <= 1:
        return []
    is_repeated = _repeats(frame, table.key)
    if not is_repeated.any():
        return []
    rows = frame.loc[is_repeated, list(table.key)].itertuples(index=False)
    return [Violation(table.name, "|".join(map(short_text, row)), "", "given twice", table.once) for row in rows]


def _repeats(frame: pd.DataFrame, key: tuple[str, ...]) -> BoolArray:
    """Mark the rows whose key an earlier row has; a key without one of its parts repeats nothing (rows,).

    Keys are compared as whole numbers, which take a fifth of the memory of the keys of a year's demand; as they are
    where these numbers would be too large.
    """
    total, combined, complete = 1, np.zeros(len(frame), dtype=np.int64), np.ones(len(frame), dtype=bool)
    for name in key:
        codes, values = pd.factorize(frame[name])
        complete &= codes >= 0
        total *= max(len(values), 1)
        if total > np.iinfo(np.int64).max:
            keys = frame[list(key)]
            return keys.duplicated().to_numpy() & keys.notna().all(axis=1).to_numpy()
        combined *= len(values)
        combined += codes
    repeats = np.zeros(len(frame), dtype=bool)
    repeats[complete] = pd.Series(combined[complete]).duplicated()
    return repeats


def _typed(values: Any, column: Column) -> Any:
    """Give a column its storage type: floats, whole numbers, or Python objects."""
    if column.kind is Kind.HOUR and isinstance(values, pd.Series):
        return values
    by_hour = column.kind is Kind.HOURLY and not all(isinstance(value, float) for value in values)
    if column.kind in (Kind.TEXT, Kind.NAMES) or by_hour:
        return pd.Series(values if isinstance(values, np.ndarray) else list(values), dtype=object)
    numbers_ = np.array(
        [math.nan if value is None else value for value in values] if isinstance(values, list) else values
    )
    if column.kind in (Kind.WHOLE, Kind.HOUR) and np.isfinite(numbers_.astype(float)).all():
        return numbers_.astype(np.int64)
    return numbers_.astype(float)
