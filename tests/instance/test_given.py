"""What users give as tables."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.given import as_tables, key_notes


def test_frames_are_taken_and_rows_laid_out():
    """Tests that a DataFrame is taken as it is, and a list of rows has the columns that any row names."""
    frame = pd.DataFrame({"hub": ["A"]})
    frames, violations, unknown = as_tables({"hubs": frame, "links": [{"from": "A"}, {"to": "D"}]})
    assert frames["hubs"] is frame
    assert frames["links"].columns.tolist() == ["from", "to"]
    assert (violations, unknown) == ([], set())


def test_a_slip_of_one_row_is_named():
    """Tests that a name that other rows spell right is a slip where one row misspells it."""
    rows = [{"hub": "A", "access_ms": 1}, {"hub": "B", "acess_ms": 2}]
    _, (violation,), _ = as_tables({"hubs": rows})
    assert (violation.row, violation.column) == ("row 2", "acess_ms")


@pytest.mark.parametrize("given", ["hubs.csv", 5, None, [1], {"hub": "A"}])
def test_what_is_no_table_is_named_and_not_known(given):
    """Tests that nothing else is said of a table that is none."""
    frames, (violation,), unknown = as_tables({"hubs": given})
    assert "hubs" not in frames
    assert violation.problem.endswith("is not a table")
    assert unknown == {("hubs", "")}


def test_what_is_no_mapping_is_refused():
    with pytest.raises(InstanceError, match="is not a mapping"):
        as_tables([])


def test_a_column_name_for_the_key_is_a_note():
    """Tests that only tables whose key is absent are noted."""
    tables = {"hubs": pd.DataFrame({"name": ["A"]}), "exchanges": pd.DataFrame({"exchange": ["E"], "name": ["e"]})}
    assert key_notes(tables) == ["column name of hubs is taken for its key hub"]
