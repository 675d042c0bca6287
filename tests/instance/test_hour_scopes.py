"""Tests for the hours that a limit is about."""

import numpy as np
import pandas as pd
import pytest

from placer.instance.hour_scopes import EACH, chosen_hours, hours_problem

DAY = pd.date_range("2026-01-01", periods=24, freq="h")


@pytest.mark.parametrize(
    ("text", "hours", "chosen"),
    [
        ("3", range(24), [3]),
        ("0-2| 5 |23", range(24), [0, 1, 2, 5, 23]),
        ("7-8", range(6, 10), [1, 2]),
        ("2026-01-01T02:00", DAY, [2]),
        ("2026-01-01T02:00/2026-01-01T04:00|2026-01-01T23:00", DAY, [2, 3, 4, 23]),
    ],
)
def test_hours_are_chosen(text, hours, chosen):
    """Tests single hours and ranges, of whole numbers and of timestamps, both ends included."""
    assert hours_problem(text, hours) == ""
    assert np.flatnonzero(chosen_hours(text, hours)).tolist() == chosen


@pytest.mark.parametrize(
    ("text", "hours", "problem"),
    [
        ("24", range(24), "'24' is no hour of the demand"),
        ("8-30", range(24), "'8-30' is no hour of the demand"),
        ("9-8", range(24), "'9-8' ends before it begins"),
        ("night", range(24), "'night' is neither an hour nor a range of hours"),
        ("1||2", range(24), "'' is neither an hour nor a range of hours"),
        ("5", DAY, "'5' is neither a timestamp nor a range of timestamps"),
        ("2026-01-02T00:00", DAY, "'2026-01-02T00:00' is no hour of the demand"),
        ("a/b/c", DAY, "'a/b/c' is neither a timestamp nor a range of timestamps"),
        ("noon", DAY, "'noon' is neither a timestamp nor a range of timestamps"),
    ],
)
def test_hours_that_are_none_are_named(text, hours, problem):
    """Tests that a part that is no hour of the horizon is named."""
    assert hours_problem(text, hours) == problem


def test_each_is_every_hour_by_itself():
    """Tests that the word for every hour by itself is no defect."""
    assert hours_problem(EACH, range(3)) == ""
