"""The task of a worker: carry prices back to some blocks, each from the prices of what stands for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.by_blocks.block_answer import BlockAnswer, PackedFlows
from placer.column_generation.seed import UsedColumns
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import record_prices
from placer.errors import NoSolutionError
from placer.ladder.proven import BY_SIZE
from placer.ladder.stepped import assignments_at
from placer.model.answer import Answer, Duals
from placer.model.blocks import at_cap_prices, taken_of_caps
from placer.model.structure import Structure
from placer.reduced.carried import Carried, answers_near, carried_by
from placer.running import running_until
from placer.utils.alike import Changes, changed
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.shared import Shared

if TYPE_CHECKING:
    from placer.by_blocks.task import SharedByBlocks


@dataclass(frozen=True, eq=False)
class CarryTask:
    """Some blocks to carry prices back to.

    Attributes
    ----------
    numbers : sequence of int
        Numbers of the blocks, for messages.
    changes : sequence of Changes
        How each block differs from the base.
    laid : sequence of Duals
        Of each block: the prices of what stands for it.
    used : sequence of int arrays
        Of each block: positions of assignments that are likely to be used, ascending.
    cap_prices : (caps,) array
        Of the caps that blocks have in common.
    gap : float
        As of ``carried``.
    until : float
        Time by ``time.time`` at which the work has to end.
    """

    common: Shared[SharedByBlocks]
    numbers: Sequence[int]
    changes: Sequence[Changes]
    laid: Sequence[Duals]
    used: Sequence[IntArray]
    cap_prices: FloatArray
    gap: float
    until: float


def carry_to_blocks(task: CarryTask) -> list[BlockAnswer]:
    """Return a feasible answer of each block of a task, with its bound; runs in the executor.

    Raises
    ------
    NoSolutionError
        If a block has no answer, or the time is over.
    """
    answers = []
    for number, changes, laid, used in zip(task.numbers, task.changes, task.laid, task.used, strict=True):
        try:
            with running_until(task.until, "no time was left"):
                answers.append(_carried(task, changes, laid, used))
        except NoSolutionError as error:
            raise NoSolutionError(error.reason, f"block {number}: {error.detail}") from None
    return answers


def _carried(task: CarryTask, changes: Changes, laid: Duals, used: IntArray) -> BlockAnswer:
    plain = changed(task.common.value.base, changes)
    prices = np.pad(task.cap_prices, (0, len(plain.cap_limit) - len(task.cap_prices)))
    found = carried_to_block(at_cap_prices(plain, prices), laid, used, task.gap)
    answer = found.answer
    return BlockAnswer(
        flows=PackedFlows.of(answer.point),
        duals=answer.prices,
        certificate=found.certificate,
        tie_break=None,
        taken=taken_of_caps(plain, answer.point),
        known=None,
        detail=answer.termination.detail,
        iterations=answer.iterations,
    )


def carried_to_block(structure: Structure, laid: Duals, used: IntArray, gap: float) -> Carried:
    """Return an answer of one block and its bounds; parameters as of ``carried``.

    The columns that other days use are most of those of an optimum, so that a large block takes one short master of
    column generation over them (``placer.column_generation.nearby``). If its gap stays open, the block is answered as
    any other structure.
    """

    def answers(duals: Duals, bound: float) -> Iterator[Answer]:
        if structure.assignment_count >= BY_SIZE.large_from:
            near = ColumnGeneration().answer_nearby(
                structure, record_prices(structure, duals), _used_columns(structure, used), gap
            )
            if near is not None:
                yield near
        yield from answers_near(structure, duals, bound, used, gap)

    return carried_by(structure, laid, gap, answers)


def _used_columns(structure: Structure, position: IntArray) -> UsedColumns:
    """Return the assignments at some positions by their place in the structure."""
    chosen = assignments_at(structure, position)
    return UsedColumns(
        klass=structure.arc_class[chosen.arc],
        period=structure.demand_period[chosen.demand],
        site=structure.arc_site[chosen.arc],
        origin=structure.demand_origin[chosen.demand],
        delay=np.zeros(len(position), dtype=int),
    )
