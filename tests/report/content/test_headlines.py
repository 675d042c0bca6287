"""Tests of headline figures."""

from __future__ import annotations

import pytest

from placer.report.content.headlines import Headline, headlines_of, written
from placer.solve import solve
from tests.home_and_abroad import home_and_abroad


def test_headlines_are_those_of_the_placement(content, on_map):
    """Tests every headline figure against the placement and its ceiling."""
    placement, values = on_map.placement, {item.label: item.value for item in content.headlines}
    assert values == pytest.approx(
        {
            "Cost per million tokens": placement.cost_usd_per_mtok,
            "Cost in all": placement.cost_usd,
            "Exported": placement.export_share,
            "Export ceiling": on_map.ceiling.share,
            "Unserved": placement.unserved_mtok / placement.demand_mtok,
            "Energy": placement.energy_mwh,
            "Carbon": placement.carbon_kg / 1000,
            "Water": placement.water_litres / 1000,
            "Least cost": abs(placement.gap),
        }
    )


def test_proven_answers_are_called_proven_without_a_gap(content):
    """Tests that the headline is a word, and no figure of rounding."""
    proof = next(item for item in content.headlines if item.label == "Least cost")
    assert proof.text == "proven"
    assert "e-1" not in proof.note


def test_headlines_are_written_as_people_read_them():
    """Tests a word, a share with one decimal, a small share with two, and a figure of four digits."""
    assert written(Headline("x", 0.5, "gap", text="proven")) == "proven"
    assert written(Headline("x", 0.123, "share")) == "12.3%"
    assert written(Headline("x", 0.00272, "share")) == "0.27%"
    assert written(Headline("x", 0.104523, "USD")) == "0.1045"


def test_what_the_end_cuts_short_is_noted(make_instance):
    """Tests that the figure of unserved demand is followed by what may wait past the end."""
    patient = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": 2.0}
    notes = [item.note for item in headlines_of(solve(make_instance(workloads=[patient])), None)]
    assert "of 16.00 Mtok asked for; 16 Mtok may wait past the last hour, and are served by then: w 16 Mtok" in notes


def test_what_is_bought_is_noted():
    """Tests 120 Mtok that are bought of 150 offered."""
    steps = [{"mtok": 120, "value_usd_per_mtok": 5}, {"mtok": 30, "value_usd_per_mtok": 1}]
    notes = [item.note for item in headlines_of(solve(home_and_abroad(steps)), None)]
    assert "of 120.0 Mtok asked for; 120 of 150 Mtok offered are bought at least cost" in notes
