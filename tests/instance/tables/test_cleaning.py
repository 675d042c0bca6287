"""One table against its schema: exact types, defaults, headers and keys."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from placer.instance.attributes.schema import DATA_CENTRES, DEMAND, HUBS, LINKS, POWER_ZONES
from placer.instance.tables.cleaning import clean, slips, tabulate


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


def test_key_may_stand_in_the_index():
    """Tests that a table whose key is its index is taken, one level or several."""
    whole = pd.DataFrame({"workload": ["w"], "hub": ["A"], "hour": [0], "mtok": [1.0]})
    for index in (["workload"], ["workload", "hub", "hour"]):
        cleaned, violations = clean(whole.set_index(index), DEMAND)
        assert not violations
        assert cleaned.equals(clean(whole, DEMAND)[0])


@pytest.mark.parametrize("name", [None, "snapshot"])
def test_timestamps_in_the_index_are_the_hour(name):
    """Tests that the hours of a table are not lost where its index of timestamps has no name of placer's."""
    hours = pd.date_range("2026-01-01", periods=2, freq="h", name=name)
    whole = pd.DataFrame({"workload": "w", "hub": "A", "mtok": [1.0, 2.0]}, index=hours)
    for frame in (whole, whole.set_index(["workload", "hub"], append=True)):
        cleaned, violations = clean(frame, DEMAND)
        assert not violations
        assert cleaned["hour"].tolist() == list(hours)


def test_every_defect_is_named():
    """Tests that one pass finds the defects of all columns and rows, in the order of the columns."""
    frame = pd.DataFrame({"data_centre": ["X", None], "acelerators": [1, 2], "pue": [0.5, 1], "speed": [0, "fast"]})
    _, violations = clean(frame, DATA_CENTRES)
    assert [str(violation) for violation in violations] == [
        "data_centres.acelerators: unknown column (allowed: perhaps accelerators)",
        "data_centres[row 2].data_centre: missing: write the name of the data centre, such as Guizhou 1 (allowed: text)",  # noqa: E501 - one line of a message or file
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


def test_columns_without_a_name(only_violation):
    """Tests that a header that is empty or blank is refused, since a file could not keep it."""
    assert only_violation(pd.DataFrame({"hub": ["A"], "": [1]}), HUBS).problem == "a column without a name"


def test_rows_given_twice(only_violation):
    """Tests that a key that stands twice is named, except where parallel rows mean something."""
    assert only_violation(pd.DataFrame({"hub": ["A", "B", "A"]}), HUBS).row == "A"
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


def test_cleaning_twice_changes_nothing(zones):
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


def test_a_column_named_name_is_the_key():
    """Tests that ``name`` stands for a key of one column that is absent, in a column or the index, and only then."""
    for frame in (pd.DataFrame({"name": ["A"]}), pd.DataFrame(index=pd.Index(["A"], name="name"))):
        cleaned, violations = clean(frame, HUBS)
        assert not violations
        assert cleaned["hub"].tolist() == ["A"]
    cleaned, _ = clean(pd.DataFrame({"hub": ["A"], "name": ["x"]}), HUBS)
    assert (cleaned["hub"][0], cleaned["name"][0]) == ("A", "x")


def test_slips_leave_what_is_given_right():
    """Tests that an unknown name is no slip where the known one stands beside it."""
    assert slips(["hub", "Region"], HUBS) == {"Region": "region"}
    assert slips(["hub", "Region", "region"], HUBS) == {}
