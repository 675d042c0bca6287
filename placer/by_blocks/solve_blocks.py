"""Solve a formulation of several blocks: block by block, or as one program where that is faster."""

from __future__ import annotations

import logging
from concurrent.futures import Executor

from placer.by_blocks.dispatch import lay_out, workers_for
from placer.by_blocks.separate import answer_separate
from placer.by_blocks.shared_caps import answer_sharing
from placer.by_blocks.together import answer_together, is_together
from placer.errors import NoSolutionError
from placer.ladder.proven import BY_SIZE, AnySolver, proving, solve_structure
from placer.least_cost.second_objective import Objective
from placer.least_cost.tie_break import Rule, TieBreak, choose, round_trips
from placer.model.answer import Answer
from placer.model.blocks import block_count, shared_caps
from placer.model.caps import counts_by_arrival
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.running import deadline, phase, seconds_left, tell
from placer.termination import Reason
from placer.utils.tasks import dispatcher_of

_log = logging.getLogger(__name__)


def is_by_blocks(
    structure: Structure, solver: AnySolver | None, workers: int | None, executor: Executor | None = None
) -> bool:
    """Return whether a structure is solved block by block: it has several blocks, and is large or gets processes.

    Column generation works block by block unless a limit counts tokens by the hour they are asked for. A smaller
    structure is one program for a solver of whole programs.
    """
    if block_count(structure) < 2 or counts_by_arrival(structure):
        return False
    if solver is not None and not proving(solver).is_whole:
        return True
    return structure.assignment_count >= BY_SIZE.large_from or (workers or 1) > 1 or executor is not None


def solve_blocks(
    formulation: Formulation,
    solver: AnySolver | None,
    workers: int | None,
    rule: Rule,
    executor: Executor | None = None,
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a formulation of several blocks and prove the answer.

    Blocks that share several caps are one program if they are not too many (``together``). If the prices of shared caps
    are not found, or a block has no proven answer, all blocks are one program: by column generation if they suit
    ``together``, else by the solver of whole programs if they are small.

    Parameters
    ----------
    solver : Solver or ColumnGeneration, optional
        For each block; as in ``placer.solve``.
    workers : int, optional
        As in ``placer.solve``.
    rule : str or None
        The tie-break; where blocks share a limit that binds, ties are broken within each (``placer.by_blocks.ties``).
    executor : Executor, optional
        As in ``placer.solve``.

    Raises
    ------
    NoSolutionError
        If no answer was proven within time and memory. The error has no placement.
    BatchError
        As ``placer.solve``.
    """
    objective = None if rule is None else round_trips(formulation)
    return answer_by_blocks(formulation.structure, solver, workers, objective, executor)


def answer_by_blocks(
    structure: Structure,
    solver: AnySolver | None = None,
    workers: int | None = None,
    objective: Objective | None = None,
    executor: Executor | None = None,
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a structure of several blocks as ``solve_blocks`` does, with a second objective if one is given."""
    shares = len(shared_caps(structure)) > 0
    count = workers_for(structure, block_count(structure), workers, executor)
    if is_together(structure, solver):
        found = answer_together(structure, solver, count, objective, executor)
        if found is not None:
            return found
    blocks = lay_out(structure, solver, None if shares else objective)
    text = f"{len(blocks.spans):,} blocks in {count} processes"
    try:
        with phase(_log, text), dispatcher_of(count, executor, deadline()) as dispatcher:
            return answer_sharing(blocks, dispatcher, objective) if shares else answer_separate(blocks, dispatcher)
    except NoSolutionError as stopped:
        # The price of one cap is mostly found sooner than all blocks together are solved, but not always.
        is_new = not is_together(structure, solver) and is_together(structure, solver, least_caps=1)
        is_small = structure.assignment_count < BY_SIZE.large_from
        if stopped.reason not in (Reason.ITERATION_LIMIT, Reason.FAILED) or not (is_new or is_small):
            raise
        tell(_log, f"block by block: {stopped.detail}; all blocks as one program")
        found = answer_together(structure, solver, count, objective, executor) if is_new else None
        if found is None and is_small:
            found = _answer_whole(structure, solver, objective)
        if found is None:
            raise
        return found


def _answer_whole(
    structure: Structure, solver: AnySolver | None, objective: Objective | None
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a structure whatever its blocks are."""
    answer, certificate = solve_structure(structure, solver)
    if objective is None:
        return answer, certificate, None
    return choose(structure, objective, answer, certificate, seconds_left())
