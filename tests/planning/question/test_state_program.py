"""States as the plan sees them."""

from __future__ import annotations

import numpy as np

from placer.planning.question.added_limits import limits_of


def test_limits_grow_with_units(make_program_of_plan):
    """Tests ``b + M z``, and that the opened structure has a unit of each."""
    state = make_program_of_plan(0).states[0]
    units = np.arange(state.added.shape[1], dtype=float)
    assert np.array_equal(limits_of(state.at(units)), state.limits + state.added @ units)
    assert np.array_equal(limits_of(state.opened), state.limits + state.added @ np.ones(len(units)))
    assert np.isfinite(state.finite_limits).all()


def test_states_that_differ_in_demand_alone_are_kin(make_program_of_plan):
    """Tests the digest of the shape over states of scaled demand, and that states of another instance differ."""
    states = make_program_of_plan(0).states
    assert len({state.shape_digest for state in states}) == 1
    assert states[0].shape_digest != make_program_of_plan(1).states[0].shape_digest
