"""Tests of the steps of a horizon and of the marks of their axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.report.html.calendar import MOST_STEPS, steps_of


def clock(start, hours, zone="Europe/Berlin"):
    return pd.date_range(start, periods=hours, freq="h", tz=zone)


def test_short_horizons_are_shown_hour_by_hour():
    """Tests that every hour is a step of its own."""
    steps = steps_of(range(5))
    assert steps.labels == ("0", "1", "2", "3", "4")
    assert steps.in_words[3] == "hour 3"
    assert steps.unit == "hour"


def test_numbered_hours_are_shown_by_quarters_of_a_day():
    """Tests that sums are kept, means are of the hours there are, and steps begin at multiples of six hours."""
    steps = steps_of(range(100, 265))
    assert steps.labels[:2] == ("hours 100-101", "hours 102-107")
    assert steps.labels[-1] == "264"
    hourly = np.arange(165.0)
    assert steps.total(hourly).sum() == hourly.sum()
    assert steps.mean(hourly)[[0, -1]].tolist() == [0.5, hourly[-1]]


@pytest.mark.parametrize(
    ("start", "hours", "unit", "count", "ends"),
    [
        ("2026-03-10", 24, "hour", 24, ("00:00", "23:00")),
        ("2026-03-10 18:00", 24, "hour", 24, ("10 Mar 18:00", "11 Mar 17:00")),
        ("2026-03-10", 168, "quarter-day", 28, ("10 Mar 00:00-06:00", "16 Mar 18:00-24:00")),
        ("2026-03-01", 28 * 24, "day", 28, ("1 Mar", "28 Mar")),
        ("2026-01-01", 8760, "week", 53, ("1-4 Jan", "28-31 Dec")),
        ("2025-07-01", 8760, "week", 53, ("1-6 Jul 2025", "29-30 Jun 2026")),
        ("2025-01-01", 2 * 8760, "month", 24, ("Jan 2025", "Dec 2026")),
        ("2020-01-01", 24 * 366 * 6, "year", 7, ("2020", "2026")),
    ],
)
def test_steps_are_of_calendar_length(start, hours, unit, count, ends):
    """Tests that each span has its steps, which are never 14 hours, and each a name of its own."""
    steps = steps_of(clock(start, hours))
    assert (steps.unit, len(steps)) == (unit, count)
    assert (steps.labels[0], steps.labels[-1]) == ends
    assert len(set(steps.labels)) == len(steps) <= MOST_STEPS
    assert len(steps.of_hour) == hours


def test_days_begin_at_midnight_of_their_zone():
    """Tests the day of 23 hours and the day of 25 hours, and that an hour which comes twice has two names."""
    spring = steps_of(clock("2026-03-28", 47))
    assert len(spring) == 47
    days = steps_of(clock("2026-03-28", 71 + 24 * 20))
    assert np.bincount(days.of_hour)[:3].tolist() == [24, 23, 24]
    autumn = steps_of(clock("2026-10-25", 25))
    assert autumn.labels[2:4] == ("02:00 +0200", "02:00 +0100")


def test_finer_steps_are_put_together_to_hours():
    """Tests a day of quarters of an hour, and days as steps."""
    quarters = steps_of(pd.date_range("2026-01-01", periods=96, freq="15min"))
    assert (quarters.unit, len(quarters), quarters.title) == ("hour", 24, "1 Jan 2026")
    assert steps_of(pd.date_range("2026-01-01", periods=3, freq="D")).labels == ("1 Jan", "2 Jan", "3 Jan")


@pytest.mark.parametrize(
    ("start", "hours", "most", "marks"),
    [
        ("2026-03-10", 24, 6, ["00", "06", "12", "18"]),
        ("2026-03-10 18:00", 24, 6, ["18:00", "11 Mar", "06:00", "12:00"]),
        ("2026-03-10", 168, 13, [f"{day} Mar" for day in range(10, 17)]),
        ("2026-03-10", 672, 13, ["16 Mar", "23 Mar", "30 Mar", "6 Apr"]),
        ("2026-01-01", 8760, 6, ["2026", "Mar", "May", "Jul", "Sep", "Nov"]),
    ],
)
def test_marks_are_few_and_round(start, hours, most, marks):
    """Tests hours within a day, dates over days, and months over a year."""
    assert list(steps_of(clock(start, hours)).marks(most).values()) == marks


def test_marks_stand_where_their_time_begins():
    """Tests the place of Mondays, and multiples of whole hours."""
    steps = steps_of(clock("2026-03-10", 672))
    assert [steps.starts[place].day_name() for place in steps.marks(13)] == ["Monday"] * 4
    assert steps_of(range(24)).marks(5) == {0: "0", 6: "6", 12: "12", 18: "18"}
    assert steps_of(range(7, 8)).marks(5) == {0: "7"}


def test_an_axis_names_its_dates_and_its_zone():
    """Tests titles within a day, a month and over the end of a year."""
    assert steps_of(clock("2026-03-10", 24)).title == "10 Mar 2026, Europe/Berlin"
    assert steps_of(clock("2026-03-10", 48, None)).title == "10 to 11 Mar 2026"
    assert steps_of(clock("2026-12-31", 48, "UTC")).title == "31 Dec 2026 to 1 Jan 2027, UTC"
