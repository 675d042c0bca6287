"""Plans with a limit on unserved protected work in outages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

import placer
from placer.errors import InfeasibleBuildLimitsError, InstanceError, NoSolutionError

#: A unit of accelerators at a site costs this many USD an hour.
USD = 30.0


def make(accelerators, mtok=60.0, unserved_usd=100.0):
    """Return an instance of one hour: sites of some size with accelerators that are paid for, and one hub."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": unserved_usd}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "coast"}],
            "data_centres": [{"data_centre": name, "accelerators": size} for name, size in accelerators.items()],
            "links": [{"from": "coast", "to": name, "rtt_ms": 30.0} for name in accelerators],
            "workloads": [{"workload": "chat"} | work],
            "demand": [{"workload": "chat", "hub": "coast", "mtok": mtok}],
        },
        accelerators="sunk",
    )


def hall(site, usd=USD, **further):
    """Return a candidate of accelerators at a site."""
    row = {"candidate": f"hall in the {site}", "adds": "accelerators", "target": site}
    return row | {"usd_per_unit_year": 8760 * usd} | further


@pytest.fixture(scope="module")
def east():
    """Return an instance with all its accelerators in the east."""
    return make({"east": 100.0, "west": 0.0})


@pytest.mark.slow
@pytest.mark.parametrize(("most", "protected", "units"), [(0.0, None, 60), (0.25, None, 45), (0.0, {"chat": 0.5}, 30)])
def test_what_is_lost_is_built_elsewhere(east, most, protected, units):
    """Tests that the west gets what must be served without the east, which no plan builds for its cost alone."""
    free = placer.Security(most_stranded=1.0)
    assert placer.plan(east, [hall("west")], security=free).units == pytest.approx([0.0])
    security = placer.Security(protected=protected or {}, most_stranded=most)
    plan = placer.plan(east, [hall("west")], security=security)
    assert plan.certificate.proven
    assert plan.units == pytest.approx([units])
    assert plan.cost_usd_per_year == pytest.approx(8760 * USD * units)
    table = plan.protection
    share = 1.0 if protected is None else protected["chat"]
    assert table["protected_mtok"].tolist() == pytest.approx([60 * share, 60 * share])
    assert table["unserved_mtok"].to_dict() == pytest.approx({"east": 60 * share * most, "west": 0.0}, abs=1e-9)
    assert table["rent_usd_per_mtok_year"].tolist() == pytest.approx([8760 * USD, 0.0])
    assert plan.builds["profit_usd_per_unit_year"].tolist() == pytest.approx([0.0], abs=1e-3)
    assert {"builds", "protection", "states"} <= set(placer.planning.answer.plan_files.plan_tables(plan))


@pytest.mark.slow
def test_modules(east):
    """Tests that three modules of 25 serve the 60 that must be."""
    plan = placer.plan(east, [hall("west", module_units=25, max_units=100)], security="data_centres")
    assert plan.units == pytest.approx([75.0])


@pytest.mark.slow
def test_other_questions_keep_the_limit(east):
    """Tests the curve of a budget and the value of foresight: 60 units whatever the budget is, and none fewer."""
    plan = placer.plan(east, [hall("west", budget=1.0)], build_limits={"budget": 80.0}, security="data_centres")
    assert plan.build_limits["use"].tolist() == pytest.approx([60.0])
    assert plan.build_limits["rent_usd_per_unit_year"].tolist() == pytest.approx([0.0])
    assert plan.curve("budget", 60.0, 80.0)["cost_usd_per_year"].tolist() == pytest.approx([8760 * USD * 60] * 2)
    assert plan.value_of_perfect_information() == pytest.approx(0.0, abs=1e-3)
    with pytest.raises(InfeasibleBuildLimitsError, match="unserved protected Mtok of state east': 10 in place of 0"):
        plan.curve("budget", 50.0, 80.0)


def test_what_no_build_serves(east):
    """Tests that too little that can be built is told with what stays unserved, once for each state."""
    with pytest.raises(InfeasibleBuildLimitsError) as refused:
        placer.plan(east, [hall("west", max_units=40.0)], security="data_centres")
    assert [(each.row, each.needed) for each in refused.value.changes] == [
        ("unserved protected Mtok of state east", pytest.approx(20.0))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_three_sites_against_a_program_by_hand(seed):
    """Tests that any two of three sites serve all but a share, at least cost, with unserved work at its value.

    With sizes s, costs c, demand d and a share m:  least c z + p u  where  s_i + z_i + s_j + z_j >= (1 - m) d for all
    pairs, and  sum_i (s_i + z_i) + u >= d.
    """
    random = np.random.default_rng(seed)
    size, usd = random.uniform(0, 30, 3).round(1), random.uniform(1, 9, 3).round(1)
    most, value = float(random.choice([0.0, 0.2])), float(random.choice([0.5, 50.0]))
    names = ("x", "y", "z")
    instance = make(dict(zip(names, size.tolist(), strict=True)), mtok=90.0, unserved_usd=value)
    security = placer.Security("data_centres", most_stranded=most)
    halls = [hall(name, each) for name, each in zip(names, usd.tolist(), strict=True)]
    plan = placer.plan(instance, halls, security=security, gap=1e-8)
    pairs = np.hstack([1.0 - np.eye(3), np.zeros((3, 1))])
    needed = np.append((1 - most) * 90.0 - (1.0 - np.eye(3)) @ size, 90.0 - size.sum())
    found = linprog(np.append(usd, value), A_ub=-np.vstack([pairs, np.ones(4)]), b_ub=-needed)
    assert plan.certificate.proven
    assert plan.cost_usd_per_year == pytest.approx(8760 * found.fun, rel=1e-6)
    assert (plan.protection["unserved_mtok"] <= most * 90.0 + 1e-4).all()


def test_bad_input(east):
    """Tests that unknown workloads, and the rule that binds placements, are refused."""
    with pytest.raises(InstanceError, match="'chatt' is unknown"):
        placer.plan(east, [hall("west")], security=placer.Security(protected={"chatt": 1.0}))
    with pytest.raises(InstanceError, match="'displaced' binds a placement, never what is built"):
        placer.plan(east, [hall("west")], security=placer.Security(recourse="displaced"))


def test_no_time(east):
    """Tests that a plan that must survive is not returned before it does."""
    with pytest.raises(NoSolutionError, match="time"):
        placer.plan(east, [hall("west")], security="data_centres", time_limit_seconds=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("limit_mw", [4.0, 0.0])
def test_a_power_zone_grows_for_an_outage(make_instance, limit_mw):
    """Tests that the zone of Y gets the 16 MW that all work needs without X, dear as they are."""
    zones = [{"power_zone": name, "usd_per_mwh": 20.0, "limit_mw": mw} for name, mw in (("zx", 16.0), ("zy", limit_mw))]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1e3}
    sites = [{"data_centre": "X", "accelerators": 100.0}, {"data_centre": "Y"}]
    instance = make_instance(power_zones=zones, workloads=[work], data_centres=sites, accelerators="sunk")
    row = {"candidate": "grid", "adds": "limit_mw", "target": "zy", "usd_per_unit_year": 8760 * 50.0}
    plan = placer.plan(instance, [row], security="data_centres", gap=1e-9)
    assert plan.units == pytest.approx([16 - limit_mw])
    assert plan.cost_usd_per_year == pytest.approx(8760 * (16 * 20 + 50 * (16 - limit_mw)))
    assert plan.protection["unserved_mtok"].tolist() == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.slow
def test_demand_with_steps_cannot_be_protected(east):
    """Tests that protected demand with steps is refused in one error, which says why, and that other plans take it."""
    steps = [
        {"workload": "chat", "hub": "coast", "mtok": 40.0, "value_usd_per_mtok": 90.0},
        {"workload": "chat", "hub": "coast", "mtok": 20.0, "value_usd_per_mtok": 20.0},
    ]
    elastic = east.replace(demand=steps)
    with pytest.raises(InstanceError, match="'chat' has steps of demand: what is bought, and must survive, would dep"):
        placer.plan(elastic, [hall("west")], security="data_centres")
    for security in (placer.Security(most_stranded=1.0), placer.Security(protected={"chat": 0.0})):
        assert placer.plan(elastic, [hall("west")], security=security).certificate.proven
    bought = placer.solve(elastic).instance
    assert placer.plan(bought, [hall("west")], security="data_centres").units == pytest.approx([60.0])


@pytest.mark.slow
def test_losses_count_what_is_then_not_bought(east):
    """Tests by hand that a unit of 30 USD pays in a loss of half a year for work of more than 60 USD a Mtok.

    East and West are each lost for half of the year. Forty Mtok are worth 90, and twenty are worth 20.
    """
    steps = [
        {"workload": "chat", "hub": "coast", "mtok": 40.0, "value_usd_per_mtok": 90.0},
        {"workload": "chat", "hub": "coast", "mtok": 20.0, "value_usd_per_mtok": 20.0},
    ]
    security = placer.Security("data_centres", most_stranded=1.0, hours_a_year=4380.0)
    plan = placer.plan(east.replace(demand=steps), [hall("west")], security=security)
    assert plan.units == pytest.approx([40.0])
    assert plan.parts["not_bought_mtok"].to_dict() == pytest.approx({"nothing lost": 0.0, "east": 20.0, "west": 0.0})
