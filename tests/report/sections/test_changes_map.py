"""Tests of the map of differences."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

import placer
from placer.report.content.flow_map import flow_map
from placer.report.html.calendar import steps_of
from placer.report.sections.changes_map import changes_map


@pytest.fixture(scope="module")
def flows(on_map):
    return flow_map(on_map.placement, steps_of(on_map.placement.formulation.hours), 100_000)


@pytest.fixture(scope="module")
def other(on_map):
    """Return the flows without the first data centre."""
    centres = on_map.placement.instance.data_centres
    changed = on_map.placement.instance.replace(
        data_centres=centres.assign(accelerators=centres["accelerators"].where(centres.index != 0, 0.0))
    )
    placement = placer.solve(changed)
    return flow_map(placement, steps_of(placement.formulation.hours), 100_000)


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - it was written by the function that is tested


def test_what_is_the_same_is_not_drawn(flows):
    assert "No flow differs" in changes_map(flows, flows, "m")


def test_more_and_less_are_those_of_the_flows(flows, other):
    """Tests the data centres' changes against the tokens served, and that the first of them carries less."""
    root = parsed(changes_map(flows, other, "m"))
    marks = root.findall(".//g[@class='marks']/rect")
    change = other.sites.set_index("label")["mtok"] - flows.sites.set_index("label")["mtok"]
    expected = ["more" if value > 1e-6 else "less" if value < -1e-6 else "same" for value in change]
    assert [mark.get("class") for mark in marks] == expected
    assert expected[0] == "less"
    arcs = root.findall(".//g[@class='arcs changes']/path")
    assert {arc.get("class") for arc in arcs} <= {"more", "less"}
    assert any(arc.find("title").text.endswith("Mtok less") for arc in arcs)


def test_nothing_without_a_map(flows):
    assert changes_map(flows, flows.__class__(**{**vars(flows), "places": flows.places.iloc[:0]}), "m") is None


def test_data_centres_of_one_side_only_are_on_the_map(flows, other):
    """Tests that what only one of the two has is drawn as a change of all it serves."""
    first = flows.sites.assign(label=lambda table: table["label"].replace({"D1": "Old"}))
    renamed = flows.__class__(**{**vars(flows), "sites": first})
    titles = [mark.text for mark in parsed(changes_map(renamed, other, "m")).findall(".//g[@class='marks']/rect/title")]
    assert len(titles) == len(set(first["label"]) | set(other.sites["label"]))
