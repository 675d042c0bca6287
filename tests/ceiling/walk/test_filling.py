"""Flows by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.climb import missing_ways
from placer.ceiling.walk.filling import filled, moved_whole
from placer.ceiling.walk.objectives import EXPORTED
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.program import SweepProgram
from placer.ceiling.walk.state import SweepState, SweepTask
from placer.ceiling.walk.sweep import sweep


def test_a_demand_is_split_in_the_order_of_arcs(block):
    """Tests that the first arc takes 8 of 10 Mtok and the second the other 2, in either order."""
    ways, amount = filled(block, block.upper, np.array([0, 1]))
    assert ways[:, 1].tolist() == [0, 1]
    assert amount == pytest.approx([0.8, 0.2])
    ways, amount = filled(block, block.upper, np.array([1, 0]))
    assert ways[:, 1].tolist() == [1, 0]
    assert amount == pytest.approx([0.8, 0.2])


def test_no_room_and_no_arcs(block):
    """Tests that nothing is sent without room or arcs, and that one arc leaves the rest unserved."""
    for free, arcs in ((np.zeros_like(block.upper), [0, 1]), (block.upper, [])):
        ways, amount = filled(block, free, np.array(arcs, dtype=int))
        assert (ways.shape, len(amount)) == ((0, 3), 0)
    assert filled(block, block.upper, np.array([1]))[1] == pytest.approx([0.8])


def test_a_demand_moves_whole_to_its_first_arc_with_room(block):
    """Tests that room for all of a demand is needed and taken, without a price, and that its present flow leaves."""
    left, price, arcs = [], np.zeros(len(block.period)), np.array([1, 0])
    roomy = (2 * block.upper).tolist()
    sent, option = moved_whole(block, roomy, arcs, price, left.append)
    assert (sent.tolist(), option.tolist(), left) == ([1], [block.first_option[block.service[1]]], [0])
    assert roomy == pytest.approx(2 * block.upper - block.load(sent, option, block.demand))
    assert not moved_whole(block, block.upper.tolist(), arcs, price, left.append)[0].size
    assert not moved_whole(block, (2 * block.upper).tolist(), arcs, price + 1.0, left.append)[0].size
    assert left == [0]


def test_a_program_starts_from_the_parts(block):
    """Tests that the larger part is the key, the other a basic column, and the run has no more to do."""
    program = SweepProgram(block, SweepParameters())
    program.send_by(np.array([1, 0]), EXPORTED)
    assert (program.served, program.exported) == pytest.approx((1.0, 0.8))
    assert program.known.key_arc.tolist() == [1]
    assert len(program.known.columns) == 1
    program.run([EXPORTED])
    program.read()
    assert (program.served, program.exported) == pytest.approx((1.0, 0.8))


def test_the_first_look_fills(block):
    """Tests that with both arcs allowed the first look serves all, most of it abroad, and asks for a run."""
    task = SweepTask.of(block, SweepParameters(), np.inf, np.inf)
    state = SweepState.first(task)
    allowed = SweepState(state.program, state.weighting, state.prices, type(state.position)(np.inf, len(block.node)))
    assert len(missing_ways(task, allowed))
    assert (state.program.served, state.program.exported, state.program.runs) == pytest.approx((1.0, 0.8, 0))


@pytest.mark.parametrize("growth", [0.0, 2.0])
def test_rebuilding_at_every_run_changes_no_step(block, growth):
    """Tests that a program that is rebuilt whenever its flow has gained ends with the same figures."""
    usual = sweep(block)
    small = sweep(block, SweepParameters(program_growth=growth, program_spare=0, entering=1))
    for one, other in zip(usual.steps, small.steps, strict=True):
        assert (one.limit, one.served, one.exported) == pytest.approx((other.limit, other.served, other.exported))
