"""The flow of a block and its program: moves, runs and rebuilding."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.objectives import EXPORTED, SERVED
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.program import SweepProgram

BOTH = (30.0, 30.0, 1.0)


@pytest.fixture
def option(block):
    """Return the option of every arc."""
    return block.first_option[block.service].tolist()


def run(program, ways):
    """Let ways enter, run, and return the duals."""
    program.add(np.array(ways), BOTH)
    program.run([BOTH])
    return program.read()


def test_a_demand_moves_without_a_run(block, option):
    """Tests that a demand that moves counts as served, and as exported at Y, and that only one fits in full."""
    roomy = SweepProgram(block, SweepParameters())
    assert not roomy.has_room(0, 0, option[0])
    roomy.move(0, 1, option[1])
    assert (roomy.served, roomy.exported, roomy.moves, roomy.runs) == (1.0, 1.0, 1, 0)
    assert roomy.counted(BOTH) == 31.0


def test_a_run_by_hand(block, option):
    """Tests that Y takes 8 of 10 Mtok and X the other 2, that the flow is feasible, and Y's price is an export."""
    program = SweepProgram(block, SweepParameters())
    duals = run(program, [[0, 0, option[0]], [0, 1, option[1]]])
    assert (program.served, program.exported) == pytest.approx((1.0, 0.8))
    assert program.infeasible == pytest.approx(0.0, abs=1e-12)
    assert sorted(duals.tolist()) == pytest.approx([0.0, 1.0])
    ways, amount = program.flows()
    assert dict(zip(ways[:, 1].tolist(), amount.tolist(), strict=True)) == pytest.approx({0: 0.2, 1: 0.8})
    assert program.duals_of(SERVED) == pytest.approx([0.0, 0.0])
    assert program.known.amount.sum() == pytest.approx(1.0)


def test_levels_give_the_same_flow(block, option):
    """Tests that the objectives one after the other serve all and then export 8 of 10 Mtok."""
    program = SweepProgram(block, SweepParameters())
    program.add(np.array([[0, 0, option[0]], [0, 1, option[1]]]), EXPORTED)
    program.run([SERVED, EXPORTED])
    program.read()
    assert (program.served, program.exported) == pytest.approx((1.0, 0.8))


def test_rebuilding_keeps_the_flow(block, option):
    """Tests that the largest flow becomes the key, and that a run from there needs no iteration."""
    program = SweepProgram(block, SweepParameters(program_growth=0.0, program_spare=0))
    duals = run(program, [[0, 0, option[0]], [0, 1, option[1]]])
    program.rebuild(duals, BOTH)
    assert program.known.key_arc.tolist() == [1]
    assert len(program.known.columns) == 1
    before = program.iterations
    program.run([BOTH])
    program.read()
    assert (program.served, program.exported) == pytest.approx((1.0, 0.8))
    assert program.iterations == before
