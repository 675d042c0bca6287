"""Parts of a horizon, and work that one part hands on to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import show
from placer.instance.hours.by_hour import span_of
from placer.instance.hours.horizon import Hours, hour_positions
from placer.instance.hours.hour_scopes import hour_span
from placer.instance.tables.backlog import without_backlog
from placer.instance.tables.demand_steps import kept_steps
from placer.utils.arrays import IntArray


def part_of(tables: Mapping[str, pd.DataFrame], hours: Hours, first_hour: object, last_hour: object) -> dict[str, Any]:
    """Return the tables that differ in a part of the horizon; see ``between``.

    Raises
    ------
    InstanceError
        If an hour is not in the horizon, or the last is before the first.
    """
    given = {"first_hour": first_hour, "last_hour": last_hour}
    spans = {name: hour_span(hour, hours) for name, hour in given.items()}
    if found := [(name, span) for name, span in spans.items() if isinstance(span, str)]:
        raise InstanceError(Violation("between", "", name, problem, span_of(hours)) for name, problem in found)
    first, last = int(spans["first_hour"][0]), int(spans["last_hour"][1])
    if last < first:
        allowed = f"{show(first_hour)} or later"
        raise InstanceError([Violation("between", "", "last_hour", "before the first hour", allowed)])
    base = without_backlog(tables) if first > 0 else {}
    return base | at_hours({**tables, **base}, hours, np.arange(first, last + 1))


def at_hours(tables: Mapping[str, pd.DataFrame], hours: Hours, places: IntArray) -> dict[str, Any]:
    """Return the tables that differ where some hours are left alone: demand, its steps, periods, and hourly values.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    hours : range or DatetimeIndex
    places : int array
        Positions of the hours that stay, ascending.
    """

    def among(table: pd.DataFrame) -> pd.DataFrame:
        return table[np.isin(hour_positions(table["hour"], hours), places)]

    changed: dict[str, Any] = {"demand": among(tables["demand"])}
    changed |= kept_steps(tables, changed["demand"])
    if len(tables["periods"]):
        changed["periods"] = among(tables["periods"])
    listed = places.tolist()
    for name, table in TABLES.items():
        hourly = [column.name for column in table.columns if column.kind is Kind.HOURLY]
        if hourly:
            frame = tables[name]
            cut = {column: [_at(value, listed) for value in frame[column]] for column in hourly}
            changed[name] = frame.assign(**{name: pd.Series(cut[name], frame.index, dtype=object) for name in hourly})
    return changed


def _at(value: Any, places: list[int]) -> Any:
    """Return the values of some hours; one number holds for all."""
    return tuple(value[place] for place in places) if isinstance(value, tuple) else value
