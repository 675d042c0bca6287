"""Tests rows of tables as mappings."""

import pandas as pd

from placer.utils.records import records_of


def test_rows_have_the_names_of_their_columns():
    """Tests values of several types, a column whose name is no text, and an index that is left out."""
    frame = pd.DataFrame({"a": [1.5, 2.0], "b": ["x", "y"], 3: [True, False]}, index=["first", "second"])
    assert records_of(frame) == [{"a": 1.5, "b": "x", "3": True}, {"a": 2.0, "b": "y", "3": False}]


def test_empty_table_has_no_rows():
    """Tests a table with columns and no row."""
    assert records_of(pd.DataFrame({"a": []})) == []
