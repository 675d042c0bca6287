"""The days of a horizon: its blocks where it has several, else calendar days on the clock of its hours.

Days stand for each other hour by hour. The usual days are those of the most frequent hours: as many of them, and
timestamps at the same times of day. Days of 23 and 25 hours at changes of daylight saving are not usual, nor are days
that the horizon cuts short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.hours.horizon import Hours
from placer.instance.hours.periods import blocks_of
from placer.utils.arrays import BoolArray, IntArray

#: Days that represent themselves: an extreme or a day by its name, or several.
Extremes = str | date | Iterable[str | date]


@dataclass(frozen=True, eq=False)
class Days:
    """The days of a horizon.

    Attributes
    ----------
    labels : tuple of str
        Name of every day: that of its block, or its date.
    starts : (days + 1,) int array
        Position of the first hour of every day, and the number of hours.
    is_usual : (days,) bool array
        Whether a day has the hours that most days have.
    """

    labels: tuple[str, ...]
    starts: IntArray
    is_usual: BoolArray

    def __len__(self) -> int:
        """Return the number of days."""
        return len(self.labels)

    @cached_property
    def of_hours(self) -> IntArray:
        """The day of every hour (hours,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def usual_hours(self) -> IntArray:
        """Positions of the hours of the usual days (usual days, hours of a day)."""
        length = int(np.diff(self.starts)[self.is_usual][0])
        return self.starts[:-1][self.is_usual][:, None] + np.arange(length)

    def find(self, given: object) -> int | None:
        """Return the position of the day of a name, a date or a timestamp; None if there is none."""
        text = given if isinstance(given, str) else given.strftime(_DATE) if isinstance(given, date | datetime) else ""
        return self.labels.index(text) if text in self.labels else None


_DATE = "%Y-%m-%d"


def days_of(hours: Hours, periods: pd.DataFrame) -> Days:
    """Return the days of a horizon.

    Raises
    ------
    InstanceError
        If the hours are whole numbers in one block.

    Examples
    --------
    >>> hours = pd.date_range("2026-03-28", "2026-03-30 23:00", freq="h", tz="Europe/Berlin")
    >>> days = days_of(hours, pd.DataFrame())
    >>> days.labels, days.is_usual.tolist()
    (('2026-03-28', '2026-03-29', '2026-03-30'), [True, False, True])
    """
    block = blocks_of(periods, hours)
    if block[-1]:
        names = periods.set_index("hour")["block"].reindex(hours).to_numpy(object)
        number = block
    elif isinstance(hours, range):
        allowed = "timestamps in the demand, or a block of the table periods for each day"
        raise InstanceError([Violation("periods", "", "block", "whole hours in one block have no days", allowed)])
    else:
        number, names = pd.factorize(hours.strftime(_DATE))[0], hours.strftime(_DATE).to_numpy(object)
    starts = np.flatnonzero(np.append(True, np.diff(number) != 0))
    ends = np.append(starts, len(hours))
    labels = tuple("" if pd.isna(name) else str(name) for name in names[starts])
    return Days(labels, ends, _usual(hours, ends))


def _usual(hours: Hours, ends: IntArray) -> BoolArray:
    """Return which days have the hours that most days have."""
    times = [""] * len(hours) if isinstance(hours, range) else hours.strftime("%H:%M:%S").tolist()
    kind, _ = pd.factorize(pd.Series(["|".join(times[first:last]) + str(last - first) for first, last in _pairs(ends)]))
    return np.asarray(kind == np.bincount(kind).argmax())


def _pairs(ends: IntArray) -> list[tuple[int, int]]:
    return list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
