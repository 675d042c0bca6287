"""Dispatch of sets to an executor, a few at a time; no set is lost with a process or a cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placer.batch.job import ERROR, failed_row, solve_one
from placer.errors import BatchError
from placer.termination import Reason
from placer.utils.executors import has_died, is_gone

if TYPE_CHECKING:
    from placer.batch.figures import Row
    from placer.batch.job import Job
    from placer.utils.shared import Shared

#: Status of a set whose process died on every try.
DIED = "worker died"


@dataclass(frozen=True)
class DispatchParameters:
    """Parameters of the dispatch of sets.

    Attributes
    ----------
    tries : int
        Tries of a set whose process dies.
    in_flight_per_worker : int
        Sets in flight for each worker; with two, no worker waits for its next set.
    look_seconds : float
        Seconds between two checks that a cluster is still connected.
    grace_part, grace_seconds : float
        Time allowed beyond the limit before the process of a set is ended: a share of the limit, plus some seconds.
    """

    tries: int = 3
    in_flight_per_worker: int = 2
    look_seconds: float = 0.5
    grace_part: float = 0.1
    grace_seconds: float = 5.0

    def patience_seconds(self, job: Job) -> float:
        """Return the seconds after which a set counts as hanging."""
        return len(job.analyses) * job.time_limit_seconds * (1 + self.grace_part) + self.grace_seconds


DEFAULT = DispatchParameters()


@dataclass(eq=False)
class _Flight:
    """The sets in flight, and those to try again."""

    executor: Executor
    job: Shared[Job]
    flying: dict[Future[Row], int] = field(default_factory=dict)
    suspects: deque[int] = field(default_factory=deque)
    tries: dict[int, int] = field(default_factory=dict)

    def send(self, number: int) -> None:
        """Submit a set."""
        self.flying[self.executor.submit(solve_one, self.job, number)] = number

    def land(self, future: Future[Row], tries: int) -> Row | None:
        """Return the row of a set that has ended; None if it is to be tried again."""
        number = self.flying.pop(future)
        self.tries[number] = self.tries.get(number, 0) + 1
        row = _row(future, number, self.tries[number], tries)
        if row is None:
            self.suspects.append(number)
        else:
            del self.tries[number]
        return row


def rows_of(
    executor: Executor, job: Shared[Job], numbers: Iterator[int], most: int, parameters: DispatchParameters = DEFAULT
) -> Iterator[Row]:
    """Solve sets, at most ``most`` at a time, and yield their rows as they complete.

    Sets whose process died come last, one at a time: a cluster blames all sets of a dead worker, not one of them.

    Raises
    ------
    BatchError
        If the executor broke, or its cluster is gone.
    """
    flight = _Flight(executor, job)
    try:
        while True:
            if is_gone(executor, parameters.look_seconds):
                raise BatchError("the scheduler of the cluster is gone; give the batch another one to go on")
            while len(flight.flying) < most and (number := next(numbers, None)) is not None:
                flight.send(number)
            if not flight.flying and flight.suspects:
                flight.send(flight.suspects.popleft())
            if not flight.flying:
                return
            ended, _ = wait(flight.flying, parameters.look_seconds, return_when=FIRST_COMPLETED)
            for future in ended:
                if (row := flight.land(future, parameters.tries)) is not None:
                    yield row
    except BrokenExecutor as error:
        raise BatchError(f"the executor broke: {error or type(error).__name__}; give it again to go on") from error
    finally:
        for future in flight.flying:
            future.cancel()


def _row(future: Future[Row], number: int, tried: int, tries: int) -> Row | None:
    """Return the row of a set that has ended, however it ended; None if it is to be tried again."""
    try:
        error = future.exception()
    except CancelledError as cancelled:
        error = cancelled
    if error is None:
        return future.result()
    if isinstance(error, BrokenExecutor):
        raise error
    if isinstance(error, TimeoutError):
        return failed_row(number, str(Reason.TIME_LIMIT), "ended by the parent: it did not stop by itself")
    if not has_died(error):
        return failed_row(number, ERROR, f"{type(error).__name__}: {error}")
    return None if tried < tries else failed_row(number, DIED, f"its process died {tried} times")
