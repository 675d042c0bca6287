"""Blocks that share caps: the caps are priced, and proposals of the blocks are mixed (Dantzig and Wolfe, 1960).

    1  every block is answered at prices 0 of the caps; where these placements keep the caps, that is the answer
    2  the prices are sought over a sample of the blocks, with its share of the limits
    3  every block is answered at these prices; the master (``master``) mixes what was proposed and gives the next
       prices; until the mix costs no more than the bound, within the gap

At prices gamma >= 0 the answers prove ``L(gamma) = sum_b bound_b - gamma . limit``, a lower bound on the cost of any
placement, and the mix is a placement that keeps the caps. Only as many blocks as there are caps that bind are mixed of
two placements each; all others are as one evaluation placed them. Each answer starts from the prices of the same block
at the cap prices before.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from placer.by_blocks.dispatch import answers_in_order
from placer.by_blocks.master import Proposal, best_mix
from placer.by_blocks.separate import proven
from placer.errors import NoSolutionError
from placer.model.blocks import joined, mixed, shared_caps
from placer.running import check_time, tell
from placer.solvers.column_generation.solver import WIDEST_GAP
from placer.termination import Reason
from placer.utils.arrays import ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from placer.by_blocks.block_answer import BlockAnswer
    from placer.by_blocks.dispatch import Blocks
    from placer.by_blocks.master import Mix
    from placer.model.answer import Answer, Duals, Flows
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.solvers.column_generation.warm_start import KnownPrices
    from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)

#: The share of its size that a cap may be exceeded by at prices 0: rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SharedCapsParameters:
    """Parameters of the search for the prices of caps.

    Attributes
    ----------
    gap : float
        Relative gap, of the cost without penalty, at which to stop.
    sample_gap : float
        The same for the sample.
    sample_from, sample : int
        Number of blocks from which a sample is taken, and its size.
    first_price : float
        Middle of the first box of prices, as a share: at 1 the limit of a cap is worth the whole cost.
    box_part : float
        Half width of the box after the sample, as a part of the prices.
    most_evaluations : int
        Evaluations of all blocks at most.
    kept : int
        Evaluations whose proposals stay although no mix uses them, and whose prices are kept.
    dearest : float
        Share, as of ``first_price``, above which limits count as ones that no placement keeps.
    least_cost : float
        Share of the penalty for leaving all demand unserved that counts as the cost where it costs less without caps:
        prices have no size where that is nothing.
    """

    gap: float = 1e-7
    sample_gap: float = 1e-4
    sample_from: int = 48
    sample: int = 16
    first_price: float = 0.02
    box_part: float = 0.05
    most_evaluations: int = 40
    kept: int = 2
    dearest: float = 1e7
    least_cost: float = 1e-6


DEFAULT = SharedCapsParameters()


@dataclass(eq=False)
class _Search:
    """What is known of some blocks: their proposals, and the evaluation of the best bound.

    Attributes
    ----------
    numbers : sequence of int
        The blocks.
    limit, size : (shared caps,) arrays
        The limits, and what figures of the caps are measured against.
    proposals : list of list of Proposal
        Of every block.
    known : list of list of KnownPrices
        Of every block, the latest first.
    bound : float
    prices : (shared caps,) array
        At which the bound was proven.
    duals : list of Duals
        Of every block at these prices.
    evaluations, iterations : int
    """

    numbers: Sequence[int]
    limit: FloatArray
    size: FloatArray
    proposals: list[list[Proposal]]
    known: list[list[KnownPrices]]
    bound: float = -math.inf
    prices: FloatArray = field(default_factory=lambda: np.zeros(0))
    duals: list[Duals] = field(default_factory=list)
    evaluations: int = 0
    iterations: int = 0

    def taken(self) -> FloatArray:
        """Return what the latest proposals take of the caps."""
        return np.sum([those[-1].taken for those in self.proposals], axis=0)


def answer_sharing(
    blocks: Blocks, executor: Executor, workers: int, parameters: SharedCapsParameters = DEFAULT
) -> tuple[Answer, Certificate]:
    """Answer a structure whose blocks share caps.

    Parameters
    ----------
    blocks : Blocks
    executor : Executor
    workers : int
        Processes or threads of the executor.
    parameters : SharedCapsParameters

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, no placement keeps the caps, the search does not close its gap, or the time is
        over.
    """
    started = time.perf_counter()
    caps = shared_caps(blocks.structure)
    count = len(blocks.spans)
    evaluation = _Evaluation(blocks, executor, workers, parameters)
    search = _first(evaluation, blocks.structure.cap_limit[caps], count)
    weights = [np.ones(1)] * count
    if (search.taken() > search.limit + _ROUNDING * search.size).any():
        unit = max(abs(search.bound), parameters.least_cost * _penalty_of_all(blocks.structure)) / search.size
        middle = half = unit * parameters.first_price
        if count >= parameters.sample_from:
            middle = _price_of_sample(evaluation, search, middle)
            half = np.maximum(parameters.box_part * middle, 1e-2 * half)
        weights = evaluation.close(search, middle, half, parameters.gap, parameters.dearest * unit).weights
    prices = np.zeros(len(blocks.structure.cap_limit))
    prices[caps] = search.prices
    detail = f"{count:,} blocks, {search.evaluations} prices of what they share"
    flows, duals = joined(blocks.structure, blocks.spans, _mixes(search, weights), prices)
    return proven(blocks, flows, duals, detail, search.iterations, started)


def _penalty_of_all(structure: Structure) -> float:
    """Return the penalty for leaving all demand unserved."""
    return float(structure.unserved_cost[structure.demand_class] @ structure.demand_amount)


def _first(evaluation: _Evaluation, limit: FloatArray, count: int) -> _Search:
    """Return the proposals of all blocks at prices 0 of the caps."""
    search = _Search(range(count), limit, np.ones(len(limit)), [[] for _ in range(count)], [[] for _ in range(count)])
    evaluation.at(search, np.zeros(len(limit)))
    size = np.maximum(np.abs(limit), np.abs(search.taken()))
    search.size = np.where(size > 0, size, 1.0)
    return search


def _price_of_sample(evaluation: _Evaluation, search: _Search, first: FloatArray) -> FloatArray:
    """Return the prices of the caps for a sample of the blocks, whose limits are its share of what all would take."""
    count = len(search.numbers)
    numbers = np.unique(np.linspace(0, count - 1, evaluation.parameters.sample).round().astype(int)).tolist()
    proposals = [[search.proposals[number][0]] for number in numbers]
    part = ratio(np.sum([those[0].taken for those in proposals], axis=0), search.taken())
    part = np.where((part > 0) & (part < 1), part, len(numbers) / count)
    known = [list(search.known[number]) for number in numbers]
    sample = _Search(numbers, search.limit * part, search.size * part, proposals, known)
    dearest = evaluation.parameters.dearest * first / evaluation.parameters.first_price
    mix = evaluation.close(sample, first, first, evaluation.parameters.sample_gap, dearest)
    for number, latest in zip(numbers, sample.known, strict=True):
        search.known[number] = latest
    return mix.prices


@dataclass(frozen=True, eq=False)
class _Evaluation:
    """Answers blocks at prices of the caps, and closes the gap of a search."""

    blocks: Blocks
    executor: Executor
    workers: int
    parameters: SharedCapsParameters

    def at(self, search: _Search, prices: FloatArray) -> None:
        """Answer the blocks of a search at some prices, and add what they propose."""
        structure = self.blocks.structure
        common = self.blocks.spans[0].common
        caps, given = np.searchsorted(common, shared_caps(structure)), np.zeros(len(common))
        given[caps] = prices
        answers = answers_in_order(
            self.blocks, self.executor, self.workers, chosen=search.numbers, cap_prices=given, known=search.known
        )
        search.evaluations += 1
        bounds, duals = [-float(prices @ search.limit)], []
        for place, each in enumerate(answers):
            search.proposals[place].append(self._proposal(search, place, each, given, caps))
            search.iterations += each.iterations
            bounds.append(each.certificate.bound)
            duals.append(each.duals)
            if each.known is not None:
                search.known[place] = [each.known, *search.known[place]][: self.parameters.kept]
        if (bound := math.fsum(bounds)) > search.bound:
            search.bound, search.prices, search.duals = bound, prices, duals

    def close(self, search: _Search, middle: FloatArray, half: FloatArray, gap: float, dearest: FloatArray) -> Mix:
        """Evaluate prices until the best mix costs no more than the bound, within a gap; return the mix."""
        prices = middle
        while search.evaluations < self.parameters.most_evaluations:
            check_time(f"the prices of what blocks share were not found after {search.evaluations} evaluations")
            self.at(search, prices)
            low, high = np.maximum(middle - half, 0.0), middle + half
            mix = best_mix(search.proposals, search.limit, search.size, low, high)
            part = max(abs(mix.cost - mix.penalty), 1e-4 * mix.penalty, 1e-300)
            tell(_log, f"evaluation {search.evaluations}: gap {(mix.cost - search.bound) / part:.1e}")
            stalls = bool((mix.prices == prices).all())
            if mix.is_inside and mix.cost - search.bound <= (max(gap, WIDEST_GAP) if stalls else gap) * part:
                return mix
            if mix.is_inside and stalls:
                raise NoSolutionError(Reason.FAILED, f"the prices of what blocks share stay {prices}, the gap open")
            if not mix.is_inside:
                if (mix.prices >= dearest).any():
                    raise NoSolutionError(Reason.INFEASIBLE, "no placement keeps the limits that blocks share")
                middle, half = mix.prices, 2 * half
            prices = mix.prices
            self._drop_unused(search, mix)
        raise NoSolutionError(Reason.ITERATION_LIMIT, f"{search.evaluations} prices of what blocks share")

    def _proposal(
        self, search: _Search, place: int, answer: BlockAnswer, given: FloatArray, caps: IntArray
    ) -> Proposal:
        structure, span = self.blocks.structure, self.blocks.spans[search.numbers[place]]
        left = answer.flows.unserved
        klass = structure.demand_class[span.demands[left.place]]
        return Proposal(
            cost=answer.certificate.objective - float(given @ answer.taken[: len(given)]),
            penalty=float(structure.unserved_cost[klass] @ left.value),
            taken=answer.taken[caps],
            flows=answer.flows,
            evaluation=search.evaluations,
        )

    def _drop_unused(self, search: _Search, mix: Mix) -> None:
        """Drop proposals that the mix does not use and that are not of the latest evaluations."""
        first = search.evaluations - self.parameters.kept
        for place, weight in enumerate(mix.weights):
            pairs = zip(search.proposals[place], weight, strict=True)
            search.proposals[place] = [each for each, part in pairs if part > 0 or each.evaluation > first]


def _mixes(search: _Search, weights: Sequence[FloatArray]) -> Iterator[tuple[Flows, Duals]]:
    """Yield the mix of every block, and its duals at the prices of the best bound."""
    for those, weight, duals in zip(search.proposals, weights, search.duals, strict=True):
        used = [(float(part), each.flows.flows) for each, part in zip(those, weight, strict=True) if part > 0]
        yield mixed(used), duals
