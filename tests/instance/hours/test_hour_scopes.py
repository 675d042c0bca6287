"""Tests for the hours that a user names."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.hours.hour_scopes import EACH, chosen_hours, examples_of, hour_span, hours_problems, named_hours

DAY = pd.date_range("2026-01-01", periods=24, freq="h")
#: The last hour of a day, the 25 hours of the next in Berlin, on which 02:00 is twice, and one more.
LONG = pd.date_range("2026-10-24T23:00", periods=27, freq="h", tz="Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "hours", "chosen"),
    [
        ("3", range(24), [3]),
        ("0-2| 5 |23", range(24), [0, 1, 2, 5, 23]),
        ("7-8", range(6, 10), [1, 2]),
        ("2026-01-01T02:00", DAY, [2]),
        ("2026-01-01T02:00/2026-01-01T04:00|2026-01-01T23:00", DAY, [2, 3, 4, 23]),
        ("2026-01-01", DAY, list(range(24))),
        ("2026-10-25", LONG, list(range(1, 26))),
        ("2026-10-24/2026-10-25 01:00", LONG, [0, 1, 2]),
        ("2026-10-25T01:00:00Z", LONG, [4]),
        ("2026-10-25T02:00+01:00[Europe/Berlin]/2026-10-25T03:00+01:00[Europe/Berlin]", LONG, [4, 5]),
        ("2026-10-25T09:00+09:00[Asia/Tokyo]", LONG, [3]),
        (7, range(6, 10), [1]),
        (["7", np.int64(9)], range(6, 10), [1, 3]),
        (range(7, 9), range(6, 10), [1, 2]),
        (LONG[3:5].tz_convert("UTC"), LONG, [3, 4]),
        (datetime(2026, 10, 25, 1), LONG, [2]),  # noqa: DTZ001 - meant in the zone of the demand
        (np.datetime64("2026-10-25T01"), LONG, [2]),
        (np.datetime64("2026-10-26"), LONG, [26]),
        ([date(2026, 10, 24), pd.Timestamp("2026-10-26")], LONG, [0, 26]),
    ],
)
def test_hours_are_chosen(text, hours, chosen):
    """Tests single hours and ranges, of whole numbers and of timestamps, both ends included."""
    assert hours_problems(text, hours) == []
    assert np.flatnonzero(chosen_hours(text, hours)).tolist() == chosen


@pytest.mark.parametrize(
    ("text", "hours", "problem"),
    [
        ("24", range(24), "'24' is no hour of the demand"),
        ("8-30", range(24), "'30' is no hour of the demand"),
        (["7", 30], range(24), "30 is no hour of the demand"),
        (True, range(24), "True is no hour of the demand"),
        (7.5, range(24), "7.5 is no hour of the demand"),
        ("9-8", range(24), "'9-8' ends before it begins"),
        ("night", range(24), "'night' is neither an hour nor a range of hours"),
        ("1||2", range(24), "'' is neither an hour nor a range of hours"),
        ("5", DAY, "'5' is neither a timestamp nor a range of timestamps"),
        ("2026-01-02T00:00", DAY, "'2026-01-02T00:00' is no hour of the demand"),
        ("a/b/c", DAY, "'a/b/c' is neither a timestamp nor a range of timestamps"),
        ("noon", DAY, "'noon' is neither a timestamp nor a range of timestamps"),
        ("2026-01-01T05:00/2026-01-01T04:00", DAY, "'2026-01-01T05:00/2026-01-01T04:00' ends before it begins"),
        ("2026-01-41", DAY, "'2026-01-41' is no timestamp: day is out of range for month"),
        ("2026-01-02", DAY, "'2026-01-02' is no hour of the demand"),
        ("2026-01-01T02:00Z", DAY, "'2026-01-01T02:00Z' has a time zone, and the demand has none"),
        (5, DAY, "5 is no timestamp"),
        (pd.NaT, DAY, "NaT is no hour of the demand"),
        (
            "2026-10-25T02:00",
            LONG,
            "'2026-10-25T02:00' is twice in Europe/Berlin: write its offset, as in 2026-10-25T02:00:00+02:00",
        ),
        ("2026-10-25T00:30", LONG, "'2026-10-25T00:30' is no hour of the demand"),
    ],
)
def test_hours_that_are_none_are_named(text, hours, problem):
    """Tests that a part that is no hour of the horizon is named."""
    assert hours_problems(text, hours) == [problem]


def test_each_is_every_hour_by_itself():
    """Tests that the word for every hour by itself is no defect."""
    assert hours_problems(EACH, range(3)) == []


@pytest.mark.parametrize(
    ("hour", "hours", "span"),
    [("2026-10-25", LONG, (1, 25)), ("7", range(6, 9), (1, 1)), ("6-7", range(6, 9), "'6-7' is no hour of the demand")],
)
def test_span(hour, hours, span):
    """Tests that a date has ends, and that a range is no hour."""
    assert hour_span(hour, hours) == span


@pytest.mark.parametrize("hours", [range(6, 9), DAY, LONG])
def test_examples_are_hours(hours):
    """Tests that each example of a message names hours."""
    for example in examples_of(hours).removeprefix("hours of the demand, such as ").split(", "):
        for text in example.removeprefix("or ").removesuffix(" for a day").split(" or "):
            assert hours_problems(text, hours) == []


def test_all_that_name_no_hours_are_listed():
    """Tests that each part is a violation, and that the word for every hour by itself is no scope."""
    for given, problems in (("5|noon", 2), (["2026-01-01", 5, "noon"], 2), (EACH, 1)):
        with pytest.raises(InstanceError) as raised:
            named_hours(given, DAY, ("flexibility", "hours"))
        assert len(raised.value.violations) == problems
    assert named_hours("2026-01-01T05:00", DAY, ("flexibility", "hours")).tolist() == (np.arange(24) == 5).tolist()
