"""The hours that a user names: objects, or text such as ``0-7|20``.

Parts of a text stand between ``|``. A part is an hour of the demand, or a range of hours, both ends included: ``8-17``
of whole numbers, ``2026-01-01T08:00/2026-01-01T17:00`` of timestamps. A date, ``2026-01-01``, stands for all its hours.
``each`` stands for every hour by itself.

A timestamp without a time zone, and a date, are of the time zone of the demand. A timestamp of another time zone is
compared as an instant. One that the clock of the demand shows twice is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.attributes.validation import is_missing, show
from placer.instance.hours.horizon import Hours
from placer.instance.hours.timestamps import is_timestamp, read_timestamps, zone_name
from placer.utils.arrays import BoolArray

EACH = "each"

_WHOLE = re.compile(r"(\d{1,15})(?:-(\d{1,15}))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: Between the ends of a range; the name of a time zone has slashes too, in brackets.
_SLASH = re.compile(r"/(?![^\[]*\])")


def hours_problems(given: object, hours: Hours) -> list[str]:
    """Return why parts of a text, an hour or some of several hours name no hours of a horizon; empty if all do.

    Examples
    --------
    >>> hours_problems("0-7|20", range(24)), hours_problems("30|noon", range(24))
    ([], ["'30' is no hour of the demand", "'noon' is neither an hour nor a range of hours"])
    """
    if isinstance(given, str) and given == EACH:
        return []
    return [found for part in _parts(given) if isinstance(found := _read(part, hours), str)]


def chosen_hours(given: object, hours: Hours) -> BoolArray:
    """Return the hours of a horizon that a valid text or valid hours name; ``each`` is no such text.

    Examples
    --------
    >>> np.flatnonzero(chosen_hours("1-2|5", range(1, 7))).tolist()
    [0, 1, 4]
    """
    chosen = np.zeros(len(hours), dtype=bool)
    for part in _parts(given):
        found = _read(part, hours)
        if not isinstance(found, str):
            chosen[found[0] : found[1] + 1] = True
    return chosen


def named_hours(given: object, hours: Hours, place: tuple[str, str]) -> BoolArray:
    """Return the hours of a horizon that a text, an hour or several hours name, as one scope.

    Raises
    ------
    InstanceError
        Listing all that name none, at a table and column.
    """
    is_each = isinstance(given, str) and given == EACH
    if problems := [f"{EACH!r} names no hours"] if is_each else hours_problems(given, hours):
        table, column = place
        raise InstanceError(Violation(table, "", column, problem, examples_of(hours)) for problem in problems)
    return chosen_hours(given, hours)


def hour_span(hour: object, hours: Hours) -> tuple[int, int] | str:
    """Return the positions of the first and last hour that an hour or a date stands for, or why there are none.

    Examples
    --------
    >>> hour_span(7, range(6, 9)), hour_span("7", range(6, 9)), hour_span(True, range(6, 9))
    ((1, 1), (1, 1), 'True is no hour of the demand')
    >>> day = pd.date_range("2026-01-01", periods=24, freq="h", tz="Europe/Berlin")
    >>> hour_span("2026-01-01T01:00", day), hour_span("2026-01-01", day), hour_span("2026-01-01T01:00Z", day)
    ((1, 1), (0, 23), (2, 2))
    """
    if not isinstance(hours, range):
        return _span_of_times(hour, hours)
    text = str(hour) if isinstance(hour, (str, int, np.integer)) and not isinstance(hour, bool) else ""
    if re.fullmatch(r"\d{1,15}", text, re.ASCII) and int(text) in hours:
        return (hours.index(int(text)),) * 2
    return _unknown(hour)


def examples_of(hours: Hours) -> str:
    """Return ways to name hours of a horizon, for messages."""
    if isinstance(hours, range):
        return f"hours of the demand, such as {hours[0]} or {hours[0]}-{hours[-1]}"
    first, last = (hours[place].strftime("%Y-%m-%dT%H:%M") for place in (0, -1))
    return f"hours of the demand, such as {first}, {first}/{last}, or {first[:10]} for a day"


def _parts(given: object) -> list[object]:
    """Return the parts of a text, or the hours that are given."""
    if isinstance(given, str):
        return [part.strip() for part in given.split("|")]
    return list(given) if isinstance(given, Iterable) else [given]


def _read(part: object, hours: Hours) -> tuple[int, int] | str:
    """Return the positions of the ends of a part, or why there are none."""
    if not isinstance(part, str):
        return hour_span(part, hours)
    ends = _ends(part, hours)
    if not ends:
        one, several = ("an hour", "hours") if isinstance(hours, range) else ("a timestamp", "timestamps")
        return f"{show(part)} is neither {one} nor a range of {several}"
    first, last = (hour_span(end, hours) for end in ends)
    if isinstance(first, str) or isinstance(last, str):
        return first if isinstance(first, str) else str(last)
    return f"{show(part)} ends before it begins" if first[0] > last[1] else (first[0], last[1])


def _ends(part: str, hours: Hours) -> tuple[str, str] | None:
    """Return the texts of the ends of a part, or None for a text that is no such part."""
    if isinstance(hours, range):
        found = _WHOLE.fullmatch(part)
        return (found[1], found[2] or found[1]) if found else None
    texts = [text.strip() for text in _SLASH.split(part)]
    return (texts[0], texts[-1]) if len(texts) <= 2 and all(map(is_timestamp, texts)) else None


def _span_of_times(hour: object, hours: pd.DatetimeIndex) -> tuple[int, int] | str:
    """Return the positions that a timestamp or a date stands for, or why there are none."""
    if isinstance(day := _as_date(hour), date) and not isinstance(day, datetime):
        begin, shown = pd.Timestamp(day), hours.tz_localize(None)
        return _ends_of((shown >= begin) & (shown < begin + pd.Timedelta(days=1))) or _unknown(hour)
    read = read_timestamps([hour])
    if read.problems:
        return _unknown(hour) if is_missing(hour) else read.problems[0]
    if read.stamps.tz is None and hours.tz is not None:
        found = _ends_of(hours.tz_localize(None) == read.stamps[0])
        if found and found[0] < found[1]:
            example = hours[found[0]].isoformat()
            return f"{show(hour)} is twice in {zone_name(hours.tz)}: write its offset, as in {example}"
        return found or _unknown(hour)
    if read.stamps.tz is not None and hours.tz is None:
        return f"{show(hour)} has a time zone, and the demand has none"
    return _ends_of(hours == read.stamps[0]) or _unknown(hour)


def _as_date(hour: object) -> object:
    """Return a date for a text or a numpy value that is one; else the value."""
    if isinstance(hour, str) and _DATE.fullmatch(hour.strip()):
        with suppress(ValueError):  # read_timestamps says why
            return date.fromisoformat(hour.strip())
    return hour.item() if isinstance(hour, np.datetime64) and np.datetime_data(hour)[0] == "D" else hour


def _ends_of(chosen: BoolArray) -> tuple[int, int] | None:
    """Return the first and the last position that is chosen; None if none is."""
    places = np.flatnonzero(chosen)
    return (int(places[0]), int(places[-1])) if places.size else None


def _unknown(hour: object) -> str:
    return f"{show(hour)} is no hour of the demand"
