"""Tasks given to an executor, a few at a time: no task is lost with a process, or with a worker of a cluster.

An executor may be this process, processes of this machine, threads, or a Dask cluster. A task whose process died is
tried again. A cluster that is gone, an executor that broke, and a task that kills its process on every try end the work
with a ``BatchError``. A task that ends its interpreter (``SystemExit``, ``KeyboardInterrupt``, ``GeneratorExit``) ends
the work as it would without an executor: the same exception is raised here.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from placer.errors import BatchError, NoSolutionError, WorkerDiedError
from placer.termination import Reason
from placer.utils.processes import InThisProcess, Processes

T = TypeVar("T")
#: The arguments of a task.
Task = TypeVar("Task", bound=tuple[object, ...])


@dataclass(frozen=True)
class TaskPolicy:
    """How tasks are given to an executor.

    Attributes
    ----------
    in_flight_per_worker : int
        Tasks in flight for each worker; with two, no worker waits for its next task.
    tries : int
        Tries of a task whose process dies.
    look_seconds : float
        Seconds between two looks at the clock, and at whether a cluster is still connected.
    grace_seconds : float
        Time allowed beyond the limit before a task that has not stopped by itself is given up.
    """

    in_flight_per_worker: int = 2
    tries: int = 3
    look_seconds: float = 0.5
    grace_seconds: float = 5.0


DEFAULT = TaskPolicy()


@dataclass(frozen=True, eq=False)
class _Flight(Generic[Task, T]):
    """A task in flight.

    Attributes
    ----------
    future : Future
    connection : object
        As of ``connection_of`` when the task was sent.
    tries : int
        The number of times that it was sent.
    """

    task: Task
    future: Future[T]
    connection: object
    tries: int = 1


@dataclass(frozen=True, eq=False)
class Dispatcher:
    """Gives tasks to an executor; the next task is made when its turn comes.

    Attributes
    ----------
    workers : int
        The number of its workers.
    until : float
        Time by ``time.time`` at which tasks have to end.
    is_own : bool
        Whether ``close`` shuts the executor down.
    """

    executor: Executor
    workers: int
    policy: TaskPolicy = DEFAULT
    until: float = math.inf
    is_own: bool = False

    @property
    def most(self) -> int:
        """The maximum number of tasks in flight."""
        return 1 if isinstance(self.executor, InThisProcess) else self.policy.in_flight_per_worker * self.workers

    def in_order(self, function: Callable[..., T], tasks: Iterable[Task]) -> Iterator[T]:
        """Yield the results of a function for the arguments of some tasks, in the order of the tasks.

        A task depends on the same earlier results at any speed of the workers. Tasks in flight at an early end are
        cancelled.

        Raises
        ------
        BatchError
            If the executor broke, its cluster is gone, or the process of a task died on every try.
        NoSolutionError
            If a task has not ended some seconds after the time was over.
        """
        flying: deque[_Flight[Task, T]] = deque()
        try:
            for task in tasks:
                flying.append(self._sent(function, task))
                if len(flying) >= self.most:
                    yield self._oldest(function, flying)
            while flying:
                yield self._oldest(function, flying)
        except BrokenExecutor as error:
            raise _broken(error) from error
        finally:
            for flight in flying:
                flight.future.cancel()

    def as_completed(self, function: Callable[..., T], tasks: Iterable[Task]) -> Iterator[tuple[Task, Future[T]]]:
        """Yield tasks with their futures as they end, with a result or an error.

        Tasks whose process died come last, one at a time: a cluster blames all tasks of a dead worker, not one of them.

        Raises
        ------
        BatchError
            If the executor broke, or its cluster is gone.
        NoSolutionError
            As ``in_order``.
        """
        waiting, flying = iter(tasks), dict[Future[T], _Flight[Task, T]]()
        again: deque[_Flight[Task, T]] = deque()

        def send(flight: _Flight[Task, T]) -> None:
            flying[flight.future] = flight

        try:
            while True:
                self._look(flying.values())
                while len(flying) < self.most and (task := next(waiting, None)) is not None:
                    send(self._sent(function, task))
                if not flying and again:
                    send(self._sent_again(function, again.popleft()))
                if not flying:
                    return
                for future in wait(flying, self.policy.look_seconds, return_when=FIRST_COMPLETED).done:
                    flight = flying.pop(future)
                    if has_died(error_of(future)) and flight.tries < self.policy.tries:
                        again.append(flight)
                    else:
                        yield flight.task, future
        except BrokenExecutor as error:
            raise _broken(error) from error
        finally:
            for future in flying:
                future.cancel()

    def close(self) -> None:
        """Shut the executor down, unless it is the caller's."""
        if self.is_own:
            self.executor.shutdown()

    def _sent(self, function: Callable[..., T], task: Task, tries: int = 1) -> _Flight[Task, T]:
        """Send a task."""
        connection = connection_of(self.executor)
        is_here = isinstance(self.executor, InThisProcess)
        future = self.executor.submit(function if is_here else partial(_without_exit, function), *task)
        return _Flight(task, future, connection, tries)

    def _sent_again(self, function: Callable[..., T], flight: _Flight[Task, T]) -> _Flight[Task, T]:
        """Send the task of a flight whose process died."""
        return self._sent(function, flight.task, flight.tries + 1)

    def _oldest(self, function: Callable[..., T], flying: deque[_Flight[Task, T]]) -> T:
        """Return the result of the oldest task in flight, tried again while its process dies."""
        while True:
            flight = flying[0]
            while not flight.future.done():
                self._look(flying)
                wait([flight.future], self.policy.look_seconds)
            if not has_died(error_of(flight.future)):
                break
            self._look(flying)
            if flight.tries == self.policy.tries:
                break
            flying[0] = self._sent_again(function, flight)
        return result_of(flying.popleft().future)

    def _look(self, flying: Collection[_Flight[Task, T]]) -> None:
        """Raise an error if the cluster is gone, or the time is over by more than the grace; end lost tasks.

        The client of Dask cancels its tasks when it loses its scheduler. The executor made of it drops the cancellation
        of a task whose result was on its way: that future would never end.
        """
        if time.time() > self.until + self.policy.grace_seconds:
            raise NoSolutionError(Reason.TIME_LIMIT, "a task did not stop by itself")
        if is_gone(self.executor, self.policy.look_seconds):
            raise BatchError("the scheduler of the cluster is gone; give another one")
        now = connection_of(self.executor)
        for flight in flying:
            is_lost = None not in (now, flight.connection) and flight.connection is not now
            if is_lost and not flight.future.done():
                flight.future.cancel()
                flight.future.set_running_or_notify_cancel()  # wakes whoever waits for it


@contextmanager
def dispatcher_of(
    workers: int, executor: Executor | None = None, until: float = math.inf, policy: TaskPolicy = DEFAULT
) -> Iterator[Dispatcher]:
    """Yield the dispatcher of an executor; without one, of this process if workers are 1, else of processes of its own.

    Parameters
    ----------
    executor : Executor, optional
        Stays open.
    until : float
        As of ``Dispatcher``.
    """
    if executor is not None:
        yield Dispatcher(executor, workers, policy, until)
        return
    with InThisProcess() if workers == 1 else Processes(workers) as own:
        yield Dispatcher(own, workers, policy, until, is_own=True)


class _ExitError(Exception):
    """Carries what ends an interpreter out of a worker, which would take it as its own end. Never reaches a user."""


def _without_exit(function: Callable[..., T], *task: object) -> T:
    """Run a task in a worker."""
    try:
        return function(*task)
    except Exception:
        raise
    except BaseException as error:
        raise _ExitError(error) from error


def error_of(future: Future[T]) -> Exception | None:
    """Return the error of a task that has ended, None if it has a result.

    Raises
    ------
    BrokenExecutor, SystemExit, KeyboardInterrupt, GeneratorExit
        If this is the error.
    """
    error = CancelledError() if future.cancelled() else future.exception()
    if isinstance(error, _ExitError):
        error = error.args[0]
    if isinstance(error, BrokenExecutor) or not isinstance(error, Exception | None):
        raise error
    return error


def result_of(future: Future[T]) -> T:
    """Return the result of a task that has ended, or raise its error.

    Raises
    ------
    BatchError
        If its process died.
    """
    if has_died(error := error_of(future)):
        raise BatchError("the process of a task died on every try") from error
    return future.result()


def has_died(error: Exception | None) -> bool:
    """Whether an error reports a dead process. The error of Dask is recognised by name, without an import of Dask.

    Examples
    --------
    >>> has_died(CancelledError()), has_died(ValueError("wrong"))
    (True, False)
    """
    return isinstance(error, WorkerDiedError | CancelledError) or type(error).__name__ == "KilledWorker"


def connection_of(executor: Executor) -> object:
    """Return the connection of the client of a Dask cluster to its scheduler, another object after every reconnection.

    None without a cluster, and while the client looks for its scheduler.
    """
    return getattr(getattr(executor, "_client", None), "scheduler_comm", None)


def is_gone(executor: Executor, look_seconds: float) -> bool:
    """Wait while the client of a Dask cluster looks for its scheduler; return whether it has given up.

    Dask cancels tasks in flight, and holds tasks submitted meanwhile for a scheduler that may never return.

    Parameters
    ----------
    look_seconds : float
        Seconds between two looks.
    """
    client = getattr(executor, "_client", None)  # only the executors of Dask have one
    while (status := getattr(client, "status", "running")) == "connecting":
        time.sleep(look_seconds)
    return status in ("closing", "closed")


def _broken(error: BrokenExecutor) -> BatchError:
    return BatchError(f"the executor broke: {error or type(error).__name__}; give another one")


def in_turns(numbers: Sequence[int], workers: int) -> list[int]:
    """Return numbers in an order in which the processes take turns, and the order within each process is kept.

    Examples
    --------
    >>> in_turns([4, 2, 1, 0, 3], 2)
    [4, 1, 2, 3, 0]
    """
    dealt = [[number for number in numbers if number % workers == process] for process in range(workers)]
    rank = {number: place for mine in dealt for place, number in enumerate(mine)}
    return sorted(numbers, key=lambda number: (rank[number], number % workers))
