"""Tests of the tables of a page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd

from placer.report.html import tables
from placer.report.html.calendar import steps_of


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - it was written by the function that is tested


def test_figures_are_written_by_their_heading():
    """Tests shares as per cents, whole numbers as they are, and others with four digits."""
    frame = pd.DataFrame({"share": [0.123], "count": [12345], "usd": [0.123456], "word": ["yes"]}, index=["<a>"])
    columns = {"share": "share, %", "count": "hours", "usd": "USD", "word": "holds"}
    root = parsed(tables.table(frame, "name", columns, "caption"))
    assert [cell.text for cell in root.findall(".//td")] == ["12.3", "12,345", "0.1235", "yes"]
    assert root.find(".//tbody//bdi").text == "<a>"
    assert [button.text for button in root.findall(".//button")] == ["name", *columns.values()]
    assert root.find(".//caption").text == "caption"


def test_long_tables_say_what_they_leave_out(monkeypatch):
    """Tests that rows beyond what a page holds are counted."""
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=["x", "y", "z"])
    monkeypatch.setattr(tables, "MOST_HEAT_ROWS", 2)
    for html in (
        tables.table(frame, "name", {"a": "a"}, "c"),
        tables.heat_table(frame, steps_of(range(1)), "name", "c"),
    ):
        assert "1 more are left out" in html
        assert len(parsed(html).findall(".//tbody/tr")) == 2


def test_shades_go_with_figures():
    """Tests that every cell has its figure, the shade only follows it, and unknown is a dash."""
    frame = pd.DataFrame([[0.0, 0.549, 1.0, np.nan]], index=["x"], columns=list("abcd"))
    cells = parsed(tables.heat_table(frame, steps_of(range(4)), "name", "c")).findall(".//td")
    assert [(cell.text, cell.get("class")) for cell in cells] == [
        ("0", "u0"),
        ("55", "u5"),
        ("100", "u10"),
        ("\u2013", None),
    ]


def test_cells_hold_what_their_text_leaves_out():
    """Tests that a cell holds its figure with ten digits, in per cent where it is written so, if its text is not it."""
    frame = pd.DataFrame({"share": [0.123456], "usd": [1234567.25], "count": [12345], "whole": [2.5]}, index=["a"])
    columns = {"share": "share, %", "usd": "USD", "count": "hours", "whole": "MWh"}
    cells = parsed(tables.table(frame, "name", columns, "c")).findall(".//td")
    assert [cell.get("data-value") for cell in cells] == ["12.3456", "1234567.25", "12345", "2.5"]
    plain = parsed(tables.written_table(["a"], [["1"]], ["n", "x"], "c"))
    assert plain.find(".//td").get("data-value") is None


def test_rounding_is_nothing():
    """Tests that 7e-19 beside 2 is 0, and -0.0 has no sign."""
    frame = pd.DataFrame({"usd": [7e-19, 2.0, -0.0]}, index=["a", "b", "c"])
    cells = parsed(tables.table(frame, "name", {"usd": "USD"}, "c")).findall(".//td")
    assert [cell.text for cell in cells] == ["0", "2.000", "0"]


def test_a_heat_map_marks_few_of_its_steps_and_names_all():
    """Tests the marks of a week on wide and narrow screens, the full names, and the class that hides the figures."""
    hours = pd.date_range("2026-03-10", periods=168, freq="h", tz="Europe/Berlin")
    steps = steps_of(hours)
    frame = pd.DataFrame(np.zeros((1, 28)), index=["x"])
    root = parsed(tables.heat_table(frame, steps, "name", "c"))
    heads = root.findall(".//thead//th")[1:]
    assert [head.get("title") for head in heads] == list(steps.labels)
    marks = {place: head.find("span") for place, head in enumerate(heads) if head.find("span") is not None}
    assert {place: mark.text for place, mark in marks.items()} == steps.marks(15)
    assert [place for place, mark in marks.items() if mark.get("class") is None] == [0, 8, 16]
    assert root.find(".//table").get("class") == "heat fine"
    assert "finest" in tables.heat_table(pd.DataFrame(np.zeros((1, 54))), steps_of(range(54)), "name", "c")


def test_figures_have_no_powers_of_ten():
    """Tests that a tiny amount is written as a bound, with its figure for the CSV."""
    frame = pd.DataFrame({"usd": [9.114e-06, 2.0]}, index=["a", "b"])
    cells = parsed(tables.table(frame, "name", {"usd": "water, USD/Mtok"}, "c")).findall(".//td")
    assert [cell.text for cell in cells] == ["<0.00001", "2.000"]
    assert cells[0].get("data-value") == "9.114e-06"


def test_a_matrix_has_equal_decimals_shades_and_sums_without_one():
    """Tests 12.73 of 13.0 in the sum: two decimals, nothing as a dash that the CSV reads as 0, and small amounts."""
    frame = pd.DataFrame(
        [[12.73, 0.0, 12.73], [0.0001, 0.2699, 0.27], [12.7301, 0.2699, 13.0]], columns=["x", "y", "all"]
    )
    root = parsed(tables.matrix_table(frame.set_axis(["a", "b", "all"]), "made in", "sold"))
    cells = root.findall(".//tbody//td")
    assert [cell.text for cell in cells[:6]] == ["12.73", "\u2013", "12.73", "<0.01", "0.27", "0.27"]
    assert [cell.get("class") for cell in cells] == ["u10", None, None, "u1", "u1", *[None] * 4]
    assert [cells[place].get("data-value") for place in (1, 3)] == ["0", "0.0001"]
    large = pd.DataFrame([[45_678.9, 45_678.9], [45_678.9, 45_678.9]], index=["a", "all"], columns=["x", "all"])
    assert ">45,679<" in tables.matrix_table(large, "made in", "sold")
