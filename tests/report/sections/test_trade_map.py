"""The map of tokens that are sold abroad."""

from __future__ import annotations

import re

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.trade_map import trade_map


def test_an_arc_for_every_flow_and_a_square_for_every_seller(placed_tiny):
    """Tests one seller and one buyer, named in the legend and in the tip."""
    text = str(trade_map(content_of(Subject("small", placer.solve(placed_tiny)), 1000)))
    assert re.findall(r"<path[^>]*><title>([^<]*)</title>", text) == ["west to east: 100.0 Mtok"]
    assert text.count("<rect") == 1
    assert text.count("<circle") == 1
    assert "swatch c0" in text
    assert "others" not in text


def test_sellers_beyond_the_largest_share_a_line(make_instance):
    """Tests eight countries that sell to one: five lines, and one of all others."""
    names = [f"c{place}" for place in range(8)]
    here = {"lat": 10.0, "accelerators": 10.0}
    instance = make_instance(
        hubs=[{"hub": "users", "region": "home", "lat": 0.0, "lon": 0.0}],
        data_centres=[
            {"data_centre": name, "region": name, "lon": 5.0 * place} | here for place, name in enumerate(names)
        ],
        links=[{"from": "users", "to": name, "rtt_ms": 1.0} for name in names],
        supplies=[{"power_zone": "zx", "data_centre": name} for name in names],
        demand=[{"workload": "w", "hub": "users", "mtok": 80.0}],
    )
    text = str(trade_map(content_of(Subject("small", placer.solve(instance)), 1000)))
    assert text.count("<rect") == len(names)
    assert re.findall(r'swatch (c\d)"', text) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert "others" in text


def test_without_places_there_is_no_map():
    """Tests the dataset ``tiny``, whose hubs have no places."""
    assert trade_map(content_of(Subject("small", placer.solve(placer.load("tiny"))), 1000)) is None
