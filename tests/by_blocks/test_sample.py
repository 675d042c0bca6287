"""First prices of caps from a sample of the blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.dispatch import lay_out
from placer.by_blocks.sample import sample_of, shares_of, together
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.model.blocks import taken_of_caps
from placer.running import running


def test_blocks_of_the_sample():
    """Tests a part of the blocks, at most some, and at least one."""
    assert sample_of(9, 0.25, 8) == [3, 5]
    assert sample_of(100, 0.25, 3) == [25, 50, 74]
    assert sample_of(1, 0.1, 8) == [0]


def test_shares():
    """Tests shares in what all blocks take, equal where nothing is taken."""
    (share,) = shares_of([np.array([3.0, 0.0])], np.array([12.0, 0.0]), 5)
    assert share.tolist() == [0.25, 0.2]


@pytest.mark.slow
@pytest.mark.parametrize("solver", [None, placer.ColumnGeneration()])
def test_a_sample_of_all_blocks_has_their_prices(make_blocks, solver):
    """Tests prices of two caps against those of the whole program, and that limits of nothing have no prices."""
    structure = make_blocks(1).structure
    free, _ = solve_structure(structure, placer.HiGHS())
    limit = 0.8 * taken_of_caps(structure, free.point)
    blocks = lay_out(replace(structure, cap_limit=limit), solver, None)
    whole, _ = solve_structure(blocks.structure, placer.HiGHS())
    assert together(blocks, [0, 1], np.array([0, 1]), limit) == pytest.approx(whole.prices.cap, rel=1e-6)
    assert together(blocks, [0, 1], np.array([0, 1]), -limit) is None


def test_time_is_over(make_blocks):
    """Tests the reason where there is no time."""
    blocks = lay_out(make_blocks(1).structure, placer.ColumnGeneration(), None)
    with pytest.raises(NoSolutionError) as error, running(time_limit_seconds=1e-9):
        together(blocks, [0], np.array([0, 1]), np.array([1.0, 1.0]))
    assert error.value.reason is placer.Reason.TIME_LIMIT
