"""The benchmark of plans, on small networks."""

from __future__ import annotations

import argparse
import json

import pytest

import placer
from benchmarks.plan import changes, fleet, limited_rows, main, online, tiny
from benchmarks.plan_ways import by_search, re_plan, search
from placer.decomposition.risk import NEUTRAL
from placer.planning.plan import program_of


@pytest.mark.slow
def test_all_ways_find_the_same_cost(capsys):
    """Tests that the quick run prints a row for each way on each network, and that their costs agree."""
    pytest.importorskip("pypsa")
    assert main(["--quick", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["way"] for row in rows if row["instance"] == "online smoke"] == [
        "search",
        "HiGHS, extensive form",
        "plain Benders",
        "PyPSA",
    ]
    for name in ("tiny", "online smoke"):
        costs = [row["cost_usd_per_year"] for row in rows if row["instance"] == name]
        assert max(costs) - min(costs) <= 2e-6 * max(costs)


@pytest.mark.slow
def test_a_limit_on_carbon_costs_more():
    """Tests the lines without and with an annual limit: the second has a variable more for each state."""
    given = argparse.Namespace(gap=1e-6, workers=1, carbon=0.9)
    free, limited = limited_rows("tiny", tiny(2), given)
    assert (limited.candidates, limited.states) == (free.candidates + 2, 2)
    assert limited.cost_usd_per_year > free.cost_usd_per_year
    assert max(free.gap, limited.gap) <= 1e-6


@pytest.mark.slow
def test_a_re_plan_costs_what_a_plan_from_nothing_does():
    """Tests both changes of the benchmark: the same cost as without the vectors, in fewer solves of states."""
    problem = program_of(fleet("smoke", 4), NEUTRAL)
    first = search(problem, 1e-7)
    for _, changed in changes(problem, first):
        again, fresh = re_plan(changed, first, 1e-7).planned, by_search(changed, 1e-7)
        assert again.cost == pytest.approx(fresh.cost, rel=2e-7)
        assert again.solves_per_state < fresh.solves_per_state


@pytest.mark.slow
def test_plans_cost_what_pypsas_stochastic_form_does(capsys):
    """Tests three states of a small fleet, with the units that a plan and PyPSA build."""
    pytest.importorskip("pypsa")
    assert main(["--online", "3", "--size", "smoke", "--gap", "1e-9", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["way"] for row in rows] == ["search", "PyPSA"]
    question = online(3)
    plan = placer.plan(question.instance, question.candidates, question.states, {"budget_usd_year": 1e15}, gap=1e-9)
    for cost in (plan.cost_usd_per_year, rows[0]["cost_usd_per_year"]):
        assert cost == pytest.approx(rows[1]["cost_usd_per_year"], rel=1e-8)
    assert plan.units.sum() > 0


def test_pypsa_is_given_what_it_can_express():
    """Tests that no state of the small network has anything that PyPSA lacks."""
    assert len(online(3).states.names) == 3
