"""Names and numbers, one by one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from placer.errors import ArgumentError, InstanceError
from placer.extended.given import Defects, check_order, read_names, read_numbers, read_sides, read_truths

NAMES = ("a", "b")


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (2, [2, 2]),
        ([1, 2.5], [1, 2.5]),
        (np.array([1, 2]), [1, 2]),
        ({"b": 2, "a": 1}, [1, 2]),
        (pd.Series({"b": 2.0, "a": 1.0}), [1, 2]),
        (iter([0, 3]), [0, 3]),
    ],
)
def test_one_for_all_or_one_each(given, values):
    """Tests the ways to give numbers: one, in order, and by name."""
    defects = Defects("own columns")
    assert read_numbers(given, NAMES, "cost_usd", defects).tolist() == values
    assert defects.found == []


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (math.nan, ["missing", "missing"]),
        ([1, None], ["missing"]),
        ([True, "2"], ["True is no number", "'2' is no number"]),
        ([math.inf, 1e-12], ["inf is not finite", "1e-12 is taken for nothing or infinity by solvers"]),
        ([1e15, 0], ["1e+15 is taken for nothing or infinity by solvers"]),
        ([1, 2, 3], ["3 values for 2 names"]),
        ({"a": 1, "c": 2}, ["no such name", "missing"]),
        (pd.Series([1.0, 2.0], index=["a", "a"]), ["a name is given twice"]),
        ("ab", ["'ab' is no number", "'ab' is no number"]),
    ],
)
def test_what_is_no_number_is_noted(given, problems):
    """Tests that every defect is noted with the name and column it stands at."""
    defects = Defects("own columns")
    read_numbers(given, NAMES, "cost_usd", defects)
    assert [each.problem for each in defects.found] == problems
    assert {(each.table, each.column) for each in defects.found} == {("own columns", "cost_usd")}


def test_sides_may_be_missing_on_their_own_side_alone():
    """Tests that -inf is no lower side, inf no upper one, and the other way round is a defect."""
    defects = Defects("own rows")
    assert read_sides([-math.inf, 1], NAMES, "lower", defects).tolist() == [-math.inf, 1]
    assert read_sides(np.inf, NAMES, "upper", defects).tolist() == [math.inf, math.inf]
    assert defects.found == []
    read_sides(math.inf, NAMES, "lower", defects)
    read_sides(-math.inf, NAMES, "upper", defects)
    assert [each.problem for each in defects.found] == ["inf is not finite"] * 2 + ["-inf is not finite"] * 2


def test_truths():
    """Tests that 1 is not True."""
    defects = Defects("own columns")
    assert read_truths([True, np.False_], NAMES, defects).tolist() == [True, False]
    assert defects.found == []
    read_truths(1, NAMES, defects)
    assert [each.problem for each in defects.found] == ["1 is no truth value"] * 2


def test_names():
    """Tests that names are text, not empty, and each once, those already there included."""
    defects = Defects("own rows")
    assert read_names("a", (), defects) == ("a",)
    assert read_names(pd.Series(["a", "b"]), (), defects) == NAMES
    assert defects.found == []
    read_names(["a", "a", "old", " ", 3, ["x"]], ("old",), defects)
    with pytest.raises(InstanceError, match="no name is given"):
        read_names([], (), defects)
    assert [each.problem for each in defects.found] == [
        *("given twice", "given twice", "' ' is no name", "3 is no name", "['x'] is no name", "no name is given"),
    ]
    with pytest.raises(ArgumentError, match="expected a name or several names as name, not 3"):
        read_names(3, (), defects)


def test_order_and_stop():
    """Tests that a lower side above its upper side is noted, and that stopping raises all at once."""
    defects = Defects("own rows")
    defects.stop()
    check_order(NAMES, np.array([1.0, 3.0]), np.array([1.0, 2.0]), defects)
    check_order(NAMES, np.array([4.0, -np.inf]), np.array([1.0, np.inf]), defects)
    with pytest.raises(InstanceError) as stopped:
        defects.stop()
    assert [(each.row, each.problem) for each in stopped.value.violations] == [
        ("b", "lower 3 is above upper 2"),
        ("a", "lower 4 is above upper 1"),
    ]
