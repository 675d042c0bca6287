"""Tests of the sections on one placement."""

from __future__ import annotations

import re

from placer.report.sections.results import (
    cost_section,
    footprint_section,
    headline_section,
    price_section,
    utilisation_section,
)


def test_every_headline_has_a_card(content):
    text = headline_section(content)
    assert re.findall(r"<dt>([^<]*)</dt>", text) == [item.label for item in content.headlines]


def test_costs_list_every_hub_and_workload(content):
    text = cost_section(content)
    names = [*content.hubs.index, *content.workloads.index]
    assert re.findall(r'<th scope="row"><bdi>([^<]*)</bdi>', text) == [
        *content.hubs.sort_values("demand_mtok", ascending=False, kind="stable").index,
        *content.workloads.index,
    ]
    assert len(names) == len(set(names))


def test_utilisation_lists_data_centres_by_what_they_serve(content):
    text = utilisation_section(content)
    named = re.findall(r'<th scope="row"><bdi>([^<]*)</bdi>', text)
    assert set(content.data_centres.index) <= set(named)
    assert named[0] == content.data_centres["mtok"].idxmax()


def test_prices_have_a_line_for_each_workload(content):
    text = price_section(content)
    assert text.count('class="sparkline"') == int(content.workload_prices.notna().any(axis=1).sum())


def test_footprint_lists_every_data_centre(content):
    text = footprint_section(content)
    assert all(f"<bdi>{name}</bdi>" in text for name in content.data_centres.index)
