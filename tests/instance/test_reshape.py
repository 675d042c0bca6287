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
