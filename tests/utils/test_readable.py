"""Tables as people read them."""

from __future__ import annotations

import math

import pandas as pd

import placer
from placer.utils.readable import text_of, text_table


def test_figures_shares_and_texts():
    """Tests that numbers are rounded, shares in per cent, and texts unchanged."""
    assert text_of("cost_usd", 253762.94999) == "253,763"
    assert text_of("export_share", 0.21957) == "22.0%"
    assert text_of("hub", "Coast") == "Coast"
    assert text_of("mtok", math.nan) == "\u2013"
    assert text_of("count", 12345) == "12,345"
    assert text_of("proven", True) == "True"


def test_rows_of_zeros_are_left_out():
    """Tests that rows of zeros go, and stay where a text says what they are about."""
    table = pd.DataFrame({"cost_usd": [1.0, 0.0], "export_share": [0.5, 0.0]}, index=["a", "b"])
    assert placer.readable(table).index.tolist() == ["a"]
    assert len(text_table(table)) == 2
    assert len(placer.readable(table.assign(reason=["x", "y"]))) == 2


def test_tables_of_figures_are_written_by_row():
    """Tests that a table with a figure a row takes unit and form of each from its name."""
    table = pd.DataFrame({"now": [1234.5, 0.25]}, index=pd.Index(["cost_usd", "export_share"], name="figure"))
    assert placer.readable(table)["now"].to_dict() == {"cost, USD": "1,234", "exported": "25.0%"}
