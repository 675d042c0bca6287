"""Tables and JSON as the commands print them: figures whole, and unknown figures null."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from placer.cli.screen import print_table
from placer.cli.tables import as_table, cell_text, json_text, records


@pytest.mark.parametrize("columns", ["20", "80"])
def test_figures_are_never_cut(capsys, monkeypatch, columns):
    """Tests that every digit of a table stands on one line, however narrow the terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    frame = pd.DataFrame({f"mtok_{place}": [160_663_123.0] for place in range(8)}, pd.Index(["demand"], name="figure"))
    print_table(as_table("Figures", frame, {name: name for name in frame}))
    out = capsys.readouterr().out
    assert out.count("160,663,123") == 8
    assert "…" not in out


@pytest.mark.parametrize("name", ["[/]voice", "red \x1b[31m", "turned \u202e", "lone \ud800", "bell\x07"])
def test_json_acts_on_no_terminal_and_comes_back(name):
    """Tests that JSON holds no character that does not print, and means the same."""
    text = json_text({name: [name]})
    assert text.replace("\n", "").isprintable()
    assert json.loads(text) == {name: [name]}


def test_a_table_without_rows_says_so(capsys):
    """Tests that nothing follows the headings but a word."""
    print_table(as_table("Rows", pd.DataFrame({"mtok": []}, pd.Index([], name="row")), {"mtok": "Mtok"}))
    assert capsys.readouterr().out.rstrip().endswith("none")


def test_json_writes_timestamps_as_texts():
    """Tests hours that are timestamps, in values and in keys, and hours that are unknown."""
    hour = pd.Timestamp("2026-03-10 05:00", tz="UTC")
    frame = pd.DataFrame({"usd": [1.0]}, pd.Index([hour], name="hour"))
    assert json.loads(json_text(records(frame))) == [{"hour": "2026-03-10 05:00:00+00:00", "usd": 1.0}]
    assert json.loads(json_text({hour: pd.NaT})) == {"2026-03-10 05:00:00+00:00": None}


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("mtok", 1234.5, "1,234"),
        ("mtok", 160_663_123.4, "160,663,123"),
        ("export_share", 0.4167, "41.67%"),
        ("export_share", -1e-9, "0.00%"),
        ("rent_usd", -0.0, "0"),
        ("price", float("nan"), "-"),
        ("workload", "a\x1bb", r"a\x1bb"),
    ],
)
def test_figures(name, value, shown):
    """Tests how a table shows numbers, shares, unknown figures and text."""
    assert cell_text(name, value) == shown


def test_long_tables_are_cut_and_counted(capsys):
    """Tests that of 20 rows the first 15 are shown, and the rest is counted."""
    frame = pd.DataFrame({"mtok": range(20)}, pd.RangeIndex(20, name="row_number"))
    print_table(as_table("Rows", frame, {"mtok": "Mtok"}))
    out = capsys.readouterr().out
    assert "row number" in out
    assert out.rstrip().endswith("and 5 more")


def test_json_has_null_for_what_it_cannot_say():
    """Tests that NaN and inf, which JSON lacks, are null wherever they stand, and rows hold their index."""
    rows = records(pd.DataFrame({"mtok": [1.0, np.inf]}, pd.Index(["a", "b"], name="hub")))
    assert json.loads(json_text({"rows": rows, "share": (np.nan, 0.5)})) == {
        "rows": [{"hub": "a", "mtok": 1.0}, {"hub": "b", "mtok": None}],
        "share": [None, 0.5],
    }
