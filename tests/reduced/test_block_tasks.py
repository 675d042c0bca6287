"""Tasks of blocks near known prices: an answer and its bounds for each, and errors that name the block."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.dispatch import changes_of, lay_out
from placer.errors import NoSolutionError
from placer.model.answer import no_duals
from placer.model.blocks import at_cap_prices, cut, duals_of_block
from placer.model.formulation import formulate
from placer.reduced.block_tasks import CarryTask, carry_to_blocks


@pytest.fixture
def task(make_days):
    """Return a task of two blocks at prices 0."""
    structure = formulate(make_days(0)).structure
    blocks = lay_out(structure, None, None)
    nothing, numbers = no_duals(structure, np.zeros(len(structure.cap_limit))), [1, 3]
    return CarryTask(
        common=blocks.common,
        numbers=numbers,
        changes=changes_of(blocks, numbers),
        laid=[duals_of_block(blocks.spans[number], nothing) for number in numbers],
        used=[np.zeros(0, dtype=int)] * 2,
        cap_prices=np.zeros(len(blocks.spans[0].common)),
        gap=1e-6,
        until=math.inf,
    ), blocks


@pytest.mark.slow
def test_blocks_are_answered_each_by_itself(task):
    """Tests that cost and bound are those of the block, and that prices of shared caps are charged."""
    given, blocks = task
    for prices in (given.cap_prices, given.cap_prices + 0.01):
        for number, answer in zip(given.numbers, carry_to_blocks(replace(given, cap_prices=prices)), strict=True):
            plain = cut(blocks.structure, blocks.spans[number])
            block = at_cap_prices(plain, np.pad(prices, (0, len(plain.cap_limit) - len(prices))))
            least = placer.ladder.proven.solve_structure(block, placer.HiGHS())[1].objective
            assert answer.certificate.objective == pytest.approx(least, rel=1e-6)
            assert answer.taken.shape == (len(plain.cap_limit),)
            assert answer.known is None
            assert answer.tie_break is None


def test_error_names_the_block(task):
    """Tests that a time that is over is told with the first block."""
    given, _ = task
    with pytest.raises(NoSolutionError, match="block 1: no time was left"):
        carry_to_blocks(replace(given, until=time.time() - 1))
