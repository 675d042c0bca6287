"""The rows, and the hours, that a change of a table is about.

``where`` names them:

- a name or several names: the rows whose key holds one of them. In links and supplies, a pair (a tuple of two names)
  stands for what lies between the two;
- a mapping of columns to names: the rows that hold one of the names in each of these columns. ``hour`` takes hours of
  the demand, or a text of hours such as ``"17-20"`` (``placer.instance.hours.hour_scopes``): it chooses rows of the
  demand, and hours of a column with values by the hour.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, collected, refuse
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.synonyms import meant, nearest_name, perhaps
from placer.instance.attributes.validation import is_missing, show
from placer.instance.hours.horizon import hour_positions, hours_of
from placer.instance.hours.hour_scopes import named_hours
from placer.utils.arrays import BoolArray

Tables = Mapping[str, pd.DataFrame]
#: The rows that a change is about: names or pairs of names, or names by column.
Where = str | Iterable[str | tuple[str, str]] | Mapping[str, object]

_HOUR = "hour"
#: Most names that a violation lists.
_LISTED = 12

#: Tables of what lies between two nodes.
EDGES = ("links", "supplies")


def chosen_rows(
    tables: Tables, table: Table, column: Column, where: Where | None, *, directed: bool
) -> tuple[BoolArray, BoolArray | None]:
    """Return the rows of a table that ``where`` names, and the hours of the column; None for all of them.

    Raises
    ------
    InstanceError
        Listing every column and name that is unknown; or if no row is named.
    """
    frame, horizon = tables[table.name], hours_of(tables["demand"][_HOUR])
    rows, hours = np.ones(len(frame), dtype=bool), None
    violations: list[Violation] = []
    if where is None:
        return rows, None
    if not isinstance(where, Mapping):
        names: list[Hashable] = [where] if table.name in EDGES and isinstance(where, tuple) else listed(where)
        rows = _with_names(table, frame, names, directed=directed)
    else:
        for name, given in where.items():
            if name == _HOUR and (column.kind is Kind.HOURLY or _HOUR in table.names):
                hours = collected(violations, partial(named_hours, given, horizon, (table.name, _HOUR)))
            elif (found := collected(violations, partial(_holding, table, frame, name, listed(given)))) is not None:
                rows = rows & found
    if hours is not None and _HOUR in table.names:
        rows, hours = rows & hours[hour_positions(frame[_HOUR], horizon)], None
    if not violations and not rows.any():
        violations.append(Violation(table.name, "", "", "no row is chosen", "a scope that some row is in"))
    refuse(violations)
    return rows, hours


def listed(given: object) -> list[Hashable]:
    """Return one name, or several, as a list."""
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    if not all(isinstance(each, Hashable) for each in listed):
        raise ArgumentError(f"expected names to choose rows by, not {show(given)}")
    return listed


def rows_between(frame: pd.DataFrame, pair: tuple[str, str], *, directed: bool) -> BoolArray:
    """Return the links or supplies between two nodes, of directed links those from the first to the second."""
    first, second = ("from", "to") if "from" in frame else ("power_zone", "data_centre")
    orders = [pair] if directed else [pair, pair[::-1]]
    return np.any([(frame[first].isin([a]) & frame[second].isin([b])).to_numpy() for a, b in orders], axis=0)


def _with_names(table: Table, frame: pd.DataFrame, names: list[Hashable], *, directed: bool) -> BoolArray:
    """Return the rows whose key holds one of some names; a name of two kinds of things is refused."""
    keys = [name for name in table.key if table.column(name).kind is Kind.TEXT]
    rows, violations = np.zeros(len(frame), dtype=bool), []
    for name in names:
        if isinstance(name, tuple) and len(name) == 2 and table.name in EDGES:
            found = [rows_between(frame, name, directed=directed)]
        else:
            found = [frame[key].isin([name]).to_numpy() for key in keys]
        holders = [key for key, each in zip(keys, found, strict=False) if each.any()]
        if not holders:
            violations.append(_no_row(table, "", name, [frame[key] for key in keys]))
        elif len(holders) > 1 and table.name != "links":  # both ends of a link are nodes
            problem = f"{show(name)} is in {' and in '.join(holders)}"
            violations.append(Violation(table.name, "", "", problem, f"a column too, such as {holders[0]}"))
        rows |= np.any(found, axis=0)
    refuse(violations)
    return rows


def _holding(table: Table, frame: pd.DataFrame, column: str, names: list[Hashable]) -> BoolArray:
    """Return the rows that hold one of some names in a column."""
    texts = [each.name for each in table.columns if each.kind is Kind.TEXT]
    texts += [str(name) for name in frame if name not in table.names]
    if column not in texts:
        near = meant(str(column), tuple(texts))
        allowed = perhaps(column, near) if near else ", ".join(texts)
        raise InstanceError([Violation(table.name, "", str(column), "no such column of names", allowed)])
    strange = [name for name in names if not frame[column].isin([name]).any()]
    if strange:
        raise InstanceError(_no_row(table, column, name, [frame[column]]) for name in strange)
    return frame[column].isin(names).to_numpy()


def _no_row(table: Table, column: str, name: object, held: list[pd.Series]) -> Violation:
    known = tuple(dict.fromkeys(str(each) for cells in held for each in cells if not is_missing(each)))
    allowed = ", ".join(known) if len(known) <= _LISTED else "a name in the table"
    if isinstance(name, tuple):
        allowed = "two names with one between them"
    elif near := nearest_name(str(name), known):
        allowed = f"perhaps {near}"
    return Violation(table.name, "", column, f"{show(name)} is in no row", allowed)
