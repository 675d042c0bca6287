"""Dispatch of sets to an executor: a row for every set, however it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.batch.job import ERROR, failed_row, solve_one
from placer.termination import Reason
from placer.utils.tasks import TaskPolicy, error_of, has_died

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from placer.batch.figures import Row
    from placer.batch.job import Job
    from placer.utils.shared import Shared
    from placer.utils.tasks import Dispatcher

#: Status of a set whose process died on every try.
DIED = "worker died"


@dataclass(frozen=True)
class DispatchParameters(TaskPolicy):
    """Parameters of the dispatch of sets: those of all tasks, and when the process of a set is ended.

    Attributes
    ----------
    grace_part : float
        Time allowed beyond the limit before the process of a set is ended, beside ``grace_seconds``: a share of the
        limit.
    """

    grace_part: float = 0.1

    def patience_seconds(self, job: Job) -> float:
        """Return the seconds after which a set counts as hanging."""
        return len(job.analyses) * job.time_limit_seconds * (1 + self.grace_part) + self.grace_seconds


DEFAULT = DispatchParameters()


def rows_of(dispatcher: Dispatcher, job: Shared[Job], numbers: Iterator[int]) -> Iterator[Row]:
    """Solve sets, and yield their rows as they complete; those whose process died come last.

    Raises
    ------
    BatchError
        If the executor broke, or its cluster is gone.
    """
    for (_, number), future in dispatcher.as_completed(solve_one, ((job, number) for number in numbers)):
        yield _row(future, number, dispatcher.policy.tries)


def _row(future: Future[Row], number: int, tries: int) -> Row:
    """Return the row of a set that has ended, however it ended."""
    error = error_of(future)
    if error is None:
        return future.result()
    if isinstance(error, TimeoutError):
        return failed_row(number, str(Reason.TIME_LIMIT), "ended by the parent: it did not stop by itself")
    if has_died(error):
        return failed_row(number, DIED, f"its process died {tries} times")
    return failed_row(number, ERROR, f"{type(error).__name__}: {error}")
