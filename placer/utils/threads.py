"""One BLAS thread while placer computes, and the previous number afterwards.

The matrices of placer are small: BLAS threads that share one wait for each other longer than they work, and many times
as long on a busy machine. They also split long sums, so that last digits depend on their number. ``placer.running``
holds the limit around every solve, in worker processes too; functions that add up results afterwards hold it
themselves, and the command line holds it throughout. ``python -m benchmarks.threads`` measures the saving.

The number of BLAS threads belongs to the process, or with OpenMP to each of its threads. The first call sets the limit
and the last one to leave restores the number, so that calls may be nested and made from several threads at once. The
libraries are looked up once in a process, which takes milliseconds. Setting the limit takes microseconds, and nothing
where it is set already.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

from placer.utils.process_limits import left_to_process

#: Names in threadpoolctl of libraries whose number of threads belongs to each thread of the process.
_OF_EACH_THREAD = "openmp"
#: Libraries that bring a BLAS of their own, loaded before it is looked up.
_WITH_BLAS = ("numpy", "scipy.linalg")
#: Working memory of OpenBLAS for one thread: 34 MB for each of the two libraries.
_WORKING_BYTES = 80_000_000
#: Rows of a matrix whose square OpenBLAS needs working memory for; up to some 100 it has a way without.
_LARGE = 200


class _Hold:
    """Holders of the limit, in total and by thread, and the previous number of threads of each library."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.callers = 0
        self.here = threading.local()
        self.before: list[int] = []

    def enter(self) -> None:
        with self.lock:
            if not self.callers:
                self.before = [library.num_threads for library in _libraries()]
            self.callers += 1
            self.here.depth = getattr(self.here, "depth", 0) + 1
            if self.here.depth == 1:
                for library in _libraries():
                    _set(library, 1)

    def leave(self) -> None:
        with self.lock:
            self.callers -= 1
            self.here.depth -= 1
            for library, number in zip(_libraries(), self.before, strict=True):
                is_own = getattr(library, "threading_layer", "") == _OF_EACH_THREAD
                if not (self.here.depth if is_own else self.callers):
                    _set(library, number)


_hold = _Hold()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread within the context.

    Examples
    --------
    >>> with one_blas_thread():
    ...     blas_threads()
    {1}
    """
    _hold.enter()
    try:
        yield
    finally:
        _hold.leave()


def blas_threads() -> set[int]:
    """Return the current numbers of threads of the BLAS libraries of this process, in this thread."""
    return {library.num_threads for library in _libraries()}


def _set(library: Any, number: int) -> None:
    """Set the number of threads from any Python thread: threadpoolctl 3.8 and later check which thread set it last."""
    release = getattr(library, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)
    library.set_num_threads(number)
    if release is not None:
        release(force=True)


@cache
def _libraries() -> tuple[Any, ...]:
    """Return the BLAS libraries of this process, looked up once.

    OpenBLAS takes its working memory at its first large product. Where it gets none, it ends the process or tries again
    for ever. It takes it here, before the work fills the memory: later products then raise MemoryError at most.

    Raises
    ------
    MemoryError
        If a limit of the process leaves less.
    """
    left = left_to_process()
    if left < _WORKING_BYTES:
        raise MemoryError(
            f"OpenBLAS needs {_WORKING_BYTES / 1e6:.0f} MB for its products, {left / 1e6:.0f} MB are left"
        )
    numpy, linalg = (importlib.import_module(name) for name in _WITH_BLAS)
    some = numpy.ones((_LARGE, _LARGE))
    numpy.matmul(some, some)
    linalg.blas.dgemm(1.0, some, some)
    return tuple(library for library in ThreadpoolController().lib_controllers if library.user_api == "blas")
