"""A sweep over one block, by hand, and its states, moves and proofs on the way."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.climb import missing_ways, next_ways, noted
from placer.ceiling.walk.entering import entering
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.proof import optimise, step_at, weights_tested, with_tests
from placer.ceiling.walk.state import SweepState, SweepTask
from placer.ceiling.walk.sweep import sweep
from placer.errors import NoSolutionError
from placer.model.formulation import formulate


@pytest.fixture
def task(block):
    """Return the task of sweeping over the block."""
    return SweepTask.of(block, SweepParameters(), math.inf, math.inf)


@pytest.mark.parametrize("parameters", [SweepParameters(), SweepParameters(largest_weight=0.0)])
def test_by_hand(block, parameters):
    """Tests that 8 of 10 Mtok are served from X on, and all, 8 of them exported, from Y on; with weights and levels."""
    found = sweep(block, parameters)
    assert [step.limit for step in found.steps] == [0.0, *block.enter.tolist()]
    assert [step.served for step in found.steps] == pytest.approx([0.0, 8.0, 10.0])
    assert [step.exported for step in found.steps] == pytest.approx([0.0, 0.0, 8.0])
    assert [step.served_high for step in found.steps] == pytest.approx([0.0, 8.0, 10.0], abs=1e-7)
    assert [step.exported_high for step in found.steps] == pytest.approx([0.0, 0.0, 8.0], abs=1e-7)
    _, amount = found.flows
    assert sorted(amount.tolist()) == pytest.approx([0.2, 0.8])
    assert found.runs >= 1
    served, displaced, exported = found.prices
    assert (served.max(), displaced.max(), exported.max()) == pytest.approx((0.0, 0.0, 1.0))
    assert found.weights[1] == 0.0


def test_leaps_leave_an_interval(block):
    """Tests that without iterations X's corner is leapt over, and its figures are bounds."""
    found = sweep(block, SweepParameters(leaps=1), iterations=-1)
    assert [step.served for step in found.steps][-1] == pytest.approx(10.0)
    inner = found.steps[1]
    assert (inner.served, inner.served_high) == pytest.approx((0.0, 10.0), abs=1e-7)


def test_a_deadline_ends_it(block):
    """Tests that a time that is over is told."""
    with pytest.raises(NoSolutionError, match="time limit"):
        sweep(block, deadline=time.monotonic() - 1.0)


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


def test_states_are_values(task):
    """Tests that a step returns another state and leaves prices, position and tests of the one before."""
    state, steps = SweepState.first(task), []
    risen, ways = next_ways(task, with_tests(task, state), steps)
    assert ways.tolist() == [[0, 0, int(task.block.first_option[task.block.service[0]])]]
    assert risen.position.limit == task.block.enter[0]
    assert (state.position.limit, state.tests) == (0.0, {})
    assert [step.limit for step in steps] == [0.0]
    run = optimise(task, risen, ways)
    assert run.prices is not risen.prices
    assert not run.position.risen
    assert risen.position.risen
    _, now = step_at(task, run)
    assert (now.served, now.served_high) == pytest.approx((8.0, 8.0))


def test_what_is_the_same_is_noted_once(task):
    """Tests that a step like the last is no step."""
    steps = []
    state = noted(task, SweepState.first(task), steps)
    noted(task, state, steps)
    assert len(steps) == 1


def test_weights_that_are_too_small_grow(task):
    """Tests that growing replaces the weights and empties the tests, and ends in levels."""
    state = with_tests(task, SweepState.first(task))
    grown = state.grown(task)
    assert grown.weighting.served == 16 * state.weighting.served
    assert grown.tests == {}
    assert state.tests != {}
    for _ in range(4):
        grown = grown.grown(task)
    assert grown.weighting.by_levels


def test_a_demand_that_fits_moves_without_a_program(make_instance):
    """Tests that with room for all of it A's demand moves to X and on to Y, and no program runs."""
    formulation = formulate(make_instance(demand=[{"workload": "w", "hub": "A", "mtok": 10.0}]))
    counted = np.ones((1, 1, 1)) * formulation.exported
    (block,) = split(formulation.structure, entering(formulation, "rtt"), counted)
    found = sweep(block)
    assert (found.runs, found.moves) == (0, 2)
    assert [step.exported for step in found.steps] == pytest.approx([0.0, 0.0, 10.0])
