"""Plans over years whose answers are known by hand, and random ones against plans of one year."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InfeasibleBuildLimitsError, InstanceError, StoreError
from tests.effort import tries
from tests.planning.annual_by_hand import ALL_COAL_KG, CARBON, HOURS, two_hours
from tests.planning.annual_by_hand import HALL as SPARE
from tests.planning.years.secure_years_by_hand import random_secure_years
from tests.results import check_result

DAY = 365
HALL = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}


@pytest.fixture(scope="module")
def growing(newsvendor):
    """Demand of 80 in 2026 and of 140 in 2028, each for two years, without discount; unserved at 100 a unit-day."""
    _, states = newsvendor
    low, _, _, high = states.instances
    return placer.Years({2026: low, 2028: high}, until=2030, discount_rate=0.0)


def test_build_as_demand_grows(growing):
    """80 units from 2026 and 60 more from 2028: (80 + 140) / 2 * 30 = 3,300 a day, 1,460 days."""
    plan = placer.plan_years(growing, [HALL], gap=1e-9)
    assert plan.standing.loc["hall"].tolist() == pytest.approx([80, 140])
    assert plan.builds["units"].tolist() == pytest.approx([80, 60])
    assert plan.cost_usd_per_year == pytest.approx(3_300 * DAY)
    assert plan.bound_usd_per_year == pytest.approx(3_300 * DAY)
    assert plan.present_value_usd == pytest.approx(3_300 * DAY * 4)
    assert plan.certificate.proven
    assert plan.placement(2028).unserved_mtok == pytest.approx(0, abs=1e-6)
    assert plan.instance(2026).data_centres["accelerators"].tolist() == pytest.approx([80])


def test_an_executor_solves_the_states(growing, monkeypatch):
    """Tests the same plan in threads, state by state."""
    monkeypatch.setattr("placer.planning.search.proven_plan.is_small", lambda _: False)
    with ThreadPoolExecutor(2) as threads:
        plan = placer.plan_years(growing, [HALL], gap=1e-9, workers=2, executor=threads)
        assert threads._threads  # they began
    assert plan.builds["units"].tolist() == pytest.approx([80, 60])
    assert plan.cost_usd_per_year == pytest.approx(3_300 * DAY)


@pytest.mark.slow
def test_a_risk_is_of_the_states_of_a_year(newsvendor):
    """Demand of 80 is sure in 2026, and 80, 100, 120 or 140 in 2028: a CVaR of the dearer half builds for 140 then.

    A unit costs 30 and saves 100 in the states that use it: above 120, half of the dearer half. So 60 units are added
    in 2028 and none in 2026: (80 + 140) / 2 * 30 = 3,300 a day. Nothing is unserved in any state.
    """
    low, states = newsvendor[1].instances[0], newsvendor[1]
    years = placer.Years({2026: low, 2028: states}, until=2030, discount_rate=0.0)
    averse = placer.plan_years(years, [HALL], risk=placer.CVaR(level=0.5), gap=1e-9)
    assert averse.standing.loc["hall"].tolist() == pytest.approx([80, 140])
    assert averse.cost_usd_per_year == pytest.approx(3_300 * DAY)
    assert averse.certificate.proven
    mean = placer.plan_years(years, [HALL], gap=1e-9)  # 120 units, as in a plan of one year: (2,400 + 4,100) / 2
    assert mean.standing.loc["hall"].tolist() == pytest.approx([80, 120])
    assert mean.cost_usd_per_year == pytest.approx(3_250 * DAY)
    # At 110 nothing is built: 8,000 a day in 2026, which is sure, and 13,000 in the dearer half of the states of 2028.
    nothing = placer.plan_years(years, [HALL | {"usd_per_unit_year": 110.0 * DAY}], risk=placer.CVaR(0.5), gap=1e-9)
    assert nothing.cost_usd_per_year == pytest.approx((8_000 + 13_000) / 2 * DAY)


@pytest.mark.slow
@pytest.mark.parametrize("usd", [30.0, 110.0])
def test_years_without_common_units_are_plans_of_their_own(newsvendor, usd):
    """Units that last a year: the cost is the mean of the costs of two plans of one year, each with the risk."""
    instance, states = newsvendor
    both, risk = (states, placer.States({"sure": (states.instances[0], 1.0)})), placer.CVaR(level=0.6, weight=0.7)
    row = HALL | {"usd_per_unit_year": usd * DAY}
    alone = [placer.plan(instance, [row], each, risk=risk, gap=1e-9).cost_usd_per_year for each in both]
    years = placer.Years(dict(zip((2026, 2027), both, strict=True)), until=2028, discount_rate=0.0)
    row = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit": usd * DAY, "wacc": 0}
    plan = placer.plan_years(years, [row | {"lifetime_years": 1}], risk=risk, gap=1e-9)
    assert plan.cost_usd_per_year == pytest.approx(sum(alone) / 2)
    assert plan.certificate.proven


@pytest.mark.slow
def test_a_store_is_gone_on_with(newsvendor, tmp_path):
    """A second run solves no state again and gives the same plan; one with other years of service is refused."""
    years = placer.Years({2026: newsvendor[1], 2028: newsvendor[1]}, until=2030, discount_rate=0.0)
    given = {"risk": placer.CVaR(0.5, 0.3), "gap": 1e-9, "store": tmp_path / "plan.db"}
    first = placer.plan_years(years, [HALL], **given)
    again = placer.plan_years(years, [HALL], **given)
    assert first.solves.sum() > 0
    assert again.solves.sum() == 0
    assert again.units == pytest.approx(first.units)
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year)
    longer = placer.Years({2026: newsvendor[1], 2028: newsvendor[1]}, until=2040, discount_rate=0.05)
    assert placer.plan_years(longer, [HALL], **given).certificate.proven  # weights may change
    with pytest.raises(StoreError):
        placer.plan_years(years, [HALL | {"lead_years": 2}], **given)


@pytest.mark.slow
def test_a_plan_starts_from_another(growing, monkeypatch):
    """The states are formulated once and the cost is the same; other candidates and kinds of plans are refused."""
    monkeypatch.setattr("placer.planning.search.proven_plan.is_small", lambda _: False)
    first = placer.plan_years(growing, [HALL], gap=1e-9)
    again = placer.plan_years(growing, [HALL], gap=1e-9, start=first)
    assert again.problem.states is first.problem.states
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year)
    assert again.solves.sum() <= first.solves.sum()
    shorter = placer.Years(growing.given, until=2029, discount_rate=0.0)
    moved = placer.plan_years(shorter, [HALL], gap=1e-9, start=first)  # (2 * 80 + 140) * 30 / 3
    assert moved.problem.states is not first.problem.states
    assert moved.cost_usd_per_year == pytest.approx(3_000 * DAY)
    with pytest.raises(InstanceError, match="same candidates"):
        placer.plan_years(growing, [HALL | {"candidate": "shed"}], start=first)
    with pytest.raises(ArgumentError, match="YearsPlan"):
        placer.plan_years(growing, [HALL], start=placer.plan(growing.instances[0], [HALL]))
    with pytest.raises(ArgumentError, match="CVaR"):
        placer.plan_years(growing, [HALL], risk=0.5)


def test_a_lead_of_two_years_leaves_the_first_short(growing):
    """Nothing stands in 2026: 80 unserved at 100; 140 in 2028: (8,000 + 4,200) / 2 = 6,100 a day."""
    plan = placer.plan_years(growing, [HALL | {"lead_years": 2}], gap=1e-9)
    assert plan.builds.index.tolist() == [("hall", 2026)]
    assert plan.builds["stands_from"].tolist() == [2028]
    assert plan.standing.loc["hall"].tolist() == pytest.approx([0, 140])
    assert plan.cost_usd_per_year == pytest.approx(6_100 * DAY)


def test_a_limit_has_a_rent_in_the_year_that_it_binds(growing):
    """100 chips: 40 unserved in 2028. A chip more saves 70 a day in half of the years."""
    plan = placer.plan_years(growing, [HALL | {"chips": 1}], {"chips": 100}, gap=1e-9)
    assert plan.standing.loc["hall"].tolist() == pytest.approx([80, 100])
    limits = plan.build_limits
    assert limits.loc[("chips", 2026), "rent_usd_per_unit_year"] == pytest.approx(0, abs=1e-6)
    assert limits.loc[("chips", 2028), "rent_usd_per_unit_year"] == pytest.approx(35 * DAY)
    assert limits["use"].tolist() == pytest.approx([80, 100])


def test_a_short_life_is_built_twice(growing):
    """A life of two years: what stood in 2026 is gone in 2028."""
    row = {key: value for key, value in HALL.items() if key != "usd_per_unit_year"}
    row |= {"usd_per_unit": 60.0 * DAY, "wacc": 0, "lifetime_years": 2}
    plan = placer.plan_years(growing, [row], gap=1e-9)
    assert plan.builds["units"].tolist() == pytest.approx([80, 140])
    assert plan.cost_usd_per_year == pytest.approx(3_300 * DAY)


def test_what_retires_is_built_anew(east_and_west):
    """East loses its 100 units in 2027: West, cheaper to run, is built for all 130 units of work.

    2026 is the plan of one year: 10,320 a day. In 2027 West works alone: 130 units at 30, and 12 (130 + 60) 3 = 6,840
    to run, 10,740 a day.
    """
    years = placer.Years(dict.fromkeys((2026, 2027), east_and_west), 2028, 0.0, {"East": 2027})
    west = {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY}
    east = {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 29.0 * DAY}
    plan = placer.plan_years(years, [west, east], gap=1e-9)
    assert plan.standing.loc["west"].tolist() == pytest.approx([60, 130])
    assert plan.cost_usd_per_year == pytest.approx((10_320 + 10_740) / 2 * DAY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_equal_years_are_one(make_random_instance, make_candidates, seed):
    """Equal years without lead and end of life cost what one year does, whatever the rate."""
    instance = make_random_instance(seed, accelerators="sunk")
    given = make_candidates(instance, seed)
    rows = [
        {"candidate": name, "adds": adds, "target": target, "usd_per_unit_year": cost, "max_units": most}
        for name, adds, target, cost, most in zip(
            given.names, given.adds, given.target, given.cost_usd_per_unit_year, given.max_units, strict=True
        )
    ]
    once = placer.plan(instance, rows, gap=1e-8)
    years = placer.Years(dict.fromkeys((2026, 2029, 2031), instance), until=2040, discount_rate=0.08)
    plan = placer.plan_years(years, rows, gap=1e-8)
    assert plan.cost_usd_per_year == pytest.approx(once.cost_usd_per_year, rel=1e-7)
    assert plan.certificate.proven
    profits = np.where(plan.units > 1e-6, plan.builds["profit_usd_per_unit_year"], np.inf)
    assert profits.min() >= -1e-4 * plan.cost_usd_per_year


@pytest.mark.slow
def test_outages_that_must_be_survived(east_and_west):
    """States of a year with nothing lost and with East lost: West can serve all protected work in both years.

    So it is where accelerators are by use, and the plan makes them sunk.
    """
    years = placer.Years({2026: east_and_west, 2027: east_and_west}, until=2028, discount_rate=0.0)
    rows = [
        {"candidate": site.lower(), "adds": "accelerators", "target": site, "usd_per_unit_year": usd * DAY}
        for site, usd in (("West", 30.0), ("East", 24.0))
    ]
    plan = placer.plan_years(years, rows, security="data_centres", gap=1e-6)
    assert plan.standing.min(axis=1).tolist() == pytest.approx([130, 30], rel=1e-5)
    assert plan.placement(2026, "2026, East").unserved_mtok == pytest.approx(0, abs=1e-3)
    by_use = east_and_west.replace(accelerators="by_use")
    used = placer.plan_years(
        placer.Years({2026: by_use, 2027: by_use}, until=2028, discount_rate=0.0),
        rows,
        security="data_centres",
        gap=1e-6,
    )
    assert used.cost_usd_per_year == pytest.approx(plan.cost_usd_per_year, rel=1e-5)
    assert used.instance(2026).settings.accelerators == "sunk"
    assert (plan.summary()["accelerators_set_sunk"], used.summary()["accelerators_set_sunk"]) == (False, True)
    assert "Security          data centres, each lost alone" in repr(used)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 120)))
def test_secure_years_against_their_explicit_program(seed):
    """Tests least cost over all years, states and losses, with modes, steps of demand and policies, or that none is."""
    asked = random_secure_years(seed)
    years, rows, security = asked.question()
    if (least := asked.least()) is None:
        with pytest.raises(InfeasibleBuildLimitsError, match="unserved protected Mtok of state 20"):
            placer.plan_years(years, rows, security=security)
        return
    plan = placer.plan_years(years, rows, security=security, gap=1e-9)
    assert plan.certificate.proven
    assert plan.cost_usd_per_year == pytest.approx(least, rel=1e-8)
    assert plan.bound_usd_per_year == pytest.approx(least, rel=1e-8)


@pytest.mark.slow
def test_what_survives_in_each_year_by_hand(east_and_west):
    """Tests that either site serves all alone: 130 and 195 in the West, 30 and 95 beside the 100 in the East.

    A day costs 130 * 30 + 30 * 24 + 12 * 190 * 3 = 11,460 USD in 2026, and 195 * 30 + 95 * 24 + 12 * 285 * 3 = 18,390
    in 2030. Where a hall takes a year to build, no plan survives the first year.
    """
    rows = [
        {"candidate": site.lower(), "adds": "accelerators", "target": site, "usd_per_unit_year": usd * DAY}
        for site, usd in (("West", 30.0), ("East", 24.0))
    ]
    years = placer.Years({2026: east_and_west, 2030: east_and_west.scaled_demand(1.5)}, until=2034, discount_rate=0.0)
    plan = placer.plan_years(years, rows, security="data_centres", gap=1e-9)
    assert plan.standing.to_numpy().tolist() == [pytest.approx([130, 195]), pytest.approx([30, 95])]
    assert plan.cost_usd_per_year == pytest.approx(DAY * (11_460 + 18_390) / 2)
    late = [row | {"lead_years": 1} for row in rows]
    with pytest.raises(InfeasibleBuildLimitsError, match="unserved protected Mtok of state 2026, East"):
        placer.plan_years(years, late, security="data_centres")


@pytest.mark.slow
def test_demand_with_steps_is_not_protected_in_any_year(east_and_west):
    """Tests that steps of a protected workload are refused once for all years, with what to give instead."""
    rows = east_and_west.demand.assign(value_usd_per_mtok=50.0)
    stepped = east_and_west.replace(demand=rows)
    hall = {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 1.0}
    years = placer.Years({2026: stepped, 2027: stepped}, until=2028, discount_rate=0.0)
    with pytest.raises(InstanceError, match="has steps of demand: what is bought") as refused:
        placer.plan_years(years, [hall], security="data_centres")
    assert len(refused.value.violations) == 1


def test_unknown_years_and_states(growing):
    """Errors name what there is."""
    plan = placer.plan_years(growing, [HALL])
    with pytest.raises(InstanceError, match="2026, 2028"):
        plan.instance(2027)
    with pytest.raises(InstanceError, match="unknown"):
        plan.placement(2026, "storm")
    with pytest.raises(InfeasibleBuildLimitsError):
        placer.plan_years(
            growing, [HALL | {"max_units": 5, "chips": 1}], [{"limit": "chips", "sense": ">=", "amount": 9}]
        )


def test_headlines_and_files(growing, tmp_path):
    """Text, HTML, plain values and files say the same."""
    plan = placer.plan_years(growing, [HALL])
    check_result(plan)
    summary = plan.summary()
    assert summary["cost_usd_per_year"] == pytest.approx(3_300 * DAY)
    assert summary["proven"] is True
    assert {file.stem for file in plan.save_tables(tmp_path)} == {"builds", "standing", "states"}
    assert pd.read_csv(tmp_path / "standing.csv")["2028"].tolist() == pytest.approx([140])
    assert "equivalent annual cost" in repr(plan)
    assert "<table" in plan._repr_html_()
    assert plan.states["weight"].tolist() == pytest.approx([365 / 2] * 2)


def test_workbook(growing, tmp_path):
    """The workbook has the headline figures and a sheet for each table."""
    pytest.importorskip("openpyxl")
    plan = placer.plan_years(growing, [HALL])
    sheets = pd.read_excel(plan.save_excel(tmp_path / "plan.xlsx"), sheet_name=None)
    assert list(sheets) == ["summary", "builds", "standing", "states"]
    assert sheets["builds"]["units"].sum() == pytest.approx(140)


@pytest.mark.slow
def test_annual_limits_hold_in_every_year():
    """Tests 70 % of the carbon of coal in 2026, and the same amount for twice the demand in 2030, as in 2026 at 35 %.

    Demand of 30 Mtok in two hours needs 9 of wind, and 60 need 39: 20 on the calm day and 19 on the busy one.
    """
    _, states = two_hours()
    doubled = placer.States({name: (each.scaled_demand(2), share) for name, (each, share) in states.given.items()})
    years = placer.Years({2026: states, 2030: doubled}, until=2034, discount_rate=0.0)
    found = placer.plan_years(years, SPARE, annual_limits={CARBON: 0.7 * ALL_COAL_KG}, gap=1e-9)
    costs = [HOURS * (1200 + 9 * 60), HOURS * (2400 + 20 * 60 + 19 * 120)]
    assert found.cost_usd_per_year == pytest.approx(sum(costs) / 2)
    assert found.annual_limits.index.tolist() == [f"{CARBON}, 2026", f"{CARBON}, 2030"]
    assert found.annual_limits["use"].tolist() == pytest.approx([0.7 * ALL_COAL_KG] * 2)
    assert found.annual_limits["rent_usd_per_unit"].tolist() == pytest.approx([0.12 / 2, 0.24 / 2])
    assert len(found.builds) == 2
    assert found.build_limits.empty
    assert {"annual_limits", "allotments"} <= set(found.tables)
    placements = [found.placement(2030, state) for state in ("2030, calm", "2030, busy")]
    assert sum(HOURS * each.carbon_kg for each in placements) == pytest.approx(0.7 * ALL_COAL_KG)
    again = placer.plan_years(years, SPARE, annual_limits={CARBON: 0.4 * ALL_COAL_KG}, start=found, gap=1e-9)
    assert again.problem.states is found.problem.states
    assert again.annual_limits["use"].tolist() == pytest.approx([0.4 * ALL_COAL_KG] * 2)
