"""The section on what to build."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.plan import plan_section
from placer.report.write import page
from tests.home_and_abroad import home_and_abroad


def _content(plan):
    return content_of(Subject("small", plan.placement(), plan=plan), 1000)


@pytest.mark.slow
def test_candidates_and_states_are_shown(hall_plan):
    """Tests names, figures and the verdict, and that the page links the section."""
    text = str(plan_section(_content(hall_plan)))
    for said in ("1 of 2 candidates", "dear hall", "all year", "proven to a gap", "value of a unit"):
        assert said in text
    assert "Build limits" not in text
    assert 'href="#s0-plan"' in page([Subject("small", hall_plan.placement(), plan=hall_plan)])


@pytest.mark.slow
def test_build_limits_and_an_early_end_are_shown(hall_plan):
    """Tests that build limits have a table with their rents, and that a plan that is not proven says so."""
    problem = hall_plan.question
    rows = [{"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0, "chips": 1.0}]
    limited = replace(placer.plan(problem.instance, rows, build_limits={"chips": 10.0}), stopped="time limit")
    text = str(plan_section(_content(limited)))
    assert "chips" in text
    assert "the search ended early: time limit" in text


@pytest.mark.slow
def test_whole_numbers_have_no_values(hall_plan):
    """Tests that a plan in modules is not read by values, which it does not have."""
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}
    whole = placer.plan(hall_plan.question.instance, [row | {"module_units": 5.0, "max_units": 40.0}])
    text = str(plan_section(_content(whole)))
    assert "the next unit has no value of its own" in text
    assert "covers its cost" not in text


@pytest.mark.slow
def test_curves_are_drawn(hall_plan):
    """Tests that a curve over a build limit has its drawing and its breakpoints."""
    columns = {"amount": [0.0, 10.0], "cost_usd_per_year": [5e6, 4e6], "rent_usd_per_unit_year": [1e5, np.nan]}
    subject = Subject("small", hall_plan.placement(), plan=hall_plan, build_curves={"chips": pd.DataFrame(columns)})
    text = str(plan_section(content_of(subject, 1000)))
    assert "Least cost over chips" in text
    assert "breakpoint" in text
    assert "rent, USD/unit/year" in text


@pytest.mark.slow
def test_without_a_plan_there_is_no_section(hall_plan):
    """Tests that neither the section nor its link is there without a plan."""
    placement = hall_plan.placement()
    assert plan_section(content_of(Subject("small", placement), 1000)) is None
    assert "s0-plan" not in page([Subject("small", placement)])


@pytest.mark.slow
def test_report_of_a_placement_takes_the_plan(hall_plan, tmp_path):
    """Tests the way of a user: the placement of a state, with the plan beside it."""
    file = placer.write_report(hall_plan.placement(), tmp_path / "plan.html", plan=hall_plan)
    assert "What to build" in file.read_text(encoding="utf-8")


@pytest.mark.slow
def test_map_of_builds(placed_tiny):
    """Tests that a data centre with builds is marked with them, and one without as such."""
    workloads = placed_tiny.workloads.assign(unserved_usd_per_mtok=1000.0)
    instance = placed_tiny.scaled_demand(3.0).replace(accelerators="sunk", workloads=workloads)
    row = {"adds": "accelerators", "usd_per_unit_year": 1000.0}
    most = {"Port": 1e3, "Metro": 0.0}
    plan = placer.plan(instance, [row | {"candidate": name, "target": name, "max_units": most[name]} for name in most])
    text = str(plan_section(_content(plan)))
    assert 'id="s0-plan-map"' in text
    assert "accelerators, " in text
    assert "<title>Metro: nothing is built</title>" in text


@pytest.mark.slow
def test_map_of_builds_of_links_and_zones(placed_tiny):
    """Tests that a link is a line, and that a zone stands at the data centres that it supplies, at its whole cost."""
    zones = placed_tiny.power_zones.assign(limit_mw=0.0)
    links = placed_tiny.links.assign(capacity_gbps=[0.0] * 3 + [np.inf] * (len(placed_tiny.links) - 3))
    workloads = placed_tiny.workloads.assign(unserved_usd_per_mtok=1000.0, gb_per_mtok=1000.0, kwh_per_mtok=100.0)
    instance = placed_tiny.replace(accelerators="sunk", power_zones=zones, links=links, workloads=workloads)
    rows = [
        {"candidate": f"zone {name}", "adds": "limit_mw", "target": name, "usd_per_unit_year": 10_000.0}
        for name in zones["power_zone"]
    ]
    rows += [
        {
            "candidate": f"link {place}",
            "adds": "capacity_gbps",
            "target": f"{one}|{other}",
            "usd_per_unit_year": 10_000.0,
        }
        for place, (one, other) in enumerate(zip(links["from"][:3], links["to"][:3], strict=True))
    ]
    plan = placer.plan(instance, rows)
    text = str(plan_section(_content(plan)))
    root = ET.fromstring(f"<div>{text}</div>")  # noqa: S314 - it was written by the function that is tested
    lines = root.findall(".//g[@class='arcs changes']/path")
    assert len(lines) == 3
    built = [line for line in lines if line.get("class") == "more"]
    assert all("Gbit/s, " in line.find("title").text for line in built)
    assert built
    found = content_of(Subject("small", plan.placement(), plan=plan), 1000).plan
    spent = plan.builds.groupby("adds")["cost_usd_per_year"].sum()
    assert found.builds_by_site["cost_usd_per_year"].sum() == pytest.approx(spent["limit_mw"])
    assert found.builds_by_link["cost_usd_per_year"].sum() == pytest.approx(spent["capacity_gbps"])
    assert found.builds_by_site["said"].str.contains("MW of supplies for ").any()


def _page(plan, *states):
    return page([Subject("my plan", plan.placement(state), plan=plan) for state in states])


def _seen(text):
    return re.findall(r"<h[12][^>]*>(?:<bdi>)?([^<]*)", text)


@pytest.mark.slow
def test_a_page_opens_with_the_plan(hall_plan):
    """Tests title, figures and their order: what to build before any placement, and no card without a figure."""
    text = _page(hall_plan, "all year")
    assert _seen(text)[:4] == ["my plan", "What to build", "Placements of the states", "State all year"]
    assert "1 of 2 candidates are built" in text[: text.index("</header>")]
    assert re.findall(r"<dt>([^<]*)</dt>", text)[:5] == [
        "To build",
        "Cost of a year",
        "Value",
        "Runner-up",
        "Range",
    ]
    assert "Export ceiling" not in text
    assert "The ceiling was not computed" not in text
    assert 'href="#s0-figures"' in text
    assert 'data-role="part"' not in text


@pytest.mark.slow
def test_states_stand_behind_a_selector(hall_plan):
    """Tests two states of a plan: one selector, a part for each with its own name, and one plan."""
    question = hall_plan.question
    states = placer.States.of({"quiet": question.instance, "busy": question.instance.scaled_demand(2.0)})
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}
    plan = placer.plan(question.instance, [row], states)
    text = _page(plan, "quiet", "busy")
    assert re.findall(r"<option value=.\d.>(State [^<]*)", text) == ["State quiet", "State busy"]
    assert _seen(text).count("What to build") == 1
    assert text.count('class="part"') == 2
    assert "What changed" not in text


@pytest.mark.slow
def test_what_is_not_bought_and_transfers_are_shown():
    """Tests that a plan of steps and of a tariff says what its cost counts, and has a table of the parts of states."""
    steps = [{"mtok": mtok, "value_usd_per_mtok": usd} for mtok, usd in ((40.0, 50.0), (60.0, 30.0), (10.0, 3.0))]
    tariff = {"policy": "duty", "kind": "tariff_usd_per_mtok", "amount": 2.0, "to_region": "home"}
    instance = home_and_abroad(steps, abroad=0, accelerators="sunk", policies=[tariff | {"paid_to": "importer"}])
    hall = {"candidate": "hall", "adds": "accelerators", "target": "far", "usd_per_unit_year": 12.0 * 8760}
    plan = placer.plan(instance, [hall])
    placement, accounts = plan.placement(), plan.accounts()
    content = content_of(Subject("small", placement, plan=plan, plan_accounts=accounts), 1000)
    text = str(plan_section(content))
    assert "penalty for unserved demand, tariffs and premia that regions are paid, and the value of demand" in text
    assert "A horizon of each state, and what it costs" in text
    assert "not bought, Mtok" in text
    net = content.plan.accounts
    assert net.net.sum(axis=1).tolist() == pytest.approx(net.net_cost.tolist())
    assert net.net["not_bought"].abs().sum() > 0
    assert content.plan.state == "all year"
