"""Answer blocks that share no cap: each alone. The joined answer is proven as an answer of the whole."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator

import numpy as np

from placer.by_blocks.block_answer import BlockAnswer
from placer.by_blocks.dispatch import Blocks, answers_in_order
from placer.by_blocks.proof import joined_tie_break
from placer.column_generation.solver import WIDEST_GAP
from placer.ladder.proven import UnprovenError
from placer.least_cost.tie_break import TieBreak
from placer.model.answer import Answer, Duals, Flows
from placer.model.blocks import joined
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.running import phase
from placer.termination import Reason, Termination
from placer.utils.tasks import Dispatcher

_log = logging.getLogger(__name__)


def answer_separate(blocks: Blocks, dispatcher: Dispatcher) -> tuple[Answer, Certificate, TieBreak | None]:
    """Answer a structure whose blocks share no cap.

    Parameters
    ----------
    dispatcher : Dispatcher
        Closed before the proof, so that its processes hold no memory then.

    Returns
    -------
    answer : Answer
    certificate : Certificate
        Of the whole.
    tie_break : TieBreak or None
        The choice of all blocks; None if none was asked for.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, the answer of the whole is not proven, or the time is over.
    """
    choices: list[TieBreak] = []
    iterations: list[int] = []

    def kept(answers: Iterable[BlockAnswer]) -> Iterator[tuple[Flows, Duals]]:
        for each in answers:
            iterations.append(each.iterations)
            if each.tie_break is not None:
                choices.append(each.tie_break)
            yield each.flows.flows, each.duals

    started = time.perf_counter()
    prices = np.zeros(len(blocks.structure.cap_limit))
    flows, duals = joined(blocks.structure, blocks.spans, kept(answers_in_order(blocks, dispatcher)), prices)
    dispatcher.close()
    detail = f"{len(blocks.spans):,} blocks, each apart"
    answer, certificate = proven(blocks, flows, duals, detail, sum(iterations), started)
    return answer, certificate, joined_tie_break(choices) if choices else None


def proven(
    blocks: Blocks, flows: Flows, duals: Duals, detail: str, iterations: int, started: float
) -> tuple[Answer, Certificate]:
    """Return joined flows and duals as an answer of the whole with its certificate.

    Raises
    ------
    UnprovenError
        If the certificate fails.
    """
    seconds = time.perf_counter() - started
    answer = Answer(Termination(Reason.OPTIMAL, detail), flows, duals, iterations=iterations, seconds=seconds)
    with phase(_log, f"proving the answer of {len(blocks.spans):,} blocks"):
        certificate = certify_answer(blocks.structure, answer, gap=WIDEST_GAP)
    if not certificate.proven:
        failures = ", ".join(certificate.failures)
        raise UnprovenError(Reason.FAILED, f"{detail}: {failures}", certificate.bound)
    return answer, certificate
