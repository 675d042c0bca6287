"""Read the input of a model as own rows and own columns; one error names all violations.

Coefficients come in one of three forms: a Series for one row (index: columns, by position or own name), a table with
the columns ``row``, ``column`` and ``value``, or a matrix with one line per row and one entry per column of the model.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, issparse

from placer.errors import ArgumentError
from placer.extended.extension import OwnColumns, OwnRows
from placer.extended.given import (
    NUMBER,
    Defects,
    Names,
    Numbers,
    check_order,
    finite_problem,
    read_names,
    read_numbers,
    read_sides,
    read_truths,
)
from placer.instance.attributes.validation import show
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.solver_limits import LARGEST, SMALLEST

_TRIPLES = ("row", "column", "value")


def read_columns(
    name: Names, *, cost_usd: Numbers, lower: Numbers, upper: Numbers, integer: Any, taken: Iterable[str]
) -> OwnColumns:
    """Return own columns, or raise ``InstanceError`` with every violation.

    Parameters
    ----------
    name, cost_usd, lower, upper, integer
        See ``placer.Model.add_columns``.
    taken : iterable of str
        Names of the existing own columns.
    """
    defects = Defects("own columns")
    names = read_names(name, taken, defects)
    columns = OwnColumns(
        names=names,
        cost=read_numbers(cost_usd, names, "cost_usd", defects),
        lower=read_sides(lower, names, "lower", defects),
        upper=read_sides(upper, names, "upper", defects),
        integer=read_truths(integer, names, defects),
    )
    check_order(names, columns.lower, columns.upper, defects)
    for position in np.flatnonzero(columns.integer & (np.floor(columns.upper) < np.ceil(columns.lower))).tolist():
        if columns.lower[position] <= columns.upper[position]:
            defects.add(names[position], "integer", "no integer lies between its bounds", "wider bounds")
    defects.stop()
    return columns


def read_rows(
    coefficients: Any, name: Names | None, *, lower: Numbers, upper: Numbers, taken: Iterable[str], columns: Positions
) -> OwnRows:
    """Return own rows, or raise ``InstanceError`` with every violation.

    Parameters
    ----------
    coefficients, name, lower, upper
        See ``placer.Model.add_rows``.
    taken : iterable of str
        Names of the existing own rows.
    columns : Positions
        Of the columns of the model.
    """
    defects = Defects("own rows")
    if isinstance(coefficients, pd.DataFrame):
        names, entries = _triples(coefficients, name, columns, taken, defects)
    elif isinstance(coefficients, pd.Series):
        names = read_names(_needed(name, "a Series"), taken, defects)
        if len(names) > 1:
            defects.add("", "name", f"a Series is one row, and {len(names)} names are given", "one name")
        place = columns.of(coefficients.index, names[0] if names else "", defects)
        entries = _Entries(np.zeros(len(place), dtype=int), place, _values(coefficients, lambda _: names[0], defects))
    elif issparse(coefficients) or isinstance(coefficients, np.ndarray):
        names = read_names(_needed(name, "a matrix"), taken, defects)
        entries = _matrix_entries(coefficients, names, columns, defects)
    else:
        forms = "a Series by column, a table with row, column and value, or a sparse matrix"
        raise ArgumentError(f"expected {forms} as coefficients, not {show(coefficients)}")
    _check_entries(names, entries, defects)
    rows_lower, rows_upper = read_sides(lower, names, "lower", defects), read_sides(upper, names, "upper", defects)
    check_order(names, rows_lower, rows_upper, defects)
    for position in np.flatnonzero(np.isinf(rows_lower) & np.isinf(rows_upper)).tolist():
        defects.add(names[position], "lower, upper", "neither side is finite, so the row limits nothing", "a side")
    defects.stop()
    matrix = csr_array(coo_array((entries.value, (entries.row, entries.column)), shape=(len(names), columns.count)))
    matrix.eliminate_zeros()
    return OwnRows(names, matrix, rows_lower, rows_upper)


@dataclass(frozen=True)
class Positions:
    """The columns of a model, by position and by own name.

    Attributes
    ----------
    count : int
        All columns, own columns last.
    own : tuple of str
        Names of the own columns.
    """

    count: int
    own: tuple[str, ...]

    def of(self, index: pd.Index, row: str, defects: Defects) -> IntArray:
        """Return the positions of columns given by position or own name; -1 for an unknown column, which is noted."""
        first, named = self.count - len(self.own), {name: place for place, name in enumerate(self.own)}
        if pd.api.types.is_integer_dtype(index.dtype):
            place = index.to_numpy(dtype=np.int64)
            known = (place >= 0) & (place < self.count)
        else:
            found = [_position(item, self.count, first, named) for item in index]
            place = np.array(found, dtype=np.int64)
            known = place >= 0
        allowed = f"a position from 0 to {self.count - 1}, or the name of an own column"
        for item in index[~known].unique():
            defects.add(row, "column", f"{show(item)} is no column of the model", allowed)
        return np.where(known, place, -1)


@dataclass(frozen=True, eq=False)
class _Entries:
    """Entries of own rows: positions of rows and columns (-1 where unknown), and values."""

    row: IntArray
    column: IntArray
    value: FloatArray


def _position(item: object, count: int, first: int, named: Mapping[str, int]) -> int:
    """Return the position of one column, given by position or name; -1 if there is none."""
    if isinstance(item, str):
        return first + named[item] if item in named else -1
    if isinstance(item, numbers.Integral) and not isinstance(item, bool) and 0 <= int(item) < count:
        return int(item)
    return -1


def _needed(name: Names | None, what: str) -> Names:
    if name is None:
        raise ArgumentError(f'expected a name with {what}; write name="carbon" or name=["first", "second"]')
    return name


def _values(given: pd.Series, row_of: Any, defects: Defects) -> FloatArray:
    """Return coefficients as numbers; other values are noted and read as 0."""
    if given.dtype.kind in "iuf":
        values = given.to_numpy(dtype=float)
        size = np.abs(values)
        suspect = np.flatnonzero(~((size == 0) | ((size >= SMALLEST) & (size < LARGEST))))
    else:
        values, suspect = np.zeros(len(given)), np.arange(len(given))
    values = values.copy()
    for position in suspect.tolist():
        item = given.iloc[position]
        if problem := finite_problem(item):
            defects.add(row_of(position), f"column {given.index[position]}", problem, NUMBER)
            values[position] = 0.0
        else:
            values[position] = float(item)
    return values


def _triples(
    table: pd.DataFrame, name: Names | None, columns: Positions, taken: Iterable[str], defects: Defects
) -> tuple[tuple[str, ...], _Entries]:
    """Read a table with one entry per line; rows are numbered in order of first occurrence."""
    if name is not None:
        raise ArgumentError("a table names its rows in its column row; leave name out")
    if set(table.columns) != set(_TRIPLES):
        defects.add("", "", f"columns {', '.join(map(str, table.columns))}", f"the columns {', '.join(_TRIPLES)}")
        defects.stop()
    row, labels = pd.factorize(table["row"], use_na_sentinel=False)
    names = read_names(list(labels), taken, defects)
    place = columns.of(pd.Index(table["column"]), "", defects)
    value = pd.Series(table["value"].to_numpy(), index=table["column"].to_numpy())
    return names, _Entries(row, place, _values(value, lambda position: names[row[position]], defects))


def _matrix_entries(matrix: Any, names: tuple[str, ...], columns: Positions, defects: Defects) -> _Entries:
    if matrix.shape != (needed := (len(names), columns.count)):
        defects.add("", "", f"the matrix has shape {matrix.shape}", f"{needed}: names by columns of the model")
        defects.stop()
    entries = coo_array(matrix)
    row, column = entries.coords
    value = pd.Series(entries.data, index=column)
    return _Entries(row, column, _values(value, lambda position: names[row[position]], defects))


def _check_entries(names: tuple[str, ...], entries: _Entries, defects: Defects) -> None:
    """Note columns with two coefficients in a row, and rows without coefficients other than 0."""
    known = (entries.column >= 0) & (entries.value != 0)
    pairs = pd.DataFrame({"row": entries.row[known], "column": entries.column[known]})
    for row, column in pairs[pairs.duplicated()].drop_duplicates().itertuples(index=False):
        defects.add(names[row], f"column {column}", "given twice", "each column of a row once")
    acts = np.zeros(len(names), dtype=bool)
    acts[entries.row[entries.value != 0]] = True
    for position in np.flatnonzero(~acts).tolist():
        defects.add(names[position], "", "no coefficient differs from 0", "one or more")
