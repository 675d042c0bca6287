"""Tests of placements side by side."""

from __future__ import annotations

from dataclasses import replace

from placer.report.sections.comparison import comparison_section


def test_equal_placements_have_no_changes(content):
    """Tests that no table of changes stands where nothing changed."""
    text = comparison_section([content, replace(content, title="again")])
    assert "Figures that changed; changes are to" not in text
    assert "Figures that did not change" in text
    assert "Beside the first, no headline figure differs." in text


def test_change_of_a_share_is_in_points_and_of_a_cost_in_percent(content):
    """Tests by hand: twice the cost is 100 % more, and 10 % more of demand unserved 10 points."""
    cost, *rest = content.headlines
    unserved = next(item for item in rest if item.label == "Unserved")
    changed = tuple(
        replace(item, value=2 * item.value)
        if item is cost
        else replace(item, value=item.value + 0.1)
        if item is unserved
        else item
        for item in content.headlines
    )
    text = comparison_section([content, replace(content, title="dear", headlines=changed)])
    assert "+100.0%" in text
    assert "+10.0 points" in text
