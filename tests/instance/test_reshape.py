"""Wide tables turned long."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.reshape import long_table


def test_key_columns_stay():
    """Tests that workload and hour as columns stay columns, and every hub becomes rows."""
    wide = pd.DataFrame({"workload": ["w", "v"], "hour": [0, 0], "A": [1, 2], "B": [3, 4]})
    assert long_table(wide, "hub", "mtok").to_dict("list") == {
        "workload": ["w", "v", "w", "v"],
        "hub": ["A", "A", "B", "B"],
        "hour": [0, 0, 0, 0],
        "mtok": [1, 2, 3, 4],
    }


def test_an_index_of_names():
    """Tests that an index named after a key is that key, such as hubs down and workloads across."""
    wide = pd.DataFrame({"w": [1, 2], "v": [3, 4]}, index=pd.Index(["A", "B"], name="hub"))
    assert long_table(wide, "workload", "mtok").values.tolist() == [
        ["w", "A", 1],
        ["w", "B", 2],
        ["v", "A", 3],
        ["v", "B", 4],
    ]


@pytest.mark.parametrize("columns", ["hours", "hour", "workload"])
def test_columns_that_cannot_be(columns):
    """Tests that a name placer does not know, or that stands in the table already, is refused."""
    with pytest.raises(InstanceError, match="one of workload, hub, data_centre, power_zone"):
        long_table(pd.DataFrame({"workload": ["w"], "A": [1]}), columns, "mtok")


def test_timestamps_stay():
    """Tests that times are not counted from the first, so that tables that begin at other times never meet by place."""
    times = pd.date_range("2026-01-01 05:00", periods=2, freq="30min", tz="Asia/Shanghai")
    long = long_table(pd.DataFrame({"A": [1, 2]}, index=times), "hub", "mtok")
    assert long["hour"].tolist() == list(times)


@pytest.mark.parametrize("names", [["hub", "workload"], [None, None]])
def test_two_levels_of_columns(names):
    """Tests a column for each pair of hub and workload, with the hours in the index, empty cells left out."""
    columns = pd.MultiIndex.from_product([["A", "B"], ["w", "v"]], names=names)
    times = pd.date_range("2026-01-01", periods=2, freq="h", tz="Europe/Berlin")
    wide = pd.DataFrame([[1, 2, 3, 4], [5, 6, 7, None]], index=times, columns=columns)
    long = long_table(wide, ("hub", "workload"), "mtok")
    assert list(long) == ["workload", "hub", "hour", "mtok"]
    back = long.set_index(["hour", "hub", "workload"])["mtok"]
    assert len(back) == 7
    assert back[times[1], "B", "w"] == 7


def test_two_levels_of_rows():
    """Tests that a level of a known name is that column, and the other one the hours."""
    index = pd.MultiIndex.from_product([["w", "v"], [0, 1]], names=["workload", None])
    long = long_table(pd.DataFrame({"A": [1, 2, 3, 4]}, index=index), "hub", "mtok")
    assert long.values.tolist() == [["w", "A", 0, 1], ["w", "A", 1, 2], ["v", "A", 0, 3], ["v", "A", 1, 4]]


PAIRS = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("A", "w")], names=["hub", "workload"]))


@pytest.mark.parametrize(
    ("wide", "columns", "message"),
    [
        (PAIRS, "hub", r"\['hub'\] \(allowed: 2 names, one for each level of the columns: \['hub', 'workload'\]"),
        (PAIRS, ("workload", "hub"), "one for each level of the columns"),
        (PAIRS, ("hub", "hub"), "one for each level of the columns"),
        (PAIRS.rename_axis(index="hub").rename_axis(columns=[None, None]), ("hub", "workload"), "'hub' .*one of"),
        (PAIRS.rename_axis(columns=[None, None]), ("hub", "city"), "'city' .*one of workload, hub"),
        (
            pd.DataFrame({"A": [1]}, index=pd.MultiIndex.from_tuples([(0, 1)], names=["day", "step"])),
            "hub",
            r"index: levels \['day', 'step'\] are not told apart: hour given twice",
        ),
    ],
)
def test_levels_that_are_not_told_apart(wide, columns, message):
    """Tests that each level of rows and columns has to be one kind."""
    with pytest.raises(InstanceError, match=message):
        long_table(wide, columns, "mtok")
