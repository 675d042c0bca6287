"""Settings that hold while placer computes: the progress callback, the time limit, and one BLAS thread.

Public functions open ``running`` around their work. Functions below them, however deep, call this module instead of
being passed a callback and a deadline:

    tell(log, text)       report the progress: to ``progress``, and to the log as DEBUG
    phase(log, text)      report a part of the work at its start, and its seconds to the log as INFO
    seconds_left()        the rest of the tightest enclosing time limit
    check_time(what)      end the work if no time is left
    in_time(items, what)  the same before each item of a loop

The settings hold for the code inside the ``with`` and in the same thread (a ``ContextVar``): calls in other threads and
processes have their own. A time limit inside another one can shorten it but not extend it.

The log is that of the standard library, with a logger for each module below ``placer``. To see where time goes::

    logging.basicConfig()
    logging.getLogger("placer").setLevel(logging.INFO)      # or DEBUG, for everything

How each way to solve keeps its own time limit, and how it hears an interruption (Ctrl-C, or SIGTERM on the command
line)::

    solved by          its own limit is looked at         an interruption is heard
    HiGHS simplex,     every few iterations, by HiGHS     as often; presolve hears none, half a second at most
    ipm, small
    branch and bound   every few nodes, by HiGHS              as often; presolve hears none
    HiGHS large (1),   by HiGHS, else killed (2)          at once: its process is killed
    pdlp
    columns            every step, and by HiGHS           at once
    PuLP, programs     by them, else killed (3)           at once: they are killed, their files removed
    PuLP, libraries    by the library (4)                 when the library returns
    walks              before and in every program        in large programs as simplex, else between programs (6)
    sets of a batch    as above, else killed (5)          at once: the processes are killed

    (1) from 250,000 entries on     (2) 0.2 s beyond the limit     (3) 10 % and 0.5 s beyond the limit
    (4) not while it presolves      (5) 10 % and 5 s beyond the limit
    (6) large from 5,000 rows and columns on; smaller programs take milliseconds

The limit is ``time_limit_seconds`` of each call and of each solver, and of ``solve_many`` and ``sensitivity`` for each
answer of a set. It counts from the start of the call, building included. Loops over states, contingencies, regions,
points of a curve and the like look at it before each pass (``in_time``). ``--time-limit`` of a command counts from when
the program is loaded, reading the data included; tables and files end a tenth of it and half a second later at the
latest.

Columns stand for column generation, programs for those that PuLP starts (CBC, say), libraries for those it calls
(HiGHS, say), and walks for ceilings and curves without a solver; walks have no limit of their own. PuLP builds a
program in Python and writes it in about the same time again, in which it heeds no limit: its solver is given what both
leave, and is not started where they leave nothing.

One limit holds for all attempts: another solver, after an answer that is not proven, gets no new limit.
A program is built, and an answer proven, without a look at the limit; both take a small part of solving. A plan whose
time is over, or that Ctrl-C ends, is the best one so far with its proven gap; all other work ends in an error.

Limits of memory are described in ``placer.solvers.memory``. ``python -m benchmarks.limits`` measures all of these.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from placer.errors import NoSolutionError, SolverError
from placer.termination import Reason
from placer.utils.threads import one_blas_thread

T = TypeVar("T")

# As the standard library asks of libraries: silent unless the user sets up logging. It stands here, and not in the
# package, since all that log import this module, and `import placer` alone loads no logging.
logging.getLogger("placer").addHandler(logging.NullHandler())

#: Seconds between two lines on how far a solver is.
SECONDS_BETWEEN_LINES = 1.0
#: Type of ``progress``: called with a line of text, in the thread that computes.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Scope:
    """The progress callback, and the time by ``time.monotonic`` at which the work has to end."""

    progress: Progress | None = None
    deadline: float = math.inf


_NO_SCOPE = _Scope()
_scope: ContextVar[_Scope] = ContextVar("placer.running", default=_NO_SCOPE)


@contextmanager
def running(progress: Progress | None = None, time_limit_seconds: float = math.inf) -> Iterator[None]:
    """Set a progress callback, a time limit and one BLAS thread for the code inside the ``with``.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text, several times a second at most; an exception that it raises ends the work. If not
        given, the enclosing callback is called.
    time_limit_seconds : float
        Time after which the computation ends with ``NoSolutionError`` and the reason ``time limit``.

    Raises
    ------
    NoSolutionError
        With the reason ``memory limit`` in place of MemoryError: where the memory runs out against all estimates.
    SolverError
        If the limit is not a positive number, or ``progress`` is not callable.

    Examples
    --------
    >>> import placer
    >>> lines = []
    >>> with running(lines.append, time_limit_seconds=60):
    ...     placement = placer.solve(placer.load("tiny"))
    >>> lines[0]
    'formulating <Instance: 3 hubs, ...>'
    """
    check_time_limit(time_limit_seconds)
    if progress is not None and not callable(progress):
        raise SolverError(f"progress {progress!r} is not a function that takes a line of text")
    outer = _scope.get()
    deadline = min(outer.deadline, time.monotonic() + time_limit_seconds)
    token = _scope.set(_Scope(progress or outer.progress, deadline))
    try:
        with one_blas_thread() if outer is _NO_SCOPE else nullcontext():  # the enclosing one holds it
            yield
    except MemoryError as error:
        detail = f"the memory ran out ({str(error) or 'of Python'}); less demand, fewer hours or more memory are needed"
        raise NoSolutionError(Reason.MEMORY_LIMIT, detail) from error
    finally:
        _scope.reset(token)


def tell(log: logging.Logger, text: str) -> None:
    """Report the progress of the work."""
    log.debug("%s", text)
    if (progress := _scope.get().progress) is not None:
        progress(text)


@contextmanager
def phase(log: logging.Logger, text: str) -> Iterator[None]:
    """Report that a part of the work begins, and log the time it took."""
    tell(log, text)
    started = time.perf_counter()
    outcome = "stopped after"
    try:
        yield
        outcome = "took"
    finally:
        log.info("%s: %s %.3f s", text, outcome, time.perf_counter() - started)


def seconds_left() -> float:
    """Return the rest of the time limit, at least 0; inf without a limit."""
    return max(_scope.get().deadline - time.monotonic(), 0.0)


def deadline() -> float:
    """Return the time by ``time.time`` at which the work has to end; inf without a limit.

    Processes have this clock in common, and machines of a cluster as far as their clocks agree.
    """
    return time.time() + seconds_left()


@contextmanager
def running_until(end: float, what: str) -> Iterator[None]:
    """Limit the time of a task to the ``deadline`` of the process that sent it.

    Raises
    ------
    NoSolutionError
        If no time is left.
    """
    left = end - time.time()
    if left <= 0:
        raise NoSolutionError(Reason.TIME_LIMIT, what)
    with running(time_limit_seconds=left):
        yield


def check_time(what: str) -> None:
    """Raise NoSolutionError with the reason ``time limit`` if no time is left."""
    if not seconds_left():
        raise NoSolutionError(Reason.TIME_LIMIT, what)


def in_time(items: Iterable[T], what: str) -> Iterator[T]:
    """Yield items, each after ``check_time``: for loops whose passes take long, or are many.

    Examples
    --------
    >>> with running(time_limit_seconds=60):
    ...     sum(in_time([1, 2, 3], "adding"))
    6
    """
    for item in items:
        check_time(what)
        yield item


def check_time_limit(seconds: float) -> None:
    """Refuse a time limit that is not a positive number of seconds."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise SolverError(f"time limit {seconds!r} is not a positive number of seconds")
