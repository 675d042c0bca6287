"""Parts of a horizon, and work that one part hands on to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.backlog import backlog_table, stated, without_backlog
from placer.instance.by_hour import span_of
from placer.instance.columns import Kind
from placer.instance.frozen_tables import HasTables
from placer.instance.horizon import hour_positions, position_of
from placer.instance.schema import TABLES
from placer.instance.validation import show

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from placer.instance.given import TableLike
    from placer.instance.horizon import Hours
    from placer.instance.settings import Settings


class RollingHorizon(HasTables):
    """The methods of an instance on its horizon: a part of it, and the work that waits when it begins."""

    if TYPE_CHECKING:
        settings: Settings

        @property
        def hours(self) -> Hours: ...  # noqa: D102 - an instance says it
        def replace(self, **changes: Any) -> Self: ...  # noqa: D102

    @property
    def backlog(self) -> pd.DataFrame:
        """Work that waits when the horizon begins: ``workload``, ``data_centre``, ``hours_left``, ``mtok``."""
        return backlog_table(self.tables)

    def with_backlog(self, backlog: TableLike) -> Self:
        """Return an instance whose horizon begins with work that waits at data centres, in place of any it had.

        The work has arrived before the first hour. It is served at its data centre within ``hours_left``, or left
        unserved at the penalty of its workload. Its transit, surcharge and loss of value to latency were paid when it
        was sent, and are no cost again. ``placement.remaining(hour)`` returns such a table.
        ``placer.instance.backlog`` says which rows of workloads, hubs and demand state it.

        Parameters
        ----------
        backlog : DataFrame or sequence of mappings
            ``workload``, one that may wait; ``data_centre``; ``hours_left``, from 0 (served in the first hour) to the
            ``deadline_hours`` of the workload; ``mtok``.

        Raises
        ------
        InstanceError
            Listing every violation. The hours of a horizon with a backlog follow each other: it is not cyclic, and has
            neither blocks nor weights.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> late = tiny.with_backlog([{"workload": "batch", "data_centre": "Metro", "hours_left": 1, "mtok": 5}])
        >>> late.backlog
          workload data_centre  hours_left  mtok
        0    batch       Metro         1.0   5.0
        >>> placer.solve(late).backlog_mtok
        5.0
        """
        return self.replace(**stated(self.tables, self.settings, backlog))

    def between(self, first_hour: object, last_hour: object) -> Self:
        """Return an instance of a part of the horizon, both hours included: its demand and its hourly values.

        A part that begins later has no backlog. Caps on carbon and water and limits stay as they are.

        Parameters
        ----------
        first_hour, last_hour : int or timestamp
            As the demand gives its hours.

        Raises
        ------
        InstanceError
            If an hour is not in the horizon, the last is before the first, or there is no demand between them.

        Examples
        --------
        >>> import placer
        >>> placer.load("tiny").between(1, 1).hours
        range(1, 2)
        """
        return self.replace(**part_of(self.tables, self.hours, first_hour, last_hour))


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
