"""Annual limits as planners read them: tables, placements, accounts, curves, and questions without an answer."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError
from tests.planning.annual_by_hand import ALL_COAL_KG, CARBON, HALL, HOURS, random_annual_question, two_hours


@pytest.fixture(scope="module")
def plan():
    """Return the plan of two hours at 40 % of the carbon of coal."""
    calm, states = two_hours()
    return placer.plan(calm, HALL, states, annual_limits={CARBON: 0.4 * ALL_COAL_KG}, gap=1e-9)


@pytest.mark.slow
def test_builds_do_not_list_allotments(plan):
    """Tests the tables: builds of candidates alone, the limit with use and rent, its allotments by state."""
    assert plan.builds.index.tolist() == ["hall"]
    assert plan.units.shape == (1,)
    assert plan.ranges().index.tolist() == ["hall"]
    assert plan.build_limits.empty
    (row,) = plan.annual_limits.reset_index().to_dict("records")
    assert (row["limit"], row["kind"], row["unit"]) == (CARBON, "carbon_kg", "kg")
    assert [row["amount"], row["use"], row["rent_usd_per_unit"]] == pytest.approx([0.4 * ALL_COAL_KG] * 2 + [0.24])
    assert plan.allotments.index.tolist() == [(CARBON, "calm"), (CARBON, "busy")]
    assert plan.allotments["allotted"].tolist() == pytest.approx([0, 6000])
    assert plan.build_cost_usd_per_year == 0
    assert set(plan.tables) == {"builds", "states", "annual_limits", "allotments"}
    assert f"{CARBON}: at most 26,280,000 over all states of a year" in repr(plan)


def test_placements_use_what_they_are_allotted(plan):
    """Tests that the placements of the states have the costs of the plan, and use the amount of a year together."""
    used = {name: plan.placement(name) for name in plan.states.index}
    assert sum(HOURS * each.carbon_kg for each in used.values()) == pytest.approx(0.4 * ALL_COAL_KG)
    for name, placement in used.items():
        assert placement.certificate.objective == pytest.approx(plan.states.loc[name, "cost_usd"])


def test_the_authority_earns_the_rent(plan):
    """Tests accounts that add up to the cost, with the rent of the limit at the authority."""
    accounts = plan.accounts(by="data_centre")
    assert accounts.cost_usd_per_year == pytest.approx(plan.cost_usd_per_year)
    assert accounts.regions.loc["authority", "limits_rent_usd"] == pytest.approx(0.24 * 0.4 * ALL_COAL_KG)
    assert accounts.builds.index.tolist() == ["hall"]


def test_a_curve_over_an_annual_limit(plan):
    """Tests its breakpoints by hand: where the busy day begins to give way, and where no more is emitted."""
    curve = plan.curve(CARBON, 0.0, 1.5 * ALL_COAL_KG)
    assert curve["amount"].tolist() == pytest.approx([0, ALL_COAL_KG * 2 / 3, ALL_COAL_KG, 1.5 * ALL_COAL_KG])
    assert curve["rent_usd_per_unit_year"].tolist()[:3] == pytest.approx([0.24, 0.12, 0.0], abs=1e-9)


def test_another_amount_starts_from_the_plan(plan):
    """Tests that states are not formulated again, and that the limit holds in a break-even."""
    calm, states, _ = plan.question.given
    limits = {CARBON: 0.2 * ALL_COAL_KG}
    again = placer.plan(calm, HALL, states, annual_limits=limits, start=plan, gap=1e-9)
    assert again.problem.states is plan.problem.states
    assert again.cost_usd_per_year == pytest.approx(HOURS * (1200 + 10 * 60 + 14 * 120))
    assert again.annual_limits.loc[CARBON, "use"] == pytest.approx(0.2 * ALL_COAL_KG)
    assert plan.break_even("hall") == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(InstanceError, match="same candidates"):
        placer.plan(calm, HALL, states, start=plan)


def test_other_states_have_no_allotments(plan):
    """Tests that questions about other states are an error."""
    for ask in (
        plan.value_of_stochastic_solution,
        plan.value_of_perfect_information,
        lambda: plan.out_of_sample([plan.question.instance]),
    ):
        with pytest.raises(InstanceError, match="shared out among the states of the plan"):
            ask()


@pytest.mark.slow
def test_a_store_resumes(tmp_path):
    """Tests that no state is solved twice, also for another amount at the same point."""
    calm, states = two_hours()
    asked = {"annual_limits": {CARBON: 0.4 * ALL_COAL_KG}, "risk": placer.CVaR(0.5, 0.3), "store": tmp_path / "a.db"}
    first, again = (placer.plan(calm, HALL, states, **asked) for _ in range(2))
    assert again.solves.sum() == 0
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year)
    with pytest.raises(placer.StoreError):
        placer.plan(calm, HALL, states, risk=asked["risk"], store=asked["store"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_accounts_and_alternatives_of_random_plans(seed):
    """Tests that accounts add up, that units lie within their ranges, and placements cost what the plan says."""
    question, _, amounts, _ = random_annual_question(seed)
    plan = placer.plan(*question, annual_limits=amounts, gap=1e-9)
    accounts = plan.accounts()
    counted = accounts.cost_usd_per_year + accounts.transfers_usd_per_year
    assert counted == pytest.approx(plan.cost_usd_per_year, rel=1e-6)
    for name, row in plan.states.iterrows():
        assert plan.placement(name).certificate.objective == pytest.approx(row["cost_usd"], rel=1e-7)
    others = placer.alternatives(plan, within=0.05, answers=2)
    assert set(others.ranges.index.get_level_values(-1)) <= set(plan.builds.index)
