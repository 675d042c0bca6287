"""A secure year: blocks that share no limit are secured apart, side by side in processes.

Each block survives any one loss as if it stood alone: its unserved demand costs no more than without security, then its
stranded work is least, then its cost. A loss lasts for one block, and its stranded work counts times the weight of the
block. Nothing couples blocks, so the sums over blocks are the optima of the whole, and so are the sums of the bounds.

All blocks have the same penalty of stranded work. Where some of them need a higher one than the others, these are
solved again at that penalty, so that the whole has one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from placer.by_blocks.block_answer import PackedFlows
from placer.by_blocks.dispatch import parts_of, workers_for
from placer.model.blocks import Span, block_count, cut, parted, shared_caps, spans_of
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.running import deadline, phase, tell
from placer.security.answer import SecureAnswer
from placer.security.block_task import SecureBase, SecuredBlock, SecureTask, secure_blocks
from placer.security.joined import joined_answer
from placer.security.outages import Outage
from placer.security.program import LARGE_FROM, Unsecured
from placer.solvers.memory import check_memory, whole_program_bytes
from placer.utils.alike import changes_from
from placer.utils.arrays import FloatArray
from placer.utils.shared import Shared
from placer.utils.tasks import Dispatcher, dispatcher_of

_log = logging.getLogger(__name__)

#: Columns from which several processes are faster: fewer than for placing, since securing takes many times as long.
_WORTH_COLUMNS = 2 * LARGE_FROM


def is_apart(structure: Structure) -> bool:
    """Return whether a structure is secured block by block: it has several that share no limit, and no stores."""
    return block_count(structure) > 1 and structure.stores is None and not len(shared_caps(structure))


def secured_blocks(
    unsecured: Unsecured,
    outages: Sequence[Outage],
    share: FloatArray,
    solver: Solver,
    workers: int | None = None,
    executor: Executor | None = None,
) -> tuple[SecureAnswer, float]:
    """Secure the blocks of a structure, each apart, and prove each.

    Parameters
    ----------
    unsecured : Unsecured
        Of the whole, whose blocks share no limit (``is_apart``).
    outages : sequence of Outage
        The contingencies, applied to the whole.
    share : (classes,) array
        The protected shares.
    solver : Solver
        For each block.
    workers, executor
        As in ``placer.solve``.

    Returns
    -------
    answer : SecureAnswer
        Of the whole. Its certificate is the sum of those of the blocks.
    bound : float
        The sum of the bounds of the blocks with their inner minima.

    Raises
    ------
    NoSolutionError
        If a block has no proven answer, or the time is over.
    BatchError
        As ``placer.solve``.
    """
    started, structure, spans = time.perf_counter(), unsecured.structure, spans_of(unsecured.structure)
    text = f"the tables of a secure placement of {structure.assignment_count:,} assignments"
    check_memory(whole_program_bytes(structure), text)
    first = tuple(replace(each, structure=cut(each.structure, spans[0])) for each in outages)
    base = SecureBase(cut(structure, spans[0]), first, share, solver)
    count = workers_for(structure, len(spans), workers, executor, _WORTH_COLUMNS)
    named = f"securing {len(spans):,} blocks in {count} processes"
    with phase(_log, named), dispatcher_of(count, executor, deadline()) as dispatcher:
        asked = _Asked(unsecured, outages[0].structure.cap_limit, spans, Shared(base))
        blocks = _secured(asked, range(len(spans)), unsecured.penalties, dispatcher)
        highest = max(each.penalty for each in blocks)
        again = [number for number, each in enumerate(blocks) if each.penalty < highest]
        left = tuple(penalty for penalty in unsecured.penalties if penalty >= highest)
        for number, block in zip(again, _secured(asked, again, left, dispatcher), strict=True):
            blocks[number] = block
        dispatcher.close()
    return joined_answer(unsecured, spans, outages, share, blocks, time.perf_counter() - started)


@dataclass(frozen=True, eq=False)
class _Asked:
    """The blocks of a call.

    Attributes
    ----------
    unsecured : Unsecured
        Of the whole.
    cap_limit : (caps,) array
        Limits of power zones and pools, inf for all other caps.
    """

    unsecured: Unsecured
    cap_limit: FloatArray
    spans: Sequence[Span]
    common: Shared[SecureBase]


def _secured(
    asked: _Asked, numbers: Sequence[int], penalties: tuple[float, ...], dispatcher: Dispatcher
) -> list[SecuredBlock]:
    """Secure some blocks, and return them in their order."""
    found: list[SecuredBlock] = []
    for blocks in dispatcher.in_order(secure_blocks, _tasks(asked, numbers, penalties)):
        found += blocks
        tell(_log, f"{len(found):,} of {len(numbers):,} blocks are secure")
    return found


def _tasks(asked: _Asked, numbers: Sequence[int], penalties: tuple[float, ...]) -> Iterator[tuple[SecureTask]]:
    """Yield the tasks of some blocks, each when its turn comes."""
    structure, answer, base = asked.unsecured.structure, asked.unsecured.answer, asked.common.value.base
    for part in parts_of(len(numbers)):
        chosen = numbers[part]
        spans = [asked.spans[number] for number in chosen]
        yield (
            SecureTask(
                common=asked.common,
                numbers=chosen,
                changes=[changes_from(base, cut(structure, span)) for span in spans],
                cap_limits=[_cap_limits(asked.cap_limit, span) for span in spans],
                unsecured=[
                    (PackedFlows.of(flows), duals)
                    for flows, duals in parted(structure, spans, answer.point, answer.prices)
                ],
                penalties=penalties,
                until=deadline(),
            ),
        )


def _cap_limits(cap_limit: FloatArray, span: Span) -> FloatArray:
    """Return the limits of the caps of a block in a contingency: none of those that all blocks have is limited."""
    return np.append(np.full(len(span.common), np.inf), cap_limit[span.caps])
