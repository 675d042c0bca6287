"""Tests of the section on the ceiling."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from placer.report.sections.ceiling import WIDEST, ceiling_section, draw_ceilings, exports_data, exports_map
from placer.utils.numbers import percent


def test_three_ceilings_are_named_with_their_shares(content):
    text, found = ceiling_section(content), content.ceiling
    for name, share in (("Ceiling", found.share), ("Latency ceiling", found.latency_share)):
        assert f"<dt>{name}</dt><dd><strong>{percent(share)}<span>of {found.weight}</span></strong>" in text


def test_range_that_is_not_proven_says_why(content):
    found = replace(content.ceiling, economic_detail="the time limit was reached")
    text = ceiling_section(replace(content, ceiling=found))
    assert "(bounds only, not proven: the time limit was reached)" in text


def test_corners_that_are_left_out_are_counted(content):
    found = replace(content.ceiling, corners_left_out=7)
    assert "7 further corners are left out of this page." in ceiling_section(replace(content, ceiling=found))


def test_report_without_a_ceiling_says_so(content):
    assert "The ceiling was not computed for this report." in ceiling_section(replace(content, ceiling=None))


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - it was written by the function that is tested


def found(**figures):
    curve = pd.DataFrame({"rtt_limit_ms": [0.0], "share": [0.5], "unserved_share": [0.0]})
    known = {"share": 0.5, "latency_share": 0.9, "gross_share": 0.6, "economic_range": (0.1, 0.2)}
    return SimpleNamespace(**{"curve": curve, "served_from": 0.0, "exportable_from": 0.0, **known, **figures})


def test_a_curve_of_one_corner():
    """Tests that a curve that never changes can be drawn, with every other share named beside it."""
    root = parsed(draw_ceilings([("x", found())], "c"))
    assert "exportable 50.0%" in root.find(".//svg[@class='chart']").get("aria-label")
    texts = [text.text for text in root.findall(".//div[@class='wide']//text[@class='value']")]
    for said in ("exported at least cost: 20.0%", "with swaps: 60.0%", "distance and law alone: 90.0%"):
        assert said in texts


def test_equal_shares_are_named_together():
    """Tests that where swaps change nothing, one line has both names, and no name stands over another."""
    root = parsed(draw_ceilings([("x", found(gross_share=0.61, latency_share=0.61, economic_range=(0.6, 0.6)))], "c"))
    texts = [text for text in root.findall(".//div[@class='wide']//text[@class='value']") if "%" in text.text]
    assert [text.text for text in texts] == [
        "exported at least cost: 60.0%",
        "with swaps and distance and law alone: 61.0%",
    ]
    low, high = (float(text.get("y")) for text in texts)
    assert low - high >= 13


def test_several_curves_have_their_names_and_no_other_shares():
    root = parsed(draw_ceilings([("x", found()), ("y", found())], "c"))
    assert [item.text for item in root.findall(".//li/bdi")] == ["x", "y"]
    assert root.findall(".//text[@class='value']") == []


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
