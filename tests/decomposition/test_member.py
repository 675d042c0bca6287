"""States as the plan sees them."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.decomposition.limits import limits_of
from placer.decomposition.risk import NEUTRAL
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem


def test_limits_grow_with_units(make_program_of_plan):
    """Tests ``b + M z``, and that the opened structure has a unit of each."""
    state = make_program_of_plan(0).states[0]
    units = np.arange(state.added.shape[1], dtype=float)
    assert np.array_equal(limits_of(state.at(units)), state.limits + state.added @ units)
    assert np.array_equal(limits_of(state.opened), state.limits + state.added @ np.ones(len(units)))
    assert np.isfinite(state.finite_limits).all()


@pytest.mark.slow
def test_states_that_differ_in_demand_alone_are_kin(make_program_of_plan):
    """Tests the digest of the shape over states of scaled demand, and that states of another instance differ."""
    states = make_program_of_plan(0).states
    assert len({state.shape_digest for state in states}) == 1
    assert states[0].shape_digest != make_program_of_plan(1).states[0].shape_digest


def test_states_with_other_steps_are_no_kin(east_and_west):
    """Tests that states whose steps differ in amounts alone share the prices of demands, and others do not."""
    steps = [
        {"workload": "w", "hub": "H", "hour": hour, "mtok": mtok, "value_usd_per_mtok": value}
        for hour in (0, 1)
        for mtok, value in ((600.0, 9.0), (200.0, 4.0))
    ]
    dear = [row | {"value_usd_per_mtok": 2 * row["value_usd_per_mtok"]} for row in steps]
    elastic = east_and_west.replace(demand=steps)
    states = placer.States.of(
        {
            "plain": east_and_west,
            "elastic": elastic,
            "more": elastic.scaled_demand(1.5),
            "dear": east_and_west.replace(demand=dear),
        }
    )
    new = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 1.0}]
    programs = program_of(planning_problem(east_and_west, new, states), NEUTRAL).states
    kin = [programs[0].shape_digest == each.shape_digest for each in programs]
    assert kin == [True, False, False, False]
    assert programs[1].shape_digest == programs[2].shape_digest != programs[3].shape_digest
    assert [each.structure.steps is None for each in programs] == [True, False, False, False]
