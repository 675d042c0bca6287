"""Annual limits by hand, and against an explicit program of all states with one row for each."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import placer
from placer.decomposition.cost_model import CostModel
from placer.decomposition.price_pool import PricePool
from placer.decomposition.risk import NEUTRAL
from placer.errors import NoSolutionError
from placer.planning.plan import program_of
from placer.planning.question.allotments import most_used
from placer.planning.question.problem import planning_problem
from placer.planning.search import first_plan
from placer.planning.search.proven_plan import prove_plan
from placer.termination import Reason
from tests.effort import tries
from tests.planning.annual_by_hand import ALL_COAL_KG, CARBON, HALL, HOURS, random_annual_question, two_hours


def searched(question, annual, gap=1e-9):
    """Return the plan by a search from nothing: without a sketch, which of a small problem is the whole program."""
    problem = program_of(planning_problem(*question, annual_limits=annual), NEUTRAL)
    return prove_plan(problem, gap, vectors=PricePool(problem.states))


@pytest.fixture
def without_sketch(monkeypatch):
    """Let the search begin without a sketch."""

    def fail(_problem):
        raise NoSolutionError(Reason.FAILED, "no sketch")

    monkeypatch.setattr(first_plan, "solve_sketch", fail)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "usd_per_hour", "rent", "used"),
    [
        (1.5, 1200.0, 0.0, (5000, 10_000)),
        (0.7, 1200 + 9 * 60, 0.12, (500, 10_000)),
        (0.4, 1200 + 10 * 60 + 8 * 120, 0.24, (0, 6000)),
        (0.0, 1200 + 10 * 60 + 20 * 120, 0.24, (0, 0)),
    ],
)
def test_the_cheapest_state_gives_way_first(without_sketch, share, usd_per_hour, rent, used):
    """Tests cost, rent and use by hand, by one program and by a search."""
    calm, states = two_hours()
    limits = {CARBON: share * ALL_COAL_KG}
    plan = placer.plan(calm, HALL, states, annual_limits=limits, gap=1e-9)
    for found in (plan, searched((calm, HALL, states), limits)):
        assert found.certificate.proven
        assert found.cost_usd_per_year == pytest.approx(HOURS * usd_per_hour)
        if share > 0:
            assert found.certificate.limit_rents == pytest.approx([rent])
    assert plan.units == pytest.approx([0.0], abs=1e-9)
    assert plan.allotments["use"].tolist() == pytest.approx(used)
    assert plan.annual_limits.loc[CARBON, "use"] == pytest.approx(min(share, 1.0) * ALL_COAL_KG)


def test_the_own_amount_of_a_state_still_holds():
    """Tests that at most 4,000 kg an hour are emitted in either state: 2 x 60 and 12 x 120 USD dearer."""
    calm, states = two_hours(carbon_limit_kg=4000)
    plan = placer.plan(calm, HALL, states, annual_limits={CARBON: ALL_COAL_KG}, gap=1e-9)
    assert plan.cost_usd_per_year == pytest.approx(HOURS * (1200 + 2 * 60 + 12 * 120))
    assert plan.allotments["allotted"].max() <= 4000


def test_first_cuts_do_not_lead_to_states_that_may_use_nothing():
    """Tests that an optimum of cuts that say nothing of allotments gives every state all that is useful to it."""
    calm, states = two_hours()
    plan = searched((calm, HALL, states), {CARBON: 10 * ALL_COAL_KG})
    flat = [vector for vector in plan.pool.vectors if not vector.cap.any()]
    model = CostModel(plan.problem, PricePool(plan.problem.states, flat))
    assert model.optimum()[0].z == pytest.approx([0, *plan.problem.allotments.useful])


def test_filled_allotments_share_what_a_limit_leaves():
    """Tests that room is shared in proportion, within bounds, and that no more than the limit is taken."""
    calm, states = two_hours()
    problem = program_of(planning_problem(calm, HALL, states, annual_limits={CARBON: 0.6 * ALL_COAL_KG}), NEUTRAL)
    filled = problem.filled(np.array([0.0, 1000.0, 0.0]), problem.most)
    assert problem.keeps_limits(filled)
    assert filled[0] == 0
    assert (problem.takes @ filled)[-1] == pytest.approx(problem.amount[-1])
    assert filled[1] - 1000 == pytest.approx(filled[2] * 4000 / 10_000)
    assert problem.filled(filled, problem.most) == pytest.approx(filled)
    assert problem.filled(np.zeros(3), np.array([0.0, 10.0, 20.0])).tolist() == [0.0, 10.0, 20.0]


def test_an_infinite_amount_is_the_plan_without_a_limit():
    """Tests that it has no variable and no row."""
    calm, states = two_hours()
    free, plan = (
        placer.plan(calm, HALL, states, annual_limits=limits, gap=1e-9) for limits in (None, {CARBON: math.inf})
    )
    assert plan.problem.candidates.names == free.problem.candidates.names
    assert plan.point.tolist() == free.point.tolist()
    assert (plan.cost_usd_per_year, plan.bound_usd_per_year) == (free.cost_usd_per_year, free.bound_usd_per_year)
    assert plan.annual_limits.empty


@pytest.mark.slow
def test_a_limit_that_no_plan_can_keep_is_told():
    """Tests that coal must serve a share of each state, for more carbon than the year may have."""
    take = [{"limit": "take", "kind": "energy_mwh", "sense": ">=", "amount": 4, "power_zone": "coal"}]
    calm, states = two_hours()
    states = placer.States({name: (each.replace(limits=take), share) for name, (each, share) in states.given.items()})
    calm = calm.replace(limits=take)
    least = 2 * HOURS * 4 * 500
    plan = placer.plan(calm, HALL, states, annual_limits={CARBON: least}, gap=1e-9)
    assert plan.cost_usd_per_year == pytest.approx(HOURS * (8 * 40 + 6 * 100 + 16 * 160))
    with pytest.raises(placer.InfeasibleBuildLimitsError) as error:
        placer.plan(calm, HALL, states, annual_limits={CARBON: least / 2})
    (change,) = error.value.changes
    assert (change.row, change.side, change.given) == (CARBON, "upper", least / 2)
    assert change.needed == pytest.approx(least, rel=1e-6)


@pytest.mark.slow
def test_states_that_add_no_cost_use_nothing():
    """Tests losses of no hours a year: they have no allotment, and protected work is served whatever it emits."""
    calm, states = two_hours()
    security = placer.Security("data_centres", hours_a_year=0)
    limits = {CARBON: 0.4 * ALL_COAL_KG}
    plan = placer.plan(calm, HALL, states, security=security, annual_limits=limits, gap=1e-9)
    assert plan.cost_usd_per_year == pytest.approx(HOURS * (1200 + 10 * 60 + 8 * 120))
    assert plan.allotments.index.get_level_values("state").tolist() == ["calm, nothing lost", "busy, nothing lost"]
    assert plan.protection["unserved_mtok"].tolist() == pytest.approx([0.0] * 4, abs=1e-9)


@pytest.mark.slow
def test_a_risk_leaves_the_mean_use_limited():
    """Tests the dearer half of the states alone: 9 Mtok of wind in all, so that both hours cost the same.

    400 + 60 x = 800 + 120 (9 - x) for x = 74 / 9 in the calm hour.
    """
    calm, states = two_hours()
    risk, limits = placer.CVaR(0.5, 1.0), {CARBON: 0.7 * ALL_COAL_KG}
    plan = placer.plan(calm, HALL, states, risk=risk, annual_limits=limits, gap=1e-8)
    assert plan.cost_usd_per_year == pytest.approx(2 * HOURS * (400 + 60 * 74 / 9))
    assert plan.annual_limits.loc[CARBON, "use"] <= 0.7 * ALL_COAL_KG * (1 + 1e-9)


@pytest.mark.slow
def test_whole_units_take_annual_limits():
    """Tests wind of 0 MW, and a farm in modules of 4 MW at 8 USD a MW and hour.

    With 70 % of the carbon, 9 of 30 Mtok need wind. Two modules serve 8 on the calm day and 1 on the busy one; a third
    would cost 64 and save 60.
    """
    calm, states = two_hours()

    def becalmed(instance):
        zone = instance.supplies["power_zone"]
        return instance.replace(supplies=instance.supplies.assign(limit_mw=np.where(zone == "wind", 0.0, np.inf)))

    states = placer.States({name: (becalmed(each), share) for name, (each, share) in states.given.items()})
    farm = [
        {"candidate": "farm", "adds": "limit_mw", "target": "wind|south", "usd_per_unit_year": 8760 * 8.0}
        | {"module_units": 4.0, "max_units": 40.0}
    ]
    plan = placer.plan(becalmed(calm), farm, states, annual_limits={CARBON: 0.7 * ALL_COAL_KG}, gap=1e-7)
    assert plan.units == pytest.approx([8.0])
    assert plan.cost_usd_per_year == pytest.approx(HOURS * (2 * 8 * 8 + 1200 + 8 * 60 + 1 * 120))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(12, 150)))
def test_random_plans_cost_what_one_program_of_all_states_does(without_sketch, seed):
    """Tests limits on carbon, water and tokens with steps, quotas and policies, by one program and by a search."""
    question, by_hand, amounts, annual = random_annual_question(seed)
    least, transfers, _ = by_hand.least(annual)
    plan = placer.plan(*question, annual_limits=amounts, gap=1e-9)
    for found in (plan, searched(question, amounts)):
        assert found.certificate.proven
        assert [found.cost_usd_per_year, found.bound_usd_per_year] == pytest.approx([least] * 2, rel=1e-8)
    used = plan.annual_limits
    assert (used["use"] <= used["amount"] * (1 + 1e-8) + 1e-8).all()
    slack = (used["amount"] - used["use"]) * used["rent_usd_per_unit"]
    assert slack.abs().sum() <= 1e-6 * plan.certificate.size_usd_per_year
    assert plan.parts.mul(plan.problem.weights, axis=0).sum()["transfers_usd"] == pytest.approx(
        transfers, rel=1e-6, abs=1e-6 * abs(least)
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 30)))
def test_more_of_a_limit_never_costs_more(seed):
    """Tests that the least cost falls with the amount, by at most its rent, and ends at the plan without it."""
    question, _, amounts, _ = random_annual_question(seed)
    plans = [
        placer.plan(*question, annual_limits={CARBON: factor * max(amounts[CARBON], 1e4)}, gap=1e-9)
        for factor in (0.1, 0.5, 1.0, 1e3)
    ]
    small = 1e-8 * plans[0].certificate.size_usd_per_year
    for less, more in itertools.pairwise(plans):
        saved = less.cost_usd_per_year - more.cost_usd_per_year
        added = more.annual_limits["amount"].iloc[0] - less.annual_limits["amount"].iloc[0]
        assert -small <= saved <= less.annual_limits["rent_usd_per_unit"].iloc[0] * added + small
    assert plans[-1].cost_usd_per_year == pytest.approx(placer.plan(*question, gap=1e-9).cost_usd_per_year, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 30)))
def test_no_state_uses_more_than_it_could_at_most(seed):
    """Tests ``most_used`` against the uses of a plan without limits that bind."""
    question, _, amounts, _ = random_annual_question(seed)
    plan = placer.plan(*question, annual_limits=dict.fromkeys(amounts, 1e12), gap=1e-9)
    allotments = plan.problem.allotments
    at_most = [
        most_used(plan.problem.states[state].structure, cap)
        for state, cap in zip(allotments.state.tolist(), allotments.cap.tolist(), strict=True)
    ]
    assert allotments.useful.tolist() == at_most
    assert (plan.allotments["use"].to_numpy() <= np.array(at_most) * (1 + 1e-9)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("share", "usd_per_hour", "rent"), [(0.7, 1800 + 18 * 20, 0.08), (0.4, 2400 + 6 * 30, 0.12)])
def test_modes_save_what_a_limit_counts(share, usd_per_hour, rent):
    """Tests a lean mode of half the energy and three times the hours of accelerators, at 20 USD an hour.

    A Mtok by coal costs 20 + 40 in the plain mode and 60 + 20 in the lean one, which saves 250 kg for 20 USD. At 70 %
    of the carbon 18 Mtok are lean. At 40 % all are, and 6 of the calm hour run on wind, lean too: 30 USD for 250 kg.
    """
    hours = {name: instance for name, (instance, _) in two_hours()[1].given.items()}
    rows = [
        {"workload": "chat", "mode": "plain", "server_ms": 0, "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000},
        {"workload": "chat", "mode": "lean", "server_ms": 0, "accelerator_hours_per_mtok": 3, "kwh_per_mtok": 500},
    ]
    for name, each in hours.items():
        sites = each.data_centres.assign(operations_usd_per_hour=20.0)
        hours[name] = each.replace(data_centres=sites, modes=rows)
    states = placer.States({name: (each, 0.5) for name, each in hours.items()})
    limits = {CARBON: share * ALL_COAL_KG}
    plan = placer.plan(hours["calm"], HALL, states, annual_limits=limits, gap=1e-9)
    for found in (plan, searched((hours["calm"], HALL, states), limits)):
        assert found.certificate.proven
        assert found.cost_usd_per_year == pytest.approx(HOURS * usd_per_hour)
    assert plan.annual_limits["rent_usd_per_unit"].tolist() == pytest.approx([rent])
