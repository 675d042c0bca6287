"""Tests of the charts: well-formed, with something to say to whoever cannot see them, and right."""

from __future__ import annotations

from importlib import resources
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from placer.report.content.own_limits import OWN_PART
from placer.report.content.time_steps import PRICE_PARTS
from placer.report.html import charts
from placer.report.html.calendar import steps_of
from placer.report.html.svg import Scale, ticks


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - it was written by the function that is tested


@pytest.mark.parametrize("high", [1e-300, 3e-14, 1e-9, 0.0031, 0.17, 1.0, 99.0, 1234.0, 5e9])
def test_ticks_reach_beyond_the_highest_value(high):
    """Tests that an axis starts at 0, covers the values with few round marks and does not waste half of its length."""
    marks = ticks(high)
    assert marks[0] == 0
    assert high <= marks[-1] * (1 + 1e-9)
    assert marks[-1] < 2 * high
    assert len(marks) <= 8


def test_a_scale_of_no_extent():
    assert Scale(1, 1, 0, 10).at(1) == 0


def test_stacked_bars_stand_end_to_end():
    """Tests that the parts of a bar begin where the one before ends, and what is 0 everywhere is left out."""
    frame = pd.DataFrame({"accelerators": [2.0, 1.0], "energy": [1.0, 0.0], "carbon": [0.0, 0.0]}, index=["a", "b"])
    root = parsed(charts.stacked_bars(frame, pd.Series([4.0, 100.0]), "USD", "said"))
    bars = [bar for bar in root.findall(".//div//rect") if bar.get("class", "").startswith("p-")]
    first, second = bars[0], bars[1]
    assert float(first.get("x")) + float(first.get("width")) == pytest.approx(float(second.get("x")), abs=0.2)
    assert float(first.get("width")) == pytest.approx(2 * float(second.get("width")), abs=0.3)
    assert "carbon" not in "".join(root.itertext())
    assert "price 100.0" in "".join(root.itertext())
    assert root.find(".//div//svg").get("aria-label") == "said"


def test_stacked_columns_without_values():
    """Tests that hours without any price are drawn empty and not refused."""
    frame = pd.DataFrame({"accelerators": [np.nan, np.nan]}, index=["0", "1"])
    assert parsed(charts.stacked_columns(frame, steps_of(range(len(frame))), "USD", "said")).findall(".//title") == []


def test_a_sparkline_breaks_where_nothing_is_known():
    """Tests gaps in a line, and a line without any value."""
    root = parsed(charts.sparkline("w", np.array([1.0, np.nan, 3.0, 2.0]), "USD"))
    assert root.find(".//path").get("d").count("M") == 2
    assert "1.000 to 3.000 USD" in "".join(root.itertext())
    assert "nothing" in charts.sparkline("w", np.array([np.nan]), "USD")


def test_parts_below_zero_stand_on_the_other_side():
    """Tests that power that is paid for by its seller is drawn below 0, and the figure of a bar is its sum."""
    frame = pd.DataFrame({"accelerators": [2.0], "energy": [-0.5]}, index=["a"])
    root = parsed(charts.stacked_bars(frame, pd.Series([1.6]), "USD", "said"))
    bars = {bar.get("class"): bar for bar in root.findall(".//div//rect")}
    start = float(bars["p-accelerators"].get("x"))
    assert float(bars["p-energy"].get("x")) + float(bars["p-energy"].get("width")) == pytest.approx(start, abs=0.2)
    assert "1.500" in "".join(root.itertext())
    columns = parsed(charts.stacked_columns(frame, steps_of(range(len(frame))), "USD", "said"))
    foot = [float(bar.get("y")) for bar in columns.findall(".//div//rect")]
    assert foot[1] > foot[0]


@pytest.mark.parametrize("above", [0.0, 1e-8, 2.0])
def test_few_marks_where_parts_below_zero_are_longest(above):
    """Tests that the marks of an axis suit the longer side, however short the other is."""
    frame = pd.DataFrame({"accelerators": [above], "energy": [-5.0]}, index=["a"])
    root = parsed(charts.stacked_bars(frame, pd.Series([0.0]), "USD", "said"))
    assert 3 <= len(root.findall(".//div[@class='wide']//*[@class='grid']")) <= 10


def test_the_axis_of_a_narrow_chart_has_its_zero():
    """Tests marks from -2.5 on, of which a narrow chart writes every second."""
    frame = pd.DataFrame({"spent": [10.0], "rents": [-0.3]}, index=["a"])
    root = parsed(charts.stacked_bars(frame, None, "USD", "said", beside=["+3%"]))
    drawn = [[text.text for text in svg.findall(".//text")] for svg in root.findall(".//svg[@aria-label]")]
    assert drawn[0][:3] == ["-2.5", "0", "2.5"]
    assert drawn[1][:3] == ["0", "5", "10"]
    assert all("9.700 +3%" in texts for texts in drawn)


def test_what_is_not_served_has_no_cost():
    """Tests that a row without any figure is written as unknown, not as 0."""
    frame = pd.DataFrame({"accelerators": [np.nan, 1.0]}, index=["a", "b"])
    assert "\u2013" in charts.stacked_bars(frame, pd.Series([2.0, 2.0]), "USD", "said")


def test_bars_without_marks():
    """Tests that a chart without marks names none, and draws none."""
    text = charts.stacked_bars(pd.DataFrame({"accelerators": [2.0]}, index=["a"]), None, "USD", "said")
    assert "mark" not in text
    assert "price" not in text
    assert "2.000" in text


def test_rounding_is_no_part():
    """Tests that a part of 7e-19 beside others of 1 has neither a place in the legend nor a bar."""
    frame = pd.DataFrame({"accelerators": [2.0, 1.0], "energy": [7e-19, 0.0]}, index=["a", "b"])
    root = parsed(charts.stacked_bars(frame, pd.Series([2.0, 1.0]), "USD", "said"))
    assert "energy" not in "".join(root.itertext())
    assert root.findall(".//rect[@class='p-energy']") == []


def test_every_chart_is_drawn_for_both_widths():
    """Tests that a chart stands twice, the narrow one in about half of the units, and no name runs off its edge."""
    frame = pd.DataFrame({"accelerators": [2.0]}, index=["A name that is rather long"])
    root = parsed(charts.stacked_bars(frame, pd.Series([2.0]), "USD", "said"))
    boxes = [root.find(f".//div[@class='{name}']/svg").get("viewBox") for name in ("wide", "narrow")]
    assert [box.split()[2] for box in boxes] == ["720", "380"]
    for name, room in (("wide", 150), ("narrow", 106)):
        label = root.find(f".//div[@class='{name}']//text[@class='label']").text
        assert 6.5 * len(label) <= room


def test_lines_break_where_a_value_is_unknown():
    """Tests that every column is a line of its own, and where each breaks."""
    frame = pd.DataFrame({"a": [1.0, np.nan, 2.0], "b": [3.0, 2.0, 1.0]}, index=["0", "1", "2"])
    paths = parsed(charts.lines(frame, steps_of(range(len(frame))), "USD", "said")).findall(
        ".//div[@class='wide']//path"
    )
    assert [(path.get("class"), path.get("d").count("M")) for path in paths] == [("line c0", 2), ("line c1", 1)]


def test_every_part_has_a_fill():
    """Tests that the style names a fill for each part of a price, without which it would be black."""
    style = resources.files("placer.report").joinpath("style.css").read_text(encoding="utf-8")
    assert [part for part in (*PRICE_PARTS, OWN_PART) if f".p-{part}" not in style] == []


def test_a_line_over_columns_is_drawn_to_their_scale():
    """Tests that a value beyond the columns is within the drawing, in the middle of its step, and is in the legend."""
    frame = pd.DataFrame({"energy": [1.0, 1.0]}, index=["0", "1"])
    line = pd.Series([1.0, 4.0], index=frame.index, name="index")
    root = parsed(charts.stacked_columns(frame, steps_of(range(2)), "USD", "said", line=line))
    wide = root.find(".//div[@class='wide']/svg")
    _, first, second = wide.find(".//path[@class='line over']").get("d").replace("M", "L").split("L")
    (x1, y1), (x2, y2) = ([float(part) for part in point.split()] for point in (first, second))
    bars = [[float(bar.get(name)) for name in ("x", "y", "width")] for bar in wide.findall(".//rect")]
    assert [x1, x2] == pytest.approx([x + width / 2 for x, _, width in bars], abs=0.2)
    assert y1 == bars[0][1]
    assert 0 < y2 < y1
    assert "index" in "".join(root.find("ul").itertext())


def test_columns_of_timestamps_say_their_time():
    """Tests the tip of a column, the marks below it and the title of the axis."""
    hours = pd.date_range("2026-03-10", periods=24, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"energy": [1.0] * 24})
    drawn = "".join(parsed(charts.stacked_columns(frame, steps_of(hours), "USD", "said")).itertext())
    assert "06:00, energy: 1.000 USD" in drawn
    assert "10 Mar 2026, Europe/Berlin" in drawn


def test_every_axis_of_values_has_its_unit():
    """Tests the unit as a text of each drawing, and the short name of a mark that is off the scale."""
    frame = pd.DataFrame({"energy": [1.0, 2.0]}, index=["a", "b"])
    bars = charts.stacked_bars(frame, pd.Series([1.0, 99.0]), "million USD", "said", ("spent", "spent by its users"))
    for drawn in (bars, charts.stacked_columns(frame, steps_of(range(2)), "million USD", "said")):
        drawings = parsed(drawn).findall(".//svg[@class='chart']")
        assert [sum(label.text == "million USD" for label in each.iter("text")) for each in drawings] == [1, 1]
    assert "spent 99.00" in "".join(parsed(bars).itertext())
    assert "million USD" in charts.lines(frame, steps_of(range(2)), "million USD", "said")
