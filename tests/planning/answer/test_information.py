"""The worth of planning for all states, and of knowing which comes."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError, NoSolutionError

DAY = 365
HALL = [{"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}]


@pytest.mark.slow
def test_the_newsvendor_by_hand(newsvendor):
    """Tests the value of the stochastic solution and of perfect information.

    The plan for the mean builds 110: 3,300, and (10 + 30) / 4 unserved at 100: 4,300, against 4,100. With foresight
    each state has what it needs: 110 * 30 = 3,300 on average.
    """
    plan = placer.plan(newsvendor[0], HALL, newsvendor[1], gap=1e-9)
    assert plan.value_of_stochastic_solution(gap=1e-9) / DAY == pytest.approx(200)
    assert plan.value_of_perfect_information(gap=1e-9) / DAY == pytest.approx(800)


def test_out_of_sample_by_hand(newsvendor):
    """Tests the cost of 120 units for demands of 130 and 110: 4,600 and 3,600, a mean of 4,100 with an error of 500."""
    instance, states = newsvendor
    plan = placer.plan(instance, HALL, states, gap=1e-9)
    costs = plan.out_of_sample([instance.scaled_demand(130 / 80), instance.scaled_demand(110 / 80)])
    assert costs.cost_usd_per_year / DAY == pytest.approx([4_600, 3_600])
    assert costs.mean_usd_per_year / DAY == pytest.approx(4_100)
    assert costs.standard_error_usd_per_year / DAY == pytest.approx(500)


@pytest.mark.slow
def test_out_of_sample_counts_openings(newsvendor):
    """Tests 120 units with an opening of 6,000: 4,600 and 3,600 a day without it, as above, and 6,000 more each."""
    instance, states = newsvendor
    hall = [HALL[0] | {"max_units": 150.0, "opening_usd_per_year": 6_000.0 * DAY}]
    plan = placer.plan(instance, hall, states, gap=1e-7)
    costs = plan.out_of_sample([instance.scaled_demand(130 / 80), instance.scaled_demand(110 / 80)])
    assert costs.cost_usd_per_year / DAY == pytest.approx([10_600, 9_600])


def test_states_of_other_networks_have_no_mean(newsvendor):
    """Tests that states that differ in more than demand need a mean of the user's own."""
    instance, _ = newsvendor
    other = instance.replace(data_centres=[{"data_centre": "X", "accelerators": 5.0}])
    plan = placer.plan(instance, HALL, placer.States({"one": instance, "other": other}))
    with pytest.raises(InstanceError, match="there is no mean"):
        plan.value_of_stochastic_solution()
    assert plan.value_of_stochastic_solution(instance) >= -1e-6 * plan.cost_usd_per_year


@pytest.mark.slow
def test_a_state_that_the_builds_cannot_serve_is_named(served_at_any_cost):
    """Tests 100 or 300 units that must be served: the plan for 200 builds 200, which are two thirds of 300."""
    instance, candidates = served_at_any_cost
    states = placer.States({"low": (instance, 0.5), "high": (instance.scaled_demand(3.0), 0.5)})
    plan = placer.plan(instance, candidates, states, gap=1e-7)
    assert plan.units == pytest.approx([300.0])
    with pytest.raises(NoSolutionError, match=r"state high, with the builds of the plan: no .* amount 0.6666"):
        plan.value_of_stochastic_solution(gap=1e-7)
    with pytest.raises(NoSolutionError, match=r"no placement can meet this limit.*'serve all'"):
        plan.out_of_sample([instance.scaled_demand(4.0)])
