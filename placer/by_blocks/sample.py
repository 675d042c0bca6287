"""First prices of the caps that blocks share, from a sample of the blocks with their shares of the limits.

The share of a block is in proportion to what it takes at prices 0. A single cap has the mean of the prices in the
blocks of the sample, each alone. Several caps need prices that fit each other: the sample is one program then, whose
blocks share its part of the limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.ladder.proven import default_solver, proving
from placer.model.blocks import some_blocks
from placer.termination import Reason
from placer.utils.arrays import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.by_blocks.block_answer import BlockAnswer
    from placer.by_blocks.dispatch import Blocks
    from placer.utils.arrays import FloatArray, IntArray


def sample_of(blocks: int, part: float, most: int) -> list[int]:
    """Return the numbers of a part of the blocks, at most some, spread evenly over them.

    Examples
    --------
    >>> sample_of(365, 0.25, 4)
    [73, 146, 218, 291]
    """
    size = min(most, max(1, round(part * blocks)))
    return np.unique(np.linspace(0, blocks - 1, size + 2)[1:-1].round().astype(int)).tolist()


def shares_of(taken: Sequence[FloatArray], total: FloatArray, count: int) -> list[FloatArray]:
    """Return the share of some blocks in each cap, given what they and all ``count`` blocks take."""
    return [np.where(total == 0, 1 / count, ratio(own, total)) for own in taken]


def apart(answers: Sequence[BlockAnswer], places: IntArray) -> FloatArray:
    """Return the mean prices of the caps in answers of single blocks; ``places`` says where blocks have the caps."""
    return np.mean([np.maximum(each.duals.cap[places], 0.0) for each in answers], axis=0)


def together(blocks: Blocks, numbers: Sequence[int], caps: IntArray, limit: FloatArray) -> FloatArray | None:
    """Return the prices of the caps in some blocks that share limits (caps,); None if these blocks have no answer.

    Raises
    ------
    NoSolutionError
        If the time is over.
    """
    limits = blocks.structure.cap_limit.copy()
    limits[caps] = limit
    structure = some_blocks(blocks.structure, [blocks.spans[number] for number in numbers], limits)
    try:
        answer, _ = proving(blocks.common.value.solver or default_solver(structure)).answer(structure)
    except NoSolutionError as error:
        if error.reason is Reason.TIME_LIMIT:
            raise
        return None
    return np.maximum(answer.prices.cap[caps], 0.0)
