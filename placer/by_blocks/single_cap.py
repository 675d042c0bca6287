"""The price of a single cap that blocks share.

The first price is the mean over a few blocks, each answered alone with its share of the limit (``sample``). The next
ones come from regula falsi on the slope of the lower bound (``next_price``), then from the master, in a box that
doubles where the price lies at its edge. The price of the master, where two tangents of the bound meet, only halves the
bracket.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from placer.by_blocks.box import Box
from placer.by_blocks.master import best_mix
from placer.by_blocks.next_price import next_root
from placer.by_blocks.sample import apart, sample_of, shares_of
from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError
from placer.running import tell
from placer.termination import Reason
from placer.utils.numbers import gap_in_words

if TYPE_CHECKING:
    from placer.by_blocks.cap_search import Evaluation, Search
    from placer.by_blocks.master import Mix
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


def mix_of_single(evaluation: Evaluation, search: Search, unit: FloatArray) -> Mix:
    """Return a mix of least cost, given a search that has the proposals at price 0, which exceed the cap.

    Parameters
    ----------
    evaluation : Evaluation
    search : Search
    unit : (1,) array
        The price at which the limit is worth the whole cost.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, no placement keeps the cap, the gap stays open, or the time is over.
    """
    parameters = evaluation.parameters
    box = _first_box(evaluation, search, unit)
    prices = box.centre
    evaluation.at(search, prices)
    while True:
        about = np.clip(search.prices, box.low, box.high)
        mix = best_mix(search.proposals, search.limit, search.size, (box.low, box.high), about)
        gap = search.share_of(mix.cost - search.bound, mix)
        tell(_log, f"round {search.evaluations}, {gap_in_words(gap)}")
        stalls = bool((mix.prices == prices).all())
        if mix.is_inside and gap <= (max(parameters.gap, WIDEST_GAP) if stalls else parameters.gap):
            return mix
        if mix.is_inside and stalls:
            raise NoSolutionError(Reason.FAILED, f"the price of what blocks share stays {prices}, the gap open")
        if not mix.is_inside and (mix.prices >= parameters.dearest * unit).any():
            raise NoSolutionError(Reason.INFEASIBLE, "no placement keeps the limit that blocks share")
        root = next_root(search.slopes, parameters.overshoot)
        prices = mix.prices if root is None or len(search.slopes) > 1 + parameters.roots else np.array([root])
        search.drop_old(mix, parameters.kept)
        evaluation.at(search, prices)
        if not mix.is_inside:
            box = box.doubled(prices)


def _first_box(evaluation: Evaluation, search: Search, unit: FloatArray) -> Box:
    """Return a box round the mean price in a sample of the blocks; a wide one if it has no answer."""
    parameters, count = evaluation.parameters, len(search.proposals)
    middle = unit * parameters.first_price
    numbers = sample_of(count, parameters.sample_part, parameters.most_sample)
    shares = shares_of([search.proposals[number][0].taken for number in numbers], search.taken(), count)
    limits = [evaluation.of_caps(share * search.limit, np.inf) for share in shares]
    try:
        answers = list(evaluation.answers(chosen=numbers, limits=limits))
    except NoSolutionError as error:
        if error.reason is Reason.TIME_LIMIT:
            raise
        return Box(middle, middle)
    search.iterations += sum(each.iterations for each in answers)
    price = apart(answers, evaluation.places)
    return Box(price, parameters.box_part * np.maximum(price, 0.05 * middle))
