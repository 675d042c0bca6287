"""Answer blocks that share caps: price the caps, and mix proposals of the blocks (Dantzig and Wolfe, 1960).

    1  every block is answered at prices 0 of the caps; if these placements keep the caps, they are the answer
    2  a few blocks as one program, with their part of the limits, give the first prices (``sample``)
    3  the bundle method seeks better prices and a mix of all placements so far that keeps the caps (``cap_search``),
       until the mix costs no more than the bound, within the gap

Each cap that binds mixes one block of two placements; every other block has the placement of one evaluation.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from placer.by_blocks.cap_oracle import CapOracle, SolvedBlock
from placer.by_blocks.cap_search import FIRST_PRICE, CapSearch, begin_search, search_prices
from placer.by_blocks.dispatch import Blocks
from placer.by_blocks.proposals import Proposals, flows_of
from placer.by_blocks.sample import Sample
from placer.by_blocks.shared_caps_parameters import DEFAULT, SharedCapsParameters
from placer.by_blocks.ties import MixedPlacement, SharedCapPrices, tie_broken_answer
from placer.least_cost.second_objective import Objective
from placer.least_cost.tie_break import TieBreak
from placer.model.answer import Answer
from placer.model.blocks import shared_caps
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray
from placer.utils.tasks import Dispatcher

#: The cost counts as at least this share of the penalty of leaving all demand unserved: prices are shares of the cost,
#: which must not be 0.
LEAST_COST = 1e-6


def answer_sharing(
    blocks: Blocks,
    dispatcher: Dispatcher,
    objective: Objective | None = None,
    parameters: SharedCapsParameters = DEFAULT,
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a structure whose blocks share caps.

    Parameters
    ----------
    dispatcher : Dispatcher
        Closed before the proof, so that its processes hold no memory then.
    objective : Objective, optional
        The traffic-weighted round trip, to break ties by (``placer.by_blocks.ties``); None: the mix of the search.

    Returns
    -------
    answer : Answer
    certificate : Certificate
        Of the whole.
    tie_break : TieBreak or None
        None if no objective was given.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, no placement keeps the caps, the search does not close its gap, or the time is
        over.
    """
    # Proposals that the mix leaves out are freed before the answer is joined and proven, which takes most memory.
    found = _least_cost_mix(CapOracle(blocks, dispatcher), parameters)
    return tie_broken_answer(blocks, dispatcher, found, objective)


def _least_cost_mix(oracle: CapOracle, parameters: SharedCapsParameters) -> MixedPlacement:
    """Return a mix of least cost; raises as ``answer_sharing``."""
    started, structure = time.perf_counter(), oracle.blocks.structure
    caps, count = shared_caps(structure), len(oracle.blocks.spans)
    limit, prices = structure.cap_limit[caps], np.zeros(len(caps))
    found = oracle.all_at(prices)
    parts = [(each.prices.flows, each.duals) for each in found]
    taken = np.sum([each.prices.taken for each in found], axis=0)
    size = sizes_of(limit, taken)
    if (taken > limit + SOLVER * size).any():
        oracle.size = size
        least = LEAST_COST * _penalty_of_all(structure)
        search = _begun(oracle, found, max(abs(sum(each.cost for each in found)), least), parameters)
        search_prices(search, parameters.gap)
        mixes, prices = search.model.pool.mix_of(search.multiplied), search.best.z / size
        solved = oracle.all_at(search.best.z)
        parts = [(flows_of(mix), each.duals) for mix, each in zip(mixes, solved, strict=True)]
    return MixedPlacement(
        parts=parts,
        caps=SharedCapPrices(caps, oracle.places, prices),
        detail=f"{count:,} blocks, {oracle.evaluations} prices of what they share",
        iterations=oracle.iterations,
        started=started,
    )


def sizes_of(limit: FloatArray, taken: FloatArray) -> FloatArray:
    """Return what figures of the caps are measured against, given the limits and what blocks take at some prices."""
    size = np.maximum(np.abs(limit), np.abs(taken))
    return np.where(size > 0, size, 1.0)


def _begun(
    oracle: CapOracle, found: Sequence[SolvedBlock], whole: float, parameters: SharedCapsParameters
) -> CapSearch:
    """Return a search at first prices from a sample, given all blocks at prices 0 and a size of the whole cost.

    The first prices come from a part of the limits in proportion to what the sample takes at prices 0. The second come
    from a part for which the first would have made all blocks keep the limits.
    """
    blocks, size, pool = oracle.blocks, oracle.size, Proposals([each.prices for each in found], oracle.size)
    sample = Sample.of(blocks, found, parameters)
    prices = sample.prices(blocks)
    z = np.full(len(size), FIRST_PRICE * whole) if prices is None else prices * size
    search = begin_search(oracle, pool, z, whole, parameters)
    if prices is not None and len(sample.numbers) < len(found):
        second = sample.corrected(prices, [each.prices for each in oracle.all_at(z)]).prices(blocks)
        if second is not None:
            search.judge(second * size, 0.0)
    return search


def _penalty_of_all(structure: Structure) -> float:
    """Return the penalty for leaving all demand unserved."""
    return float(structure.unserved_cost[structure.demand_class] @ structure.demand_amount)
