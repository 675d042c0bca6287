"""Tests of the map."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from placer.report.content.flow_map import flow_map
from placer.report.html.calendar import steps_of
from placer.report.html.svg import WIDTH
from placer.report.sections.map_svg import (
    arc_path,
    draw_map,
    projection_of,
    rtt_bounds,
    rtt_class,
    rtt_classes,
    script_data,
)


@pytest.fixture(scope="module")
def flows(on_map):
    return flow_map(on_map.placement, steps_of(on_map.placement.formulation.hours), 100_000)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [([0.0], [0.0]), ([-179.0, 179.0], [-60.0, 80.0]), ([5.0, 5.0], [-80.0, 80.0]), ([0.0, 90.0], [10.0, 11.0])],
)
def test_every_point_is_on_the_map(lon, lat):
    """Tests that points of any extent stand within the drawing, and that it is neither flat nor tall."""
    shown = projection_of(np.array(lon), np.array(lat))
    x, y = shown.at(np.array(lon), np.array(lat))
    assert (x > 0).all()
    assert (x < WIDTH).all()
    assert (y > 0).all()
    assert (y < shown.height).all()
    assert 0.44 * WIDTH < shown.height < 0.81 * WIDTH


def test_north_is_up_and_east_is_right():
    """Tests the direction of both axes."""
    shown = projection_of(np.array([0.0, 10.0]), np.array([0.0, 10.0]))
    x, y = shown.at(np.array([0.0, 10.0]), np.array([0.0, 10.0]))
    assert x[0] < x[1]
    assert y[0] > y[1]


def test_the_drawing_holds_all_nodes(flows):
    """Tests that the map is well-formed, with circles for places, squares for data centres and arcs for pairs."""
    root = ET.fromstring(draw_map(flows, "m"))  # noqa: S314 - it was written by the function that is tested
    assert len(root.findall(".//circle")) == len(flows.places)
    assert len(root.findall(".//g[@class='sites']/rect")) == len(flows.sites)
    assert len(root.findall(".//g[@class='arcs']/path")) == len(set(zip(flows.place, flows.site, strict=True)))
    assert root.get("role") == "img"


def test_arcs_take_the_shorter_way():
    """Tests that an arc over the edge of the map is drawn on both sides of it."""
    near, far = arc_path((10.0, 5.0), (300.0, 5.0), 720.0), arc_path((10.0, 5.0), (700.0, 5.0), 720.0)
    assert near.count("M") == 1
    ends = [float(x) for x in re.findall(r"M(-?[\d.]+)", far)]
    assert ends == [10.0, 730.0]


def test_a_loop_where_both_ends_are_the_same():
    assert arc_path((5.0, 5.0), (6.0, 6.0), 720.0).startswith("M5 5c")


def test_round_trips_have_classes(flows):
    """Tests that every round trip falls in one of the classes that are named."""
    bounds = rtt_bounds(flows)
    classes = [rtt_class(rtt, bounds) for rtt in (0.0, *bounds, 1e9)]
    assert classes == [0, 1, 2, 3, 4, 4]
    assert len(rtt_classes(bounds)) == 5


def test_the_script_gets_the_same_places(flows):
    """Tests that the data of the script name the nodes in the order of the drawing."""
    data = script_data(flows, ["0"])
    assert [label for *_, label, _ in data["places"]] == flows.places["label"].tolist()
    assert [name for *_, name in data["sites"]] == flows.sites["name"].tolist()
    root = ET.fromstring(draw_map(flows, "m"))  # noqa: S314 - as above
    circles = [(float(circle.get("cx")), float(circle.get("cy"))) for circle in root.findall(".//circle")]
    assert circles == [(x, y) for x, y, *_ in data["places"]]


def test_the_script_gets_the_box_of_every_region(flows):
    """Tests that each box holds the nodes of its region, and reaches to the outermost of them."""
    data = script_data(flows, ["0"])
    assert len(data["regions"]) == len(flows.regions)
    points = [point[:2] for point in (*data["places"], *data["sites"])]
    for left, top, right, bottom in data["regions"]:
        inside = [(x, y) for x, y in points if left - 0.1 <= x <= right + 0.1 and top - 0.1 <= y <= bottom + 0.1]
        assert min(x for x, _ in inside) == pytest.approx(left, abs=0.11)
        assert max(y for _, y in inside) == pytest.approx(bottom, abs=0.11)


def test_the_forty_largest_flows_stand_out(flows, monkeypatch):
    """Tests that all arcs but the largest are faded, and the largest are drawn on top."""
    monkeypatch.setattr("placer.report.sections.map_svg.LARGEST_ARCS", 2)
    root = ET.fromstring(draw_map(flows, "m"))  # noqa: S314 - as above
    classes = [arc.get("class").split() for arc in root.findall(".//g[@class='arcs']/path")]
    assert ["rest" in names for names in classes] == [True] * (len(classes) - 2) + [False] * 2


def test_hubs_and_data_centres_are_named_for_both_widths(flows):
    """Tests that the largest hub and the busiest data centre have their names on the map, wide and narrow."""
    root = ET.fromstring(draw_map(flows, "m"))  # noqa: S314 - as above
    for screen in ("wide", "narrow"):
        texts = root.findall(f".//g[@class='labels {screen}']/text")
        named = {kind: [text.text for text in texts if text.get("class") == f"{kind}-name"] for kind in ("site", "hub")}
        assert flows.sites.loc[flows.sites["mtok"].idxmax(), "name"] in named["site"]
        assert flows.places.loc[flows.places["mtok"].idxmax(), "name"] in named["hub"]
