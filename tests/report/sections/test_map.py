"""Tests of the section with the map."""

from __future__ import annotations

from dataclasses import replace

from placer.report.sections.map import map_section


def test_map_has_controls_legend_and_table(content):
    text = map_section(content)
    assert 'id="s0-atlas"' in text
    assert "data-role" in text
    assert "<table" in text


def test_nodes_without_a_place_are_listed_up_to_a_number(content):
    """Tests that 40 of 45 names are listed and the others counted."""
    flows = replace(content.flows, off_map=tuple(f"H{number}" for number in range(45)))
    text = map_section(replace(content, flows=flows))
    assert "H39 and 5 more" in text
    assert "H40" not in text


def test_no_places_no_map(content):
    flows = replace(content.flows, places=content.flows.places.head(0))
    assert "There is no map" in map_section(replace(content, flows=flows))
