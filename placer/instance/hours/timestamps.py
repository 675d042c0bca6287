"""Timestamps: read from values of many types, and written as text that keeps the time zone.

A column or index of timestamps is naive throughout, or has one time zone throughout. In files a timestamp is ISO 8601
text, followed by the name of its zone in brackets (RFC 9557), as in ``2026-03-29T03:00:00+02:00[Europe/Berlin]``: an
offset alone does not say when it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from placer.instance.attributes.validation import date_cure, is_missing, show

#: A date, a time of day after it or not, an offset, and the name of a zone.
_ISO = re.compile(
    r"(?P<time>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?)"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?(?:\[(?P<zone>[A-Za-z0-9_+/-]+)\])?",
    re.ASCII,
)
#: Timestamps are kept to the microsecond, as Python has them.
UNIT: Final = "us"


@dataclass(frozen=True, eq=False)
class ReadTimestamps:
    """A column or index, read as timestamps.

    Attributes
    ----------
    stamps : DatetimeIndex
        In the one time zone they have; NaT where a value is none. In UTC if zones are mixed.
    problems : mapping of int to str
        By position, the reason why a value is not a timestamp.
    zones : str
        The problem with the time zones; empty if there is none.
    """

    stamps: pd.DatetimeIndex
    problems: dict[int, str]
    zones: str = ""


def is_timestamp(value: object) -> bool:
    """Whether a value is meant as a timestamp: a datetime of any kind, or a text that begins as a date does.

    Examples
    --------
    >>> is_timestamp("2026-01-01T00:00"), is_timestamp("7"), is_timestamp(7)
    (True, False, False)
    """
    if isinstance(value, str):
        return re.match(r"\s*\d{4}-\d{2}-\d{2}", value, re.ASCII) is not None
    return isinstance(value, (datetime, np.datetime64)) and not _is_nothing(value)


def _is_nothing(value: object) -> bool:
    return np.isnat(value).item() if isinstance(value, np.datetime64) else is_missing(value)


def has_timestamps(values: pd.Series | pd.Index) -> bool:
    """Whether any value of a column or index is meant as a timestamp."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iufb":
        return False
    return pd.api.types.is_datetime64_any_dtype(values.dtype) or any(map(is_timestamp, values))


def read_timestamps(values: Iterable[object]) -> ReadTimestamps:
    """Read timestamps, and report the problem of every value that is not a timestamp."""
    if isinstance(values, (pd.Series, pd.Index)):
        kind = values.dtype
        if isinstance(kind, pd.DatetimeTZDtype) or (isinstance(kind, np.dtype) and kind.kind == "M"):
            return _read_index(pd.DatetimeIndex(values))
    stamps: list[pd.Timestamp | None] = []
    problems: dict[int, str] = {}
    known: dict[str, pd.Timestamp] = {}
    for place, value in enumerate(values):
        try:
            stamp = known.get(value) if isinstance(value, str) else None
            stamp = _timestamp(value) if stamp is None else stamp
        except ValueError as error:
            problems[place] = str(error)
            stamps.append(None)
            continue
        if isinstance(value, str):
            known[value] = stamp
        stamps.append(stamp)
    zones = {zone_name(zone): zone for zone in {stamp.tzinfo for stamp in stamps if stamp is not None}}
    if "" not in zones:
        aware = pd.DatetimeIndex([None if stamp is None else stamp.tz_convert("UTC") for stamp in stamps], tz="UTC")
        aware = aware.as_unit(UNIT)
        name = next(iter(zones), "UTC")
        return ReadTimestamps(
            aware.tz_convert(_zone(name)) if len(zones) == 1 and name else aware, problems, _zone_problem(zones)
        )
    bare = [None if stamp is None else stamp.tz_localize(None) for stamp in stamps]
    return ReadTimestamps(pd.DatetimeIndex(bare).as_unit(UNIT), problems, _zone_problem(zones))


def _read_index(index: pd.DatetimeIndex) -> ReadTimestamps:
    """Read an index of timestamps."""
    problems = {int(place): "missing" for place in np.flatnonzero(index.isna())}
    exact = index.as_unit(UNIT)
    fine = np.asarray(exact.as_unit("ns") != index.as_unit("ns")) & ~np.asarray(index.isna())
    problems |= {int(place): _FINE.format(index[place]) for place in np.flatnonzero(fine).tolist()}
    name = zone_name(index.tz)
    if index.tz is None or name is None:
        return ReadTimestamps(exact, problems, _zone_problem({name: index.tz}))
    return ReadTimestamps(exact.tz_convert(_zone(name)), problems)


_FINE = "{} is finer than a microsecond"


def _timestamp(value: object) -> pd.Timestamp:
    """Return a value as a timestamp.

    Raises
    ------
    ValueError
        With the reason why it is not one.
    """
    if _is_nothing(value):
        raise ValueError("missing")
    if isinstance(value, str):
        return _from_text(value)
    if not isinstance(value, (datetime, np.datetime64)):
        raise ValueError(f"{show(value)} is no timestamp")  # noqa: TRY004 - one kind of error for all defects
    stamp = pd.Timestamp(value)
    if stamp.nanosecond:
        raise ValueError(_FINE.format(stamp))
    return stamp.as_unit(UNIT)


def _from_text(text: str) -> pd.Timestamp:
    found = _ISO.fullmatch(text.strip())
    if found is None:
        cure = date_cure(text)
        raise ValueError(f"{show(text)} is no timestamp{cure and f': {cure}'}")
    time, offset, name = found["time"], found["offset"] or "", found["zone"]
    if name and not offset:
        raise ValueError(f"{show(text)} has a time zone without its offset")
    try:
        stamp = pd.Timestamp(datetime.fromisoformat(time + offset)).as_unit(UNIT)
        there = stamp.tz_convert(ZoneInfo(name)) if name else stamp
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"{show(text)} is no timestamp: {error}") from error
    if there.utcoffset() != stamp.utcoffset():
        raise ValueError(f"{show(text)} has an offset that is not that of its time zone")
    return there


def zone_name(zone: tzinfo | None) -> str | None:
    """Return the name of a time zone: of the IANA database, ``UTC`` or an offset. Empty for none, None if it has none.

    Examples
    --------
    >>> zone_name(ZoneInfo("Europe/Berlin")), zone_name(UTC), zone_name(timezone(timedelta(hours=8)))
    ('Europe/Berlin', 'UTC', '+08:00')
    """
    if zone is None:
        return ""
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if name is not None:
        return "UTC" if name in ("Etc/UTC", "UTC") else str(name)
    offset = zone.utcoffset(None)
    if offset is None:
        return None
    return datetime(1970, 1, 1, tzinfo=timezone(offset)).isoformat()[-6:] if offset else "UTC"


def _zone(name: str) -> tzinfo:
    """Return the time zone of a name."""
    if name == "UTC":
        return UTC
    if re.fullmatch(r"[+-]\d{2}:\d{2}", name):
        size = timedelta(hours=int(name[1:3]), minutes=int(name[4:]))
        return timezone(-size if name[0] == "-" else size)
    return ZoneInfo(name)


def _zone_problem(zones: dict[str | None, tzinfo | None]) -> str:
    """Name the problem with the time zones of one column; empty if there is none."""
    if None in zones:
        return f"{show(zones[None])} is a time zone without a name"
    if len(zones) < 2:
        return ""
    named = " and ".join(name for name in sorted(filter(None, zones)))
    return f"timestamps without a time zone and with {named}" if "" in zones else f"time zones {named} are mixed"


def text_of(stamp: datetime) -> str:
    """Return a timestamp as text for files, from which ``read_timestamps`` gives it back, zone and all.

    Examples
    --------
    >>> text_of(pd.Timestamp("2026-03-29T03:00", tz="Europe/Berlin"))
    '2026-03-29T03:00:00+02:00[Europe/Berlin]'
    >>> text_of(pd.Timestamp("2026-03-29T03:00"))
    '2026-03-29T03:00:00'
    """
    name = zone_name(stamp.tzinfo)
    return stamp.isoformat() + (f"[{name}]" if name and name != "UTC" and name[0] not in "+-" else "")


def short_text(hour: object) -> str:
    """Return an hour as tables and messages show it: a number, or a timestamp to the minute where seconds are 0.

    Examples
    --------
    >>> short_text(7), short_text(pd.Timestamp("2026-03-29T03:00", tz="Europe/Berlin"))
    ('7', '2026-03-29 03:00+02:00')
    """
    if is_missing(hour) or not isinstance(hour, datetime):
        return f"{hour:g}" if isinstance(hour, float) else str(hour)
    whole = not (hour.second or hour.microsecond)
    return hour.isoformat(sep=" ", timespec="minutes" if whole else "auto")
