"""A few states with a sample of their demand as one program."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.decomposition.cost_model import CostModel
from placer.decomposition.price_pool import PricePool
from placer.planning.search import sketch
from placer.planning.search.extensive import solve_extensive
from placer.planning.search.sketch import SketchParameters, solve_sketch, some_states, thinned


@pytest.mark.parametrize("kept", [1, 2])
def test_what_is_asked_of_each_class_in_each_period_stays(make_program_of_plan, kept):
    """Tests the sums and the number of demands that are kept, and that each of them is a demand of the structure."""
    structure = make_program_of_plan(0).states[0].structure
    thin = thinned(structure, kept, 1)

    def asked(given):
        group = given.demand_class * given.periods + given.demand_period
        return [
            np.bincount(group, weights, structure.classes * structure.periods)
            for weights in (given.demand_amount, None)
        ]

    (before, _), (after, count) = asked(structure), asked(thin)
    assert after == pytest.approx(before)
    assert count.max() <= kept
    every = set(zip(structure.demand_class, structure.demand_origin, structure.demand_period, strict=True))
    assert set(zip(thin.demand_class, thin.demand_origin, thin.demand_period, strict=True)) <= every


@pytest.mark.parametrize(("most", "waits"), [(10**6, True), (1, False)])
def test_work_waits_as_long_as_columns_are_few(make_program_of_plan, monkeypatch, most, waits):
    """Tests the windows of the sketch: whole where a state may have many columns, else of one period."""
    problem, seen = make_program_of_plan(0), []
    monkeypatch.setattr(sketch, "solve_extensive", seen.append)
    solve_sketch(problem, SketchParameters(most_state_columns=most))
    whole = problem.states[0].structure.window
    assert whole.max() > 1
    expected = whole if waits else np.minimum(whole, 1)
    assert all((state.structure.window == expected).all() for state in seen[0].states)


@pytest.mark.slow
def test_fewer_states_take_part_where_work_waits_longer(make_program_of_plan, monkeypatch):
    """Tests the number of states: a limit of columns holds where work waits longer, and another one elsewhere."""
    problem, seen = make_program_of_plan(3, factors=(0.7, 0.9, 1.1, 1.3, 1.5)), []
    monkeypatch.setattr(sketch, "solve_extensive", seen.append)
    for most in (10**6, 1):
        solve_sketch(problem, SketchParameters(most_state_columns=most, most_waiting_columns=1))
    assert [len(each.states) for each in seen] == [1, 5]


@pytest.mark.slow
def test_a_sketch_of_everything_is_the_extensive_form(make_program_of_plan):
    """Tests that with all demands and all states the sketch costs what the extensive form does."""
    problem = make_program_of_plan(3)
    whole = solve_extensive(problem)
    found = solve_sketch(problem, SketchParameters(kept=10**4, least_wait=10**4))
    assert problem.total(found.units, found.costs) == pytest.approx(problem.total(whole.units, whole.costs), rel=1e-9)


@pytest.mark.slow
def test_prices_of_a_sketch_bound_every_state(make_program_of_plan):
    """Tests that the bound of its cuts is one of the whole problem, and no trivial one."""
    problem = make_program_of_plan(3, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    whole = solve_extensive(problem)
    cost = problem.total(whole.units, whole.costs)
    found = solve_sketch(problem, SketchParameters(kept=1, most_columns=1, most_waiting_columns=1))
    assert len(found.costs) == 1
    bound = CostModel(problem, PricePool(problem.states, found.vectors)).optimum()[0].objective
    nothing = CostModel(problem, PricePool(problem.states)).optimum()[0].objective
    assert nothing < bound <= cost * (1 + 1e-9)


def test_a_state_without_columns_has_a_sketch(newsvendor):
    """Tests demand of 80 at 100 a unit-day that reaches no site in time: nothing is built, and 8,000 are lost a day."""
    near = newsvendor[0]
    instance = near.replace(workloads=near.workloads.assign(latency_slo_ms=0.5), links=near.links.assign(rtt_ms=1.0))
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 365.0}
    plan = placer.plan(instance, [hall], risk=placer.CVaR(level=0.9, weight=0.5))
    assert plan.units.tolist() == [0.0]
    assert plan.cost_usd_per_year == pytest.approx(8_000 * 365)


@pytest.mark.slow
def test_representatives_have_the_weights_of_all(make_program_of_plan):
    """Tests that some states stand for all: weights sum to those of all, and states without weight stand for none."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    numbers, part = some_states(problem, 2, np.arange(5.0))
    assert part.weights.sum() == pytest.approx(problem.weights.sum())
    assert len(set(numbers.tolist())) == len(part.states) == 2


def test_a_state_that_costs_far_more_stands_for_itself(make_program_of_plan):
    """Tests five states of which one costs a hundred times the others: of two parts it is one, with its own weight."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    numbers, part = some_states(problem, 2, np.array([1.0, 1.1, 100.0, 1.2, 1.3]))
    assert 2 in numbers
    assert part.weights[numbers == 2] == pytest.approx(problem.weights[2])


@pytest.mark.slow
@pytest.mark.parametrize("unknown", [[1], [0, 2], [0, 1, 2, 3, 4]])
def test_states_without_a_bound_count_as_the_cheapest(make_program_of_plan, unknown):
    """Tests states whose cuts say nothing: weights still sum to those of all, and a dear state stands for itself."""
    problem = make_program_of_plan(0, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
    costs = np.array([1.0, 1.1, 1.2, 1.3, 100.0])
    costs[unknown] = -np.inf
    numbers, part = some_states(problem, 2, costs)
    assert part.weights.sum() == pytest.approx(problem.weights.sum())
    if len(unknown) < 5:
        assert part.weights[numbers == 4] == pytest.approx(problem.weights[4])
