"""Tests the section on who earns what."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.accounts import accounts_section, plan_accounts_section
from placer.report.write import page


@pytest.mark.slow
def test_a_page_says_who_earns_what(make_instance):
    """Tests bars, table, matrix and sentence, and the link in the navigation."""
    subject = Subject("small", placer.solve(make_instance()))
    text = str(accounts_section(content_of(subject, 1000)))
    assert "could do better on its own" in text
    assert "spent by its users" in text
    assert "Who pays whom" in text
    assert '<a href="#s0-accounts">Who earns what<' in page([subject])


def test_without_regions_there_is_no_section(make_instance):
    """Tests hubs and data centres without regions."""
    tables = {"hubs": [{"hub": "A"}, {"hub": "B"}], "data_centres": [{"data_centre": "X"}, {"data_centre": "Y"}]}
    content = content_of(Subject("small", placer.solve(make_instance(**tables))), 1000)
    assert accounts_section(content) is None


@pytest.mark.slow
def test_a_page_says_who_pays_for_a_plan(hall_plan):
    """Tests bars, tables and the link in the navigation."""
    subject = Subject("small", hall_plan.placement(), plan=hall_plan, plan_accounts=hall_plan.accounts())
    text = str(plan_accounts_section(content_of(subject, 1000)))
    for said in ("spent by its users", "build cost", "Who pays whom", "earned by its builds"):
        assert said in text
    assert '<a href="#s0-plan-accounts">Who pays for the plan<' in page([subject])


@pytest.mark.slow
def test_without_accounts_there_is_no_section(hall_plan):
    """Tests a plan alone, and a placement without a plan."""
    for plan in (hall_plan, None):
        subject = Subject("small", hall_plan.placement(), plan=plan)
        assert plan_accounts_section(content_of(subject, 1000)) is None
        assert "s0-plan-accounts" not in page([subject])


@pytest.mark.slow
def test_report_of_a_placement_takes_the_accounts(hall_plan, tmp_path):
    """Tests the way of a user: the placement of a state, with plan and accounts beside it."""
    beside = {"plan": hall_plan, "plan_accounts": hall_plan.accounts()}
    file = placer.write_report(hall_plan.placement(), tmp_path / "plan.html", **beside)
    assert "Who pays for the plan" in file.read_text(encoding="utf-8")
