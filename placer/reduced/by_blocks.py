"""Prices of a smaller structure carried back to the blocks of a whole one, one after the other or side by side.

Each block is a program of its own (``carried``) once what blocks share has a price. The prices gamma of shared caps are
those of the smaller structure. At any gamma >= 0

    sum_b bound_b(gamma) - gamma . limit  <=  cost of any placement

so that one pass over the blocks bounds the whole from below. If the answers of the blocks keep the shared caps, they
are an answer of the whole. If not, or if the bound and the cost are further apart than asked for, the blocks are
answered at other gamma too, and the cheapest mix of their answers that keeps the caps is one (``by_blocks.master``).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.by_blocks.cap_search import Evaluation, Search
from placer.by_blocks.dispatch import changes_of, lay_out, parts_of, workers_for
from placer.by_blocks.master import best_mix, flows_of
from placer.by_blocks.shared_caps_parameters import DEFAULT
from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError
from placer.model.answer import Answer
from placer.model.blocks import cut, duals_of_block, joined, shared_caps
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import arrival_prices, bound_of, bound_prices, cheapest_arcs
from placer.reduced.block_columns import BlockColumns
from placer.reduced.block_tasks import CarryTask, carry_to_blocks
from placer.reduced.carried import Carried
from placer.running import deadline
from placer.termination import Reason, Termination
from placer.tolerances import SOLVER
from placer.utils.tasks import dispatcher_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.by_blocks.block_answer import BlockAnswer
    from placer.by_blocks.dispatch import Blocks
    from placer.by_blocks.master import Mix
    from placer.model.answer import Duals
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.reduced.laid import Places
    from placer.utils.arrays import FloatArray, IntArray
    from placer.utils.tasks import Dispatcher

#: Half width of the first box round the prices of shared caps, as a part of them, and how much wider the next ones are.
_FIRST_BOX, _WIDER = 0.1, 4.0
#: Evaluations of all blocks after which a gap up to ``_NEAR`` is the answer's, and after which any gap is.
_ENOUGH, _MOST, _NEAR = 4, 12, 1e-2


@dataclass(frozen=True, eq=False)
class Carrying(Evaluation):
    """Carries prices back to blocks, in the place of answering them.

    Attributes
    ----------
    laid : Duals
        Prices at the positions of the whole.
    columns : BlockColumns
    gap : float
        As of ``carried``, for each block.
    """

    laid: Duals
    columns: BlockColumns
    gap: float

    def answers(self, **given: Any) -> Iterator[BlockAnswer]:
        """Yield the answers of blocks ``chosen`` at ``cap_prices`` of what blocks have in common, in their order."""
        chosen: Sequence[int] = given["chosen"]

        def tasks() -> Iterator[tuple[CarryTask]]:
            for part in parts_of(len(chosen)):
                numbers = chosen[part]
                task = CarryTask(
                    common=self.blocks.common,
                    numbers=numbers,
                    changes=changes_of(self.blocks, numbers),
                    laid=[duals_of_block(self.blocks.spans[number], self.laid) for number in numbers],
                    used=[self._used(number) for number in numbers],
                    cap_prices=given["cap_prices"],
                    gap=self.gap,
                    until=deadline(),
                )
                yield (task,)

        for answers in self.dispatcher.in_order(carry_to_blocks, tasks()):
            yield from answers

    def _used(self, number: int) -> IntArray:
        return self.columns.positions_in(cut(self.blocks.structure, self.blocks.spans[number]))


def carried_in_processes(
    structure: Structure, laid: Duals, places: Places, small: Placement, gap: float, workers: int | None
) -> Carried:
    """Return a feasible answer of a structure of several blocks, and the bound that prices prove.

    Parameters
    ----------
    structure : Structure
        The whole.
    laid : Duals
        Prices of the smaller placement at the positions of the whole.
    places : Places
        Of the whole in the smaller structure.
    small : Placement
    gap : float
        As of ``carried_by_blocks``.
    workers : int, optional
        As in ``placer.solve``.

    Raises
    ------
    NoSolutionError
        As ``carried_by_blocks``.
    """
    blocks = lay_out(structure, None, None)
    columns = BlockColumns.of(structure, blocks.spans, places, small.formulation.structure, small.answer.point)
    count = workers_for(structure, len(blocks.spans), workers)
    with dispatcher_of(count, None, deadline()) as dispatcher:
        return carried_by_blocks(blocks, laid, columns, gap, dispatcher)


def carried_by_blocks(
    blocks: Blocks, laid: Duals, columns: BlockColumns, gap: float, dispatcher: Dispatcher
) -> Carried:
    """Return a feasible answer of the blocks of a structure, and the bound that prices prove.

    Parameters
    ----------
    blocks : Blocks
    laid : Duals
        Prices of a smaller structure at the positions of the whole; those of demands and queues are computed anew.
    columns : BlockColumns
        That are likely to be used.
    gap : float
        Relative gap at which to stop, for each block and for all.
    dispatcher : Dispatcher
        Closed before the proof, so that its processes hold no memory then.

    Raises
    ------
    NoSolutionError
        If a block has no answer, no answer was found that keeps what blocks share, or the time is over.
    """
    started, structure, count = time.perf_counter(), blocks.structure, len(blocks.spans)
    evaluation = Carrying(blocks, dispatcher, DEFAULT, laid, columns, gap)
    caps = shared_caps(structure)
    limit, first = structure.cap_limit[caps], np.maximum(laid.cap[caps], 0.0)
    search = Search(limit, np.ones(len(limit)), [[] for _ in range(count)], [[] for _ in range(count)])
    weights = _weights(evaluation, search, first)
    parts = zip(search.proposals, weights, search.duals, strict=True)
    prices = np.zeros(len(structure.cap_limit))
    prices[caps] = search.prices
    flows, duals = joined(
        structure, blocks.spans, ((flows_of(those, weight).flows, own) for those, weight, own in parts), prices
    )
    dispatcher.close()
    detail = f"{count:,} blocks near known prices, {search.evaluations} prices of what they share"
    seconds = time.perf_counter() - started
    ended = Termination(Reason.ITERATION_LIMIT, detail)
    answer = Answer(ended, flows, duals, iterations=search.iterations, seconds=seconds)
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    if certificate.proven:
        answer = replace(answer, termination=Termination(Reason.OPTIMAL, detail))
    return Carried(answer, certificate, bound_at(structure, laid))


def bound_at(structure: Structure, duals: Duals) -> float:
    """Return the bound on the cost of every answer that some prices prove, in one pass over all columns."""
    prices = bound_prices(structure, duals)
    return bound_of(structure, prices, cheapest_arcs(structure, prices, arrival_prices(structure, prices.service)))


def _weights(evaluation: Carrying, search: Search, prices: FloatArray) -> list[FloatArray]:
    """Return the weights of the proposals of every block in a mix that keeps the shared caps.

    Raises
    ------
    NoSolutionError
        As ``carried_by_blocks``.
    """
    bound = evaluation.at(search, prices)
    taken, limit = search.taken(), search.limit
    size = np.maximum(np.abs(limit), np.abs(taken))
    search.size = np.where(size > 0, size, 1.0)
    cost = math.fsum(each.cost for (each,) in search.proposals)
    is_kept = bool((taken <= limit + SOLVER * search.size).all())
    if is_kept and float(prices @ (limit - taken)) <= evaluation.gap * abs(cost):
        return [np.ones(1)] * len(search.proposals)
    unit = max(abs(bound), DEFAULT.least_cost * abs(cost)) / search.size
    width = _FIRST_BOX
    while True:
        half = np.maximum(width * search.prices, width * DEFAULT.first_price * unit)
        box = np.maximum(search.prices - half, 0.0), search.prices + half
        mix = best_mix(search.proposals, limit, search.size, box, search.prices)
        is_kept = _is_kept(search, mix)
        gap = evaluation.gap if search.evaluations < _ENOUGH else max(evaluation.gap, _NEAR)
        is_close = mix.cost - search.bound <= gap * abs(mix.cost) or bool((mix.prices == prices).all())
        is_last = search.evaluations >= _MOST
        if is_kept and (is_close or is_last):
            return mix.weights
        if is_last:
            raise NoSolutionError(Reason.ITERATION_LIMIT, "no answer was found that keeps the limits that blocks share")
        prices = mix.prices
        evaluation.at(search, prices)
        width *= 1.0 if is_kept else _WIDER


def _is_kept(search: Search, mix: Mix) -> bool:
    """Whether a mix keeps the shared caps."""
    pairs = zip(search.proposals, mix.weights, strict=True)
    taken = np.sum([part * each.taken for those, weight in pairs for each, part in zip(those, weight, strict=True)], 0)
    return bool((taken <= search.limit + SOLVER * search.size).all())
