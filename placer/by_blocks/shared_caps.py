"""Answer blocks that share caps: price the caps, and mix proposals of the blocks (Dantzig and Wolfe, 1960).

    1  every block is answered at prices 0 of the caps; if these placements keep the caps, they are the answer
    2  a few blocks are answered with their shares of the limits, which give the first prices (``sample``)
    3  every block is answered at these prices (``cap_search``); the master (``master``) mixes all proposals and gives
       the next prices; this repeats until the mix costs no more than the bound, within the gap

The mix is a placement that keeps the caps. How prices go on differs for one cap (``single_cap``) and for several
(``several_caps``). Each cap that binds mixes one block of two placements; every other block has the placement of one
evaluation.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from placer.by_blocks.cap_search import Evaluation, Search
from placer.by_blocks.master import flows_of
from placer.by_blocks.several_caps import mix_of_several
from placer.by_blocks.shared_caps_parameters import DEFAULT, SharedCapsParameters
from placer.by_blocks.single_cap import mix_of_single
from placer.by_blocks.ties import MixedPlacement, SharedCapPrices, tie_broken_answer
from placer.model.blocks import shared_caps
from placer.tolerances import SOLVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.by_blocks.block_answer import PackedFlows
    from placer.by_blocks.dispatch import Blocks
    from placer.least_cost.second_objective import Objective
    from placer.least_cost.tie_break import TieBreak
    from placer.model.answer import Answer, Duals
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.utils.arrays import FloatArray
    from placer.utils.tasks import Dispatcher


def answer_sharing(
    blocks: Blocks,
    dispatcher: Dispatcher,
    objective: Objective | None = None,
    parameters: SharedCapsParameters = DEFAULT,
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a structure whose blocks share caps.

    Parameters
    ----------
    blocks : Blocks
    dispatcher : Dispatcher
        Closed before the proof, so that its processes hold no memory then.
    objective : Objective, optional
        The traffic-weighted round trip, to break ties by (``placer.by_blocks.ties``); None: the mix of the search.
    parameters : SharedCapsParameters

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
    found = _least_cost_mix(Evaluation(blocks, dispatcher, parameters))
    return tie_broken_answer(blocks, dispatcher, found, objective)


def _least_cost_mix(evaluation: Evaluation) -> MixedPlacement:
    """Return a mix of least cost; raises as ``answer_sharing``."""
    started, blocks, parameters = time.perf_counter(), evaluation.blocks, evaluation.parameters
    caps, count = shared_caps(blocks.structure), len(blocks.spans)
    search, weights = _first(evaluation, blocks.structure.cap_limit[caps], count), [np.ones(1)] * count
    if (search.taken() > search.limit + SOLVER * search.size).any():
        unit = max(abs(search.bound), parameters.least_cost * _penalty_of_all(blocks.structure)) / search.size
        mix = (mix_of_single if len(caps) == 1 else mix_of_several)(evaluation, search, unit)
        weights = mix.weights
    return MixedPlacement(
        parts=_mixes(search, weights),
        caps=SharedCapPrices(caps, evaluation.places, search.prices),
        detail=f"{count:,} blocks, {search.evaluations} prices of what they share",
        iterations=search.iterations,
        started=started,
    )


def _penalty_of_all(structure: Structure) -> float:
    """Return the penalty for leaving all demand unserved."""
    return float(structure.unserved_cost[structure.demand_class] @ structure.demand_amount)


def _first(evaluation: Evaluation, limit: FloatArray, count: int) -> Search:
    """Return the proposals of all blocks at prices 0 of the caps."""
    search = Search(limit, np.ones(len(limit)), [[] for _ in range(count)], [[] for _ in range(count)])
    evaluation.at(search, np.zeros(len(limit)))
    size = np.maximum(np.abs(limit), np.abs(search.taken()))
    search.size = np.where(size > 0, size, 1.0)
    return search


def _mixes(search: Search, weights: Sequence[FloatArray]) -> list[tuple[PackedFlows, Duals]]:
    """Return the mix of every block, and its duals at the prices of the best bound."""
    every = zip(search.proposals, weights, search.duals, strict=True)
    return [(flows_of(those, weight), duals) for those, weight, duals in every]
