"""Prices of a smaller structure carried back to the blocks of a whole one, one after the other or side by side.

Each block is a program of its own (``carried``) once what blocks share has a price. The prices gamma of shared caps are
those of the smaller structure. At any gamma >= 0

    sum_b bound_b(gamma) - gamma . limit  <=  cost of any placement

so that one pass over the blocks bounds the whole from below. If the answers of the blocks keep the shared caps, they
are an answer of the whole. If not, or if the bound and the cost are further apart than asked for, the blocks are
answered at other gamma too, and the cheapest mix of their answers that keeps the caps is one
(``by_blocks.cap_search``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.by_blocks.cap_oracle import CapOracle, SolvedBlock
from placer.by_blocks.cap_search import CapSearch, begin_search
from placer.by_blocks.dispatch import Blocks, changes_of, lay_out, parts_of, workers_for
from placer.by_blocks.proposals import Proposals, flows_of
from placer.by_blocks.shared_caps import LEAST_COST, sizes_of
from placer.by_blocks.shared_caps_parameters import DEFAULT
from placer.column_generation.solver import WIDEST_GAP
from placer.decomposition.closing import close, gap_of_best
from placer.errors import NoSolutionError
from placer.model.answer import Answer, Duals
from placer.model.blocks import cut, duals_of_block, joined, shared_caps
from placer.model.structure import Structure
from placer.placement.result import Placement
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import bound_at
from placer.reduced.block_columns import BlockColumns
from placer.reduced.block_tasks import CarryTask, carry_to_blocks
from placer.reduced.carried import Carried
from placer.reduced.laid import Places
from placer.running import deadline
from placer.termination import Reason, Termination
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.tasks import Dispatcher, dispatcher_of

if TYPE_CHECKING:
    from placer.by_blocks.block_answer import BlockAnswer, PackedFlows

#: The parameters of a search of few rounds.
_HURRIED = replace(DEFAULT, first_radius=0.1, least_scale=1.0)
#: The rounds of the search for the gap asked for, and those until the gap is at most ``_NEAR``.
_FEW, _MOST, _NEAR = 4, 12, 1e-2


@dataclass(eq=False, kw_only=True)
class Carrying(CapOracle):
    """Carries prices back to blocks, in the place of answering them.

    Attributes
    ----------
    laid : Duals
        Prices at the positions of the whole.
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
    started, structure = time.perf_counter(), blocks.structure
    caps, oracle = shared_caps(structure), Carrying(blocks, dispatcher, laid=laid, columns=columns, gap=gap)
    prices = np.zeros(len(structure.cap_limit))
    parts, prices[caps] = _mixed(oracle, np.maximum(laid.cap[caps], 0.0))
    flows, duals = joined(structure, blocks.spans, ((each.flows, own) for each, own in parts), prices)
    dispatcher.close()
    detail = f"{len(blocks.spans):,} blocks near known prices, {oracle.evaluations} prices of what they share"
    seconds = time.perf_counter() - started
    ended = Termination(Reason.ITERATION_LIMIT, detail)
    answer = Answer(ended, flows, duals, iterations=oracle.iterations, seconds=seconds)
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    if certificate.proven:
        answer = replace(answer, termination=Termination(Reason.OPTIMAL, detail))
    return Carried(answer, certificate, bound_at(structure, laid))


def _mixed(oracle: Carrying, prices: FloatArray) -> tuple[list[tuple[PackedFlows, Duals]], FloatArray]:
    """Return flows that keep the shared caps and duals, of every block, and the prices of the caps.

    Raises
    ------
    NoSolutionError
        As ``carried_by_blocks``.
    """
    structure, gap = oracle.blocks.structure, oracle.gap
    limit, found = structure.cap_limit[shared_caps(structure)], oracle.all_at(prices)
    taken = np.sum([each.prices.taken for each in found], axis=0)
    cost, size = sum(each.prices.cost for each in found), sizes_of(limit, taken)
    is_kept = bool((taken <= limit + SOLVER * size).all())
    if is_kept and float(prices @ (limit - taken)) <= gap * abs(cost):
        return [(each.prices.flows, each.duals) for each in found], prices
    search = _searched(oracle, found, prices * size, size)
    if not np.isfinite(search.bound.amount):
        raise NoSolutionError(Reason.ITERATION_LIMIT, "no answer was found that keeps the limits that blocks share")
    solved = oracle.all_at(search.best.z)
    mixes = search.model.pool.mix_of(search.multiplied)
    return [(flows_of(mix), each.duals) for mix, each in zip(mixes, solved, strict=True)], search.best.z / size


def _searched(oracle: Carrying, found: Sequence[SolvedBlock], z: FloatArray, size: FloatArray) -> CapSearch:
    """Return a search from some z whose gap is closed as far as a few answers of each block close it.

    Parameters
    ----------
    found : sequence of SolvedBlock
        Of all blocks at z.
    z, size : (shared caps,) arrays
    """
    oracle.size, oracle.found[z.tobytes()] = size, {each.member: each for each in found}
    whole = max(abs(sum(each.cost for each in found)), LEAST_COST * abs(sum(each.prices.cost for each in found)))
    search = begin_search(oracle, Proposals([each.prices for each in found], size), z, whole, _HURRIED)
    if close(search, oracle.gap, gap_of_best, _FEW):
        close(search, max(oracle.gap, _NEAR), gap_of_best, _MOST)
    return search
