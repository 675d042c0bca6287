"""Tests that states, candidates and build limits fit each other, or one error says all that does not."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.planning.problem import planning_problem, problems_of

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
    """Tests that defects of candidates, build limits, states and settings are told together."""
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}]
    instance = make_instance(data_centres=SITES, workloads=workloads)
    fewer = instance.without("B")
    rows = [ROW, ROW | {"candidate": "yard", "target": "Z"}, ROW | {"candidate": "link", "adds": "capacity_gbps"}]
    states = placer.States({"as it is": (instance, 0.5), "fewer": (fewer, 0.5)})
    with pytest.raises(placer.InstanceError) as caught:
        planning_problem(instance, rows, states, [{"limit": "land_ha", "sense": "=", "amount": 3.0}])
    assert [f"{each.table}[{each.row}].{each.column}: {each.problem}" for each in caught.value.violations] == [
        "build_limits[land_ha].sense: '=' is unknown",
        "build_limits[land_ha].limit: no candidate takes anything of it",
        "workloads[w].unserved_usd_per_mtok: no value of unserved tokens: a default would decide what is built",
        "states[fewer].hubs: other hubs than the instance, or in another order",
        "candidates[yard].target: 'Z' is unknown",
        "candidates[link].target: 'X' is unknown",
        "settings[].accelerators: by_use, with candidates of accelerators: their capital would count twice",
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


def test_targets_and_settings_are_checked(make_instance):
    """Tests that targets must be there, and that accelerators are not paid for twice."""
    instance = make_instance(data_centres=SITES)
    rows = [ROW, ROW | {"candidate": "yard", "target": "Z"}, ROW | {"candidate": "fibre", "adds": "capacity_gbps"}]
    with pytest.raises(placer.InstanceError) as caught:
        planning_problem(instance, rows)
    assert [f"{each.table}[{each.row}].{each.column}: {each.problem}" for each in caught.value.violations] == [
        "candidates[yard].target: 'Z' is unknown",
        "candidates[fibre].target: 'X' is unknown",
        "settings[].accelerators: by_use, with candidates of accelerators: their capital would count twice",
    ]


def test_power_may_be_built_for_accelerators_by_use(make_instance):
    """Tests that only candidates of accelerators need accelerators that are paid for."""
    sites = [each | {"power_limit_mw": 2.0} for each in SITES]
    power = ROW | {"adds": "power_limit_mw"}
    assert planning_problem(make_instance(data_centres=sites), [power]).states.weights.tolist() == [8760.0]


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
