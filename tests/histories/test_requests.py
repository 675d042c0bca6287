"""Traces of requests: what they hold, what is refused, and that they survive being written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError, OutputError
from placer.histories.requests import MOST_NAMED

TABLE = pd.DataFrame(
    {
        "time": [0.1, 1 / 3, 1 / 3, 7.0],
        "input_tokens": [10, 2**40, 0, 5],
        "output_tokens": [1, 0, 2, 3],
        "cached_tokens": [4, 0, 0, 5],
        "workload": ["chat", "a, b", "chat", "=1+1"],
        "hub": ["A", "B", "B", "A"],
    }
)
TIMES = ["2026-05-01 18:17:03.979960123", "2026-05-01 18:17:04", "2026-05-01 18:17:04", "2026-05-02"]
STAMPS = pd.to_datetime(TIMES, format="ISO8601")


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".csv.xz", ".parquet"])
@pytest.mark.parametrize(
    "time", [TABLE["time"], pd.Series(STAMPS), pd.Series(STAMPS.tz_localize("UTC"))], ids=["seconds", "naive", "zone"]
)
@pytest.mark.parametrize("is_bound", [False, True])
def test_written_and_read_again_it_is_the_same(tmp_path, ending, time, is_bound):
    requests = placer.Requests(TABLE.assign(time=time), cached_is_upper_bound=is_bound)
    again = placer.read_requests(requests.save(tmp_path / f"trace{ending}"))
    pd.testing.assert_frame_equal(again.table, requests.table, check_exact=True, check_categorical=False)
    assert again.cached_is_upper_bound == is_bound


def test_absent_columns_are_as_said():
    requests = placer.Requests(TABLE[["time", "input_tokens", "output_tokens"]])
    assert requests.table["cached_tokens"].tolist() == [0] * 4
    assert list(requests.table) == ["time", "input_tokens", "output_tokens", "cached_tokens"]
    assert len(requests) == 4


def test_the_table_cannot_be_changed_from_outside():
    given = TABLE.copy()
    requests = placer.Requests(given)
    given.loc[0, "input_tokens"] = 99
    assert requests.table["input_tokens"].tolist() == TABLE["input_tokens"].tolist()


def test_every_violation_is_named_at_once():
    bad = TABLE.assign(
        time=[0.0, 5.0, 3.0, 7.0],
        input_tokens=[10, -1, 5, 5],
        output_tokens=[1, np.nan, 0.5, 3],
        hub=["A", np.nan, "", "A"],
    )
    with pytest.raises(InstanceError) as error:
        placer.Requests(bad)
    assert [(each.row, each.column, each.problem) for each in error.value.violations] == [
        ("row 3", "time", "3.0 is before the row above"),
        ("row 2", "input_tokens", "-1 is out of range"),
        ("row 2", "output_tokens", "nan is out of range"),
        ("row 3", "output_tokens", "0.5 is out of range"),
        ("row 2", "hub", "nan is no name"),
        ("row 3", "hub", "'' is no name"),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cached_tokens": [11, 0, 0, 5]}, r"row 1..cached_tokens: 11 of fewer input tokens"),
        ({"time": [np.nan, np.inf, 2, 3]}, "row 1..time: nan is no time(.|\n)*row 2"),
        ({"time": ["a", "b", "c", "d"]}, "'a' is no time"),
        ({"time": STAMPS[::-1]}, "row 2..time: Timestamp.* is before the row above"),
        ({"input_tokens": ["1", "2", "3", "4"]}, "'1' is no number"),
        ({"input_tokens": [True, False, True, True]}, "True is no number"),
        ({"model": "x"}, "model: unknown column"),
    ],
)
def test_bad_columns_are_refused(change, expected):
    with pytest.raises(InstanceError, match=expected):
        placer.Requests(TABLE.assign(**change))


def test_names_may_be_numbers():
    requests = placer.Requests(TABLE.assign(workload=[1, "1", 2, 1]))
    assert requests.table["workload"].tolist() == ["1", "1", "2", "1"]
    with pytest.raises(InstanceError, match=r"1\.5 is no name"):
        placer.Requests(TABLE.assign(hub=[1.5, 2.5, 1.5, 2.5]))


def test_missing_columns_and_no_rows_are_refused():
    with pytest.raises(InstanceError) as error:
        placer.Requests(TABLE[["time"]].iloc[:0])
    assert [each.problem for each in error.value.violations] == ["column missing", "column missing", "no requests"]
    with pytest.raises(ArgumentError, match="a table of requests"):
        placer.Requests([1, 2])


def test_many_defects_are_counted():
    count = 3 * MOST_NAMED
    table = pd.DataFrame({"time": np.arange(count), "input_tokens": -1, "output_tokens": 1})
    with pytest.raises(InstanceError) as error:
        placer.Requests(table)
    assert len(error.value.violations) == MOST_NAMED + 1
    assert "200 more rows like it" in error.value.violations[-1].problem


def test_one_request_has_no_rate():
    assert repr(placer.Requests(TABLE.iloc[:1])) == "<1 requests over 0 h, 0.00001 Mtok in and 0.000001 out>"


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(OutputError, match=r"\.csv"):
        placer.Requests(TABLE).save(tmp_path / "trace.txt")
