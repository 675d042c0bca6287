"""Answer blocks that share caps: price the caps, and mix proposals of the blocks (Dantzig and Wolfe, 1960).

    1  every block is answered at prices 0 of the caps; if these placements keep the caps, they are the answer
    2  a few blocks are answered with their shares of the limits, which give the first prices (``sample``)
    3  every block is answered at these prices; the master (``master``) mixes all proposals and gives the next
       prices; this repeats until the mix costs no more than the bound, within the gap

At prices gamma >= 0 the answers prove ``L(gamma) = sum_b bound_b - gamma . limit``, a lower bound on the cost of any
placement. The mix is a placement that keeps the caps. L is concave with the slope ``use - limit``. Regula falsi finds
the root of the slope of a single cap. The price of the master, where two tangents of L meet, only halves the bracket.
Prices of several caps are those of the master, in a box round the best ones so far (``box``). Each cap that binds mixes
one block of two placements; every other block has the placement of one evaluation. Each answer starts from prices of
the same block at other prices of the caps, interpolated between the two nearest.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.by_blocks.box import Box
from placer.by_blocks.dispatch import answers_in_order
from placer.by_blocks.master import Proposal, best_mix, flows_of
from placer.by_blocks.next_price import next_root, starts_at
from placer.by_blocks.sample import apart, sample_of, shares_of, together
from placer.by_blocks.shared_caps_parameters import DEFAULT, SharedCapsParameters
from placer.by_blocks.ties import MixedPlacement, SharedCapPrices, tie_broken_answer
from placer.errors import NoSolutionError
from placer.model.blocks import shared_caps
from placer.running import check_time, tell
from placer.solvers.column_generation.solver import WIDEST_GAP
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from placer.by_blocks.block_answer import BlockAnswer, PackedFlows
    from placer.by_blocks.dispatch import Blocks
    from placer.by_blocks.master import Mix
    from placer.least_cost.second_objective import Objective
    from placer.least_cost.tie_break import TieBreak
    from placer.model.answer import Answer, Duals
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.solvers.column_generation.warm_start import KnownPrices
    from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)

#: The share of its size that a cap may be exceeded by at prices 0: rounding.
_ROUNDING = 1e-9


@dataclass(eq=False)
class _Search:
    """The proposals of some blocks, and the evaluation of the best bound.

    Attributes
    ----------
    numbers : sequence of int
        The blocks.
    limit, size : (shared caps,) arrays
        The limits, and what figures of the caps are measured against.
    proposals : list of list of Proposal
        Of every block.
    known : list of list of (price, KnownPrices)
        Of every block, the latest first; with the price of a single cap, or 0.
    slopes : list of (price, slope)
        Of a single cap, at every price so far.
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
    known: list[list[tuple[float, KnownPrices]]]
    bound: float = -math.inf
    prices: FloatArray = field(default_factory=lambda: np.zeros(0))
    duals: list[Duals] = field(default_factory=list)
    slopes: list[tuple[float, float]] = field(default_factory=list)
    evaluations: int = 0
    iterations: int = 0

    def taken(self) -> FloatArray:
        """Return what the latest proposals take of the caps."""
        return np.sum([those[-1].taken for those in self.proposals], axis=0)


def answer_sharing(
    blocks: Blocks,
    executor: Executor,
    workers: int,
    objective: Objective | None = None,
    parameters: SharedCapsParameters = DEFAULT,
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a structure whose blocks share caps.

    Parameters
    ----------
    blocks : Blocks
    executor : Executor
        Shut down before the proof, so that its processes hold no memory then.
    workers : int
        Processes or threads of the executor.
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
    found = _least_cost_mix(_Evaluation(blocks, executor, workers, parameters))
    return tie_broken_answer(blocks, executor, workers, found, objective)


def _least_cost_mix(evaluation: _Evaluation) -> MixedPlacement:
    """Return a mix of least cost; raises as ``answer_sharing``."""
    started, blocks, parameters = time.perf_counter(), evaluation.blocks, evaluation.parameters
    caps, count = shared_caps(blocks.structure), len(blocks.spans)
    search, weights = _first(evaluation, blocks.structure.cap_limit[caps], count), [np.ones(1)] * count
    if (search.taken() > search.limit + _ROUNDING * search.size).any():
        unit = max(abs(search.bound), parameters.least_cost * _penalty_of_all(blocks.structure)) / search.size
        middle = half = unit * parameters.first_price
        of_sample = _price_of_sample(evaluation, search)
        if of_sample is not None:
            part = parameters.box_part if len(of_sample) == 1 else parameters.box.first_part
            middle, half = of_sample, part * np.maximum(of_sample, 0.05 * half)
        weights = evaluation.close(search, Box(middle, half), parameters.gap, parameters.dearest * unit).weights
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


def _first(evaluation: _Evaluation, limit: FloatArray, count: int) -> _Search:
    """Return the proposals of all blocks at prices 0 of the caps."""
    search = _Search(range(count), limit, np.ones(len(limit)), [[] for _ in range(count)], [[] for _ in range(count)])
    evaluation.at(search, np.zeros(len(limit)))
    size = np.maximum(np.abs(limit), np.abs(search.taken()))
    search.size = np.where(size > 0, size, 1.0)
    return search


def _price_of_sample(evaluation: _Evaluation, search: _Search) -> FloatArray | None:
    """Return the prices of the caps in a sample of the blocks (``sample``); None if it has no answer."""
    parameters, count, is_single = evaluation.parameters, len(search.numbers), len(search.limit) == 1
    most = parameters.most_sample if is_single else parameters.box.most_sample
    numbers = sample_of(count, parameters.sample_part, most)
    shares = shares_of([search.proposals[number][0].taken for number in numbers], search.taken(), count)
    if not is_single:
        caps = shared_caps(evaluation.blocks.structure)
        return together(evaluation.blocks, numbers, caps, sum(shares) * search.limit)
    limits = [evaluation.of_caps(share * search.limit, np.inf) for share in shares]
    try:
        answers = list(evaluation.answers(chosen=numbers, limits=limits))
    except NoSolutionError as error:
        if error.reason is Reason.TIME_LIMIT:
            raise
        return None
    search.iterations += sum(each.iterations for each in answers)
    return apart(answers, evaluation.places)


@dataclass(frozen=True, eq=False)
class _Evaluation:
    """Answers blocks at prices of the caps, and closes the gap of a search."""

    blocks: Blocks
    executor: Executor
    workers: int
    parameters: SharedCapsParameters

    def answers(self, **given: Any) -> Iterator[BlockAnswer]:
        """Answer blocks; arguments as of ``answers_in_order``."""
        return answers_in_order(self.blocks, self.executor, self.workers, **given)

    @cached_property
    def places(self) -> IntArray:
        """Where the caps that blocks share stand among those that blocks have in common."""
        return np.searchsorted(self.blocks.spans[0].common, shared_caps(self.blocks.structure))

    def of_caps(self, values: FloatArray, other: float) -> FloatArray:
        """Return figures of the caps that blocks have in common, given those of the caps that they share."""
        every = np.full(len(self.blocks.spans[0].common), other)
        every[self.places] = values
        return every

    def at(self, search: _Search, prices: FloatArray) -> float:
        """Answer the blocks of a search at some prices, add what they propose, and return the lower bound."""
        caps, given = self.places, self.of_caps(prices, 0.0)
        price = float(prices[0]) if len(prices) == 1 else 0.0
        known = [starts_at(each, price) for each in search.known]
        answers = self.answers(chosen=search.numbers, cap_prices=given, known=known)
        search.evaluations += 1
        bounds, duals = [-float(prices @ search.limit)], []
        for place, each in enumerate(answers):
            search.proposals[place].append(self._proposal(search, place, each, given, caps))
            search.iterations += each.iterations
            bounds.append(each.certificate.bound)
            duals.append(each.duals)
            if each.known is not None:
                search.known[place] = [(price, each.known), *search.known[place]][: self.parameters.kept]
        if len(prices) == 1:
            search.slopes.append((price, float(search.taken()[0] - search.limit[0])))
        if (bound := math.fsum(bounds)) > search.bound:
            search.bound, search.prices, search.duals = bound, prices, duals
        return bound

    def close(self, search: _Search, box: Box, gap: float, dearest: FloatArray) -> Mix:
        """Evaluate prices until the best mix costs no more than the bound, within a gap; return the mix."""
        prices, is_single = box.centre, len(box.centre) == 1
        of_centre = self._evaluated(search, prices)
        while True:
            mix = best_mix(search.proposals, search.limit, search.size, box.low, box.high)
            part = max(abs(mix.cost - mix.penalty), 1e-4 * mix.penalty, 1e-300)
            tell(_log, f"evaluation {search.evaluations}: gap {(mix.cost - search.bound) / part:.1e}")
            stalls = bool((mix.prices == prices).all())
            if mix.is_inside and mix.cost - search.bound <= (max(gap, WIDEST_GAP) if stalls else gap) * part:
                return mix
            if mix.is_inside and stalls:
                raise NoSolutionError(Reason.FAILED, f"the prices of what blocks share stay {prices}, the gap open")
            if not mix.is_inside and (mix.prices >= dearest).any():
                raise NoSolutionError(Reason.INFEASIBLE, "no placement keeps the limits that blocks share")
            root = next_root(search.slopes, self.parameters.overshoot)
            prices = mix.prices if root is None or len(search.slopes) > 1 + self.parameters.roots else np.array([root])
            self._drop_unused(search, mix)
            found = self._evaluated(search, prices)
            if not is_single:
                box = box.after(prices, found - of_centre, mix.promise - of_centre, self.parameters.box)
                of_centre = max(found, of_centre)
            elif not mix.is_inside:
                box = box.doubled(prices)

    def _evaluated(self, search: _Search, prices: FloatArray) -> float:
        """Return the lower bound at some prices; raises where the time or the evaluations are used up."""
        if search.evaluations >= self.parameters.most_evaluations:
            raise NoSolutionError(Reason.ITERATION_LIMIT, f"{search.evaluations} prices of what blocks share")
        check_time(f"the prices of what blocks share were not found after {search.evaluations} evaluations")
        return self.at(search, prices)

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
        parameters = self.parameters
        first = search.evaluations - (parameters.kept if len(search.limit) == 1 else parameters.box.kept)
        for place, weight in enumerate(mix.weights):
            pairs = zip(search.proposals[place], weight, strict=True)
            search.proposals[place] = [each for each, part in pairs if part > 0 or each.evaluation > first]


def _mixes(search: _Search, weights: Sequence[FloatArray]) -> list[tuple[PackedFlows, Duals]]:
    """Return the mix of every block, and its duals at the prices of the best bound."""
    every = zip(search.proposals, weights, search.duals, strict=True)
    return [(flows_of(those, weight), duals) for those, weight, duals in every]
