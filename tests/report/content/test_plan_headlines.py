"""Tests of the headline figures of a plan."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.plan import plan_content


def _headlines(plan):
    return {item.label: item for item in plan_content(plan, plan.placement(), {}).headlines}


def test_the_figures_of_a_plan_by_hand(hall_plan):
    """Tests 16 accelerators at 87,600 USD, the power of 16 Mtok an hour at 20 USD, and the dearer hall beside it."""
    found = _headlines(hall_plan)
    assert found["To build"].text == "1 of 2 candidates"
    assert found["To build"].note == "hall: 16.00 accelerators"
    year = 16 * 87_600.0 + 16 * 20.0 * 8760
    assert found["Cost of a year"].value == pytest.approx(year, rel=1e-6)
    assert (found["Cost of a year"].text, found["Cost of a year"].unit) == (f"{year / 1e6:.3f}", "million USD a year")
    assert found["Value"].value == pytest.approx(87_600.0)
    assert found["Runner-up"].text == "dear hall"
    assert found["Runner-up"].value == pytest.approx(12_400.0)
    assert found["No plan costs less than"].value == pytest.approx(year, rel=1e-4)
    assert found["Range"].note.startswith("of hall, in every plan")


@pytest.mark.slow
def test_whole_units_have_neither_value_nor_runner_up(hall_plan):
    """Tests that figures which a plan in modules does not have are left out."""
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}
    plan = placer.plan(hall_plan.question.instance, [row | {"module_units": 5.0, "max_units": 40.0}])
    assert {"Value", "Runner-up"}.isdisjoint(_headlines(plan))


def test_nothing_to_build_says_so(hall_plan):
    """Tests a plan whose only candidate costs more than it saves."""
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 1e9}
    found = _headlines(placer.plan(hall_plan.question.instance, [row]))
    assert found["To build"].text == "0 of 1 candidates"
    assert found["To build"].note == "nothing pays for itself"
    assert {"Value", "Range"}.isdisjoint(found)
    assert found["Runner-up"].text == "hall"
