"""What-if changes of columns: values set, or multiplied by a factor, in all rows, in some rows or in some hours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, collected, refuse
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.schema import HOURS_TABLES, TABLES
from placer.instance.attributes.synonyms import meant, nearest_name, perhaps
from placer.instance.attributes.validation import is_missing, number_problem, show
from placer.instance.changes.chosen_rows import Tables, Where, chosen_rows, listed
from placer.instance.hours.by_hour import times
from placer.utils.arrays import BoolArray, FloatArray

_NUMBERS = (Kind.NUMBER, Kind.HOURLY)


@dataclass(frozen=True, eq=False)
class _Place:
    """A column, and the rows and hours of it that change.

    Attributes
    ----------
    rows : array of bool (rows,)
    hours : array of bool (hours,) or None
        None for all hours, or where rows are hours.
    """

    table: Table
    column: Column
    rows: BoolArray
    hours: BoolArray | None

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name

    def problem(self, problem: str, allowed: str) -> Violation:
        """Return a violation of the column."""
        return Violation(self.name, "", self.column.name, problem, allowed)


def column_of(key: str, kinds: tuple[Kind, ...] = _NUMBERS) -> tuple[Table, Column]:
    """Return the table and the column of ``table.column``.

    Parameters
    ----------
    kinds : tuple of Kind
        Kinds of columns that are meant; no column of a key that is text is among them.

    Raises
    ------
    InstanceError
        If there is no such column.
    """
    name, _, column = key.partition(".")
    if name not in TABLES:
        near = HOURS_TABLES[name][1].name if name in HOURS_TABLES else nearest_name(name, tuple(TABLES))
        allowed = f"perhaps {near}" if near else ", ".join(TABLES)
        raise InstanceError([Violation(key, "", "", f"no table {show(name)}", allowed)])
    table = TABLES[name]
    can_change = [each for each in table.columns if each.kind in _NUMBERS or each.name not in table.key]
    known = {each.name: each for each in can_change if each.kind in kinds}
    if column not in known:
        near = meant(column, tuple(known)) or nearest_name(column, tuple(known))
        allowed = perhaps(column, near) if near else ", ".join(known)
        what = "of numbers" if kinds == _NUMBERS else "to change"
        raise InstanceError([Violation(name, "", column, f"no such column {what}", allowed)])
    return table, known[column]


def scaled_columns(
    tables: Tables, columns: str | Iterable[str], factor: float, where: Where | None, *, directed: bool
) -> dict[str, pd.DataFrame]:
    """Return the tables with columns multiplied by a factor; see ``Instance.scaled``."""
    violations: list[Violation] = []
    places: list[_Place] = []
    for key in dict.fromkeys(map(str, listed(columns))):
        place = collected(violations, partial(_place, tables, key, where, _NUMBERS, directed=directed))
        if place is not None:
            places.append(place)
            violations += _factor_problems(place, tables, factor)
    refuse(violations)
    if not places:
        raise ArgumentError("no column to multiply; name one, such as power_zones.usd_per_mwh")
    if not any(np.isfinite(_values(place, tables)).any() for place in places):
        problem = "nothing to multiply: no value is given, or all are unlimited"
        raise InstanceError(place.problem(problem, "a column with values") for place in places)
    changed: dict[str, pd.DataFrame] = {}
    for place in places:
        frame = changed.get(place.name, tables[place.name])
        cells = _scaled_cells(place, frame[place.column.name], float(factor))
        changed[place.name] = frame.assign(**{place.column.name: cells})
    return changed


def _factor_problems(place: _Place, tables: Tables, factor: float) -> list[Violation]:
    """Return why a column cannot be multiplied by a factor."""
    allowed = Column("", low=0.0 if place.column.low >= 0 else -math.inf, scaled=False)
    if problem := number_problem(factor, allowed):
        return [place.problem(f"factor: {problem}", allowed.allowed)]
    if factor == 0 and np.isinf(_values(place, tables)).any():
        return [place.problem("unlimited values cannot be multiplied by 0", "a factor > 0")]
    return []


def _values(place: _Place, tables: Tables) -> FloatArray:
    """Return all values of the rows that change, NaN where none is given."""
    cells = tables[place.name][place.column.name][place.rows]
    return cells.to_numpy() if cells.dtype == float else np.concatenate([[], *map(np.ravel, cells)]).astype(float)


def _scaled_cells(place: _Place, cells: pd.Series, factor: float) -> pd.Series:
    if place.hours is None:
        return times(cells, np.where(place.rows, factor, 1.0))
    return _hours_changed(place.rows, place.hours, cells, lambda values: values * factor)


def column_with_value(
    tables: Tables, key: str, value: object, where: Where | None, *, directed: bool
) -> dict[str, pd.DataFrame]:
    """Return the table with one value in a column; see ``Instance.with_value``."""
    violations: list[Violation] = []
    place = collected(violations, partial(_place, tables, key, where, tuple(Kind), directed=directed))
    if place is None:
        place = collected([], partial(_place, tables, key, None, tuple(Kind), directed=directed))
    if place is not None and (problem := _value_problem(place, value)):
        violations.append(place.problem(problem, place.column.allowed))
    if violations or place is None:
        raise InstanceError(violations)
    frame = tables[place.name]
    cells = frame[place.column.name]
    if place.hours is None:
        values = [value if row else cell for row, cell in zip(place.rows, cells, strict=True)]
        cells = pd.Series(values, cells.index, dtype=object)
    else:
        cells = _hours_changed(place.rows, place.hours, cells, lambda values: np.full_like(values, value))
    return {place.name: frame.assign(**{place.column.name: cells})}


def _value_problem(place: _Place, value: object) -> str:
    """Return why a column cannot hold a value; values of several hours are left to the checks of the instance."""
    if is_missing(value):
        return "missing"
    by_hour = isinstance(value, Iterable) and not isinstance(value, str)
    if place.column.kind not in _NUMBERS or (place.column.kind is Kind.HOURLY and by_hour and place.hours is None):
        return ""
    return number_problem(value, place.column)


def _hours_changed(
    rows: BoolArray, hours: BoolArray, cells: pd.Series, change: Callable[[FloatArray], FloatArray]
) -> pd.Series:
    """Return the cells of an hourly column with some hours of some rows changed."""
    changed = [
        tuple(np.where(hours, change(values), values).tolist()) if row else cell
        for row, cell in zip(rows, cells, strict=True)
        for values in (np.broadcast_to(np.asarray(cell, dtype=float), hours.shape),)
    ]
    return pd.Series(changed, cells.index, dtype=object)


def _place(tables: Tables, key: str, where: Where | None, kinds: tuple[Kind, ...], *, directed: bool) -> _Place:
    """Return a column, and the rows and hours of it that change."""
    table, column = column_of(key, kinds)
    return _Place(table, column, *chosen_rows(tables, table, column, where, directed=directed))
