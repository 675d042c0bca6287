"""Plans of demand with steps of value and of policies: by hand, and random ones against their extensive form."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.decomposition.price_pool import PricePool
from placer.decomposition.risk import NEUTRAL
from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.planning.search.best_plan import find_plan
from placer.planning.search.proven_plan import prove_plan
from placer.utils.processes import InThisProcess
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.planning.plan_by_hand import PlanByHand, random_question

#: A unit of accelerators abroad, at 12 USD an hour.
HALL = [{"candidate": "hall", "adds": "accelerators", "target": "far", "usd_per_unit_year": 12.0 * 8760}]
#: Forty Mtok are worth 50 USD each, and sixty more are worth 30.
STEPS = [{"mtok": 40.0, "value_usd_per_mtok": 50.0}, {"mtok": 60.0, "value_usd_per_mtok": 30.0}]


def asked(steps, **rest):
    """Return an instance in which home has accelerators for 40 Mtok that are paid for, and abroad has none."""
    return home_and_abroad(steps, abroad=0, accelerators="sunk", **rest)


@pytest.mark.slow
def test_a_hall_pays_since_people_then_buy_more():
    """Tests a plan by hand.

    Home serves the first step. A Mtok from abroad costs 12 to build for and 0.5 to bring home, and is worth 30: 60
    units save 60 * (30 - 12.5) = 1,050 USD an hour. Without the second step nothing is built.
    """
    plan = placer.plan(asked(STEPS), HALL)
    assert plan.certificate.proven
    assert plan.units == pytest.approx([60.0])
    assert plan.cost_usd_per_year == pytest.approx(8760 * 60 * 12.5)
    assert plan.builds["profit_usd_per_unit_year"].tolist() == pytest.approx([0.0], abs=1e-3)
    assert placer.plan(asked(STEPS), HALL, build_limits={"budget_usd_year": 0.0}).cost_usd_per_year == pytest.approx(
        8760 * 60 * 30
    )
    assert placer.plan(asked(STEPS[:1]), HALL).units == pytest.approx([0.0], abs=1e-9)
    placement = plan.placement()
    assert isinstance(placement, placer.ElasticPlacement)
    assert placement.not_bought_mtok == pytest.approx(0.0, abs=1e-9)
    assert placement.welfare_usd == pytest.approx(40 * 50 + 60 * 30 - 30)


@pytest.mark.slow
def test_a_tariff_counts_in_the_decision():
    """Tests that a hall abroad pays up to a tariff of 30 - 12.5 = 17.5 USD a Mtok, and what each part is then."""
    tariff = {"policy": "duty", "kind": "tariff_usd_per_mtok", "to_region": "home", "paid_to": "importer"}
    plan = placer.plan(asked(STEPS, policies=[tariff | {"amount": 17.0}]), HALL)
    assert plan.units == pytest.approx([60.0])
    assert plan.cost_usd_per_year == pytest.approx(8760 * 60 * 29.5)
    parts = plan.parts.loc["all year"]
    assert parts[["operating_usd", "transfers_usd", "not_bought_usd"]].tolist() == pytest.approx([30, 1020, 0])
    assert plan.accounts().regions.loc["home", "policy_revenue_usd"] == pytest.approx(8760 * 1020)
    dearer = placer.plan(asked(STEPS, policies=[tariff | {"amount": 18.0}]), HALL)
    assert dearer.units == pytest.approx([0.0], abs=1e-9)
    assert dearer.parts.loc["all year", "not_bought_usd"] == pytest.approx(60 * 30)


def test_a_quota_counts_over_the_horizon_of_a_state():
    """Tests that no more is built than a quota of 50 Mtok lets in over two hours: 25 an hour."""
    demand = [row | {"hour": hour} for row in STEPS for hour in (0, 1)]
    quota = {"policy": "most", "kind": "quota_mtok", "amount": 50.0, "to_region": "home"}
    instance = asked(demand, policies=[quota])
    states = placer.States({"one": (instance, 0.5), "two": (instance, 0.5)})
    plan = placer.plan(instance, HALL, states, gap=1e-9)
    assert plan.units == pytest.approx([25.0])
    assert plan.cost_usd_per_year == pytest.approx(8760 * (25 * 12.5 + 35 * 30))


def question_of(seed):
    """Return a random question as ``placer.plan`` takes it, and its program by hand."""
    tables, policies, states, candidates = drawn = random_question(seed)
    instance = placer.Instance.from_tables(tables | {"policies": policies}, accelerators="sunk")
    of_states = {name: (instance.scaled_demand(factor), share) for name, (factor, share) in states.items()}
    rows = [
        {"candidate": site, "adds": "accelerators", "target": site}
        | {"usd_per_unit_year": 8760 * usd, "max_units": most}
        for site, usd, most in candidates
    ]
    return (instance, rows, placer.States(of_states)), PlanByHand(*drawn)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(20, 100)))
def test_random_plans_cost_what_their_extensive_form_does(seed):
    """Tests plans as one program, by a search and by column generation, and their parts and accounts."""
    question, by_hand = question_of(seed)
    least, transfers, left = by_hand.least()
    plan = placer.plan(*question, gap=1e-9)
    problem = program_of(planning_problem(*question), NEUTRAL)
    searched = prove_plan(problem, 1e-9, vectors=PricePool(problem.states))
    by_columns = Evaluator(Here(StateJob(problem.states, ColumnGeneration())), InThisProcess(), 1)
    found, _ = find_plan(problem, by_columns, 1e-7)
    for each in (plan, searched):
        assert each.certificate.proven
        assert [each.cost_usd_per_year, each.bound_usd_per_year] == pytest.approx([least] * 2, rel=1e-8)
    assert problem.total(found.units, found.costs) == pytest.approx(least, rel=1e-6)
    assert found.bound.amount == pytest.approx(least, rel=1e-6)
    parts = plan.parts[["operating_usd", "transfers_usd", "penalty_usd", "not_bought_usd"]]
    assert parts.sum(axis=1).tolist() == pytest.approx(plan.states["cost_usd"].tolist(), rel=1e-9)
    accounts = plan.accounts()
    counted = accounts.cost_usd_per_year + accounts.transfers_usd_per_year
    assert counted == pytest.approx(plan.cost_usd_per_year, rel=1e-7)
    yearly = plan.parts[["transfers_usd", "not_bought_usd"]].mul(problem.weights, axis=0).sum()
    assert yearly.tolist() == pytest.approx([transfers, left], rel=1e-6, abs=1e-6 * abs(least))
    assert accounts.transfers_usd_per_year == pytest.approx(transfers, rel=1e-6, abs=1e-6 * abs(least))
    small = 1e-7 * plan.certificate.size_usd_per_year
    assert (accounts.builds["profit_usd"].to_numpy() > -small).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 10)))
def test_placements_of_states_cost_what_the_plan_says(seed):
    """Tests that the placement of each state has the cost, what is not bought and the welfare of the plan's tables."""
    question, _ = question_of(seed)
    plan = placer.plan(*question, gap=1e-9)
    for name, row in plan.parts.iterrows():
        placement = plan.placement(name)
        assert placement.certificate.objective == pytest.approx(plan.states.loc[name, "cost_usd"], rel=1e-8)
        assert placement.transfers_usd == pytest.approx(row["transfers_usd"], rel=1e-6, abs=1e-6)
        assert placement.welfare_usd == pytest.approx(row["welfare_usd"], rel=1e-7)
        assert placement.value_bought_usd == pytest.approx(row["value_bought_usd"], rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 10)))
def test_every_price_vector_bounds_every_state_with_steps(seed):
    """Tests that no cut of the pool lies above the cost of a state, at random units."""
    question, _ = question_of(seed)
    plan = placer.plan(*question, gap=1e-9)
    problem = plan.problem
    evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)
    pool = prove_plan(problem, 1e-9, vectors=PricePool(problem.states)).pool
    random = np.random.default_rng(seed)
    for _ in range(3):
        units = random.uniform(0.0, 1.0, len(problem.cost)) * problem.most
        costs = [each.cost for done in evaluator.evaluate(range(len(problem.states)), units) for each in done]
        assert (pool.values(units) <= np.array(costs) + 1e-9 * np.abs(costs)).all()


@pytest.mark.slow
def test_one_step_at_the_penalty_is_demand_without_steps():
    """Tests that the plan of steps of the penalty alone has the cost, the builds and the bound of that without."""
    question, _ = question_of(1)
    instance = question[0]
    plain = instance.replace(demand_steps=instance.demand_steps.iloc[:0])
    steps = plain.demand.assign(value_usd_per_mtok=60.0)
    plans = [placer.plan(each, question[1], gap=1e-9) for each in (plain, plain.replace(demand=steps))]
    assert len(plans[1].question.instance.demand_steps) == len(steps)
    assert plans[0].cost_usd_per_year == pytest.approx(plans[1].cost_usd_per_year, rel=1e-9)
    assert plans[0].units == pytest.approx(plans[1].units, rel=1e-6, abs=1e-6)


@pytest.mark.slow
def test_a_plan_that_may_build_nothing_costs_what_the_placement_does():
    """Tests that the cost of a plan with no unit to build is that of the placement, times the horizons of a year."""
    question, _ = question_of(2)
    nothing = [row | {"max_units": 0.0} for row in question[1]]
    plan = placer.plan(question[0], nothing, gap=1e-9)
    placement = placer.solve(question[0])
    assert plan.cost_usd_per_year == pytest.approx(placement.certificate.objective * 8760 / 3, rel=1e-9)
    parts = plan.parts.loc["all year"]
    assert parts["not_bought_mtok"] == pytest.approx(placement.not_bought_mtok, rel=1e-6)
    assert parts["welfare_usd"] == pytest.approx(placement.welfare_usd, rel=1e-7)


@pytest.mark.slow
def test_whole_units_and_risk_take_steps():
    """Tests by hand 50 units in modules of 25, and a state averse to risk that pays for the dearer of two.

    Modules of 25: two give 60 - 50 = 10 Mtok that are not bought, at 30 against 12.5; a third would stand idle by 15
    of 25 and save 10 * 29.5 < 25 * 12. Half of the year nothing of the second step is asked for: a unit saves
    29.5 / 2 > 12 still, and 29.5 / 2 < 15 at 15 USD, unless the dearer half counts alone.
    """
    modules = [HALL[0] | {"module_units": 25.0, "max_units": 100.0}]
    plan = placer.plan(asked(STEPS), modules, gap=1e-7)
    assert plan.units == pytest.approx([50.0])
    assert plan.cost_usd_per_year == pytest.approx(8760 * (50 * 12.5 + 10 * 30))
    states = placer.States({"few": (asked(STEPS[:1]), 0.5), "many": (asked(STEPS), 0.5)})
    for usd, risk, units in ((12.0, None, 60.0), (15.0, None, 0.0), (15.0, placer.CVaR(0.5, 1.0), 60.0)):
        hall = [HALL[0] | {"usd_per_unit_year": usd * 8760}]
        assert placer.plan(asked(STEPS), hall, states, risk=risk, gap=1e-7).units == pytest.approx([units], abs=1e-3)


@pytest.mark.slow
def test_a_store_resumes_steps(tmp_path):
    """Tests that rows of a store prove states with steps again, and that other steps are another question."""
    question, _ = question_of(5)
    answers = [placer.plan(*question, risk=placer.CVaR(0.5, 0.3), store=tmp_path / "plan.db") for _ in range(2)]
    assert answers[0].solves.sum() > 0
    assert answers[1].solves.sum() == 0
    assert answers[1].certificate.proven
    assert answers[1].cost_usd_per_year == pytest.approx(answers[0].cost_usd_per_year, rel=1e-9)
    steps = question[0].demand_steps.assign(value_usd_per_mtok=lambda rows: 1.1 * rows["value_usd_per_mtok"])
    other = placer.States({"all": question[0].replace(demand_steps=steps)})
    with pytest.raises(placer.StoreError, match="states was"):
        placer.plan(question[0], question[1], other, store=tmp_path / "plan.db")


@pytest.mark.slow
def test_the_worth_of_knowing_the_state():
    """Tests by hand: with 15 USD a unit, half the year 60 units save 29.5 - 15 each if they stood only then."""
    hall = [HALL[0] | {"usd_per_unit_year": 15.0 * 8760}]
    half = [STEPS[0], STEPS[1] | {"mtok": 30.0}]
    states = placer.States({"few": (asked(half), 0.5), "many": (asked(STEPS), 0.5)})
    plan = placer.plan(asked(STEPS), hall, states, gap=1e-9)
    assert plan.units == pytest.approx([30.0], abs=1e-6)
    assert plan.value_of_perfect_information(gap=1e-9) == pytest.approx(8760 * 0.5 * 30 * 14.5)
    assert plan.out_of_sample([asked(STEPS)]).mean_usd_per_year == pytest.approx(8760 * (30 * 15.5 + 30 * 30))


@pytest.mark.slow
def test_a_plan_goes_on_from_another_with_other_steps():
    """Tests a warm start from the prices of a plan of the same demand without steps."""
    question, by_hand = question_of(4)
    plain = question[0].replace(demand_steps=question[0].demand_steps.iloc[:0])
    first = placer.plan(plain, question[1])
    plan = placer.plan(*question, start=first, gap=1e-9)
    assert plan.cost_usd_per_year == pytest.approx(by_hand.least()[0], rel=1e-8)
