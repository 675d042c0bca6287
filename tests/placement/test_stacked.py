"""Long tables: the index from codes, and pieces written into one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.placement.stacked import Axis, index_of_axes, stacked

HUBS = np.array(["b", "a", "c"], dtype=object)
HOURS = pd.date_range("2026-03-29", periods=4, freq="h", tz="Europe/Berlin")


@pytest.mark.parametrize("hours", [pd.RangeIndex(4), HOURS], ids=["numbers", "timestamps"])
@pytest.mark.parametrize("rows", [0, 1, 9])
def test_the_index_is_that_of_the_labels(rows, hours):
    """Tests labels, their types and the levels against the index that pandas makes of all labels."""
    generator = np.random.default_rng(rows)
    hub, hour = generator.integers(0, 2, rows), generator.integers(0, 4, rows)
    index = index_of_axes(iter([Axis("hub", HUBS, hub), Axis("hour", hours, hour)]))
    expected = pd.MultiIndex.from_arrays([HUBS[hub], hours[hour]], names=["hub", "hour"])
    assert index.equals(expected)
    assert index.names == expected.names
    for level, other in zip(index.levels, expected.levels, strict=True):
        assert level.tolist() == other.tolist()
        assert level.dtype == other.dtype or not rows


@pytest.mark.parametrize("length", [1, 2, 10])
def test_pieces_become_the_table(length):
    """Tests columns of both types, in their order, with a column of zeros and one that is not known."""
    cells = {"mtok": [1.0, 2.0, 3.0], "exported": [True, False, False], "usd": 0.0, "rent": [0.0, np.nan, 1.0]}
    table = pd.DataFrame(cells, index=pd.MultiIndex.from_arrays([["a", "b", "c"]], names=["hub"]))
    pieces = (table.iloc[start : start + length].reset_index(drop=True) for start in range(0, 3, length))
    pd.testing.assert_frame_equal(stacked(pieces, table.index), table)


def test_a_table_without_rows():
    """Tests that the columns and their types stay."""
    table = pd.DataFrame({"mtok": np.zeros(0), "exported": np.zeros(0, dtype=bool)})
    index = pd.MultiIndex.from_arrays([[]], names=["hub"])
    made = stacked([table], index)
    assert made.dtypes.to_dict() == table.dtypes.to_dict()
    assert len(made) == 0
