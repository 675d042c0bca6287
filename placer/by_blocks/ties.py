"""Ties where blocks share caps: broken within each block, for what it takes of the caps.

With gamma >= 0 the prices of the shared caps, a placement costs least if it keeps the caps and

    cost(x_b) + gamma . taken(x_b)  is least in every block b,    taken = limit where gamma > 0

Of the placements of a block that cost as little and take the same of every cap with a price, the one of least round
trip is chosen. Together they cost as little as before. Caps without a price are left out; where they are exceeded then,
the ties stay as found. So do those of a block whose placement costs a little more than the least at gamma, as one found
at prices nearby does. The caps may be shared out over the blocks in other ways at the same cost, so that the choice is
proven only where no shared cap has a price.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.by_blocks.block_answer import PackedFlows
from placer.by_blocks.dispatch import Blocks, changes_of, parts_of
from placer.by_blocks.proof import joined_tie_break
from placer.by_blocks.separate import proven
from placer.by_blocks.task import SharedByBlocks
from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError
from placer.least_cost.second_objective import Objective
from placer.least_cost.tie_break import TieBreak, as_found, choose
from placer.model.answer import Answer, Duals, Flows
from placer.model.blocks import joined, taken_of_caps
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.running import deadline, running
from placer.termination import Reason, Termination
from placer.utils.alike import Changes, changed
from placer.utils.arrays import NOISE, FloatArray, IntArray
from placer.utils.numbers import gap_in_words
from placer.utils.shared import Shared
from placer.utils.tasks import Dispatcher

#: Note on the tie-break where a shared cap binds.
WITHIN_BLOCKS = "blocks share a limit: ties are broken within each, for what it takes of the limit"


@dataclass(frozen=True, eq=False)
class SharedCapPrices:
    """Shared caps at their prices.

    Attributes
    ----------
    caps, places : (shared caps,) int arrays
        Where they stand among the caps of the whole, and among those of a block.
    prices : (shared caps,) array
    """

    caps: IntArray
    places: IntArray
    prices: FloatArray


@dataclass(frozen=True, eq=False)
class MixedPlacement:
    """A placement of least cost, block by block.

    Attributes
    ----------
    parts : list of (PackedFlows, Duals)
        Of every block, the duals at the prices of the caps.
    detail : str
        What the search says of itself.
    started : float
        When it began, by ``time.perf_counter``.
    """

    parts: list[tuple[PackedFlows, Duals]]
    caps: SharedCapPrices
    detail: str
    iterations: int
    started: float


@dataclass(frozen=True, eq=False)
class TieTask:
    """Some blocks whose ties are to be broken.

    Attributes
    ----------
    changes : sequence of Changes
        How each block differs from the base.
    found : sequence of (PackedFlows, Duals)
        Of each block: what it does of a placement of least cost, and its duals at the prices of the caps.
    until : float
        Time by ``time.time`` at which the work has to end.
    """

    common: Shared[SharedByBlocks]
    objective: Objective
    caps: SharedCapPrices
    changes: Sequence[Changes]
    found: Sequence[tuple[PackedFlows, Duals]]
    until: float


def tie_broken_answer(
    blocks: Blocks, dispatcher: Dispatcher, found: MixedPlacement, objective: Objective | None
) -> tuple[Answer, Certificate, TieBreak | None]:
    """Return the proven answer of the whole and its choice: with ties broken within blocks, else as it was found.

    Parameters
    ----------
    dispatcher : Dispatcher
        Closed before the proof, so that its processes hold no memory then.
    objective : Objective, optional
        The traffic-weighted round trip; None: ties stay as found.

    Raises
    ------
    NoSolutionError
        If the answer is not proven.
    """
    if objective is not None:
        choices: list[TieBreak] = []
        try:
            parts = _within(blocks, dispatcher, found, objective, choices)
            answer, certificate = _proven(blocks, dispatcher, found, parts)
        except NoSolutionError:
            pass  # as where caps without a price are exceeded now
        else:
            return answer, certificate, _joined_choice(choices, found.caps)
    as_mixed = ((flows.flows, duals) for flows, duals in found.parts)
    answer, certificate = _proven(blocks, dispatcher, found, as_mixed)
    choice = None if objective is None else as_found(objective, answer, "blocks share a limit: ties are as found")
    return answer, certificate, choice


def _proven(
    blocks: Blocks, dispatcher: Dispatcher, found: MixedPlacement, parts: Iterable[tuple[Flows, Duals]]
) -> tuple[Answer, Certificate]:
    prices = np.zeros(len(blocks.structure.cap_limit))
    prices[found.caps.caps] = found.caps.prices
    flows, duals = joined(blocks.structure, blocks.spans, parts, prices)
    dispatcher.close()
    return proven(blocks, flows, duals, found.detail, found.iterations, found.started)


def _within(
    blocks: Blocks, dispatcher: Dispatcher, found: MixedPlacement, objective: Objective, choices: list[TieBreak]
) -> Iterator[tuple[Flows, Duals]]:
    """Yield flows and duals of every block with its ties broken, and add its choice to those of the blocks before."""

    def tasks() -> Iterator[tuple[TieTask]]:
        for part in parts_of(len(found.parts)):
            changes = changes_of(blocks, range(part.start, part.stop))
            yield (TieTask(blocks.common, objective, found.caps, changes, found.parts[part], deadline()),)

    every = (each for chosen in dispatcher.in_order(choose_in_blocks, tasks()) for each in chosen)
    for (flows, choice), (_, duals) in zip(every, found.parts, strict=True):
        choices.append(choice)
        yield flows.flows, duals


def _joined_choice(choices: Sequence[TieBreak], caps: SharedCapPrices) -> TieBreak:
    """Return the choice of the whole, given those of its blocks: proven where no shared cap has a price."""
    whole = joined_tie_break(choices)
    if not caps.prices.any():
        return whole
    detail = f"{WITHIN_BLOCKS}; {whole.detail}" if whole.detail else WITHIN_BLOCKS
    return TieBreak(whole.mtok_ms, None, detail)


def choose_in_blocks(task: TieTask) -> list[tuple[PackedFlows, TieBreak]]:
    """Break the ties of the blocks of a task; runs in the executor."""
    return [_chosen(task, changes, *found) for changes, found in zip(task.changes, task.found, strict=True)]


def _chosen(task: TieTask, changes: Changes, packed: PackedFlows, duals: Duals) -> tuple[PackedFlows, TieBreak]:
    structure, flows = changed(task.common.value.base, changes), packed.flows
    limit, prices = structure.cap_limit.copy(), duals.cap.copy()
    places = task.caps.places
    limit[places] = np.where(task.caps.prices > 0, taken_of_caps(structure, flows)[places], np.inf)
    prices[places] = task.caps.prices
    structure = replace(structure, cap_limit=limit)
    answer = Answer(Termination(Reason.OPTIMAL, "at prices of caps"), flows, replace(duals, cap=prices))
    left = task.until - time.time()
    if left <= 0:
        return packed, as_found(task.objective, answer, "the time limit was reached")
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    if not certificate.proven:
        return packed, as_found(task.objective, answer, f"as found: {', '.join(certificate.failures)}")
    if certificate.gap > NOISE:  # a tie-break would first have to solve the whole block anew
        return packed, as_found(
            task.objective, answer, f"as found: {gap_in_words(certificate.gap)} at the prices of caps"
        )
    with running(time_limit_seconds=left):
        answer, _, choice = choose(structure, task.objective, answer, certificate, left)
    return PackedFlows.of(answer.point), choice
