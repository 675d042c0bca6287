"""Tests of the sentences a page opens with."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.report.content.findings import changes, findings
from placer.report.content.page import Subject, content_of
from tests.model.contracts_by_hand import contract, contracted


@pytest.fixture(scope="module")
def content(tiny):
    return content_of(tiny, 1_000)


@pytest.mark.slow
def test_what_tiny_comes_to(content):
    """Tests the sentences on ``tiny``, whose figures can be checked by hand: 330.77 USD for 240 Mtok, 100 exported."""
    said = findings(content)
    assert said.startswith("Serving a million tokens costs 1.378 USD, 93.7% for accelerators and 6.0% for energy.")
    assert "41.7% of tokens run outside the user's region" in said
    assert "At most 43.8% of tokens" in said
    assert "All demand is served. The placement is proven: none costs less." in said


@pytest.mark.slow
def test_parts_are_shares_of_the_whole_cost():
    """Tests half of a farm by hand: 915 of 1,140 USD in energy, and the rest in contracts."""
    placement = placer.solve(contracted(contract(output_share=0.5, sale_usd_per_mwh=15.0)))
    said = findings(content_of(Subject("", placement), 1_000))
    assert said.startswith("Serving a million tokens costs 57.00 USD, 80.3% for energy.")


def test_the_limit_that_holds_back_most_is_named(content):
    """Tests that the largest Shapley value is named, and demand that could never be exported is not taken for one."""
    limits = content.ceiling.limits.assign(share=[0.0] * len(content.ceiling.limits))
    limits.loc["power", "share"], limits.loc["not exportable", "share"] = 0.2, 0.3
    said = findings(replace(content, ceiling=replace(content.ceiling, limits=limits)))
    assert "Power holds back another 20.0%, more than any other limit." in said


def test_nothing_served(make_instance):
    """Tests that no cost is told where nothing is served."""
    instance = make_instance(data_centres=[{"data_centre": name, "accelerators": 0.0} for name in ("X", "Y")])
    assert findings(content_of(Subject("x", placer.solve(instance)), 1_000)) == "No demand is served."


def test_changes_are_those_of_the_figures(content):
    """Tests direction, amount and both figures of a change, and that nothing is said where nothing differs."""
    items = [
        replace(item, value={"Exported": 0.5, "Carbon": 2 * item.value}.get(item.label, item.value))
        for item in content.headlines
    ]
    assert changes(content, replace(content, headlines=tuple(items))) == (
        "Exports are 8.3 points higher (50.0% instead of 41.7% of demand) and carbon is 100.0% higher."
    )
    assert changes(content, content) == "Beside the first, no headline figure differs."
