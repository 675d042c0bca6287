"""The task of a worker: answer some blocks in order, each from the prices of the blocks before it.

The number of workers does not change which blocks share a task. So it does not change answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.by_blocks.block_answer import BlockAnswer, PackedFlows
from placer.column_generation.warm_start import KnownPrices, record_prices
from placer.errors import NoSolutionError
from placer.ladder.price_memory import PriceMemory
from placer.ladder.proven import BY_SIZE, AnySolver, proving, solve_structure
from placer.least_cost.second_objective import Objective
from placer.least_cost.tie_break import choose
from placer.model.answer import Answer
from placer.model.blocks import at_cap_prices, taken_of_caps
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.running import running_until, seconds_left
from placer.utils.alike import Changes, changed
from placer.utils.arrays import FloatArray
from placer.utils.shared import Shared


@dataclass(frozen=True, eq=False)
class SharedByBlocks:
    """The part that all tasks of a call share.

    Attributes
    ----------
    base : Structure
        The first block; each other block is given by its difference from it.
    solver : Solver or ColumnGeneration, optional
        As in ``placer.solve``, for each block.
    objective : Objective, optional
        The traffic-weighted round trip, to break ties by; None: the answer of the solver.
    """

    base: Structure
    solver: AnySolver | None
    objective: Objective | None


@dataclass(frozen=True, eq=False)
class Task:
    """Some blocks to answer.

    Attributes
    ----------
    numbers : sequence of int
        Numbers of the blocks, for messages.
    changes : sequence of Changes
        How each block differs from the base.
    known : sequence of sequence of KnownPrices
        Of each block, from other cap prices.
    cap_prices : (caps,) array
    is_repeated : bool
        Whether the blocks will be asked for again at other cap prices.
    until : float
        Time at which the work ends, by ``time.time``, which all processes share.
    limits : sequence of (caps,) array
        Limits of the caps that blocks have in common, in each block; without any, blocks have none.
    """

    common: Shared[SharedByBlocks]
    numbers: Sequence[int]
    changes: Sequence[Changes]
    known: Sequence[Sequence[KnownPrices]]
    cap_prices: FloatArray
    is_repeated: bool
    until: float
    limits: Sequence[FloatArray] = ()


def answer_blocks(task: Task) -> list[BlockAnswer]:
    """Answer the blocks of a task; runs in the executor.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, or the time is over.
    """
    memory = PriceMemory(_of_structures(task.common.value.solver))
    answers = []
    limits: Sequence[FloatArray | None] = task.limits or [None] * len(task.numbers)
    for number, changes, known, limit in zip(task.numbers, task.changes, task.known, limits, strict=True):
        try:
            with running_until(task.until, "no time was left"):
                answers.append(_answer(task, changes, known, memory, limit))
        except NoSolutionError as error:
            raise NoSolutionError(error.reason, f"block {number}: {error.detail}") from None
    return answers


def _answer(
    task: Task,
    changes: Changes,
    known: Sequence[KnownPrices],
    memory: PriceMemory,
    limit: FloatArray | None,
) -> BlockAnswer:
    common = task.common.value
    plain = changed(common.base, changes)
    if limit is not None:
        plain = replace(plain, cap_limit=np.append(limit, plain.cap_limit[len(limit) :]))
    structure = at_cap_prices(plain, np.pad(task.cap_prices, (0, len(plain.cap_limit) - len(task.cap_prices))))
    solver = _of_structures(common.solver)
    answer, certificate = _solved(structure, common.solver, PriceMemory(solver, known=known) if known else memory)
    prices = record_prices(structure, answer.prices) if task.is_repeated else None
    tie_break = None
    if common.objective is not None:
        answer, certificate, tie_break = choose(structure, common.objective, answer, certificate, seconds_left())
    return BlockAnswer(
        flows=PackedFlows.of(answer.point),
        duals=answer.prices,
        certificate=certificate,
        tie_break=tie_break,
        taken=taken_of_caps(plain, answer.point),
        known=prices,
        detail=answer.termination.detail,
        iterations=answer.iterations,
    )


def _of_structures(solver: AnySolver | None) -> AnySolver | None:
    """Return the solver if it can start from prices, None otherwise."""
    return None if solver is None or proving(solver).is_whole else solver


def _solved(structure: Structure, solver: AnySolver | None, memory: PriceMemory) -> tuple[Answer, Certificate]:
    """Answer a block: from known prices where that pays, from nothing where it is small or the solver cannot start."""
    is_small = solver is None and structure.assignment_count < BY_SIZE.large_from
    if is_small or (solver is not None and proving(solver).is_whole):
        return solve_structure(structure, solver)
    return memory.solve_structure(structure)
