"""What a plan says of its states."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

import placer
from placer.errors import InstanceError, SolverError

NEW = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * 365}]


def test_the_instance_of_a_state_holds_what_is_built_and_not_lost(east_and_west):
    """Tests that what is built in the West is there, but where the West is lost."""
    security = placer.Security("data_centres", most_stranded=1.0, hours_a_year=10)
    plan = placer.plan(east_and_west, NEW, security=security)
    built = {state: plan.instance(state).data_centres["accelerators"].tolist()[1] for state in plan.states.index}
    assert built["nothing lost"] == built["East"] == pytest.approx(float(plan.units[0]))
    assert built["West"] == 0
    with pytest.raises(InstanceError, match="unknown"):
        plan.instance("North")


def test_ceilings_before_and_after_by_hand(make_instance):
    """Tests that four units at Y, where work costs 30 less, let 4 of 16 Mtok be exported that had no room there."""
    sites = [
        {"data_centre": "X", "region": "east", "accelerators": 10.0},
        {"data_centre": "Y", "region": "west", "accelerators": 6.0},
    ]
    instance = make_instance(data_centres=sites, accelerators="sunk")
    hall = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 8760.0, "max_units": 4.0}
    plan = placer.plan(instance, [hall], gap=1e-9)
    assert plan.units == pytest.approx([4])
    assert plan.ceilings().iloc[0].tolist() == pytest.approx([0, 0.25], abs=1e-9)


@pytest.mark.parametrize("hours", [0.0, 100.0])
def test_states_without_weight_are_solved_and_count_nothing(east_and_west, hours):
    """Tests that outages of 0 hours a year have a cost of their own and none in that of the plan."""
    security = placer.Security("data_centres", most_stranded=1.0, hours_a_year=hours)
    plan = placer.plan(east_and_west, NEW, security=security, gap=1e-8)
    assert plan.certificate.proven
    lost = plan.states.loc["East"]
    assert bool(lost["cost_usd_per_year"] > 0) == (hours > 0)
    if hours:  # the West is built so large that the East is not missed
        assert lost["cost_usd"] == pytest.approx(plan.states.loc["nothing lost", "cost_usd"])
    else:
        assert lost["cost_usd"] > plan.states.loc["nothing lost", "cost_usd"]
        assert plan.cost_usd_per_year == pytest.approx(10_320 * 365)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ask", "usd"),
    [
        (lambda plan, **way: plan.curve("chips", 80.0, 120.0, **way)["rent_usd_per_unit_year"].iloc[0], 45.0),
        (lambda plan, **way: plan.break_even("hall", **way), 100.0),
        (lambda plan, **way: plan.value_of_stochastic_solution(**way), 200.0),
        (lambda plan, **way: plan.value_of_perfect_information(**way), 800.0),
    ],
    ids=["curve", "break_even", "stochastic", "perfect"],
)
def test_an_executor_proves_other_plans(newsvendor, monkeypatch, ask, usd):
    """Tests answers that take further plans, in threads.

    A unit saves 100 a day for 30: the first 80 in every state, the next 20 in three of four.
    """
    monkeypatch.setattr("placer.planning.search.proven_plan.is_small", lambda _: False)
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * 365, "chips": 1.0}
    plan = placer.plan(newsvendor[0], [hall], newsvendor[1], {"chips": 500.0}, gap=1e-9)
    with ThreadPoolExecutor(2) as threads:
        assert ask(plan, gap=1e-9, workers=2, executor=threads) / 365 == pytest.approx(usd, rel=1e-6)
        assert threads._threads  # they began
    with pytest.raises(SolverError, match="workers 0"):
        ask(plan, workers=0)


@pytest.mark.parametrize("gap", [math.nan, math.inf, 0.0, -1e-6, True])
def test_a_gap_that_is_no_positive_number_is_refused(east_and_west, gap):
    """Tests what solves plans of its own: a gap of inf would end the search at any plan."""
    plan = placer.plan(east_and_west, NEW, build_limits={"budget_usd_year": 1e6})
    for ask in (
        lambda: plan.curve("budget_usd_year", 0.0, 1e6, gap=gap),
        lambda: plan.break_even("west", gap=gap),
        lambda: plan.value_of_stochastic_solution(gap=gap),
        lambda: plan.value_of_perfect_information(gap=gap),
    ):
        with pytest.raises(SolverError, match=f"gap {gap!r} is not a positive number"):
            ask()
