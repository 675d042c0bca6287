"""What a unit adds to the limits of a state: the same as larger tables give, and with_builds makes these tables."""

from __future__ import annotations

import numpy as np
import pytest

from placer.decomposition.limits import limits_of, with_limits
from placer.model.formulation import formulate, formulate_stored
from placer.planning.question.added_limits import added_limits, share_of, with_builds
from placer.planning.question.candidates import Candidates
from placer.planning.question.problem import planning_problem
from placer.planning.question.state_programs import yearly_program
from placer.planning.question.targets import OF_BATTERIES
from tests.batteries_by_hand import powered


def _apart(instance, other):
    one, two = limits_of(formulate(instance).structure), limits_of(formulate(other).structure)
    return np.nanmax(np.where(one == two, 0.0, np.abs(one - two)))


@pytest.mark.parametrize("seed", range(5))
def test_limits_are_those_of_the_larger_tables(make_random_instance, make_candidates, seed):
    """Tests that ``b + M z`` are the limits of the instance whose tables hold what is built, for every kind."""
    instance = make_random_instance(seed, accelerators="sunk")
    candidates = make_candidates(instance, seed)
    units = np.random.default_rng(seed).uniform(0, 5, len(candidates))
    formulation = formulate(instance)
    added = added_limits(instance, instance, formulation, candidates)
    raised = with_limits(formulation.structure, limits_of(formulation.structure) + added @ units)
    larger = formulate(with_builds(instance, instance, candidates, units)).structure
    assert np.allclose(limits_of(raised), limits_of(larger), rtol=1e-12)
    assert added.sum(axis=0).min() > 0


def _hourly(make_instance, accelerators, hours=3):
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(hours)]
    centres = [{"data_centre": "X", "accelerators": accelerators, "max_utilisation": 0.5}, {"data_centre": "Y"}]
    return make_instance(demand=demand, data_centres=centres, accelerators="sunk")


def _accelerators_at_x():
    return Candidates.of([{"candidate": "x", "adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}])


def test_a_unit_is_there_when_the_site_is(make_instance):
    """Tests the availability by hour: of 10 at most, 10, 5 and 0 are there, so of a unit 1, 0.5 and 0; half is used."""
    instance = _hourly(make_instance, [10.0, 5.0, 0.0])
    added = added_limits(instance, instance, formulate(instance), _accelerators_at_x())
    assert added.toarray()[:3, 0].tolist() == [0.5, 0.25, 0.0]
    larger = with_builds(instance, instance, _accelerators_at_x(), np.array([10.0]))
    assert larger.hourly("data_centres", "accelerators")[0].tolist() == [20.0, 10.0, 0.0]


def test_nothing_is_added_to_what_is_lost(make_instance):
    """Tests that a state without a site's accelerators gets nothing useful there, and one without the row nothing."""
    instance, lost = _hourly(make_instance, 10.0), _hourly(make_instance, 0.0)
    assert added_limits(instance, lost, formulate(lost), _accelerators_at_x()).nnz == 0
    elsewhere = make_instance(data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 5.0}])
    at_y = Candidates.of([{"candidate": "y", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 1.0}])
    without = elsewhere.replace(demand=[{"workload": "w", "hub": "A", "mtok": 1.0}]).without("Y", "B")
    assert added_limits(elsewhere, without, formulate(without), at_y).nnz == 0
    assert with_builds(elsewhere, without, at_y, np.array([3.0])) is without


def test_a_new_site_gets_all_hours(make_instance):
    """Tests that where the instance has none of a limit, a unit is there in every hour."""
    instance = _hourly(make_instance, 0.0)
    added = added_limits(instance, instance, formulate(instance), _accelerators_at_x())
    assert added.toarray()[:3, 0].tolist() == [0.5] * 3


def test_an_unlimited_state_gains_nothing():
    """Tests that a limit that is infinite in some hours is raised in the others only."""
    assert share_of(np.array([2.0, np.inf]), np.array([2.0, np.inf])).tolist() == [1.0, 0.0]


def _zone(make_instance, limit_mw):
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(3)]
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0, "limit_mw": limit_mw}]
    return make_instance(demand=demand, power_zones=zones, hour_length=2.0)


def test_a_unit_of_a_power_zone_is_added_to_its_rows(make_instance):
    """Tests 8 MW in one hour and 4 in another, of 2 h each, and no limit in the third: 2 and 1 MWh a unit, no row."""
    instance = _zone(make_instance, [8.0, 4.0, np.inf])
    grid = Candidates.of([{"candidate": "grid", "adds": "limit_mw", "target": "zy", "usd_per_unit_year": 1.0}])
    half = _zone(make_instance, [8.0, 4.0, 4.0])
    formulation = formulate(half)
    added = added_limits(half, half, formulation, grid)
    assert added.toarray()[-3:, 0].tolist() == [2.0, 1.0, 1.0]
    assert added.nnz == 3
    assert limits_of(formulation.structure)[-3:].tolist() == [16.0, 8.0, 8.0]
    assert added_limits(instance, instance, formulate(instance), grid).toarray()[-2:, 0].tolist() == [2.0, 2.0]
    larger = with_builds(half, half, grid, np.array([4.0]))
    assert limits_of(formulate(larger).structure)[-3:].tolist() == [24.0, 12.0, 12.0]


@pytest.mark.parametrize("seed", range(2))
def test_zones_are_those_of_the_larger_tables(make_zoned, make_candidates, seed):
    """Tests ``b + M z`` with limits of power zones as well."""
    instance = make_zoned(seed)
    candidates = make_candidates(instance, seed)
    assert "Z0" in candidates.target
    units = np.random.default_rng(seed).uniform(0, 5, len(candidates))
    formulation = formulate(instance)
    raised = limits_of(formulation.structure) + added_limits(instance, instance, formulation, candidates) @ units
    larger = formulate(with_builds(instance, instance, candidates, units)).structure
    assert np.allclose(raised, limits_of(larger), rtol=1e-12)


def test_two_candidates_at_one_target_add_up(make_instance):
    """Tests that candidates of one site add to the same cell, and other tables stay."""
    instance = make_instance(data_centres=[{"data_centre": "X", "accelerators": 5.0}, {"data_centre": "Y"}])
    row = {"adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}
    candidates = Candidates.of([row | {"candidate": "one"}, row | {"candidate": "two"}])
    larger = with_builds(instance, instance, candidates, np.array([2.0, 4.0]))
    assert larger.data_centres["accelerators"].tolist() == [11.0, np.inf]
    assert larger.replace(data_centres=instance.data_centres) == instance


def test_units_of_a_battery():
    """Tests a MW over 2 hours that count 3 times and a MWh of each time, and that more power may charge more."""
    battery = {"power_mw": 1.0, "energy_mwh": 100.0}
    instance = powered(battery=battery, hour_length=2.0, periods=[{"hour": t, "weight": 3.0} for t in (0, 1)])
    rows = [{"candidate": each, "adds": each, "target": "B", "usd_per_unit_year": 1.0} for each in OF_BATTERIES]
    question = planning_problem(instance, [{**row, "max_units": 9.0} for row in rows])
    state = yearly_program(question, question.instance, "all year")
    raised, larger = state.at(np.array([2.0, 5.0])).stores, with_units(instance, question, [2.0, 5.0])
    assert raised.power.tolist() == larger.power.tolist() == [[18.0, 18.0]]
    assert raised.energy.tolist() == [[315.0, 315.0]]  # the instance counts the 36 MWh that 3 MW charge in two periods
    assert larger.energy.tolist() == [[36.0, 36.0]]
    assert state.structure.stores.energy.tolist() == [[300.0, 300.0]]


def with_units(instance, question, units):
    return formulate_stored(with_builds(instance, instance, question.candidates, np.array(units))).structure.stores


def test_a_battery_with_one_of_power_and_energy_has_neither():
    """Tests that builds of power alone, which are of no use, make no battery that an instance may not have."""
    instance = powered(battery={"power_mw": 0.0, "energy_mwh": 0.0})
    row = {"candidate": "power", "adds": "power_mw", "target": "B", "usd_per_unit_year": 1.0, "max_units": 9.0}
    built = with_builds(instance, instance, Candidates.of([row]), np.array([3.0]))
    assert built.batteries[["power_mw", "energy_mwh"]].iloc[0].tolist() == [0.0, 0.0]
