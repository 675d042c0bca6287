"""What a sweep proves at a limit."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.climb import missing_ways, next_ways
from placer.ceiling.walk.proof import optimise, step_at, weights_tested, with_tests
from placer.ceiling.walk.state import SweepState
from placer.errors import NoSolutionError
from placer.solvers.incremental import IncrementalLP


def test_first_state(task):
    """Tests that at the limit 0 no arc may be used, nothing is served, and only that is tested."""
    state = SweepState.first(task)
    assert (state.position.limit, state.position.top) == (0.0, 0)
    assert state.program.counted((1.0, 1.0, 1.0)) == 0.0
    assert len(missing_ways(task, state)) == 0
    state, in_order = weights_tested(task, state)
    assert in_order
    assert list(state.tests) == [(1.0, 0.0, 0.0)]
    assert state.tests[1.0, 0.0, 0.0].bounds[0] == 0.0


def test_bounds_meet_the_flow_of_a_run(task):
    """Tests that with X alone 8 of 10 Mtok are served, no more by proof, and nothing is exported."""
    state, ways = next_ways(task, with_tests(task, SweepState.first(task)), [])
    _, step = step_at(task, optimise(task, state, ways))
    assert (step.served, step.served_high) == pytest.approx((8.0, 8.0))
    assert (step.displaced_low, step.displaced) == (0.0, 0.0)
    assert (step.exported_low, step.exported_high) == pytest.approx((0.0, 0.0), abs=1e-7)


def test_levels_without_finite_duals_are_refused(task, monkeypatch):
    """Tests that a run by levels ends in an error if it has no finite duals, before and after a run from no basis."""
    state, ways = next_ways(task, with_tests(task, SweepState.first(task)), [])
    while not state.weighting.by_levels:
        state = state.grown(task)
    monkeypatch.setattr(IncrementalLP, "duals_of", lambda self, _: np.full(self.rows, -np.inf))
    with pytest.raises(NoSolutionError, match="a dual that is not finite"):
        optimise(task, state, ways)
    assert state.program.runs > 1
