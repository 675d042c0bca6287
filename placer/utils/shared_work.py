"""Work shared among threads: the same function for some items, results in their order.

NumPy lets other threads run while it works through large arrays, so that the classes of a market, each with arrays of
its own, are worked through side by side. Results are joined in the order of the items: they do not depend on the number
of threads, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from placer.utils.threads import one_blas_thread

Item = TypeVar("Item")
Result = TypeVar("Result")

_pool: ContextVar[ThreadPoolExecutor | None] = ContextVar("placer.shared_work", default=None)


@contextmanager
def shared_among(threads: int) -> Iterator[None]:
    """Share the work of ``each`` among some threads within the context; 1 is the thread that asks.

    Examples
    --------
    >>> with shared_among(2):
    ...     each(abs, [-1, -2, 3])
    [1, 2, 3]
    """
    if threads == 1:
        yield
        return
    with ThreadPoolExecutor(threads, "placer") as pool:
        token = _pool.set(pool)
        try:
            yield
        finally:
            _pool.reset(token)


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the results of a function for some items, in their order.

    Where the function calls ``each`` itself, the thread that works on its item does all of it, unless that is the only
    item: then it is worked on in this thread, and its own items are shared.
    """
    return list(one_by_one(function, items))


def one_by_one(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Return an iterator over the results of ``each``: one thread works out a result only when it is asked for.

    Large results can then be added up without being held together.
    """
    pool, items = _pool.get(), list(items)
    if pool is None or len(items) == 1:
        return map(function, items)
    return pool.map(lambda item: _with_one_blas_thread(function, item), items)


def _with_one_blas_thread(function: Callable[[Item], Result], item: Item) -> Result:
    token = _pool.set(None)  # threads of the pool that wait for each other would never end
    try:
        with one_blas_thread():
            return function(item)
    finally:
        _pool.reset(token)
