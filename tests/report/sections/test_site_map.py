"""Tests of maps of data centres with marks."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from placer.report.content.flow_map import flow_map
from placer.report.html.calendar import steps_of
from placer.report.sections.site_map import site_map


@pytest.fixture(scope="module")
def flows(on_map):
    return flow_map(on_map.placement, steps_of(on_map.placement.formulation.hours), 100_000)


def _marked(labels, amounts):
    kinds = ["more" if amount > 0 else "same" for amount in amounts]
    said = [f"{amount:g} units" for amount in amounts]
    return pd.DataFrame({"amount": amounts, "kind": kinds, "said": said}, index=labels)


def test_areas_are_proportional(flows):
    """Tests places, colours and tips of the marks: a fourth of the amount is half as wide, and nothing is a dot."""
    labels = flows.sites["label"].tolist()[:3]
    drawn = site_map(flows, _marked(labels, [4.0, 1.0, 0.0][: len(labels)]), "m", "A map.", [("more", "some")])
    root = ET.fromstring(f"<div>{drawn}</div>")  # noqa: S314 - it was written by the function that is tested
    marks = root.findall(".//g[@class='marks']/rect")
    assert [mark.find("title").text for mark in marks][:2] == [f"{labels[0]}: 4 units", f"{labels[1]}: 1 units"]
    widths = [float(mark.get("width")) for mark in marks]
    assert widths[:2] == pytest.approx([24.0, 12.0], abs=0.1)
    assert [mark.get("class") for mark in marks[:2]] == ["more", "more"]
    assert root.find("svg").get("aria-label") == "A map."
    assert root.find(".//ul[@class='legend']/li").find("svg/path").get("class") == "more swatch"


def test_without_amounts_all_are_dots(flows):
    """Tests that nothing to show draws marks of one size, and that no mark on the map gives no map."""
    labels = flows.sites["label"].tolist()
    drawn = site_map(flows, _marked(labels, [0.0] * len(labels)), "m", "A map.", [])
    assert str(drawn).count('width="4.0"') == len(labels)
    assert site_map(flows, _marked(["elsewhere"], [1.0]), "m", "A map.", []) is None
