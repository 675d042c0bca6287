"""Answer all blocks as one program, where they share several caps and are not too many.

The search over the prices of shared caps (``shared_caps``) answers all blocks anew at every price. One cap takes it a
few prices, several caps take many. Column generation finds the prices of all of them with those of the other resources,
in about three times the processor time of the blocks without caps, but holds all blocks in memory. Ties of the whole
are broken where it is not large; in a large one they are broken within each block (``ties``), in a part of the time.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from placer.by_blocks.block_answer import PackedFlows
from placer.by_blocks.dispatch import Blocks, lay_out
from placer.by_blocks.ties import MixedPlacement, SharedCapPrices, tie_broken_answer
from placer.column_generation.solver import WIDEST_GAP, ColumnGeneration, column_generation_bytes, unsuitable
from placer.ladder.proven import BY_SIZE, AnySolver, UnprovenError
from placer.least_cost.second_objective import Objective
from placer.least_cost.tie_break import TieBreak, choose
from placer.model.answer import Answer
from placer.model.blocks import parted, shared_caps
from placer.model.structure import Structure
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.running import deadline, phase, seconds_left
from placer.solvers.memory import fits_into_memory
from placer.termination import Reason
from placer.utils.tasks import dispatcher_of

_log = logging.getLogger(__name__)

#: Caps that blocks share from which they are answered together: the prices of one are found in a few rounds.
_LEAST_CAPS = 2


@dataclass(frozen=True)
class TogetherParameters:
    """When blocks are answered as one program.

    Attributes
    ----------
    most_columns : int
        Assignment columns of all blocks, at most: about 100 bytes of memory each.
    most_tied_columns : int
        Those up to which ties of the whole are broken.

    Notes
    -----
    ``most_columns``, ``most_tied_columns`` measured with ``benchmarks.year``: under 23 limits 100 days of
    china (45 million columns) were proven in 475 seconds and 4.5 GB; over 28 days, ties of the whole took 215 of 288
    seconds.
    """

    most_columns: int = 45_000_000
    most_tied_columns: int = 6_000_000


#: The defaults.
DEFAULT = TogetherParameters()


def is_together(
    structure: Structure,
    solver: AnySolver | None,
    parameters: TogetherParameters = DEFAULT,
    least_caps: int = _LEAST_CAPS,
) -> bool:
    """Return whether blocks are answered as one program: by column generation, where they share several caps."""
    is_large = solver is None and structure.assignment_count >= BY_SIZE.large_from
    return (
        (is_large or isinstance(solver, ColumnGeneration))
        and len(shared_caps(structure)) >= least_caps
        and structure.assignment_count <= parameters.most_columns
        and not unsuitable(structure)
        and fits_into_memory(column_generation_bytes(structure))
    )


def answer_together(
    structure: Structure,
    solver: AnySolver | None,
    workers: int,
    objective: Objective | None,
    executor: Executor | None = None,
    parameters: TogetherParameters = DEFAULT,
) -> tuple[Answer, Certificate, TieBreak | None] | None:
    """Answer a structure as one program.

    Parameters
    ----------
    structure : Structure
        One for which ``is_together`` is true.
    solver : ColumnGeneration, optional
    workers : int
        Threads of column generation unless the solver has several of its own or there is an executor, and processes
        that break ties within blocks.
    objective : Objective, optional
        The traffic-weighted round trip, to break ties by; None: the answer of the solver.
    executor : Executor, optional
        Breaks ties within blocks.

    Returns
    -------
    answer : Answer
    certificate : Certificate
    tie_break : TieBreak or None
        None if no objective was given.
        None in place of all three if column generation fails, as where no placement keeps the caps.

    Raises
    ------
    NoSolutionError
        If the time is over.
    """
    started = time.perf_counter()
    chosen = solver if isinstance(solver, ColumnGeneration) else ColumnGeneration()
    with phase(_log, f"solving {structure.assignment_count:,} assignments by {chosen.name}"):
        answer = chosen.with_workers(workers if executor is None else None).answer(structure)
    if answer.termination.reason is Reason.TIME_LIMIT:
        raise UnprovenError(Reason.TIME_LIMIT, answer.termination.detail, answer.bound)
    if answer.termination.reason is not Reason.OPTIMAL or answer.flows is None:
        return None
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    if not certificate.proven:
        return None
    if objective is None:
        return answer, certificate, None
    if structure.assignment_count <= parameters.most_tied_columns:
        return choose(structure, objective, answer, certificate, seconds_left())
    blocks, found = _as_found(structure, solver, answer, started)
    with phase(_log, "ties within blocks"), dispatcher_of(workers, executor, deadline()) as dispatcher:
        return tie_broken_answer(blocks, dispatcher, found, objective)


def _as_found(
    structure: Structure, solver: AnySolver | None, answer: Answer, started: float
) -> tuple[Blocks, MixedPlacement]:
    """Return the blocks, and the answer block by block at the prices of the caps."""
    blocks, caps = lay_out(structure, solver, None), shared_caps(structure)
    parts = [
        (PackedFlows.of(flows), duals) for flows, duals in parted(structure, blocks.spans, answer.point, answer.prices)
    ]
    return blocks, MixedPlacement(
        parts=parts,
        caps=SharedCapPrices(caps, np.searchsorted(blocks.spans[0].common, caps), answer.prices.cap[caps]),
        detail=f"{len(parts):,} blocks as one program, {answer.termination.detail}",
        iterations=answer.iterations,
        started=started,
    )
