"""Tests of placements side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.comparison import comparison_section
from tests.model.contracts_by_hand import contract, contracted


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


@pytest.mark.slow
def test_the_cost_of_contracts_is_a_part_of_the_bars():
    """Tests that costs of no hub stand beside those of hubs, and only where there are some."""
    contents = [
        content_of(Subject("", placer.solve(each)), 1_000)
        for each in (contracted(), contracted(contract(output_share=0.5)))
    ]
    assert "other" in comparison_section(contents).split("Cost and mean price")[1].split("<h3")[0]
    assert "other" not in comparison_section(contents[:1] * 2).split("Cost and mean price")[1].split("<h3")[0]
