"""Plans whose answers are known by hand, and random ones against their extensive form."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError, InfeasibleBuildLimitsError, InstanceError, SolverError
from placer.planning.answer.build_places import builds_by_site
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes
from tests.model.pools_at_random import with_random_pools
from tests.model.pools_by_hand import pooled
from tests.random_tables import random_days

DAY = 365
NEW = [
    {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY},
    {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24.0 * DAY},
]
HALL = [{"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}]


def test_build_where_work_is_cheap(east_and_west):
    """Tests a plan by hand.

    60 units in the West serve both periods at 3: 60 * 12 * 2 * 3 = 4,320, East 70 * 12 * 5 = 4,200, and 60 * 30 =
    1,800 to build: 10,320 a day. Prices are 5 in the first period and 3.5 in the second, for rents of 2 and 0.5 in the
    West: 12 * 2.5 = 30, its cost. East earns nothing with 30 of 100 units idle.
    """
    plan = placer.plan(east_and_west, NEW, gap=1e-9)
    assert plan.units == pytest.approx([60, 0], abs=1e-6)
    assert plan.cost_usd_per_year == pytest.approx(10_320 * DAY)
    assert plan.bound_usd_per_year == pytest.approx(10_320 * DAY)
    assert plan.certificate.proven
    assert plan.builds["value_usd_per_unit_year"].tolist() == pytest.approx([30 * DAY, 0], abs=1e-6)
    assert plan.certificate.zero_profit_usd_per_year <= 1e-8 * plan.cost_usd_per_year
    placement = plan.placement()
    assert placement.certificate.objective == pytest.approx(10_320 - 1_800)
    assert plan.states["cost_usd"].tolist() == pytest.approx([10_320 - 1_800])


def test_a_budget_has_a_rent(east_and_west):
    """Tests the same with 900 USD a day: 30 units, 10,860 a day, and a dollar more saves 0.6.

    A unit in the West saves 12 * (2 + 2) - 30 = 18 while East works in both periods, or 18 / 30 a dollar.
    """
    plan = placer.plan(east_and_west, NEW, build_limits={"budget_usd_year": 900.0 * DAY}, gap=1e-9)
    assert plan.units == pytest.approx([30, 0], abs=1e-6)
    assert plan.cost_usd_per_year == pytest.approx(10_860 * DAY)
    limit = plan.build_limits.loc["budget_usd_year"]
    assert limit["rent_usd_per_unit_year"] == pytest.approx(0.6)
    assert limit["use"] == pytest.approx(limit["amount"])
    row = plan.builds.loc["west"]
    assert row["value_usd_per_unit_year"] == pytest.approx(1.6 * 30 * DAY)
    assert row["profit_usd_per_unit_year"] == pytest.approx(0, abs=1e-6)


def test_build_for_the_quantile(newsvendor):
    """Tests the newsvendor: a unit more serves until the chance of its use is below 30 %: 120 units.

    120 * 30 = 3,600, and 20 of 140 unserved at 100 with a quarter: 500. Together 4,100 a day.
    """
    plan = placer.plan(*newsvendor[:1], HALL, newsvendor[1], gap=1e-9)
    assert plan.units == pytest.approx([120])
    assert plan.cost_usd_per_year == pytest.approx(4_100 * DAY)
    assert plan.certificate.proven


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_random_plans_cost_what_their_extensive_form_does(make_random_instance, make_candidates, extensive_form, seed):
    """Tests cost, bound and zero profit of plans with states and a build limit against one program of all states."""
    random = np.random.default_rng(seed)
    instance = make_random_instance(seed, accelerators="sunk")
    candidates = make_candidates(instance, seed)
    factors = random.uniform(0.6, 1.6, 4).tolist()
    states = placer.States({str(factor): (instance.scaled_demand(factor), 0.25) for factor in factors})
    least, _ = extensive_form(instance, states.instances, states.weights, candidates)
    plan = placer.plan(instance, candidates, states, gap=1e-9)
    assert plan.certificate.proven, plan.certificate.verdict
    assert plan.cost_usd_per_year == pytest.approx(least, rel=1e-8)
    assert plan.bound_usd_per_year == pytest.approx(least, rel=1e-8)
    assert plan.bound_usd_per_year <= least + 1e-8 * abs(least)
    open_usd = plan.cost_usd_per_year - plan.bound_usd_per_year
    assert plan.certificate.zero_profit_usd_per_year <= open_usd + 1e-9 * abs(least)


@pytest.mark.slow
def test_placements_of_states_cost_what_the_plan_says(make_random_instance, make_candidates):
    """Tests that the instance of a state holds what is built: solved by itself, it costs what the plan states."""
    instance = make_random_instance(1, accelerators="sunk")
    states = placer.States({"low": (instance, 0.5), "high": (instance.scaled_demand(1.4), 0.5)})
    plan = placer.plan(instance, make_candidates(instance, 1), states)
    assert plan.units.sum() > 0
    for state in ("low", "high"):
        assert plan.placement(state).certificate.objective == pytest.approx(
            plan.states.loc[state, "cost_usd"], rel=1e-8
        )
    with pytest.raises(InstanceError, match="perhaps low"):
        plan.placement("lo")


def test_build_limits_that_cannot_be_kept_are_explained(east_and_west):
    """Tests that the error names the limits and the least change: 50 units at least, and a budget for 30."""
    candidates = [each | {"green": 1.0, "max_units": 500.0} for each in NEW]
    limits = [
        {"limit": "budget_usd_year", "amount": 900.0 * DAY},
        {"limit": "green", "sense": ">=", "amount": 50.0},
    ]
    with pytest.raises(InfeasibleBuildLimitsError, match=r"budget_usd_year|green") as raised:
        placer.plan(east_and_west, candidates, build_limits=limits)
    assert raised.value.changes
    plan = placer.plan(east_and_west, candidates, build_limits=[limits[1]], gap=1e-9)
    assert plan.units == pytest.approx([60, 0], abs=1e-6)


def test_a_plan_starts_from_another(make_random_instance, make_candidates):
    """Tests that the prices of a plan prove the same plan again without a solve more than one for each state."""
    instance = make_random_instance(2, accelerators="sunk")
    candidates = make_candidates(instance, 2)
    first = placer.plan(instance, candidates, gap=1e-7)
    again = placer.plan(instance, candidates, gap=1e-7, start=first)
    assert again.cost_usd_per_year == pytest.approx(first.cost_usd_per_year, rel=1e-7)
    assert again.solves.tolist() == [1]
    with pytest.raises(InstanceError, match="same candidates"):
        placer.plan(instance, HALL_AT_D0, start=first)


@pytest.mark.slow
def test_a_plan_of_the_same_states_takes_those_that_are_formulated(make_random_instance, make_candidates):
    """Tests that the states of the first plan are formulated once, and equal ones of another table anew."""
    instance = make_random_instance(2, accelerators="sunk")
    candidates, high = make_candidates(instance, 2), instance.scaled_demand(1.2)
    given = {"low": (instance, 0.5), "high": (high, 0.5)}
    states = placer.States(given)
    first = placer.plan(instance, candidates, states, gap=1e-7)
    again = placer.plan(instance, candidates, states, gap=1e-7, start=first)
    other = placer.plan(instance, candidates, placer.States(given), gap=1e-7, start=first)
    assert again.problem.states is first.problem.states
    assert other.problem.states is not first.problem.states
    costs = [each.cost_usd_per_year for each in (again, other)]
    assert costs == pytest.approx([first.cost_usd_per_year] * 2, rel=1e-7)


HALL_AT_D0 = [{"candidate": "hall", "adds": "accelerators", "target": "D0", "usd_per_unit_year": 1e4}]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"gap": 0.0}, SolverError),
        ({"workers": 0}, SolverError),
        ({"risk": 0.5}, ArgumentError),
        ({"start": 1}, ArgumentError),
    ],
)
def test_arguments_are_checked(east_and_west, no_solver, change, error):
    """Tests that wrong arguments are refused before anything is solved."""
    with pytest.raises(error):
        placer.plan(east_and_west, NEW, **change)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "level", "weight"), [(0, 0.5, 1.0), (1, 0.6, 0.3), (3, 0.9, 0.5)])
def test_plans_averse_to_risk_cost_what_their_extensive_form_does(
    make_random_instance, make_candidates, extensive_form, seed, level, weight
):
    """Tests cost and bound with CVaR against the program of Rockafellar and Uryasev over all states."""
    instance = make_random_instance(seed, accelerators="sunk")
    candidates, risk = make_candidates(instance, seed), placer.CVaR(level, weight)
    factors = (0.7, 1.0, 1.2, 1.6)
    states = placer.States({str(factor): (instance.scaled_demand(factor), 0.25) for factor in factors})
    least, _ = extensive_form(instance, states.instances, states.weights, candidates, risk=risk)
    plan = placer.plan(instance, candidates, states, risk=risk, gap=1e-9)
    assert plan.certificate.proven, plan.certificate.verdict
    assert plan.cost_usd_per_year == pytest.approx(least, rel=1e-8)
    assert plan.bound_usd_per_year == pytest.approx(least, rel=1e-8)
    neutral = placer.plan(instance, candidates, states, gap=1e-9, start=plan)
    assert plan.cost_usd_per_year >= neutral.cost_usd_per_year * (1 - 1e-8)


@pytest.mark.slow
def test_outages_count_what_is_built_and_lost(make_random_instance, make_candidates):
    """Tests a plan over demand and outages of sites: its states cost what their instances do, solved by themselves."""
    instance = make_random_instance(5, accelerators="sunk")
    demand = placer.States.of({"low": instance, "high": instance.scaled_demand(1.4)}, instance)
    security = placer.Security("data_centres", most_stranded=1.0, hours_a_year=200)
    plan = placer.plan(instance, make_candidates(instance, 5), demand, security=security, gap=1e-6)
    assert plan.certificate.proven
    for state in ("low, nothing lost", "high, D0", "low, D3"):
        assert plan.placement(state).certificate.objective == pytest.approx(
            plan.states.loc[state, "cost_usd"], rel=1e-8
        )


@pytest.mark.slow
def test_a_secure_plan_with_accounts():
    """Tests a plan that survives the loss of any site, in seven lines: 60 units in the west, which users pay for."""
    sites = [{"data_centre": name, "accelerators": size} for name, size in (("east", 100.0), ("west", 0.0))]
    work = {"accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 100}
    tables = {"hubs": [{"hub": "coast"}], "data_centres": sites, "workloads": [{"workload": "chat"} | work]}
    tables["links"] = [{"from": "coast", "to": each["data_centre"], "rtt_ms": 30} for each in sites]
    tables["demand"] = [{"workload": "chat", "hub": "coast", "mtok": 60}]
    hall = {"candidate": "hall", "adds": "accelerators", "target": "west", "usd_per_unit_year": 100}
    plan = placer.plan(placer.Instance.from_tables(tables), [hall], security="data_centres")
    accounts = plan.accounts("data_centre")
    assert plan.units == pytest.approx([60])
    assert accounts.regions["build_cost_usd"]["west"] == pytest.approx(6_000)
    assert plan.protection["unserved_mtok"].to_dict() == pytest.approx({"east": 0, "west": 0}, abs=1e-9)
    assert plan.summary()["accelerators_set_sunk"]
    assert "Accelerators      sunk, set by the plan" in repr(plan)
    assert "Security          data centres, each lost alone; at most 0.00% of protected work strands" in repr(plan)
    sunk = placer.Instance.from_tables(tables, accelerators="sunk")
    said = placer.plan(sunk, [hall], security=placer.Security(recourse="all"))
    assert (said.cost_usd_per_year, said.summary()["accelerators_set_sunk"]) == (plan.cost_usd_per_year, False)
    assert placer.audit(plan.placement(), "data_centres").passed


@pytest.mark.slow
def test_a_plan_that_makes_accelerators_sunk_counts_other_sets_so(make_instance):
    """Tests the plan of accelerators by use against that of sunk ones, in each of its answers, and a warm start."""
    sites = [{"data_centre": name, "accelerators": 20.0, "accelerator_usd_per_hour": 7.0} for name in "XY"]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "unserved_usd_per_mtok": 100.0}
    by_use = make_instance(data_centres=sites, workloads=[work])
    hall = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 8760.0}
    plans = []
    for instance in (by_use, by_use.replace(accelerators="sunk")):
        sets = placer.States({"low": (instance, 0.5), "high": (instance.scaled_demand(4), 0.5)}, instance)
        plan = placer.plan(instance, [hall], sets, security=placer.Security(hours_a_year=100, most_stranded=1.0))
        sample = plan.out_of_sample([instance, instance.scaled_demand(3)]).cost_usd_per_year
        stochastic = plan.value_of_stochastic_solution(instance.scaled_demand(2.5))
        plans.append((plan.cost_usd_per_year, *sample, stochastic, plan.placement("low, X").cost_usd))
        again = placer.plan(instance, [hall], sets, security=plan.question.given[2], start=plan)
        assert all(now is then for now, then in zip(again.problem.states, plan.problem.states, strict=True))
    assert plans[0] == pytest.approx(plans[1])


def _grid(make_instance, **candidate):
    """16 Mtok of 1 MWh: at Y for 20 USD, of which its zone has 4, or at X for 50; a MW more for 20 an hour."""
    supplies = [{"power_zone": "zx", "data_centre": "X"}, *[{"power_zone": "zy", "data_centre": "Y"}] * 2]
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0, "limit_mw": 4.0}]
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}]
    instance = make_instance(
        power_zones=zones, supplies=supplies, workloads=[workloads[0] | {"unserved_usd_per_mtok": 1000.0}]
    )
    return instance, [
        {"candidate": "grid", "adds": "limit_mw", "target": "zy", "usd_per_unit_year": 20.0 * 8760} | candidate
    ]


@pytest.mark.slow
def test_a_grid_connection_of_a_zone_by_hand(make_instance):
    """Tests that 12 MW close what the zone lacks: (16 + 12) * 20 an hour, a unit worth its cost.

    With at most 5 MW, 9 Mtok cost 20 and 7 cost 50: 630 with the building, and a unit is worth 30.
    """
    instance, candidates = _grid(make_instance)
    plan = placer.plan(instance, candidates, gap=1e-9)
    assert plan.certificate.proven
    assert plan.units == pytest.approx([12])
    assert plan.cost_usd_per_year == pytest.approx(560 * 8760)
    assert plan.builds["value_usd_per_unit_year"].tolist() == pytest.approx([20 * 8760])
    assert plan.placement().power_zones["mwh"].tolist() == pytest.approx([0, 16])
    few = placer.plan(*_grid(make_instance, max_units=5.0), gap=1e-9)
    assert few.cost_usd_per_year == pytest.approx(630 * 8760)
    assert few.builds["profit_usd_per_unit_year"].tolist() == pytest.approx([10 * 8760])


def test_a_grid_connection_is_lost_with_its_zone(make_instance):
    """Tests a year in which the zone is lost half the time: a unit saves 15 in the mean, less than its 20."""
    instance, candidates = _grid(make_instance)
    states = placer.States({"all year": instance}).with_security("power_zones")
    lost = placer.States({name: (states.instances[states.names.index(name)], 0.5) for name in ("nothing lost", "zy")})
    assert placer.plan(instance, candidates, lost, gap=1e-9).cost_usd_per_year == pytest.approx((680 + 800) / 2 * 8760)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_plans_of_zones_cost_what_their_extensive_form_does(make_zoned, make_candidates, extensive_form, seed):
    """Tests cost and bound against one program of all states where power zones are limited, by program and search."""
    instance = make_zoned(seed)
    candidates = make_candidates(instance, seed)
    states = placer.States({"low": (instance.scaled_demand(0.7), 0.5), "high": (instance.scaled_demand(1.3), 0.5)})
    least, _ = extensive_form(instance, states.instances, states.weights, candidates)
    plan = placer.plan(instance, candidates, states, gap=1e-9)
    assert plan.certificate.proven, plan.certificate.verdict
    assert plan.cost_usd_per_year == pytest.approx(least, rel=1e-8)
    searched = placer.plan(instance, candidates, states, gap=1e-8, risk=placer.CVaR(0.5, 1e-9))
    assert searched.cost_usd_per_year == pytest.approx(least, rel=1e-7)
    assert searched.bound_usd_per_year <= least * (1 + 1e-7)


@pytest.mark.parametrize(
    ("rtt_ms", "near_usd", "units"),
    [(500.0, 2.2, (0, 12.5)), (600.0, 2.2, (0, 25)), (600.0, 1.9, (12.5, 0))],
)
def test_accelerators_are_bought_by_distance(rtt_ms, near_usd, units):
    """Tests that 25 accelerators at 1 USD an hour far away cost less than 12.5 near at 2.2, and more than at 1.9.

    Within 500 ms far takes 12.5 too, at 40 tokens a second; beyond it needs the mode of 80.
    """
    instance = modes([SLOW, MIDDLE, FAST], rtt_ms)
    instance = instance.replace(data_centres=instance.data_centres.assign(accelerators=0.0))
    rows = [
        {"candidate": site, "adds": "accelerators", "target": site, "usd_per_unit_year": usd * 24 * DAY}
        for site, usd in (("near", near_usd), ("far", 1.0))
    ]
    plan = placer.plan(instance, rows, gap=1e-9)
    assert plan.units == pytest.approx(units, abs=1e-6)
    assert plan.certificate.proven
    assert plan.placement().modes["accelerator_hours"].sum() == pytest.approx(sum(units))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 12)))
def test_plans_over_modes_cost_what_their_extensive_form_does(
    make_random_instance, make_candidates, make_closed, extensive_form, seed
):
    """Tests cost and bound where workloads have modes, with limits of 0 that builds raise in half of the draws."""
    instance = with_random_modes(make_random_instance(seed, accelerators="sunk"), seed)
    candidates = make_candidates(instance, seed)
    if seed % 2:
        instance, candidates = make_closed(instance, seed)
    states = placer.States({str(each): (instance.scaled_demand(each), 0.5) for each in (0.8, 1.4)})
    least, _ = extensive_form(instance, states.instances, states.weights, candidates)
    plan = placer.plan(instance, candidates, states, gap=1e-9)
    assert plan.certificate.proven, plan.certificate.verdict
    assert plan.cost_usd_per_year == pytest.approx(least, rel=1e-8)
    assert plan.bound_usd_per_year == pytest.approx(least, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "links"])
def test_secure_plans_over_modes(make_random_instance, make_candidates, kind):
    """Tests that states of losses cost what their instances do, and that no more of the protected work strands."""
    instance = with_random_modes(make_random_instance(5, accelerators="sunk"), 5)
    security = placer.Security(kind, protected={"near": 0.5}, most_stranded=1.0, hours_a_year=100)
    plan = placer.plan(instance, make_candidates(instance, 5), security=security, gap=1e-6)
    assert plan.certificate.proven
    for state in plan.states.index[[0, 1, -1]]:
        assert plan.placement(state).certificate.objective == pytest.approx(
            plan.states.loc[state, "cost_usd"], rel=1e-8
        )


def test_states_have_the_modes_of_the_plan():
    """Tests that a state with other modes is refused: its prices would be of other ways to run the work."""
    states = placer.States({"one": (modes([MIDDLE, FAST]), 0.5), "other": (modes([MIDDLE, SLOW]), 0.5)})
    hall = [{"candidate": "hall", "adds": "accelerators", "target": "far", "usd_per_unit_year": 1.0}]
    with pytest.raises(InstanceError, match=r"states\[other\]\.modes: other modes than the instance"):
        placer.plan(modes([MIDDLE, FAST]), hall, states)


def _and_of_pools(instance, known, random):
    """Return some candidates, and one for each pool with a limit."""
    rows = [
        {"adds": "accelerators", "target": f"{pool['data_centre']}|{pool['accelerator_type']}"}
        | {"candidate": f"pool {place}", "usd_per_unit_year": float(random.uniform(0.3, 2.0)) * 3 * 8760}
        for place, pool in enumerate(instance.accelerator_pools.to_dict("records"))
        if np.isfinite(pool["accelerators"])
    ]
    costs = known.cost_usd_per_unit_year.tolist()
    rows += [
        {"candidate": name, "adds": adds, "target": target, "usd_per_unit_year": usd}
        for name, adds, target, usd in zip(known.names, known.adds, known.target, costs, strict=True)
    ]
    return placer.Candidates.of(rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 12)))
def test_plans_over_pools_cost_what_their_extensive_form_does(
    make_random_instance, make_candidates, extensive_form, seed
):
    """Tests cost and bound where pools, power, links and other data centres are built; half of the pools are empty."""
    instance = with_random_pools(make_random_instance(seed, accelerators="sunk"), seed)
    random, pools = np.random.default_rng(seed), instance.accelerator_pools
    empty = (random.random(len(pools)) < 0.5) & np.isfinite(pools["accelerators"])
    instance = instance.replace(accelerator_pools=pools.assign(accelerators=pools["accelerators"].mask(empty, 0.0)))
    candidates = _and_of_pools(instance, make_candidates(instance, seed), random)
    states = placer.States({str(each): (instance.scaled_demand(each), 0.5) for each in (0.8, 1.4)})
    least, _ = extensive_form(instance, states.instances, states.weights, candidates)
    plan = placer.plan(instance, candidates, states, gap=1e-9)
    assert plan.certificate.proven, plan.certificate.verdict
    assert plan.cost_usd_per_year == pytest.approx(least, rel=1e-8)
    assert plan.bound_usd_per_year == pytest.approx(least, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 5])
def test_secure_plans_over_pools(make_random_instance, make_candidates, seed):
    """Tests that states of losses cost what their instances do: a lost data centre runs nothing in any pool."""
    instance = with_random_pools(make_random_instance(seed, accelerators="sunk"), seed)
    security = placer.Security("data_centres", protected={"near": 0.5}, most_stranded=1.0, hours_a_year=100)
    candidates = _and_of_pools(instance, make_candidates(instance, seed), np.random.default_rng(seed))
    plan = placer.plan(instance, candidates, security=security, gap=1e-6)
    assert plan.certificate.proven
    for state in plan.states.index[1:]:
        placement = plan.placement(state)
        assert placement.certificate.objective == pytest.approx(plan.states.loc[state, "cost_usd"], rel=1e-8)
        (lost,) = [name for name in instance.data_centres["data_centre"] if state.endswith(name)]
        assert placement.data_centres.loc[lost, "mtok"] == 0.0


def test_power_for_pools_by_hand():
    """Tests a hall with power for 10 of 15 Mtok: 5 kW more, at 1 USD an hour and kW, serve the other 5 in the new pool.

    The old pool is full, and earns 1 USD in each hour by an accelerator.
    """
    (grid,) = [{"candidate": "grid", "adds": "power_limit_mw", "target": "hall", "usd_per_unit_year": 1000.0 * 8760}]
    centre = {"data_centre": "hall", "accelerator_usd_per_hour": 2.0, "power_limit_mw": 0.01}
    plan = placer.plan(pooled(data_centres=[centre]), [grid], gap=1e-9)
    assert plan.units == pytest.approx([0.005])
    assert plan.cost_usd_per_year == pytest.approx((20.0 + 5.0) * 8760)
    assert plan.stranded.loc["hall", "accelerator_rents_usd_per_year"] == pytest.approx(10.0 * 8760)
    assert plan.stranded.loc["hall", "utilisation"] == pytest.approx(15 / 110)
    parts = plan.accounts().regions
    assert parts["accelerator_rent_usd"].sum() == pytest.approx(10.0 * 8760)


@pytest.mark.slow
def test_which_chips_to_buy_by_hand():
    """Tests an empty hall that buys old accelerators at 1 USD an hour, at most 12, and new ones at 2 for the rest.

    15 Mtok of an hour each take 12 old and 3 new ones: 18 USD an hour. Whole modules of 4 new ones take one of them.
    """
    pools = pooled().accelerator_pools.assign(accelerators=0.0)
    empty = pooled(accelerator_pools=pools)
    rows = [
        {
            "candidate": "old",
            "adds": "accelerators",
            "target": "hall|old",
            "usd_per_unit_year": 8760.0,
            "max_units": 12,
        },
        {"candidate": "new", "adds": "accelerators", "target": "hall|new", "usd_per_unit_year": 2 * 8760.0},
    ]
    plan = placer.plan(empty, rows, gap=1e-9)
    assert plan.units == pytest.approx([12.0, 3.0], abs=1e-6)
    assert plan.cost_usd_per_year == pytest.approx(18.0 * 8760)
    assert plan.certificate.proven
    assert plan.builds["value_usd_per_unit_year"].tolist() == pytest.approx([2 * 8760.0] * 2)
    assert plan.placement().pools["accelerator_hours"].tolist() == pytest.approx([12.0, 3.0], abs=1e-6)
    said = builds_by_site(plan).loc["hall", "said"].split("; ")
    assert [float(each.removesuffix(" accelerators")) for each in said] == pytest.approx([12.0, 3.0], abs=1e-6)
    accounts = plan.accounts()
    assert accounts.builds["paid_by"].tolist() == ["west", "west"]
    assert accounts.builds["profit_usd"].sum() == pytest.approx(12.0 * 8760)
    whole = placer.plan(empty, [rows[0], rows[1] | {"module_units": 4, "max_units": 8}], gap=1e-9)
    assert whole.units == pytest.approx([11.0, 4.0], abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 200)))
def test_plan_on_days_bounds_the_plan_on_all(seed):
    """Tests that a plan for two days, solved on four days that differ much, is within what its prices prove."""
    random = np.random.default_rng(seed)
    whole = placer.Instance.from_tables(random_days(seed, 4), accelerators="sunk")
    candidates = [
        {"candidate": site, "adds": "accelerators", "target": site, "usd_per_unit_year": 8760 * usd, "max_units": 50}
        for site, usd in zip(("D0", "D1", "D2", "D3"), random.choice([5.0, 20.0, 40.0], 4).tolist(), strict=True)
    ]
    reduced = whole.representative_days(2)
    few = placer.plan(reduced.instance, candidates, placer.States.blocks(reduced.instance))
    states = placer.States.blocks(whole)
    carried = placer.plan(whole, candidates, states, start=few, gap=0.9)
    best = placer.plan(whole, candidates, states, gap=1e-7)
    close = 1e-6 * best.cost_usd_per_year
    assert carried.solves.max() <= 1
    assert carried.units == pytest.approx(few.units)
    assert carried.bound_usd_per_year - close <= best.cost_usd_per_year <= carried.cost_usd_per_year + close
