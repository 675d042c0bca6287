"""What users give as tables."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.tables.given import as_tables, key_notes


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
    assert violation.allowed.endswith("placer.load reads files") == isinstance(given, str)
    assert unknown == {("hubs", "")}


def test_a_series_has_the_name_of_its_column():
    """Tests that a Series whose index is the key is a table, and that one without a name is refused with the remedy."""
    rows = pd.DataFrame({"workload": ["w"], "hub": ["A"], "hour": [0], "mtok": [1.0]})
    amounts = rows.set_index(["workload", "hub", "hour"])["mtok"]
    frames, violations, _ = as_tables({"demand": amounts})
    assert not violations
    assert frames["demand"].reset_index().equals(rows)
    _, (violation,), unknown = as_tables({"demand": amounts.rename(None)})
    assert str(violation).startswith("demand: a Series without a name (allowed: the column of its values as its name")
    assert unknown == {("demand", "")}


@pytest.mark.parametrize(
    ("table", "wide", "problem", "call"),
    [
        (
            "power_zone_hours",
            pd.DataFrame({"DE": [1], "SE": [2]}),
            "a column for each power_zone: 'DE', 'SE'",
            "placer.long_table(table, 'power_zone', 'usd_per_mwh') makes",
        ),
        (
            "demand",
            pd.DataFrame(1.0, [0], ["A", "B", "C", "D"]),
            "a column for each hub: 'A', 'B', 'C' and 1 more",
            "placer.long_table(table, 'hub', 'mtok', workload=...) makes",
        ),
        (
            "demand",
            pd.DataFrame({"hub": ["A"], "chat": [1], "voice": [2]}),
            "a column for each workload: 'chat', 'voice'",
            "placer.long_table(table, 'workload', 'mtok') makes",
        ),
        (
            "demand",
            pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("A", "chat")], names=["hub", "workload"])),
            "a column for each hub and workload: ('A', 'chat')",
            "placer.long_table(table, ('hub', 'workload'), 'mtok') makes",
        ),
        ("power_zone_hours", pd.Series([1.0], name="DE"), "a column for each power_zone: 'DE'", "'usd_per_mwh') makes"),
    ],
)
def test_wide_tables_are_told_how_to_become_long(table, wide, problem, call):
    """Tests that one violation names the columns and the call, and nothing else is said of the table."""
    frames, (violation,), unknown = as_tables({table: wide})
    assert (frames, unknown) == ({}, {(table, "")})
    assert (violation.table, violation.problem) == (table, problem)
    assert call in violation.allowed


@pytest.mark.parametrize(
    "columns",
    [
        {"service": ["chat"], "city": ["A"], "amount": [1]},
        {"workload": ["w"], "hub": ["A"], "amount": [1]},
        {"mtok": [1]},
    ],
)
def test_other_tables_are_not_taken_for_wide_ones(columns):
    """Tests that texts, and columns beside a whole key, are left to the checks of columns."""
    frames, violations, _ = as_tables({"demand": pd.DataFrame(columns)})
    assert list(frames) == ["demand"]
    assert not violations


def test_what_is_no_mapping_is_refused():
    with pytest.raises(InstanceError, match="is not a mapping"):
        as_tables([])


def test_a_column_name_for_the_key_is_a_note():
    """Tests that only tables whose key is absent are noted."""
    tables = {"hubs": pd.DataFrame({"name": ["A"]}), "exchanges": pd.DataFrame({"exchange": ["E"], "name": ["e"]})}
    assert key_notes(tables) == ["column name of hubs is taken for its key hub"]
