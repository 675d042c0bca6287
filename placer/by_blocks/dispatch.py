"""Hand blocks to processes: share blocks out to tasks, choose the number of processes, yield answers in order."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from placer.by_blocks.block_answer import BlockAnswer
from placer.by_blocks.task import SharedByBlocks, Task, answer_blocks
from placer.column_generation.warm_start import KnownPrices
from placer.ladder.proven import AnySolver
from placer.least_cost.second_objective import Objective
from placer.model.blocks import Span, cut, spans_of
from placer.model.structure import Structure
from placer.running import deadline, tell
from placer.utils.alike import Changes, changes_from
from placer.utils.arrays import FloatArray
from placer.utils.processes import may_be_run_again
from placer.utils.shared import Shared
from placer.utils.tasks import Dispatcher

_log = logging.getLogger(__name__)

#: Least number of tasks; one block a task where there are fewer blocks.
_LEAST_TASKS = 16
#: Largest number of blocks of a task. The first block of a task starts from nothing, later ones from known prices.
_MOST_BLOCKS = 14
#: Assignment columns of all blocks from which several processes are faster. Their start takes a second or two.
_WORTH_COLUMNS = 3_000_000


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of a structure, ready to be handed out."""

    structure: Structure
    spans: list[Span]
    common: Shared[SharedByBlocks]


def lay_out(structure: Structure, solver: AnySolver | None, objective: Objective | None) -> Blocks:
    """Return the blocks of a structure, with the solver and the second objective of each."""
    spans = spans_of(structure)
    return Blocks(structure, spans, Shared(SharedByBlocks(cut(structure, spans[0]), solver, objective)))


def workers_for(
    structure: Structure,
    blocks: int,
    workers: int | None,
    executor: Executor | None = None,
    worth_columns: int = _WORTH_COLUMNS,
) -> int:
    """Return the number of processes: the given one, else all cores where that is faster. One means this process.

    A new process runs the calling script again where it lacks ``if __name__ == "__main__":``. Such a script gets one
    process unless a number is given. An executor of unknown size may take every block at once.
    """
    if workers is not None:
        return min(workers, blocks)
    if executor is not None:
        return blocks
    if structure.assignment_count < worth_columns or not may_be_run_again():
        return 1
    return min(_cores(), blocks)


def answers_in_order(
    blocks: Blocks,
    dispatcher: Dispatcher,
    *,
    chosen: Sequence[int] | None = None,
    cap_prices: FloatArray | None = None,
    known: Sequence[Sequence[KnownPrices]] | None = None,
    limits: Sequence[FloatArray] | None = None,
) -> Iterator[BlockAnswer]:
    """Answer blocks, and yield the answers in the order of the blocks.

    Parameters
    ----------
    chosen : sequence of int, optional
        Numbers of the blocks to answer; all if not given.
    cap_prices : (common caps,) array, optional
        Prices of the caps that all blocks have; 0 if not given.
    known : sequence of sequence of KnownPrices, optional
        Of every chosen block. If given, prices are recorded for the next time.
    limits : sequence of (caps,) array, optional
        Limits of the caps in every chosen block; none if not given.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, or the time is over.
    BatchError
        As ``Dispatcher.in_order``.
    """
    numbers = range(len(blocks.spans)) if chosen is None else chosen
    prices = np.zeros(0) if cap_prices is None else cap_prices

    def tasks() -> Iterator[tuple[Task]]:
        for part in parts_of(len(numbers)):
            task = Task(
                common=blocks.common,
                numbers=numbers[part],
                changes=changes_of(blocks, numbers[part]),
                known=[()] * (part.stop - part.start) if known is None else known[part],
                cap_prices=prices,
                is_repeated=known is not None,
                until=deadline(),
                limits=() if limits is None else limits[part],
            )
            yield (task,)

    done = 0
    for answers in dispatcher.in_order(answer_blocks, tasks()):
        yield from answers
        done += len(answers)
        tell(_log, f"{done:,} of {len(numbers):,} blocks")


def changes_of(blocks: Blocks, numbers: Sequence[int]) -> list[Changes]:
    """Return how some blocks differ from the base."""
    base = blocks.common.value.base
    return [changes_from(base, cut(blocks.structure, blocks.spans[number])) for number in numbers]


def parts_of(count: int) -> list[slice]:
    """Return the blocks of each task: runs of one length, for any number of workers."""
    length = max(1, min(_MOST_BLOCKS, -(-count // _LEAST_TASKS)))
    return [slice(start, min(start + length, count)) for start in range(0, count, length)]


def _cores() -> int:
    """Return the number of cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
