"""The programs of the gains from trade, in this process or in several parallel ones.

Every task starts from the placement only, never from the result of another task. So the answers are the same for any
number of processes, to the last bit.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.by_blocks.dispatch import executor_of
from placer.errors import NoSolutionError
from placer.running import running, seconds_left, tell
from placer.termination import Reason
from placer.utils.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from placer.accounting.groups import Groups
    from placer.placement.result import Placement
    from placer.utils.arrays import FloatArray


_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class GainsJob:
    """The data that all tasks share.

    Attributes
    ----------
    placement : Placement
    groups : Groups
    """

    placement: Placement
    groups: Groups


@dataclass(frozen=True, eq=False)
class GainsTask:
    """A function of the job and of the positions of some regions; the function stands at the head of a module."""

    function: Callable[[GainsJob, Sequence[int]], FloatArray]
    regions: Sequence[int]


def answers_of(job: GainsJob, tasks: Sequence[GainsTask], workers: int) -> list[FloatArray]:
    """Return the answers of some tasks in their order, solved by a number of processes; by this one if the number is 1.

    Raises
    ------
    NoSolutionError
        If a task has no proven answer, or the time is over.
    """
    if workers == 1:
        with running():
            return [task.function(job, task.regions) for task in tasks]
    left = seconds_left()
    until = time.time() + left if math.isfinite(left) else math.inf
    shared = Shared(job)
    with executor_of(min(workers, len(tasks))) as executor:
        futures = [executor.submit(_answer, shared, task, until) for task in tasks]
        answers = []
        for future in futures:
            answers.append(future.result())
            tell(_log, f"{len(answers):,} of {len(tasks):,} programs of the gains from trade")
        return answers


def _answer(shared: Shared[GainsJob], task: GainsTask, until: float) -> FloatArray:
    """Answer a task by a time of ``time.time``, which processes have in common; runs in the executor."""
    left = until - time.time()
    if left <= 0:
        raise NoSolutionError(Reason.TIME_LIMIT, "no time was left for the next group of regions")
    with running(time_limit_seconds=left):
        return task.function(shared.value, task.regions)
