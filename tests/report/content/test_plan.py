"""The content of a report on a plan."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.plan import plan_content


def test_dearest_builds_come_first(hall_plan):
    """Tests the order, and that a profit within rounding is 0."""
    found = plan_content(hall_plan, hall_plan.placement(), {})
    assert found.builds.index.tolist() == ["hall", "dear hall"]
    assert found.builds["units"].tolist() == pytest.approx([16, 0])
    assert found.builds["profit_usd_per_unit_year"].iloc[0] == 0
    assert found.builds["profit_usd_per_unit_year"].iloc[1] < 0
    assert found.build_limits.empty
    assert found.stopped == ""


def test_builds_by_site(hall_plan):
    """Tests that both candidates of Y are one row, with what is built and spent: 16 units at 87,600 USD a year."""
    found = plan_content(hall_plan, hall_plan.placement(), {}).builds_by_site
    assert found.index.tolist() == ["Y"]
    assert found["cost_usd_per_year"].tolist() == pytest.approx([16 * 87_600.0])
    assert found["said"].tolist() == ["16.00 accelerators"]


@pytest.mark.slow
def test_a_plan_belongs_to_its_instance_and_states(hall_plan):
    """Tests that the placement may be of the instance or of a state with what is built, and of no other."""
    assert plan_content(hall_plan, hall_plan.placement(), {}).state == "all year"
    assert plan_content(hall_plan, placer.solve(hall_plan.question.instance), {}).state == ""
    with pytest.raises(placer.InstanceError, match=r"report\.plan: it is of another instance"):
        plan_content(hall_plan, placer.solve(placer.load("tiny")), {})
