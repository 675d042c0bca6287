"""States solved in an executor, with another try if a process dies: no state is lost with a worker of a cluster."""

from __future__ import annotations

from collections import deque
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, TypeVar

from placer.errors import BatchError
from placer.utils.executors import has_died, is_gone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future

T = TypeVar("T")

#: Maximum number of tries of a task whose process dies.
TRIES = 3
#: Seconds between two checks that a cluster is still connected.
_LOOK_SECONDS = 0.5


def answers_in_turn(
    executor: Executor, solve: Callable[..., T], tasks: Iterable[tuple[object, ...]], most: int
) -> Iterator[T]:
    """Yield the answers of a function to the arguments of some tasks, in their order.

    The next task is generated when its turn comes: at most ``most`` are in flight. So a task depends on the same
    earlier answers at any speed of the workers. Tasks in flight at the end are cancelled.

    Raises
    ------
    BatchError
        If the executor broke, its cluster is gone, or the process of a task died on every try.
    """
    flying: deque[tuple[tuple[object, ...], Future[T]]] = deque()
    try:
        for task in tasks:
            flying.append((task, executor.submit(solve, *task)))
            if len(flying) == most:
                yield _answer(executor, solve, *flying.popleft())
        while flying:
            yield _answer(executor, solve, *flying.popleft())
    except BrokenExecutor as error:
        raise BatchError(f"the executor broke: {error or type(error).__name__}") from error
    finally:
        for _, future in flying:
            future.cancel()


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


def gathered(lists: Iterable[list[T]], size: int) -> Iterator[list[T]]:
    """Yield lists joined until each has some size; the last one may be shorter.

    Examples
    --------
    >>> list(gathered([[1], [2], [3, 4], [5]], 2))
    [[1, 2], [3, 4], [5]]
    """
    joined: list[T] = []
    for each in lists:
        joined += each
        if len(joined) >= size:
            yield joined
            joined = []
    if joined:
        yield joined
