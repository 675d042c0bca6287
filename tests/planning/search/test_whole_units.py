"""Plans of whole modules and of openings, against all plans there are."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.errors import InstanceError, NoSolutionError
from placer.planning.costs.evaluation import answer_state
from placer.planning.search import whole_units
from placer.planning.search.proven_plan import prove_plan
from placer.planning.search.whole_units import relaxed
from placer.solvers.highs import HiGHS
from placer.termination import Reason

DAY = 365


@pytest.mark.slow
def test_modules_by_hand(newsvendor):
    """Tests halls of 50 units at 30 a unit-day for 80 to 140: two halls, 3,000 and 20 + 40 of four unserved at 100.

    100 units cost 3,000 + (20 + 40) * 100 / 4 = 4,500; 150 cost 4,500; 50 cost 1,500 + 100 * (30 + 50 + 70 + 90) / 4 =
    7,500. A third hall serves what it costs, so both are best; with 1 USD a unit more, two are, at 4,600.
    """
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "max_units": 200.0, "module_units": 50.0}
    plan = placer.plan(newsvendor[0], [hall | {"usd_per_unit_year": 31.0 * DAY}], newsvendor[1], gap=1e-7)
    assert plan.units.tolist() == [100.0]
    assert plan.cost_usd_per_year == pytest.approx(4_600 * DAY)
    assert plan.gap <= 1e-7
    assert not plan.certificate.proven
    assert "branch and bound" in plan.certificate.verdict
    assert plan.builds[["value_usd_per_unit_year", "profit_usd_per_unit_year"]].isna().all().all()
    with pytest.raises(InstanceError, match="not convex"):
        plan.break_even("hall")


def test_modules_that_the_relaxation_builds_are_proven(newsvendor):
    """Tests that the bound of the relaxation, whose best plan is 120 units, proves a plan in modules of 10."""
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "max_units": 200.0, "module_units": 10.0}
    plan = placer.plan(newsvendor[0], [hall | {"usd_per_unit_year": 30.0 * DAY}], newsvendor[1], gap=1e-7)
    assert plan.units.tolist() == [120.0]
    assert plan.certificate.proven
    assert "branch and bound" not in plan.certificate.verdict


def test_floors_of_modules_are_not_rounding_where_states_cost_nothing(newsvendor, monkeypatch):
    """Tests floors 1e-5 of the dearest state without builds, 14,000 USD a day, below states that cost 0 with them."""
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "max_units": 200.0, "module_units": 50.0}
    seen, over = [], whole_units.whole_program_over
    monkeypatch.setattr(whole_units, "whole_program_over", lambda *given: seen.append(given[2]) or over(*given))
    placer.plan(newsvendor[0], [hall | {"usd_per_unit_year": 31.0 * DAY}], newsvendor[1], gap=1e-7)
    assert np.array(seen) == pytest.approx(-0.14)


def test_limits_between_two_modules(newsvendor):
    """Tests that at least 60 and at most 90 units, of modules of 50, are an error that says so."""
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "max_units": 200.0, "module_units": 50.0}
    hall |= {"usd_per_unit_year": 30.0 * DAY, "low": 1.0, "high": 1.0}
    limits = [{"limit": "low", "sense": ">=", "amount": 60.0}, {"limit": "high", "sense": "<=", "amount": 90.0}]
    with pytest.raises(NoSolutionError, match="no plan of whole modules keeps the build limits") as raised:
        placer.plan(newsvendor[0], [hall], newsvendor[1], build_limits=limits)
    assert raised.value.reason is Reason.INFEASIBLE


def test_interrupted_search_leaves_the_best_plan(newsvendor):
    """Tests that Ctrl-C after the first plan of whole numbers returns it, with a bound that holds."""
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "max_units": 200.0, "module_units": 50.0}

    def stop(text):
        if "plans of whole numbers" in text:
            raise KeyboardInterrupt

    candidates = [hall | {"usd_per_unit_year": 31.0 * DAY}]
    plan = placer.plan(newsvendor[0], candidates, newsvendor[1], gap=1e-7, progress=stop)
    assert plan.stopped == "interrupted"
    assert plan.units[0] % 50.0 == 0.0
    assert plan.bound_usd_per_year <= 4_600 * DAY * (1 + 1e-9) <= plan.cost_usd_per_year * (1 + 2e-9)


@pytest.mark.slow
def test_openings_by_hand(newsvendor):
    """Tests that 120 units for 3,600 a day and 500 unserved are built for an opening of 6,800 and not for one of 7,000.

    Without any, 110 units are unserved on average at 100: 11,000; with them 4,100 and the opening.
    """
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "max_units": 150.0}
    hall |= {"usd_per_unit_year": 30.0 * DAY}
    for opening, units, cost in ((6_800.0, 120.0, 10_900.0), (7_000.0, 0.0, 11_000.0)):
        candidates = [hall | {"opening_usd_per_year": opening * DAY}]
        plan = placer.plan(newsvendor[0], candidates, newsvendor[1], gap=1e-7)
        assert plan.units == pytest.approx([units])
        assert plan.cost_usd_per_year == pytest.approx(cost * DAY)
        assert plan.build_cost_usd_per_year == pytest.approx((30 * units + opening * (units > 0)) * DAY)


def test_the_gap_of_modules_has_the_size_of_the_certificate(make_paid_for_power, monkeypatch):
    """Tests two halls of 50 units that cost 0.0876 USD a year, 1,000 an hour for them less 999.99999 for their power.

    The size is 17,520, a thousandth of both. A bound that is 0.01 lower leaves a gap of 6e-7.
    """
    solve = whole_units.branch_and_bound

    def lower(*given):
        answer = solve(*given)
        return replace(answer, bound=answer.bound - 0.01)

    monkeypatch.setattr(whole_units, "branch_and_bound", lower)
    found = prove_plan(make_paid_for_power(-9.9999999, 1e3, [{"module_units": 50.0, "max_units": 200.0}]), 1e-6)
    assert found.units.tolist() == [100.0]
    assert found.stopped == ""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_all_plans_is_found(make_random_instance, seed):
    """Tests cost and bound against the enumeration of all modules of three candidates within a budget."""
    random = np.random.default_rng(seed)
    instance = make_random_instance(seed, accelerators="sunk")
    limits = {"budget_usd_year": 2e5}
    rows = [
        {"candidate": target, "adds": "accelerators", "target": target, "module_units": 3.0, "max_units": 9.0}
        | {
            "usd_per_unit_year": float(random.uniform(4, 40)) * 876,
            "budget_usd_year": float(random.uniform(1, 3)) * 1e4,
        }
        for target in ("D0", "D1", "D3")
    ]
    states = placer.States({str(factor): (instance.scaled_demand(factor), 0.5) for factor in (1.0, 1.5)})
    plan = placer.plan(instance, rows, states, build_limits=limits, gap=1e-6)
    problem, best = plan.problem, np.inf
    for modules in itertools.product(range(4), repeat=3):
        units = 3.0 * np.array(modules)
        if (problem.takes @ units <= problem.amount).all():
            costs = [answer_state(state, state.at(units), HiGHS())[1].objective for state in problem.states]
            best = min(best, problem.total(units, np.array(costs)))
    assert plan.cost_usd_per_year == pytest.approx(best, rel=1e-6)
    assert plan.bound_usd_per_year <= best * (1 + 1e-9)
    assert plan.gap <= 1e-6
    assert plan.certificate.relaxation_bound_usd_per_year <= best * (1 + 1e-9)
    assert (plan.ranges()["least"] <= plan.units + 1e-6).all()
    assert not relaxed(problem).is_whole
