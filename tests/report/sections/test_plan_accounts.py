"""Tests the section on who pays for a plan."""

from __future__ import annotations

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.plan_accounts import plan_accounts_section
from placer.report.write import page


def test_a_page_says_who_pays_for_a_plan(hall_plan):
    """Tests bars, tables and the link in the navigation."""
    subject = Subject("small", hall_plan.placement(), plan=hall_plan, plan_accounts=hall_plan.accounts())
    text = str(plan_accounts_section(content_of(subject, 1000), "s0-"))
    for said in ("Who pays for the plan", "spent by its users", "build cost", "Who pays whom", "earned by its builds"):
        assert said in text
    assert 'href="#s0-plan-accounts"' in page([subject])


def test_without_accounts_there_is_no_section(hall_plan):
    """Tests a plan alone, and a placement without a plan."""
    for plan in (hall_plan, None):
        subject = Subject("small", hall_plan.placement(), plan=plan)
        assert plan_accounts_section(content_of(subject, 1000), "s0-") is None
        assert "s0-plan-accounts" not in page([subject])


def test_report_of_a_placement_takes_the_accounts(hall_plan, tmp_path):
    """Tests the way of a user: the placement of a state, with plan and accounts beside it."""
    beside = {"plan": hall_plan, "plan_accounts": hall_plan.accounts()}
    file = placer.write_report(hall_plan.placement(), tmp_path / "plan.html", **beside)
    assert "Who pays for the plan" in file.read_text(encoding="utf-8")
