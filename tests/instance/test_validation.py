"""Checking one table against its schema."""

# ruff: noqa: E501 - files and messages read best whole

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from placer.instance.cleaning import clean, slips, tabulate
from placer.instance.schema import DATA_CENTRES, DEMAND, HUBS, LINKS, POWER_ZONES, WORKLOADS
from placer.instance.validation import number_problem, show


def only(frame, table):
    """Return the one violation of a table."""
    _, violations = clean(frame, table)
    (violation,) = violations
    return violation


def zones(*prices):
    return pd.DataFrame(
        {"power_zone": [f"z{place}" for place in range(len(prices))], "usd_per_mwh": pd.Series(prices, dtype=object)}
    )


def test_absent_columns_get_their_default():
    """Tests that a table comes out with all its columns in the order of the schema, unknown ones after them."""
    cleaned, violations = clean(pd.DataFrame({"note": ["x"], "hub": ["A"]}), HUBS)
    assert not violations
    assert tuple(cleaned.columns) == (*HUBS.names, "note")
    assert cleaned.loc[0, "access_ms"] == 0
    assert cleaned.loc[0, "region"] is None
    assert math.isnan(cleaned.loc[0, "lat"])


def test_types_are_exact():
    """Tests that numbers become floats, hours whole numbers, names text, whatever they came as."""
    frame = pd.DataFrame({"workload": [1], "hub": ["A"], "hour": [2.0], "mtok": [Fraction(1, 4)]})
    cleaned, violations = clean(frame, DEMAND)
    assert not violations
    assert cleaned.loc[0, "workload"] == "1"
    assert cleaned["hour"].dtype == np.int64
    assert cleaned["mtok"].dtype == float
    assert cleaned.loc[0, "mtok"] == 0.25


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1, 2]),
        np.array([1.0, 2.0], dtype=np.float32),
        pd.Series([1, 2], index=[7, 8]),
        pd.Index([1, 2]),
        range(1, 3),
    ],
    ids=lambda values: type(values).__name__,
)
def test_hourly_values_may_be_any_sequence(values):
    """Tests that one number per hour may come as a list, tuple, range, array or series."""
    cleaned, violations = clean(zones(values, 5), POWER_ZONES)
    assert not violations
    assert cleaned["usd_per_mwh"].tolist() == [(1.0, 2.0), 5.0]


@pytest.mark.parametrize(
    "value", [{1: 2}, {1, 2}, np.array(5.0), np.ones((2, 2)), "12", b"12", None, math.nan, True, object(), pd.NA]
)
def test_hourly_values_must_be_numbers(value):
    """Tests that what is neither a number nor a sequence is named by its row."""
    violation = only(zones(1, value, 2), POWER_ZONES)
    assert (violation.row, violation.column) == ("z1", "usd_per_mwh")
    assert "number, or one per hour" in violation.allowed
    assert "\n" not in str(violation)


def test_hourly_violation_names_the_hour():
    """Tests that a bad value among hourly ones is named by row and hour."""
    violation = only(zones(1, [1, 2, math.inf, 4], [5]), POWER_ZONES)
    assert violation.row == "z1, hour 2"
    assert violation.problem == "inf is out of range"


def test_empty_hourly_values_are_kept():
    """Tests that an empty sequence is passed on, for the instance to miss its hours."""
    cleaned, violations = clean(zones([], 1, []), POWER_ZONES)
    assert not violations
    assert cleaned["usd_per_mwh"].tolist() == [(), 1.0, ()]


@pytest.mark.parametrize("prices", [(1e-8, 1e3), ([1e-8, 1], [1, 1e3]), ([5, 1e-8, 1e3],)])
def test_magnitudes_too_far_apart(prices):
    """Tests that a column whose values span more than 1e9 is refused, hourly or not."""
    violation = only(zones(*prices), POWER_ZONES)
    assert "too far apart" in violation.problem
    assert violation.allowed == "a ratio of at most 1e+09"


def test_magnitudes_of_unscaled_columns_do_not_matter():
    """Tests that places on the globe may be as near to 0 as they like."""
    _, violations = clean(pd.DataFrame({"hub": ["A", "B"], "lat": [1e-12, 80.0]}), HUBS)
    assert not violations


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "object", "float64"])
def test_missing_numbers_of_any_kind(dtype):
    """Tests that a missing number is found in every kind of column pandas has."""
    missing = None if dtype == "object" else pd.NA if dtype[0].isupper() else math.nan
    frame = pd.DataFrame({"from": ["A", "B"], "to": ["X", "X"], "rtt_ms": pd.Series([1, missing], dtype=dtype)})
    violation = only(frame, LINKS)
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
def test_name_problems(name, problem):
    """Tests that a name is text a person can read and write, and that its row is then named by number."""
    violation = only(pd.DataFrame({"hub": pd.Series(["B", name], dtype=object)}), HUBS)
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
def test_bad_jurisdictions(given):
    """Tests that an empty or unreadable set of names is a violation."""
    frame = pd.DataFrame({"workload": ["w"], "accelerator_hours_per_mtok": [1], "kwh_per_mtok": [1]})
    violation = only(frame.assign(jurisdictions=pd.Series([given], dtype=object)), WORKLOADS)
    assert (violation.row, violation.column, violation.allowed) == ("w", "jurisdictions", "names")


def test_key_may_stand_in_the_index():
    """Tests that a table whose key is its index is taken, one level or several."""
    whole = pd.DataFrame({"workload": ["w"], "hub": ["A"], "hour": [0], "mtok": [1.0]})
    for index in (["workload"], ["workload", "hub", "hour"]):
        cleaned, violations = clean(whole.set_index(index), DEMAND)
        assert not violations
        assert cleaned.equals(clean(whole, DEMAND)[0])


def test_every_defect_is_named():
    """Tests that one pass finds the defects of all columns and rows, in the order of the columns."""
    frame = pd.DataFrame({"data_centre": ["X", None], "acelerators": [1, 2], "pue": [0.5, 1], "speed": [0, "fast"]})
    _, violations = clean(frame, DATA_CENTRES)
    assert [str(violation) for violation in violations] == [
        "data_centres.acelerators: unknown column (allowed: perhaps accelerators)",
        "data_centres[row 2].data_centre: missing: write the name of the data centre, such as Guizhou 1 (allowed: text)",
        "data_centres[X].pue: 0.5 is out of range (allowed: number, or one per hour, >= 1, <= 10, finite)",
        "data_centres[X].speed: 0 is out of range (allowed: number, > 0, finite)",
        "data_centres[row 2].speed: 'fast' is text (allowed: number, > 0, finite)",
    ]


@pytest.mark.parametrize("twice", ["hub", "lat", "note"])
def test_columns_given_twice(twice):
    """Tests that a header that stands twice is refused, whether placer knows it or not."""
    frame = pd.DataFrame([["A", 1, "x", "y"]], columns=["hub", "lat", "note", "y"]).rename(columns={"y": twice})
    _, violations = clean(frame, HUBS)
    assert violations[0].column == twice
    assert violations[0].problem == "column given twice"


def test_columns_without_a_name():
    """Tests that a header that is empty or blank is refused, since a file could not keep it."""
    assert only(pd.DataFrame({"hub": ["A"], "": [1]}), HUBS).problem == "a column without a name"


def test_rows_given_twice():
    """Tests that a key that stands twice is named, except where parallel rows mean something."""
    assert only(pd.DataFrame({"hub": ["A", "B", "A"]}), HUBS).row == "A"
    frame = pd.DataFrame({"from": ["A", "A"], "to": ["X", "X"], "rtt_ms": [1, 2]})
    assert clean(frame, LINKS)[1] == []


def test_cleaning_leaves_the_given_table_alone():
    """Tests that neither table shares memory with the other."""
    frame = pd.DataFrame({"hub": ["A"], "access_ms": [1.0], "note": [5.0]})
    before = frame.copy()
    cleaned, _ = clean(frame, HUBS)
    cleaned.loc[0, ["access_ms", "note"]] = 7.0
    assert frame.equals(before)
    frame.loc[0, ["access_ms", "note"]] = 9.0
    assert cleaned.loc[0, "access_ms"] == cleaned.loc[0, "note"] == 7.0


def test_cleaning_twice_changes_nothing():
    """Tests that a clean table is its own cleaning."""
    cleaned, _ = clean(zones([1, 2], 5).assign(note="x"), POWER_ZONES)
    again, violations = clean(cleaned, POWER_ZONES)
    assert not violations
    assert again.equals(cleaned)


def test_tabulate_leaves_what_a_record_lacks_missing():
    """Tests that a record without an attribute others have holds None there, which stands for the default."""
    frame = tabulate([{"from": "A", "to": "X", "usd_per_gb": 1}, {"from": "B", "rtt_ms": 1}], LINKS)
    assert frame.to_dict("list") == {
        "from": ["A", "B"], "to": ["X", None], "usd_per_gb": [1, None], "rtt_ms": [None, 1]
    }  # fmt: skip
    assert tuple(tabulate([], LINKS).columns) == LINKS.names


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


def test_a_column_named_name_is_the_key():
    """Tests that ``name`` stands for a key of one column that is absent, in a column or the index, and only then."""
    for frame in (pd.DataFrame({"name": ["A"]}), pd.DataFrame(index=pd.Index(["A"], name="name"))):
        cleaned, violations = clean(frame, HUBS)
        assert not violations
        assert cleaned["hub"].tolist() == ["A"]
    cleaned, _ = clean(pd.DataFrame({"hub": ["A"], "name": ["x"]}), HUBS)
    assert (cleaned["hub"][0], cleaned["name"][0]) == ("A", "x")


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
def test_texts_that_are_no_numbers_come_with_advice(value, advice):
    """Tests that the message says what to write instead."""
    assert advice in only(pd.DataFrame({"hub": ["A"], "access_ms": [value]}), HUBS).problem


@pytest.mark.parametrize("given", ["EU,CH", "EU;CH", ["EU,CH"], "EU|CH,DE"])
def test_names_in_one_text_are_refused(given):
    """Tests that jurisdictions separated by anything but bars are refused, with what to write."""
    frame = pd.DataFrame({"workload": ["w"], "accelerator_hours_per_mtok": [1], "kwh_per_mtok": [1]})
    violation = only(frame.assign(jurisdictions=pd.Series([given], dtype=object)), WORKLOADS)
    assert "separate names by '|', as in EU|CH" in violation.problem


def test_slips_leave_what_is_given_right():
    """Tests that an unknown name is no slip where the known one stands beside it."""
    assert slips(["hub", "Region"], HUBS) == {"Region": "region"}
    assert slips(["hub", "Region", "region"], HUBS) == {}


def test_show_is_short_and_on_one_line():
    """Tests that any value fits into a message."""
    assert show("5") == "'5'"
    assert len(show("x" * 1000)) == 40
    assert "\n" not in show(np.ones((3, 3)))
    assert show(10**5000) == "a huge int"
