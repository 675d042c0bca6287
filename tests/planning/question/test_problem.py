"""Tests that states, candidates and build limits fit each other, or one error says all that does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.decomposition.risk import NEUTRAL
from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.plan import program_of
from placer.planning.question.added_limits import added_limits
from placer.planning.question.problem import aligned, in_words, planning_problem, problems_of
from placer.planning.search.best_plan import find_plan
from placer.planning.search.certificate import certify_plan
from placer.planning.search.extensive import solve_extensive
from placer.utils.processes import InThisProcess
from tests.model.pools_by_hand import pooled

ROW = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 100.0}
SITES = [{"data_centre": "X", "accelerators": 5.0}, {"data_centre": "Y", "accelerators": 6.0}]


@pytest.fixture
def sunk(make_instance):
    """Return an instance with finite accelerators that are paid for."""
    return make_instance(data_centres=SITES, accelerators="sunk")


def test_a_sound_question(sunk):
    """Tests that without states the instance holds all year, and that a table becomes candidates."""
    problem = planning_problem(sunk, [ROW | {"land_ha": 2.0}], build_limits={"land_ha": 40.0})
    assert problem.states.names == ("all year",)
    assert problem.states.weights.tolist() == [8760.0]
    assert problem.candidates.takes.tolist() == [[2.0]]
    assert problem.build_limits.amount.tolist() == [40.0]
    again = planning_problem(sunk, problem.candidates, problem.states, problem.build_limits)
    assert again.candidates is problem.candidates


def test_all_violations_in_one_error(make_instance):
    """Tests that defects of candidates, build limits, states and security are told together."""
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}]
    instance = make_instance(data_centres=SITES, workloads=workloads)
    fewer = instance.without("B")
    rows = [ROW, ROW | {"candidate": "yard", "target": "Z"}, ROW | {"candidate": "link", "adds": "capacity_gbps"}]
    states = placer.States({"as it is": (instance, 0.5), "fewer": (fewer, 0.5)})
    limits = [{"limit": "land_ha", "sense": "=", "amount": 3.0}]
    with pytest.raises(placer.InstanceError) as caught:
        planning_problem(instance, rows, states, limits, placer.Security(protected={"v": 1.0}))
    assert [f"{each.table}[{each.row}].{each.column}: {each.problem}" for each in caught.value.violations] == [
        "build_limits[land_ha].sense: '=' is unknown",
        "build_limits[land_ha].limit: no candidate takes anything of it",
        "workloads[w].unserved_usd_per_mtok: no value of unserved tokens: a default would decide what is built",
        "states[fewer].hubs: other hubs than the instance, or in another order",
        "candidates[yard].target: 'Z' is unknown",
        "candidates[link].target: 'X' is unknown",
        "security[].protected: 'v' is unknown",
    ]


def test_a_defect_hides_no_other(sunk):
    """Tests that rows with a bad cost, limit or hours are checked for their targets, hours and build limits too."""
    rows = [
        ROW | {"target": "Z", "usd_per_unit_year": -1.0, "usable_share": [0.5, 0.5]},
        ROW | {"candidate": "none", "adds": "chips"},
        ROW | {"candidate": None, "target": "Q"},
        ROW | {"candidate": "free", "land_ha": 2.0},
    ]
    limits = [{"limit": "land_ha", "sense": ">=", "amount": 3.0}, {"limit": "money", "amount": np.inf}]
    with pytest.raises(placer.InstanceError) as caught:
        planning_problem(sunk, rows, build_limits=limits)
    assert sorted(f"{each.table}[{each.row}].{each.column}: {each.problem}" for each in caught.value.violations) == [
        "build_limits[money].amount: inf is out of range",
        "build_limits[money].limit: no candidate takes anything of it",
        "candidates[free].max_units: inf, and its units help to keep the build limit land_ha",
        "candidates[hall].target: 'Z' is unknown",
        "candidates[hall].usable_share: 2 hourly values for 1 hours of the state all year",
        "candidates[hall].usd_per_unit_year: -1 is out of range",
        "candidates[none].adds: 'chips' is unknown",
        "candidates[row 3].candidate: missing: write text",
        "candidates[row 3].target: 'Q' is unknown",
    ]


def test_the_problems_of_parts(sunk):
    """Tests that what could not be read is left out, and the other parts are checked."""
    rows, limits = [ROW | {"target": "Z", "wacc": 2.0}], [{"limit": "money", "amount": None}]
    everything = {each.column for each in problems_of(sunk, rows, limits)}
    assert everything == {"target", "wacc", "amount", "limit"}
    assert {each.column for each in problems_of(None, rows, limits)} == everything - {"target"}
    assert {each.column for each in problems_of(sunk, None, limits)} == {"amount"}
    assert problems_of(sunk, [ROW], None) == []


def test_targets_are_checked(make_instance):
    """Tests that targets must be there."""
    instance = make_instance(data_centres=SITES)
    rows = [ROW, ROW | {"candidate": "yard", "target": "Z"}, ROW | {"candidate": "fibre", "adds": "capacity_gbps"}]
    with pytest.raises(placer.InstanceError) as caught:
        planning_problem(instance, rows)
    assert [f"{each.table}[{each.row}].{each.column}: {each.problem}" for each in caught.value.violations] == [
        "candidates[yard].target: 'Z' is unknown",
        "candidates[fibre].target: 'X' is unknown",
    ]


@pytest.mark.slow
def test_accelerators_are_sunk_where_new_ones_cost_by_the_year(make_instance):
    """Tests that the plan makes them so in all states and says it, and leaves what is sunk, or only powered, alone."""
    instance = make_instance(data_centres=[each | {"power_limit_mw": 2.0} for each in SITES])
    problem = planning_problem(instance, [ROW], placer.States({"low": instance, "high": instance}), None, "links")
    assert {each.settings.accelerators for each in (problem.instance, *problem.states.instances)} == {"sunk"}
    assert [label for label, _ in in_words([problem])] == ["Accelerators", "Security"]
    assert problem.counted(placer.States({"a": instance})).instances[0].settings.accelerators == "sunk"
    sunk = instance.replace(accelerators="sunk")
    states = placer.States({"all year": sunk})
    assert planning_problem(sunk, [ROW], states).states is states
    power = planning_problem(instance, [ROW | {"adds": "power_limit_mw"}])
    assert (power.instance, power.sets_sunk, in_words([power])) == (instance, False, [])
    assert power.states.weights.tolist() == [8760.0]


def test_security_in_words(sunk):
    """Tests the line on the losses that a plan survives."""
    security = placer.Security("links", hours_a_year=20, most_stranded=0.05)
    said = "links, each lost alone, 20 hours a year each; at most 5.00% of protected work strands"
    assert in_words([planning_problem(sunk, [ROW], security=security)]) == [("Security", said)]
    storm = placer.Security([{"contingency": "storm", "data_centre": "Y"}])
    said = "contingencies of a table; at most 0.00% of protected work strands"
    assert in_words([planning_problem(sunk, [ROW], security=storm)]) == [("Security", said)]


def test_a_value_stands_for_a_penalty(make_instance):
    """Tests that the value of tokens is enough, and that workloads without demand need neither."""
    one = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}
    workloads = [{"workload": "w", "value_usd_per_mtok": 3.0, **one}, {"workload": "idle", **one}]
    instance = make_instance(data_centres=SITES, workloads=workloads, accelerators="sunk")
    assert planning_problem(instance, [ROW]).candidates.max_units.tolist() == [np.inf]


def test_candidates_know_their_limits(sunk):
    """Tests that candidates that were made for other build limits are not taken for these."""
    candidates = placer.Candidates.of([ROW])
    with pytest.raises(placer.InstanceError, match=r"build_limits\.limit: none in the candidates"):
        planning_problem(sunk, candidates, build_limits={"land_ha": 3.0})
    with pytest.raises(placer.ArgumentError, match="expected States"):
        planning_problem(sunk, candidates, sunk)


def test_what_helps_to_keep_a_limit_has_a_maximum(sunk):
    """Tests that units which a build limit asks for, or which free some of one, need a finite maximum."""
    at_least = [{"limit": "green", "sense": ">=", "amount": 3.0}]
    with pytest.raises(placer.InstanceError, match="help to keep the build limit green"):
        planning_problem(sunk, [ROW | {"green": 1.0}], build_limits=at_least)
    with pytest.raises(placer.InstanceError, match="help to keep the build limit land_ha"):
        planning_problem(sunk, [ROW | {"land_ha": -1.0}], build_limits={"land_ha": 3.0})
    assert planning_problem(
        sunk, [ROW | {"green": 1.0, "max_units": 9.0}], build_limits=at_least
    ).build_limits.sense == (">=",)


#: Wind in the two middle hours of four.
SHAPE = [0.0, 1.0, 1.0, 0.0]


def _hub(make_instance, wind_mw=0.0, **changes):
    """A site that draws 1 MW in each of four hours, from a grid at 50 USD a MWh or from wind at 0."""
    return make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1, "unserved_usd_per_mtok": 1}],
        data_centres=[{"data_centre": "X", "accelerators": 1000.0}],
        power_zones=[{"power_zone": "grid", "usd_per_mwh": 50.0}, {"power_zone": "wind", "usd_per_mwh": 0.0}],
        supplies=[
            {"power_zone": "grid", "data_centre": "X"},
            {"power_zone": "wind", "data_centre": "X", "limit_mw": wind_mw},
        ],
        links=[{"from": "A", "to": "X", "rtt_ms": 1}],
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 1000.0} for hour in range(4)],
        accelerators="sunk",
        **changes,
    )


def _wind(usd_per_day, shape=None, **columns):
    """A candidate of a MW of wind; the instance is a day of four hours, 2190 times a year."""
    row = {"candidate": "wind", "adds": "limit_mw", "target": "wind|X", "usd_per_unit_year": usd_per_day * 2190}
    return row | {"usable_share": SHAPE if shape is None else shape} | columns


@pytest.mark.slow
def test_wind_by_hand(make_instance):
    """Tests a MW of wind in two of four hours: it saves 2 x 50 = 100 USD a day: it is built at 99, not at 101."""
    built = placer.plan(_hub(make_instance), [_wind(99.0)], gap=1e-9)
    assert built.units == pytest.approx([1.0])
    assert built.cost_usd_per_year / 2190 == pytest.approx(99.0 + 2 * 50.0)
    assert built.builds["profit_usd_per_unit_year"].iloc[0] == pytest.approx(0.0, abs=1e-4)
    idle = placer.plan(_hub(make_instance), [_wind(101.0)], gap=1e-9)
    assert idle.units.tolist() == [0.0]
    assert idle.cost_usd_per_year / 2190 == pytest.approx(200.0)
    assert idle.builds["value_usd_per_unit_year"].iloc[0] / 2190 == pytest.approx(100.0)
    whole = placer.plan(_hub(make_instance), [_wind(101.0, 1.0)], gap=1e-9)
    assert whole.cost_usd_per_year / 2190 == pytest.approx(101.0)


@pytest.mark.slow
def test_a_plan_of_another_shape_does_not_go_on_from_the_states_of_the_first(make_instance):
    """Tests wind all day at 101 USD from a plan of wind in two hours: it is worth 200 USD a day, not 100."""
    instance = _hub(make_instance)
    states = placer.States.of({"day": instance}, instance)
    first = placer.plan(instance, [_wind(101.0)], states, gap=1e-9)
    assert first.units.tolist() == [0.0]
    changed = placer.plan(instance, [_wind(101.0, 1.0)], states, gap=1e-9, start=first)
    assert changed.units == pytest.approx([1.0])
    assert changed.cost_usd_per_year / 2190 == pytest.approx(101.0)


def test_wind_at_its_maximum(make_instance):
    """Tests half a MW at most: its profit is 100 - 60 USD a day; the placement buys 0.5 MWh less in the windy hours."""
    plan = placer.plan(_hub(make_instance), [_wind(60.0, max_units=0.5)], gap=1e-9)
    assert plan.units == pytest.approx([0.5])
    assert plan.builds["profit_usd_per_unit_year"].iloc[0] / 2190 == pytest.approx(40.0)
    assert plan.cost_usd_per_year / 2190 == pytest.approx(30.0 + 200.0 - 50.0)
    assert plan.placement().cost_and_penalty_usd == pytest.approx(150.0)


@pytest.mark.slow
def test_partial_shares(make_instance):
    """Tests shares of 0.25 and 0.5: two MW serve all of one hour and half of the other.

    A further MW above 2 saves 0.25 x 50 a day, one below it 0.75 x 50: at a cost of 20 two are built.
    """
    plan = placer.plan(_hub(make_instance), [_wind(20.0, [0.0, 0.25, 0.5, 0.0])], gap=1e-9)
    assert plan.units == pytest.approx([2.0])
    assert plan.cost_usd_per_year / 2190 == pytest.approx(2 * 20 + 200 - 0.75 * 100)


def test_a_share_follows_its_hours(make_instance):
    """Tests that a Series is aligned by its index, and a mapping likewise."""
    given = pd.Series([1.0, 0.0, 0.5], index=[2, 0, 1])
    instance = _hub(make_instance)
    problem = planning_problem(instance, [_wind(1.0, given.reindex([3, 2, 1, 0], fill_value=0.25))])
    assert problem.candidates.usable_share == ((0.0, 0.5, 1.0, 0.25),)
    mapped = planning_problem(instance, [_wind(1.0, {1: 0.5, 0: 0.0, 3: 0.25, 2: 1.0})])
    assert mapped.candidates.usable_share == ((0.0, 0.5, 1.0, 0.25),)


def test_nothing_to_align(make_instance):
    """Tests that candidates without an index are the same."""
    candidates = placer.Candidates.of([_wind(1.0)])
    assert aligned(candidates, _hub(make_instance)) == (candidates, [])


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ([0.0, 1.5, 1.0, 0.0], "candidates: wind, hour 1: usable_share: 1.5"),
        ([0.0, 1.0], "2 hourly values for 4 hours of the state all year"),
        (pd.Series([0.0, 1.0, 1.0], index=[0, 1, 2]), "hour 3 is missing"),
        (-0.1, "usable_share: -0.1"),
    ],
)
def test_violations(make_instance, share, said):
    """Tests that a violation names the row, the hour and the range."""
    with pytest.raises(placer.InstanceError) as error:
        placer.plan(_hub(make_instance), [_wind(1.0, share)])
    text = str(error.value)
    assert all(part in text for part in ("wind", "usable_share")), text
    assert said.rpartition(": ")[2] in text, text


def test_it_multiplies_the_availability(make_instance):
    """Tests a supply at half of its largest limit in one hour: half of the share of that hour."""
    instance = _hub(make_instance, [1.0, 0.5, 1.0, 1.0])
    problem = planning_problem(instance, [_wind(1.0)])
    program = program_of(problem, NEUTRAL).states[0]
    added = added_limits(instance, instance, program.formulation, problem.candidates)
    assert sorted(added.data.tolist()) == [0.5, 1.0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_all_ways_agree(make_random_instance, make_candidates, extensive_form, seed):
    """Tests random shares: search, certificate, and all states as one program agree with the extensive form."""
    random = np.random.default_rng(seed)
    low, high = (make_random_instance(seed, accelerators="sunk").scaled_demand(factor) for factor in (0.8, 1.3))
    candidates = make_candidates(low, seed)
    shares = [tuple(random.uniform(0, 1, len(low.hours)).tolist()) for _ in candidates.names]
    shaped = placer.Candidates(**(vars(candidates) | {"usable_share": tuple(shares)}))
    states = placer.States({"low": (low, 0.5), "high": (high, 0.5)})
    problem = program_of(planning_problem(low, shaped, states), NEUTRAL)
    least, _ = extensive_form(low, [low, high], states.weights.tolist(), problem.candidates)
    evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)
    searched, _ = find_plan(problem, evaluator, 1e-9)
    assert problem.total(searched.units, searched.costs) == pytest.approx(least, rel=1e-7)
    found = solve_extensive(problem)
    certificate = certify_plan(problem, found.units, found.costs, found.bound, states_proven=True, tolerance=1e-8)
    assert certificate.proven, certificate.verdict
    assert certificate.cost_usd_per_year == pytest.approx(least, rel=1e-7)


def test_years(make_instance):
    """Tests that the columns of years keep the shape: 99 USD a day is worth it, 101 is not."""
    hub = _hub(make_instance)
    years = placer.Years({2026: hub, 2028: hub}, until=2030, discount_rate=0.0)
    assert placer.plan_years(years, [_wind(99.0)]).standing.loc["wind"].tolist() == pytest.approx([1.0, 1.0])
    assert placer.plan_years(years, [_wind(101.0)]).standing.loc["wind"].tolist() == pytest.approx([0.0, 0.0])


@pytest.mark.slow
def test_a_store_is_of_one_shape(make_instance, tmp_path):
    """Tests that a store of solved states is refused where the shape has changed."""
    store = tmp_path / "plan.db"
    placer.plan(_hub(make_instance), [_wind(99.0)], store=store)
    placer.plan(_hub(make_instance), [_wind(101.0)], store=store)
    with pytest.raises(placer.StoreError):
        placer.plan(_hub(make_instance), [_wind(99.0, 1.0)], store=store)


def test_steps_stand_for_a_penalty(make_instance):
    """Tests that demand in steps needs no other value, which it needs without them."""
    steps = [{"workload": "w", "hub": "A", "mtok": 8.0, "value_usd_per_mtok": value} for value in (9.0, 3.0)]
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}]
    instance = make_instance(data_centres=SITES, workloads=workloads, demand=steps, accelerators="sunk")
    assert len(planning_problem(instance, [ROW]).instance.demand_steps) == 2
    with pytest.raises(placer.InstanceError, match="no value of unserved tokens"):
        planning_problem(instance.replace(demand_steps=instance.demand_steps.iloc[:0]), [ROW])


@pytest.mark.slow
def test_pools_of_states():
    """Tests that a candidate names one pool, and that states have the pools of the instance, limited as there."""
    rows = [{"candidate": "hall", "adds": "accelerators", "target": "hall", "usd_per_unit_year": 1.0, "max_units": 2}]
    with pytest.raises(placer.InstanceError, match="'hall' has pools of accelerators, and a unit is added to one"):
        planning_problem(pooled(), rows)
    by_hour = rows[0] | {"target": "hall|old", "usable_share": [1.0]}
    with pytest.raises(placer.InstanceError, match=r"candidates\[hall\]\.usable_share: by the hour, of a pool"):
        planning_problem(pooled(), [by_hour])
    power = [{"candidate": "grid", "adds": "power_limit_mw", "target": "hall", "usd_per_unit_year": 1.0}]
    instance = pooled(data_centres=[{"data_centre": "hall", "power_limit_mw": 5.0}])
    pools = instance.accelerator_pools
    fewer = instance.replace(accelerator_pools=pools[:1], modes=instance.modes[:1])
    with pytest.raises(placer.InstanceError, match=r"states\[wide\]\.accelerator_pools: other accelerator pools"):
        planning_problem(instance, power, placer.States({"wide": (fewer, 1.0)}))
    wide = instance.replace(accelerator_pools=pools.assign(accelerators=[np.inf, 1.0]))
    with pytest.raises(placer.InstanceError, match="other pools than those of the instance are unlimited"):
        planning_problem(instance, power, placer.States({"wide": (wide, 1.0)}))
