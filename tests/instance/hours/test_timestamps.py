"""Timestamps: read from every kind of value, and written so that they come back with their zone."""

# ruff: noqa: DTZ001 - timestamps without a zone are meant

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.instance.hours.timestamps import (
    has_timestamps,
    is_timestamp,
    read_timestamps,
    short_text,
    text_of,
    zone_name,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 6, 1, 12, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        pd.Timestamp(NOON),
        "2026-06-01T12:00+02:00[Europe/Berlin]",
        "2026-06-01 12:00:00+0200[Europe/Berlin]",
        " 2026-06-01T12:00:00.000+02:00[Europe/Berlin] ",
    ],
)
def test_one_instant_in_many_forms(value):
    """Tests that datetimes and texts of one instant and zone read alike."""
    read = read_timestamps([value])
    assert not read.problems
    assert not read.zones
    assert read.stamps[0] == NOON
    assert zone_name(read.stamps.tz) == "Europe/Berlin"


@pytest.mark.parametrize("value", [datetime(2026, 6, 1), np.datetime64("2026-06-01"), "2026-06-01", "2026-06-01T00:00"])
def test_timestamps_without_a_zone_stay_without(value):
    """Tests that naive forms read alike."""
    read = read_timestamps([value])
    assert read.stamps.tz is None
    assert read.stamps.tolist() == [pd.Timestamp(2026, 6, 1)]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "missing"),
        (pd.NaT, "missing"),
        (7, "7 is no timestamp"),
        (date(2026, 6, 1), "is no timestamp"),
        ("2026-06-31T00:00", "is no timestamp"),
        ("2026-06-01 noon", "is no timestamp"),
        ("2026-06-01T12:00[Europe/Berlin]", "has a time zone without its offset"),
        ("2026-06-01T12:00+02:00[Europe/Nowhere]", "is no timestamp"),
        ("2026-06-01T12:00+01:00[Europe/Berlin]", "has an offset that is not that of its time zone"),
        (pd.Timestamp(1), "is finer than a microsecond"),
    ],
)
def test_what_is_no_timestamp_is_said(value, problem):
    """Tests that each defect is told by its position."""
    read = read_timestamps(["2026-01-01", value])
    assert list(read.problems) == [1]
    assert problem in read.problems[1]


def test_columns_of_pandas_tell_the_same_defects():
    """Tests that missing and too fine timestamps are named in columns of pandas' own kind too."""
    read = read_timestamps(pd.Series([pd.Timestamp(0), pd.NaT, pd.Timestamp(1)]))
    assert read.problems == {1: "missing", 2: "1970-01-01 00:00:00.000000001 is finer than a microsecond"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([NOON, datetime(2026, 6, 1)], "timestamps without a time zone and with Europe/Berlin"),
        ([NOON, NOON.astimezone(UTC)], "time zones Europe/Berlin and UTC are mixed"),
        (["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"], "time zones +01:00 and +02:00 are mixed"),
    ],
)
def test_mixed_zones_are_said(values, said):
    """Tests that zones must be one, also where only offsets are given."""
    assert read_timestamps(values).zones == said


def test_names_of_zones_are_one_whatever_made_them():
    """Tests that UTC and fixed offsets have one name, whoever holds them."""
    assert {zone_name(pd.Timestamp("2026-01-01", tz=tz).tzinfo) for tz in ("UTC", UTC, ZoneInfo("Etc/UTC"))} == {"UTC"}
    assert zone_name(timezone(-timedelta(hours=3, minutes=30))) == "-03:30"
    assert zone_name(None) == ""


def test_what_is_meant_as_a_timestamp():
    """Tests that numbers and other texts are not."""
    assert not any(map(is_timestamp, [7, 7.0, "7", "noon", None, pd.NaT, np.datetime64("NaT", "us")]))
    assert has_timestamps(pd.Series([0, "2026-01-01"], dtype=object))
    assert not has_timestamps(pd.Series([0, 1]))


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(["", "UTC", "+05:30", "-03:00", "Europe/Berlin", "America/New_York", "Asia/Shanghai"]),
)
def test_text_gives_the_timestamp_back(time, zone):
    """Tests that instant and zone survive a file."""
    naive = pd.DatetimeIndex([time]).as_unit("us")
    stamps = naive.tz_localize("UTC").tz_convert(zone) if zone else naive
    again = read_timestamps([text_of(stamps[0])])
    assert not again.problems
    assert again.stamps[0] == stamps[0]
    assert zone_name(again.stamps.tz) == zone


def test_short_texts():
    """Tests that seconds show only where there are any."""
    assert short_text(pd.Timestamp("2026-01-01 00:00:30")) == "2026-01-01 00:00:30"
    assert short_text(6.0) == "6"
