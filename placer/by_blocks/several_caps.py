"""The prices of several caps that blocks share.

    1  a sample of the blocks is one program with its part of the limits, and gives first prices (``sample``); all
       blocks are answered at these, the part is corrected by what they take, and the sample gives prices again
    2  the master of all proposals gives a mix of all blocks that keeps the caps; within a box round the prices of the
       best bound it gives the next prices (``box``)
    3  all blocks are answered at these; this repeats from 2 until the mix costs no more than the bound, within the gap

The box is narrow: power zones replace each other at costs that differ little, so that slightly other prices move much
work, and blocks take longer to answer.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.by_blocks.box import Box
from placer.by_blocks.master import best_mix
from placer.by_blocks.sample import sample_of, shares_of, together
from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError
from placer.model.blocks import shared_caps
from placer.running import tell
from placer.termination import Reason
from placer.utils.arrays import ratio
from placer.utils.numbers import gap_in_words

if TYPE_CHECKING:
    from placer.by_blocks.cap_search import Evaluation, Search
    from placer.by_blocks.master import Mix
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


def mix_of_several(evaluation: Evaluation, search: Search, unit: FloatArray) -> Mix:
    """Return a mix of least cost, given a search that has the proposals at prices 0, which exceed a cap.

    Parameters
    ----------
    evaluation : Evaluation
    search : Search
    unit : (shared caps,) array
        The price at which each limit is worth the whole cost.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, no placement keeps the caps, the gap stays open, or the time is over.
    """
    parameters, several = evaluation.parameters, evaluation.parameters.several
    box = _first_box(evaluation, search, unit)
    evaluation.at(search, box.centre)
    box = replace(box, centre=search.prices)
    while True:
        anywhere = _anywhere(search, unit, several.beyond)
        mix = best_mix(search.proposals, search.limit, search.size, anywhere, search.prices)
        within = best_mix(search.proposals, search.limit, search.size, (box.low, box.high), search.prices)
        gap, more = (search.share_of(value - search.bound, mix) for value in (mix.cost, within.predicted))
        found = gap_in_words(gap) if mix.is_inside else "no mix keeps the limits yet"
        tell(_log, f"round {search.evaluations}, {found}")
        if mix.is_inside and gap <= (WIDEST_GAP if more <= several.part_of_gap * gap else parameters.gap):
            return mix
        if (within.prices >= parameters.dearest * unit).any():
            raise NoSolutionError(Reason.INFEASIBLE, "no placement keeps the limits that blocks share")
        search.drop_dear(mix, several.kept)
        bound = search.bound
        gain = evaluation.at(search, within.prices) - bound
        box = box.after(within.prices, gain, within.predicted - bound, several.box)


def _anywhere(search: Search, unit: FloatArray, beyond: float) -> tuple[FloatArray, FloatArray]:
    """Return a wide box of prices: from 0 up to ``beyond`` times the largest worth above that of each limit."""
    cost = float((unit * search.size).max())
    worth = max(float((search.prices * search.size).max()), 1e-6 * cost)
    return np.zeros(len(unit)), search.prices + beyond * worth / search.size


def _first_box(evaluation: Evaluation, search: Search, unit: FloatArray) -> Box:
    """Return a narrow box round prices from a sample of the blocks; a wide one if it has no answer."""
    parameters, several = evaluation.parameters, evaluation.parameters.several
    middle = unit * parameters.first_price
    prices = _prices_of_sample(evaluation, search)
    if prices is None:
        return Box(middle, middle)
    return Box(prices, several.first_part * np.maximum(prices, 0.05 * middle))


def _prices_of_sample(evaluation: Evaluation, search: Search) -> FloatArray | None:
    """Return prices from a sample of the blocks; None if it has no answer.

    The first prices come from a part of the limits in proportion to what the sample takes at prices 0; all blocks are
    answered at these. The second come from a part for which the first would have made all blocks keep the limits.
    """
    blocks, several, count = evaluation.blocks, evaluation.parameters.several, len(search.proposals)
    caps = shared_caps(blocks.structure)
    numbers = sample_of(count, evaluation.parameters.sample_part, several.most_sample)
    shares = shares_of([search.proposals[number][0].taken for number in numbers], search.taken(), count)
    part = sum(shares) * search.limit
    if (first := together(blocks, numbers, caps, part)) is None or len(numbers) == count:
        return first
    evaluation.at(search, first)
    of_sample = np.sum([search.proposals[number][-1].taken for number in numbers], axis=0)
    # The sample as one program takes all of a limit with a price. Its blocks apart, at a tie, may take more or less.
    taken = search.taken() + np.where(first > 0, part - of_sample, 0.0)
    part = part * np.where(taken == 0, 1.0, ratio(search.limit, taken))
    second = together(blocks, numbers, caps, part)
    return first if second is None else second
