"""A process pool with task affinity: state s always runs in process s mod n, which keeps its warm master."""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from placer.utils.processes import Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from types import TracebackType

T = TypeVar("T")


class AffineProcesses(Executor):
    """Run each task in the process whose position is the number of the task modulo the number of processes.

    Use it in a ``with``; it ends as ``Processes`` does.

    Parameters
    ----------
    workers : int
    number : callable
        Returns the number of a task from its arguments.
    """

    def __init__(self, workers: int, number: Callable[..., int]) -> None:
        self._number = number
        self._stack = ExitStack()
        self._processes = [self._stack.enter_context(Processes(1)) for _ in range(workers)]

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` in the process of its number."""
        return self._processes[self._number(*args, **kwargs) % len(self._processes)].submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Accept no more tasks; wait for the submitted ones if ``wait``; cancel waiting ones if ``cancel_futures``."""
        for process in self._processes:
            process.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all tasks, unless the block or the wait ends in an exception."""
        self._stack.__exit__(kind, error, trace)


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
