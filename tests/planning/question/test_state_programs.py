"""From states to the programs of a plan."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import InstanceError
from placer.planning.question.problem import planning_problem
from placer.planning.question.state_programs import (
    mean_instance,
    named_position,
    state_programs,
    yearly_program,
    yearly_programs,
)

NEW = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 1.0}]


def test_what_is_lost_gains_nothing(east_and_west):
    """Tests that a new site that is lost in a state gains nothing there, although its limit is 0 in every state."""
    question = planning_problem(east_and_west, NEW, security="data_centres")
    added = {state.name: state.added.sum() for state in state_programs(question, question.states)}
    assert added["nothing lost"] > 0
    assert added["East"] > 0
    assert added["West"] == 0


@pytest.mark.slow
def test_states_of_losses_have_the_caps_of_the_instance(make_instance):
    """Tests that work without accelerators has no arc to a lost site, and that no row of a limit stands for that."""
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1.0, "value_usd_per_mtok": 1.0}]
    sites = [{"data_centre": name, "region": "E", "accelerators": 0.0} for name in "XY"]
    instance = make_instance(workloads=workloads, data_centres=sites).replace(accelerators="sunk")
    row = {"candidate": "x", "adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}
    question = planning_problem(instance, [row], security="data_centres")
    states = question.states
    for programs in (state_programs(question, states), list(yearly_programs(question, states))):
        assert [len(each.structure.cap_limit) for each in programs] == [2, 2, 2]
        assert [set(each.structure.arc_site.tolist()) for each in programs] == [{0, 1}, {1}, {0}]
        assert [each.added.sum() > 0 for each in programs] == [True, False, True]


def test_the_mean_demand_by_shares(east_and_west):
    """Tests the mean of two demands by their shares of the year."""
    states = placer.States({"low": (east_and_west.scaled_demand(0.5), 0.25), "high": (east_and_west, 0.75)})
    mean = mean_instance(states)
    assert mean.demand["mtok"].to_numpy() == pytest.approx(0.875 * east_and_west.demand["mtok"].to_numpy())
    question = planning_problem(east_and_west, NEW, states)
    assert yearly_program(question, mean, "mean").weight == pytest.approx(365)


def test_unknown_names_are_refused():
    """Tests the position of a name, and the nearest one of a slip."""
    assert named_position("state", "b", ("a", "b")) == 1
    with pytest.raises(InstanceError, match="perhaps night"):
        named_position("state", "nigt", ("day", "night"))
    assert np.isfinite(named_position("state", "a", ("a",)))


def test_states_share_the_arrays_that_are_equal(east_and_west):
    """Tests that states of other demand hold the arrays of the first, and keep their own demand."""
    states = placer.States({"low": (east_and_west.scaled_demand(0.5), 0.25), "high": (east_and_west, 0.75)})
    low, high = state_programs(planning_problem(east_and_west, NEW, states), states)
    assert high.added is low.added
    assert high.structure.capacity is low.structure.capacity
    assert high.formulation.latency_ms is low.formulation.latency_ms
    assert high.structure.demand_amount == pytest.approx(2 * low.structure.demand_amount)
