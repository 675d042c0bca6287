"""States solved in an executor, again where the process of one died: no state is lost with a worker of a cluster."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, TypeVar

from placer.errors import BatchError
from placer.utils.executors import has_died, is_gone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future

T = TypeVar("T")

#: Tries of a task whose process dies.
TRIES = 3
#: Seconds between two checks that a cluster is still connected.
_LOOK_SECONDS = 0.5


def answers_of_tasks(executor: Executor, solve: Callable[..., T], tasks: Sequence[tuple[object, ...]]) -> list[T]:
    """Return what a function answers to the arguments of some tasks, in their order; all are in flight at once.

    Raises
    ------
    BatchError
        If the executor broke, its cluster is gone, or the process of a task died on every try.
    """
    futures = [executor.submit(solve, *task) for task in tasks]
    try:
        return [_answer(executor, solve, task, future) for task, future in zip(tasks, futures, strict=True)]
    except BrokenExecutor as error:
        raise BatchError(f"the executor broke: {error or type(error).__name__}") from error


def _answer(executor: Executor, solve: Callable[..., T], task: tuple[object, ...], future: Future[T]) -> T:
    for _ in range(TRIES - 1):
        try:
            return future.result()
        except BaseException as error:
            if not has_died(error):
                raise
        if is_gone(executor, _LOOK_SECONDS):
            raise BatchError("the scheduler of the cluster is gone")
        future = executor.submit(solve, *task)
    try:
        return future.result()
    except BaseException as error:
        if not has_died(error):
            raise
        raise BatchError(f"the process of a state died {TRIES} times") from error
