"""Sites that stand already, beside what is built."""

from __future__ import annotations

import pytest

import placer

DAY = 365
NEW = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY}]


def test_use_and_rents_by_hand(east_and_west):
    """Tests that East, of which 70 of 100 units work in one period and none in the other, earns nothing: 35 %.

    The 60 units in the West work in both periods. They are new, so that no existing limit earns anything.
    """
    plan = placer.plan(east_and_west, NEW, gap=1e-9)
    assert plan.stranded.loc["East", "utilisation"] == pytest.approx(0.35)
    assert plan.stranded.loc["West", "utilisation"] == pytest.approx(1.0)
    assert plan.stranded["accelerator_rents_usd_per_year"].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_existing_sites_earn_rents_where_they_are_scarce(east_and_west):
    """Tests that 30 existing units in the West earn what new ones cost, 30 a day each: 30 * 30 * 365."""
    sites = east_and_west.data_centres.assign(accelerators=[100.0, 30.0])
    plan = placer.plan(east_and_west.replace(data_centres=sites), NEW, gap=1e-9)
    assert plan.units == pytest.approx([30])
    assert plan.stranded["accelerator_rents_usd_per_year"].tolist() == pytest.approx([0, 900 * DAY], abs=1e-3)
