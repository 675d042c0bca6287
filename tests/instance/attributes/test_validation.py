"""Checking one table against its schema."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from placer.instance.attributes.schema import DATA_CENTRES, HUBS, LINKS, POWER_ZONES, WORKLOADS
from placer.instance.attributes.validation import number_problem, show
from placer.instance.tables.cleaning import clean


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1, 2]),
        np.array([1.0, 2.0], dtype=np.float32),
        pd.Index([1, 2]),
        range(1, 3),
    ],
    ids=lambda values: type(values).__name__,
)
def test_hourly_values_may_be_any_sequence(values, zones):
    """Tests that one number per hour may come as a list, tuple, range or array."""
    cleaned, violations = clean(zones(values, 5), POWER_ZONES)
    assert not violations
    assert cleaned["usd_per_mwh"].tolist() == [(1.0, 2.0), 5.0]


@pytest.mark.parametrize("value", [{7: 1, 8: 2}, pd.Series([1, 2], index=[7, 8])], ids=["mapping", "Series"])
def test_hourly_values_may_carry_their_hours(value, zones):
    """Tests that the hours of a mapping or Series stay with its values until the hours of the demand are known."""
    cleaned, violations = clean(zones(value, 5), POWER_ZONES)
    assert not violations
    pd.testing.assert_series_equal(cleaned["usd_per_mwh"][0], pd.Series([1.0, 2.0], [7, 8]), check_index_type=False)


@pytest.mark.parametrize(
    "value", [{}, {1, 2}, np.array(5.0), np.ones((2, 2)), "12", b"12", None, math.nan, True, object(), pd.NA]
)
def test_hourly_values_must_be_numbers(value, only_violation, zones):
    """Tests that what is neither a number nor a sequence is named by its row."""
    violation = only_violation(zones(1, value, 2), POWER_ZONES)
    assert (violation.row, violation.column) == ("z1", "usd_per_mwh")
    assert "number, or one per hour" in violation.allowed
    assert "\n" not in str(violation)


def test_hourly_violation_names_the_hour(only_violation, zones):
    """Tests that a bad value among hourly ones is named by row and hour."""
    violation = only_violation(zones(1, [1, 2, math.inf, 4], [5]), POWER_ZONES)
    assert violation.row == "z1, hour 2"
    assert violation.problem == "inf is out of range"


def test_empty_hourly_values_are_kept(zones):
    """Tests that an empty sequence is passed on, for the instance to miss its hours."""
    cleaned, violations = clean(zones([], 1, []), POWER_ZONES)
    assert not violations
    assert cleaned["usd_per_mwh"].tolist() == [(), 1.0, ()]


@pytest.mark.parametrize("prices", [(1e-8, 1e3), ([1e-8, 1], [1, 1e3]), ([5, 1e-8, 1e3],)])
def test_magnitudes_too_far_apart(prices, only_violation, zones):
    """Tests that a column whose values span more than 1e9 is refused, hourly or not."""
    violation = only_violation(zones(*prices), POWER_ZONES)
    assert "too far apart" in violation.problem
    assert violation.allowed == "a ratio of at most 1e+09"


def test_magnitudes_of_unscaled_columns_do_not_matter():
    """Tests that places on the globe may be as near to 0 as they like."""
    _, violations = clean(pd.DataFrame({"hub": ["A", "B"], "lat": [1e-12, 80.0]}), HUBS)
    assert not violations


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "object", "float64"])
def test_missing_numbers_of_any_kind(dtype, only_violation):
    """Tests that a missing number is found in every kind of column pandas has."""
    missing = None if dtype == "object" else pd.NA if dtype[0].isupper() else math.nan
    frame = pd.DataFrame({"from": ["A", "B"], "to": ["X", "X"], "rtt_ms": pd.Series([1, missing], dtype=dtype)})
    violation = only_violation(frame, LINKS)
    assert (violation.row, violation.column) == ("B|X", "rtt_ms")
    assert violation.problem.split(":") in (
        [word, " write the round trip over the link in ms, such as 12.5"] for word in ("missing", "NaN")
    )


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int8", "uint16", "float32", "float64", "object", "category"])
def test_numbers_of_any_kind(dtype):
    """Tests that every kind of column of numbers is taken, inf where it is allowed too."""
    rtt = pd.Series([1, 2], dtype=dtype)
    frame = pd.DataFrame({"from": ["A", "B"], "to": ["X", "X"], "rtt_ms": rtt, "capacity_gbps": [math.inf, 1.0]})
    cleaned, violations = clean(frame, LINKS)
    assert not violations
    assert cleaned["rtt_ms"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "missing"),
        (pd.NA, "missing"),
        (pd.NaT, "missing"),
        (math.nan, "NaN"),
        (np.float32("nan"), "NaN"),
        (True, "True is a truth value"),
        (np.True_, "np.True_ is a truth value"),
        ("5", "'5' is text"),
        (1j, "1j is not a number"),
        ([5], "[5] is not a number"),
        (np.timedelta64(5, "ms"), "np.timedelta64(5,'ms') is not a number"),
        (pd.Timedelta(5), "Timedelta('0 days 00:00:00.000000005') is not a number"),
        (-1, "-1 is out of range"),
        (10**400, "1000000000000000000000000000000000000... is out of range"),
        pytest.param(10**5000, "a huge int is out of range", id="huge"),
        (1e-300, "1e-300 is taken for nothing or infinity by solvers (limits 1e-09 and 1e+15)"),
        (1e15, "1e+15 is taken for nothing or infinity by solvers (limits 1e-09 and 1e+15)"),
        (0, ""),
        (1e-9, ""),
        (np.int8(5), ""),
        (Fraction(1, 3), ""),
        (Decimal("0.1"), ""),
        (Decimal("NaN"), "NaN"),
        (Decimal("sNaN"), "NaN"),
        (Decimal("1e999"), "inf is out of range"),
    ],
)
def test_number_problems(value, problem):
    """Tests that nothing that could be a mistake is taken for a number, and that the message says which."""
    assert number_problem(value, HUBS.column("access_ms")) in (problem, problem.replace("Timedelta(", "pd.Timedelta("))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (None, "missing"),
        (math.nan, "missing"),
        (" A", "' A' starts or ends with a blank"),
        ("A\n", "'A\\n' starts or ends with a blank"),
        ("A\tB", "'A\\tB' holds a control character or half a character"),
        ("A\x00", "'A\\x00' holds a control character or half a character"),
        ("A\ud800", "'A\\ud800' holds a control character or half a character"),
        (1.5, "1.5 is not text"),
        (True, "True is not text"),
        (b"A", "b'A' is not text"),
        (("A", "B"), "('A', 'B') is not text"),
        pytest.param(10**5000, "a huge int is not text", id="huge"),
        (np.array(["A", "B"]), "array(['A', 'B'], dtype='<U1') is not text"),
        (pd.NA, "missing"),
    ],
)
def test_name_problems(name, problem, only_violation):
    """Tests that a name is text a person can read and write, and that its row is then named by number."""
    violation = only_violation(pd.DataFrame({"hub": pd.Series(["B", name], dtype=object)}), HUBS)
    assert violation.column == "hub"
    advice = ": write the name of the hub, such as Shanghai" if problem in ("empty", "missing") else ""
    assert violation.problem == problem + advice
    assert violation.row in ("row 2", "1.5")


@pytest.mark.parametrize("name", ["A|B", 'A "B", C', "中卫", "it's", "a b", "ﬁ", "\N{PILE OF POO}", "007", "="])
def test_names_may_hold_anything_else(name):
    """Tests that commas, quotes, bars and any script are allowed in names."""
    cleaned, violations = clean(pd.DataFrame({"hub": [name]}), HUBS)
    assert not violations
    assert cleaned.loc[0, "hub"] == name


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("CN|EU", ("CN", "EU")),
        (["EU", "CN", "CN"], ("CN", "EU")),
        ({"CN"}, ("CN",)),
        (("EU", 7), ("7", "EU")),
        (None, None),
        (math.nan, None),
    ],
)
def test_jurisdictions(given, names):
    """Tests that a set of names may be a collection, or one text with bars, and comes out sorted and once."""
    frame = pd.DataFrame({"workload": ["w"], "accelerator_hours_per_mtok": [1], "kwh_per_mtok": [1]})
    cleaned, violations = clean(frame.assign(jurisdictions=pd.Series([given], dtype=object)), WORKLOADS)
    assert not violations
    assert cleaned.loc[0, "jurisdictions"] == names


@pytest.mark.parametrize("given", ["", "CN|", "CN| EU", [], [""], [None], 5, {"CN": 1}, [["CN"]], ["CN|EU"], ["C\nN"]])
def test_bad_jurisdictions(given, only_violation):
    """Tests that an empty or unreadable set of names is a violation."""
    frame = pd.DataFrame({"workload": ["w"], "accelerator_hours_per_mtok": [1], "kwh_per_mtok": [1]})
    violation = only_violation(frame.assign(jurisdictions=pd.Series([given], dtype=object)), WORKLOADS)
    assert (violation.row, violation.column, violation.allowed) == ("w", "jurisdictions", "names")


@pytest.mark.parametrize("missing", [None, math.nan, np.float32("nan"), pd.NA, pd.NaT], ids=str)
def test_missing_cells_hold_the_default(missing):
    """Tests that what is missing is the default of its column: a number, unlimited, one per hour, or not given."""
    columns = ["speed", "accelerators", "pue", "lat", "region"]
    frame = pd.DataFrame({"data_centre": ["X"]} | {name: pd.Series([missing], dtype=object) for name in columns})
    cleaned, violations = clean(frame, DATA_CENTRES)
    assert not violations
    assert cleaned.equals(clean(pd.DataFrame({"data_centre": ["X"]}), DATA_CENTRES)[0])


@pytest.mark.parametrize("dtype", ["float64", "Float64", "object"])
def test_missing_cells_of_columns_of_numbers_hold_the_default(dtype):
    """Tests that the same holds in columns of numbers of any kind, where others are given, and within hours."""
    frame = pd.DataFrame({"data_centre": ["X", "Y"], "accelerators": pd.Series([5, None], dtype=dtype)})
    frame["pue"] = [[1.5, None], 1.25]
    cleaned, violations = clean(frame, DATA_CENTRES)
    assert not violations
    assert cleaned["accelerators"].tolist() == [5.0, math.inf]
    assert cleaned["pue"].tolist() == [(1.5, 1.0), 1.25]


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("5", "turn the column into numbers, as pandas.to_numeric does"),
        ("1,5", "write a point, not a comma"),
        ("10 ms", "write the number alone"),
        ("n/a", "leave the cell empty for the default"),
        ("", "leave the cell empty for the default"),
    ],
)
def test_texts_that_are_no_numbers_come_with_advice(value, advice, only_violation):
    """Tests that the message says what to write instead."""
    assert advice in only_violation(pd.DataFrame({"hub": ["A"], "access_ms": [value]}), HUBS).problem


@pytest.mark.parametrize("given", ["EU,CH", "EU;CH", ["EU,CH"], "EU|CH,DE"])
def test_names_in_one_text_are_refused(given, only_violation):
    """Tests that jurisdictions separated by anything but bars are refused, with what to write."""
    frame = pd.DataFrame({"workload": ["w"], "accelerator_hours_per_mtok": [1], "kwh_per_mtok": [1]})
    violation = only_violation(frame.assign(jurisdictions=pd.Series([given], dtype=object)), WORKLOADS)
    assert "separate names by '|', as in EU|CH" in violation.problem


def test_show_is_short_and_on_one_line():
    """Tests that any value fits into a message."""
    assert show("5") == "'5'"
    assert len(show("x" * 1000)) == 40
    assert "\n" not in show(np.ones((3, 3)))
    assert show(10**5000) == "a huge int"
