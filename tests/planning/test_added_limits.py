"""What a unit adds to the limits of a state: the same as larger tables give."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.planning.added_limits import added_limits, limits_of, share_of, with_state_limits
from placer.planning.built import with_builds
from placer.planning.candidates import Candidates


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
    raised = with_state_limits(formulation.structure, limits_of(formulation.structure) + added @ units)
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
