"""The days of a horizon: calendar days or blocks, and which of them have the usual hours."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.hours.days import days_of

NONE = pd.DataFrame()


def test_calendar_days_follow_the_clock_of_the_hours():
    """Tests days of 23 and 25 hours, and a last day that is cut short, in a zone with daylight saving."""
    spring = pd.date_range("2026-03-27", "2026-03-31 11:00", freq="h", tz="Europe/Berlin")
    days = days_of(spring, NONE)
    assert days.labels == ("2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31")
    assert days.starts.tolist() == [0, 24, 48, 71, 95, 107]
    assert days.is_usual.tolist() == [True, True, False, True, False]
    assert days.usual_hours.shape == (3, 24)
    assert days.usual_hours[2, 0] == 71
    assert days.of_hours[70:72].tolist() == [2, 3]
    autumn = pd.date_range("2026-10-24", "2026-10-26 23:00", freq="h", tz="Europe/Berlin")
    assert days_of(autumn, NONE).is_usual.tolist() == [True, False, True]
    assert days_of(autumn.tz_convert("UTC"), NONE).labels[0] == "2026-10-23"


def test_blocks_are_days():
    """Tests that several blocks are the days, of whole hours too, and that those of another length are not usual."""
    periods = pd.DataFrame({"hour": range(7), "weight": 1.0, "block": list("aabbccc")})
    days = days_of(range(7), periods)
    assert (days.labels, days.starts.tolist()) == (("a", "b", "c"), [0, 2, 4, 7])
    assert days.is_usual.tolist() == [True, True, False]
    for one_block in (NONE, periods.assign(block=None)):
        with pytest.raises(InstanceError, match="whole hours in one block have no days"):
            days_of(range(7), one_block)


def test_days_are_found_by_name_and_date():
    """Tests labels, dates and timestamps, and what is none of them."""
    days = days_of(pd.date_range("2026-01-01", periods=48, freq="h"), NONE)
    for given in ("2026-01-02", date(2026, 1, 2), pd.Timestamp("2026-01-02 05:00")):
        assert days.find(given) == 1
    for given in ("2026-01-03", "second", 1, None, ""):
        assert days.find(given) is None
