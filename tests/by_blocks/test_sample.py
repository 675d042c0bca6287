"""First prices of caps from a sample of the blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.cap_oracle import SolvedBlock
from placer.by_blocks.dispatch import lay_out
from placer.by_blocks.proposals import Proposal
from placer.by_blocks.sample import Sample, sample_of
from placer.by_blocks.shared_caps_parameters import SharedCapsParameters
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.model.blocks import taken_of_caps
from placer.running import running


def test_blocks_of_the_sample():
    """Tests a part of the blocks, at most some, and at least one."""
    assert sample_of(9, 0.25, 8) == [3, 5]
    assert sample_of(100, 0.25, 3) == [25, 50, 74]
    assert sample_of(1, 0.1, 8) == [0]


def _proposals(*taken):
    return [Proposal(1.0, 0.0, np.array(each), None) for each in taken]


def test_a_part_of_the_limits(make_blocks):
    """Tests a share of a limit as of what both blocks take, and one as of the number of blocks if nothing is taken."""
    blocks = lay_out(replace(make_blocks(1).structure, cap_limit=np.array([8.0, 10.0])), None, None)
    found = [SolvedBlock(0, 0.0, each, None) for each in _proposals([3.0, 0.0], [9.0, 0.0])]
    sample = Sample.of(blocks, found, SharedCapsParameters())
    assert (sample.numbers, sample.part.tolist()) == ([0], [2.0, 5.0])


def test_a_part_is_corrected_by_what_all_blocks_take():
    """Tests a limit that blocks exceed by a quarter at the prices of the sample; one has no price, one is not taken."""
    sample = Sample([0], np.array([8.0, 8.0, 8.0]), np.array([2.0, 2.0, 2.0]))
    corrected = sample.corrected(np.array([5.0, 0.0, 0.0]), _proposals([1.0, 1.0, 0.0], [8.0, 3.0, 0.0]))
    assert corrected.part.tolist() == [1.6, 4.0, 2.0]


@pytest.mark.slow
@pytest.mark.parametrize("solver", [None, placer.ColumnGeneration()])
def test_a_sample_of_all_blocks_has_their_prices(make_blocks, solver):
    """Tests prices of two caps against those of the whole program, and that limits of nothing have no prices."""
    structure = make_blocks(1).structure
    free, _ = solve_structure(structure, placer.HiGHS())
    limit = 0.8 * taken_of_caps(structure, free.point)
    blocks = lay_out(replace(structure, cap_limit=limit), solver, None)
    whole, _ = solve_structure(blocks.structure, placer.HiGHS())
    assert Sample([0, 1], limit, limit).prices(blocks) == pytest.approx(whole.prices.cap, rel=1e-6)
    assert Sample([0, 1], limit, -limit).prices(blocks) is None


def test_time_is_over(make_blocks):
    """Tests the reason where there is no time."""
    limit = np.array([1.0, 1.0])
    blocks = lay_out(replace(make_blocks(1).structure, cap_limit=limit), placer.ColumnGeneration(), None)
    with pytest.raises(NoSolutionError) as error, running(time_limit_seconds=1e-9):
        Sample([0], limit, limit).prices(blocks)
    assert error.value.reason is placer.Reason.TIME_LIMIT
