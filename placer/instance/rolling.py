"""Parts of a horizon, and work that one part hands on to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.backlog import without_backlog
from placer.instance.by_hour import span_of
from placer.instance.columns import Kind
from placer.instance.horizon import hour_positions, position_of
from placer.instance.schema import TABLES
from placer.instance.validation import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placer.instance.horizon import Hours


def part_of(tables: Mapping[str, pd.DataFrame], hours: Hours, first_hour: object, last_hour: object) -> dict[str, Any]:
    """Return the tables that differ in a part of the horizon; see ``between``.

    Raises
    ------
    InstanceError
        If an hour is not in the horizon, or the last is before the first.
    """
    given = {"first_hour": first_hour, "last_hour": last_hour}
    first, last = (position_of(hour, hours) for hour in given.values())
    violations = [
        Violation("between", "", name, f"{show(hour)} is not in the horizon", span_of(hours))
        for (name, hour), place in zip(given.items(), (first, last), strict=True)
        if place < 0
    ]
    if not violations and last < first:
        violations.append(
            Violation("between", "", "last_hour", "before the first hour", f"{show(first_hour)} or later")
        )
    if violations:
        raise InstanceError(violations)
    changed: dict[str, Any] = without_backlog(tables) if first > 0 else {"demand": tables["demand"]}
    place = hour_positions(changed["demand"]["hour"], hours)
    changed["demand"] = changed["demand"][(place >= first) & (place <= last)]
    if len(tables["periods"]):
        place = hour_positions(tables["periods"]["hour"], hours)
        changed["periods"] = tables["periods"][(place >= first) & (place <= last)]
    for name, table in TABLES.items():
        hourly = [column.name for column in table.columns if column.kind is Kind.HOURLY]
        if hourly:
            frame = changed.get(name, tables[name])
            cut = {column: [_within(value, first, last) for value in frame[column]] for column in hourly}
            changed[name] = frame.assign(**{name: pd.Series(cut[name], frame.index, dtype=object) for name in hourly})
    return changed


def _within(value: Any, first: int, last: int) -> Any:
    """Return the values of some hours; one number holds for all."""
    return value[first : last + 1] if isinstance(value, tuple) else value
