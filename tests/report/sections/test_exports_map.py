"""Tests of the map of what may leave."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from placer.report.sections.exports_map import WIDEST, exports_data, exports_map


def test_the_last_limit_is_drawn(content):
    """Tests an arc for each flow of the ceiling, the largest the widest and on top, over the land of the other map."""
    root = ET.fromstring(f"<div>{exports_map(content)}</div>")  # noqa: S314 - it was written by the function that is tested
    arcs = root.findall(".//g[@class='exports']/path")
    assert len(arcs) == len(content.exports[-1].flows) > 0
    widths = [float(arc.get("stroke-width")) for arc in arcs]
    assert max(widths) == widths[-1] == WIDEST
    assert root.find(".//use").get("href") == "#s0-atlas-land"
    assert "may leave" in root.find("p").text


def test_the_script_gets_every_limit(content):
    """Tests corners, counts and amounts of the data."""
    data = exports_data(content)
    assert [each["corner"] for each in data] == [each.corner for each in content.exports]
    assert data[-1]["count"] == content.exports[-1].flow_count
    assert [mtok for *_, mtok in data[-1]["flows"]] == pytest.approx(
        [mtok for *_, mtok in content.exports[-1].flows], rel=1e-3
    )


def test_without_a_ceiling_there_is_no_map(content):
    assert exports_map(replace(content, exports=())) is None
    assert exports_data(replace(content, exports=())) == []
