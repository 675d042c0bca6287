"""Steps of calendar length for the hours of a horizon, and the marks of their axis.

Steps are hours, quarters of a day, days, weeks, months or years: the shortest of which at most ``MOST_STEPS`` cover the
horizon. They begin and end by the clock of the horizon's time zone. Whole numbers count as hours from a midnight on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.instance.hours.timestamps import zone_name
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Largest number of steps of a report: weeks that a year can touch.
MOST_STEPS = 54
#: Lengths of steps of whole hours, and distances of their marks.
_LENGTHS = {1: "hour", 6: "quarter-day", 24: "day", 168: "week", 720: "30 days", 8760: "year"}
_DISTANCES = (1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 1440, 4320, 8760)
#: Distances of marks on the clock: the unit that is counted, and how many of it.
_CLOCK_DISTANCES = (
    *(("hour", size) for size in (1, 2, 3, 6, 12)),
    *(("day", size) for size in (1, 2)),
    ("weekday", 7),
    *(("month", size) for size in (1, 2, 3, 6)),
    *(("year", size) for size in (1, 2, 5, 10, 20, 50)),
)
#: Unit -> how many of minute, hour, day and month are at their first where it begins.
_AT_FIRST = {"hour": 1, "day": 2, "weekday": 2, "month": 3, "year": 4}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps of a horizon, as an axis of time shows them.

    Attributes
    ----------
    labels : tuple of str
        Distinct: ``7``, ``hours 6-11``, ``06:00``, ``10 Mar 06:00-12:00``, ``10 Mar``, ``9-15 Mar`` or ``Mar``.
    of_hour : (hours,) int array
        The step of each hour of the horizon.
    unit : str
        The length of a step: ``hour``, ``quarter-day``, ``day``, ``week``, ``month`` or ``year``.
    starts : int array or DatetimeIndex
        The first hour of each step, timestamps as the clock shows them.
    title : str
        Of the axis: ``hour``, or ``10 to 16 Mar 2026, Europe/Berlin``.
    """

    labels: tuple[str, ...]
    of_hour: IntArray
    unit: str
    starts: IntArray | pd.DatetimeIndex
    title: str

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.labels)

    def mean(self, hourly: FloatArray) -> FloatArray:
        """Return the means over the hours of each step (things, steps) of a figure (things, hours)."""
        return self.total(hourly) / np.bincount(self.of_hour)

    def total(self, hourly: FloatArray) -> FloatArray:
        """Return the sums over the hours of each step, likewise."""
        starts = np.searchsorted(self.of_hour, np.arange(len(self)))
        return np.add.reduceat(hourly, starts, axis=-1)

    def marks(self, most: int) -> dict[int, str]:
        """Return the label of some steps by position, at most ``most`` of them, at round hours, days or months."""
        starts = self.starts
        every = _clock_marks(starts) if isinstance(starts, pd.DatetimeIndex) else _numbered_marks(starts)
        evenly = {place: self.labels[place] for place in range(0, len(self), -(-len(self) // most))}
        return next((found for found in every if 0 < len(found) <= most), evenly)

    @property
    def in_words(self) -> tuple[str, ...]:
        """The steps as a sentence has them: ``hour 7``, and any other name as it is."""
        return tuple(f"hour {label}" if label.isdecimal() else label for label in self.labels)


def steps_of(hours: range | pd.DatetimeIndex) -> Steps:
    """Return the steps of a horizon.

    Examples
    --------
    >>> week = steps_of(pd.date_range("2026-03-10", periods=168, freq="h", tz="Europe/Berlin"))
    >>> week.labels[:2], week.unit, week.title
    (('10 Mar 00:00-06:00', '10 Mar 06:00-12:00'), 'quarter-day', '10 to 16 Mar 2026, Europe/Berlin')
    >>> week.marks(4)
    {0: '10 Mar', 8: '12 Mar', 16: '14 Mar', 24: '16 Mar'}
    >>> steps_of(range(2, 100)).labels[:2]
    ('hours 2-5', 'hours 6-11')
    """
    if isinstance(hours, pd.DatetimeIndex):
        return _on_the_clock(hours)
    numbers = np.array(hours)
    size = next((size for size in _LENGTHS if numbers[-1] // size - numbers[0] // size < MOST_STEPS), 8760)
    of_hour = numbers // size - numbers[0] // size
    first = np.searchsorted(of_hour, np.arange(of_hour[-1] + 1))
    last = np.append(first[1:], len(numbers)) - 1
    spans = zip(numbers[first].tolist(), numbers[last].tolist(), strict=True)
    names = tuple(f"hours {one}-{other}" if one < other else str(one) for one, other in spans)
    return Steps(names, of_hour, _LENGTHS[size], numbers[first], "hour")


def _on_the_clock(hours: pd.DatetimeIndex) -> Steps:
    clock = hours.tz_localize(None)
    day = clock.normalize()
    every = {
        "hour": pd.RangeIndex(len(hours)),
        "whole hour": clock.floor("h"),
        "quarter-day": clock.floor("6h"),
        "day": day,
        "week": day - pd.to_timedelta(day.day_of_week, unit="D"),
        "month": clock.year * 12 + clock.month,
        "year": clock.year,
    }
    counted = {unit: np.cumsum(_is_new(np.asarray(key))) - 1 for unit, key in every.items()}
    unit = next((unit for unit, of_hour in counted.items() if of_hour[-1] < MOST_STEPS), "year")
    of_hour = counted[unit]
    first = np.searchsorted(of_hour, np.arange(of_hour[-1] + 1))
    last = np.append(first[1:], len(hours)) - 1
    names = _names(clock[first], clock[last], unit)
    repeated = pd.Index(names).duplicated(keep=False)  # the hour that a clock shows twice when it is set back
    names = [
        f"{name} {stamp:%z}" if twice else name
        for name, stamp, twice in zip(names, hours[first], repeated.tolist(), strict=True)
    ]
    title = ", ".join(filter(None, (_span(clock[0], clock[-1], _date_and_year, " to "), zone_name(hours.tz))))
    return Steps(tuple(names), of_hour, unit.removeprefix("whole "), clock[first], title)


def _is_new(key: np.ndarray) -> BoolArray:
    """Return whether each value differs from the one before; the first does."""
    return np.concatenate([[True], key[1:] != key[:-1]])


def _names(first: pd.DatetimeIndex, last: pd.DatetimeIndex, unit: str) -> list[str]:
    """Return the names of steps by their first and last hours; no date of a single day, no year of a single year."""
    date = _date if first[0].year == last[-1].year else _date_and_year
    match unit:
        case "year":
            return [str(stamp.year) for stamp in first]
        case "month":
            return [date(stamp).partition(" ")[2] for stamp in first]
        case "week":
            return [_span(*ends, date, "-") for ends in zip(first, last, strict=True)]
        case "day":
            return [date(stamp) for stamp in first]
        case "quarter-day":
            ends = [(start, start + 6) for start in (first.hour // 6 * 6).tolist()]
            times = [f"{start:02}:00-{end:02}:00" for start, end in ends]
        case _ if len(first) > 1 and (first == first.normalize()).all():
            return [date(stamp) for stamp in first]
        case _:
            times = [f"{stamp:%H:%M}" for stamp in first]
    if first[0].date() == last[-1].date():
        return times
    return [f"{date(stamp)} {time}" for stamp, time in zip(first, times, strict=True)]


def _date(stamp: pd.Timestamp) -> str:
    """Return a date as people write it, whatever the language of the machine."""
    return f"{stamp.day} {_MONTHS[stamp.month - 1]}"


def _date_and_year(stamp: pd.Timestamp) -> str:
    return f"{_date(stamp)} {stamp.year}"


def _span(first: pd.Timestamp, last: pd.Timestamp, date: Callable[[pd.Timestamp], str], between: str) -> str:
    """Return the days from one to another, without what both have in common.

    Examples
    --------
    >>> first, last = pd.Timestamp("2026-03-30"), pd.Timestamp("2026-04-05")
    >>> _span(first, last, _date_and_year, " to "), _span(first, first, _date, "-")
    ('30 Mar to 5 Apr 2026', '30 Mar')
    """
    if first.date() == last.date():
        return date(last)
    if first.year != last.year:
        return f"{date(first)}{between}{date(last)}"
    start = str(first.day) if first.month == last.month else _date(first)
    return f"{start}{between}{date(last)}"


def _numbered_marks(starts: IntArray) -> Iterator[dict[int, str]]:
    """Yield the marks at multiples of ever more hours."""
    for size in _DISTANCES:
        is_marked = _is_new(starts // size)
        is_marked[0] = starts[0] % size == 0
        yield {int(place): str(starts[place]) for place in np.flatnonzero(is_marked)}


def _clock_marks(starts: pd.DatetimeIndex) -> Iterator[dict[int, str]]:
    """Yield the marks at round hours, days, weeks, months and years, ever fewer."""
    day, first = starts.normalize(), starts[0]
    number = np.asarray((day - day[0]).days)
    counted = {
        "hour": 24 * number + np.asarray(starts.hour),
        "day": number,
        "weekday": number + first.weekday(),
        "month": 12 * np.asarray(starts.year) + np.asarray(starts.month) - 1,
        "year": np.asarray(starts.year),
    }
    above_first = (first.minute, first.hour, first.day - 1, first.month - 1)
    for unit, size in _CLOCK_DISTANCES:
        is_marked = _is_new(counted[unit] // size)
        is_marked[0] = counted[unit][0] % size == 0 and not any(above_first[: _AT_FIRST[unit]])
        label = _hour if unit == "hour" and not number.any() else _LABELS[unit]
        yield {place: label(starts[place]) for place in np.flatnonzero(is_marked).tolist()}


def _hour(stamp: pd.Timestamp) -> str:
    return f"{stamp:%H:%M}" if stamp.minute else f"{stamp:%H}"


def _hour_or_date(stamp: pd.Timestamp) -> str:
    """Return the time of day; at midnight the date, which tells days apart."""
    return f"{stamp:%H:%M}" if stamp.hour or stamp.minute else _date(stamp)


def _month_or_year(stamp: pd.Timestamp) -> str:
    """Return the month; in January the year, which tells years apart."""
    return str(stamp.year) if stamp.month == 1 else _MONTHS[stamp.month - 1]


_LABELS: dict[str, Callable[[pd.Timestamp], str]] = {
    "hour": _hour_or_date,
    "day": _date,
    "weekday": _date,
    "month": _month_or_year,
    "year": lambda stamp: str(stamp.year),
}
