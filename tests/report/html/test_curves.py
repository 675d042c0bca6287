"""Tests of charts of shares."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from placer.report.html import curves
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
