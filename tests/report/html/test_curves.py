"""Tests of charts of shares."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.report.html import curves
from placer.report.html.curves import breakpoint_curve, marks_between
from placer.report.html.svg import Scale


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - it was written by the function that is tested


def test_a_step_curve_keeps_its_corners():
    """Tests that a step path runs level up to each corner and then up, to the end of the scale."""
    path = curves.step_path([0.0, 5.0], [0.2, 0.6], Scale(0, 10, 0, 100), Scale(0, 1, 100, 0))
    assert path == "M0 80H50V40H100"


def test_a_split_leaves_negative_parts_to_the_table():
    """Tests that shares below 0 are not drawn, all others take the whole width, and each has its name."""
    root = parsed(curves.split_bar([("a", "one", 0.7), ("b", "two", -0.1), ("c", "three", 0.4)], "said"))
    widths = [float(part.get("width")) for part in root.findall(".//div[@class='wide']//rect")]
    assert len(widths) == 2
    assert sum(widths) == pytest.approx(718, abs=0.5)
    assert ["".join(item.itertext()) for item in root.findall(".//li")] == ["one 70.0%", "three 40.0%"]


def _drawn(html):
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - it was written by the function that is tested


def test_every_breakpoint_is_a_corner_and_a_dot():
    """Tests that the path runs down to the right, through as many corners as there are breakpoints."""
    wide = _drawn(breakpoint_curve([0, 900, 1800], [12_000, 10_860, 10_320], "budget", "USD a year", "said")).find(
        "div"
    )
    path = wide.find(".//path").get("d").removeprefix("M").split("L")
    corners = [tuple(map(float, corner.split())) for corner in path]
    assert len(corners) == 3
    assert [x for x, _ in corners] == sorted(x for x, _ in corners)
    assert [y for _, y in corners] == sorted(y for _, y in corners)
    dots = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in wide.findall(".//circle")]
    assert dots == corners


def test_a_single_breakpoint_is_drawn():
    """Tests that a curve of one plan has a dot and axes."""
    assert len(_drawn(breakpoint_curve([5.0], [7.0], "budget", "USD a year", "said")).findall(".//circle")) == 2
    assert breakpoint_curve([5.0], [7.0], "budget", "USD a year", "said").count(">USD a year<") == 2


def test_small_amounts_have_marks():
    """Tests that marks are as close together as the amounts."""
    assert marks_between(1.032e-8, 1.086e-8) == [1.02e-8, 1.04e-8, 1.06e-8, 1.08e-8, 1.1e-8]
    assert marks_between(0.0, 4e-16) == [0.0, 1e-16, 2e-16, 3e-16, 4e-16]


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_marks_hold_the_range(low, span):
    """Tests that round marks ascend and hold all values between them."""
    marks = marks_between(low, low + span)
    slack = 1e-6 * max(abs(low), span, 1.0)
    assert marks == sorted(set(marks))
    assert marks[0] <= low + slack
    assert marks[-1] >= low + span - slack
    assert len(marks) <= 15


def test_marks_are_round():
    """Tests marks of a range far from 0."""
    assert marks_between(1_000_100.0, 1_000_400.0) == pytest.approx([1_000_100, 1_000_200, 1_000_300, 1_000_400])
