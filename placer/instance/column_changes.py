"""What-if changes of columns: values set, or multiplied by a factor, in all rows, in some rows or in some hours.

``where`` names the rows:

- a name or several names: the rows whose key holds one of them. In links and supplies, a pair (a tuple of two names)
  stands for what lies between the two;
- a mapping of columns to names: the rows that hold one of the names in each of these columns. ``hour`` takes hours of
  the demand, or a text of hours such as ``"17-20"`` (``placer.instance.hour_scopes``): it chooses rows of the demand,
  and hours of a column with values by the hour.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, collected
from placer.instance.by_hour import times
from placer.instance.columns import Kind
from placer.instance.horizon import hour_positions, hours_of, position_of
from placer.instance.hour_scopes import EACH, chosen_hours, hours_problem
from placer.instance.schema import HOURS_TABLES, TABLES
from placer.instance.synonyms import meant, nearest_name, perhaps
from placer.instance.validation import is_missing, number_problem, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.instance.columns import Column, Table
    from placer.utils.arrays import BoolArray, FloatArray

Tables = Mapping[str, pd.DataFrame]
#: The rows that a change is about: names or pairs of names, or names by column.
Where = str | Iterable[str | tuple[str, str]] | Mapping[str, object]

_NUMBERS = (Kind.NUMBER, Kind.HOURLY)
_HOUR = "hour"
#: Most names that a violation lists.
_LISTED = 12

#: Tables of what lies between two nodes.
EDGES = ("links", "supplies")


@dataclass(frozen=True, eq=False)
class _Place:
    """A column, and the rows and hours of it that change.

    Attributes
    ----------
    table : Table
    column : Column
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
    key : str
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
    known = {each.name: each for each in table.columns if each.kind in kinds and _can_change(each, table)}
    if column not in known:
        near = meant(column, tuple(known)) or nearest_name(column, tuple(known))
        allowed = perhaps(column, near) if near else ", ".join(known)
        what = "of numbers" if kinds == _NUMBERS else "to change"
        raise InstanceError([Violation(name, "", column, f"no such column {what}", allowed)])
    return table, known[column]


def _can_change(column: Column, table: Table) -> bool:
    return column.kind in _NUMBERS or column.name not in table.key


def scaled_columns(
    tables: Tables, columns: str | Iterable[str], factor: float, where: Where | None, *, directed: bool
) -> dict[str, pd.DataFrame]:
    """Return the tables with columns multiplied by a factor; see ``Instance.scaled``."""
    violations: list[Violation] = []
    changed: dict[str, pd.DataFrame] = {}
    for key in dict.fromkeys(map(str, _listed(columns))):
        place = collected(violations, partial(_place, tables, key, where, _NUMBERS, directed=directed))
        if place is None:
            continue
        frame = changed.get(place.name, tables[place.name])
        found = _factor_problems(place, frame, factor)
        violations += found
        if not found:
            cells = _scaled_cells(place, frame[place.column.name], float(factor))
            changed[place.name] = frame.assign(**{place.column.name: cells})
    if violations:
        raise InstanceError(violations)
    return changed


def _factor_problems(place: _Place, frame: pd.DataFrame, factor: float) -> list[Violation]:
    """Return why a column cannot be multiplied by a factor, whatever its values."""
    allowed = replace(place.column, low=0.0 if place.column.low >= 0 else -math.inf, high=math.inf, unlimited=False)
    allowed = replace(allowed, low_open=False, kind=Kind.NUMBER, scaled=False)
    if problem := number_problem(factor, allowed):
        return [place.problem(f"factor: {problem}", allowed.allowed)]
    if factor == 0 and any(np.isinf(np.asarray(cell, float)).any() for cell in frame[place.column.name][place.rows]):
        return [place.problem("unlimited values cannot be multiplied by 0", "a factor > 0, or a value")]
    return []


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
        cells = pd.Series([value if row else cell for row, cell in zip(place.rows, cells, strict=True)], dtype=object)
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
    """Return the column, and the rows and hours that ``where`` names; raise with all that is wrong with them."""
    table, column = column_of(key, kinds)
    frame = tables[table.name]
    everywhere = np.ones(len(frame), dtype=bool)
    if where is None:
        return _Place(table, column, everywhere, None)
    violations: list[Violation] = []
    if not isinstance(where, Mapping):
        names: list[Hashable] = [where] if table.name in EDGES and isinstance(where, tuple) else _listed(where)
        rows = collected(violations, partial(_with_names, table, frame, names, directed=directed))
        return _Place(table, column, _some(rows, violations, table), None)
    rows, hours = everywhere, None
    for name, given in where.items():
        if name == _HOUR and (column.kind is Kind.HOURLY or _HOUR in table.names):
            hours = collected(violations, partial(_hours, tables, given, table))
        elif (found := collected(violations, partial(_holding, table, frame, name, _listed(given)))) is not None:
            rows = rows & found
    if hours is not None and _HOUR in table.names:
        rows, hours = rows & hours[hour_positions(frame[_HOUR], hours_of(tables["demand"][_HOUR]))], None
    return _Place(table, column, _some(rows, violations, table), hours)


def _some(rows: BoolArray | None, violations: list[Violation], table: Table) -> BoolArray:
    """Return the chosen rows; raise if there are violations, or no rows."""
    if rows is None or violations:
        raise InstanceError(violations)
    if not rows.any():
        raise InstanceError([Violation(table.name, "", "", "no row is chosen", "a scope that some row is in")])
    return rows


def _listed(given: object) -> list[Hashable]:
    """Return one name, or several, as a list."""
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    if not all(isinstance(each, Hashable) for each in listed):
        raise ArgumentError(f"expected names to choose rows by, not {show(given)}")
    return listed


def between(frame: pd.DataFrame, pair: tuple[str, str], *, directed: bool) -> BoolArray:
    """Return the links or supplies between two nodes, of directed links those from the first to the second."""
    first, second = ("from", "to") if "from" in frame else ("power_zone", "data_centre")
    orders = [pair] if directed else [pair, pair[::-1]]
    return np.any([(frame[first].isin([a]) & frame[second].isin([b])).to_numpy() for a, b in orders], axis=0)


def _with_names(table: Table, frame: pd.DataFrame, names: list[Hashable], *, directed: bool) -> BoolArray:
    """Return the rows whose key holds one of some names; a name of two kinds of things is refused."""
    keys = [name for name in table.key if table.column(name).kind is Kind.TEXT]
    known = tuple(dict.fromkeys(str(name) for key in keys for name in frame[key]))
    rows, violations = np.zeros(len(frame), dtype=bool), []
    for name in names:
        if isinstance(name, tuple) and len(name) == 2 and table.name in EDGES:
            found = [between(frame, name, directed=directed)]
        else:
            found = [frame[key].isin([name]).to_numpy() for key in keys]
        holders = [key for key, each in zip(keys, found, strict=False) if each.any()]
        if not holders:
            violations.append(_no_row(table, "", name, known))
        elif len(holders) > 1 and table.name != "links":  # both ends of a link are nodes
            problem = f"{show(name)} is in {' and in '.join(holders)}"
            violations.append(Violation(table.name, "", "", problem, f"a column too, such as {holders[0]}"))
        rows |= np.any(found, axis=0)
    if violations:
        raise InstanceError(violations)
    return rows


def _holding(table: Table, frame: pd.DataFrame, column: str, names: list[Hashable]) -> BoolArray:
    """Return the rows that hold one of some names in a column."""
    texts = [each.name for each in table.columns if each.kind is Kind.TEXT]
    texts += [str(name) for name in frame if name not in table.names]
    if column not in texts:
        near = meant(str(column), tuple(texts))
        allowed = perhaps(column, near) if near else ", ".join(texts)
        raise InstanceError([Violation(table.name, "", str(column), "no such column of names", allowed)])
    known = tuple(dict.fromkeys(str(name) for name in frame[column] if not is_missing(name)))
    strange = [name for name in names if not frame[column].isin([name]).any()]
    if strange:
        raise InstanceError(_no_row(table, column, name, known) for name in strange)
    return frame[column].isin(names).to_numpy()


def _no_row(table: Table, column: str, name: object, known: tuple[str, ...]) -> Violation:
    near = None if isinstance(name, tuple) else nearest_name(str(name), known)
    every = ", ".join(known) if len(known) <= _LISTED else "a name in the table"
    return Violation(table.name, "", column, f"{show(name)} is in no row", f"perhaps {near}" if near else every)


def _hours(tables: Tables, given: object, table: Table) -> BoolArray:
    """Return the hours of the horizon that are named, by a text such as ``17-20`` or as they are."""
    hours = hours_of(tables["demand"][_HOUR])
    if isinstance(given, str):
        problem = hours_problem(given, hours) or ("each hour is no scope" if given == EACH else "")
        if problem:
            raise InstanceError([Violation(table.name, "", _HOUR, problem, "hours of the demand")])
        return chosen_hours(given, hours)
    listed = _listed(given)
    places = [position_of(hour, hours) for hour in listed]
    if -1 in places:
        raise InstanceError(
            Violation(table.name, "", _HOUR, f"{show(hour)} is no hour of the demand", "hours of the demand")
            for hour, place in zip(listed, places, strict=True)
            if place < 0
        )
    return np.isin(np.arange(len(hours)), places)
