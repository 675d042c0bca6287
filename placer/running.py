"""What holds while placer computes: who is told how far it is, until when it may go on, and one BLAS thread.

Public functions open ``running`` around what they do; everything below them, however deep, tells and asks this module
instead of being handed a callable and a deadline:

    tell(log, text)       how far it is: to ``progress``, and to the log as DEBUG
    phase(log, text)      a part of the work: the same at its start, and the seconds it took to the log as INFO
    seconds_left()        what is left of the tightest time limit around

What is set holds for the code inside the ``with`` and in the same thread (a ``ContextVar``): calls in other threads and
processes have their own. A time limit inside another one can shorten it but not extend it.

The log is that of the standard library, with a logger for each module below ``placer``. To see where time goes::

    logging.basicConfig()
    logging.getLogger("placer").setLevel(logging.INFO)      # or DEBUG, for all there is

What limits the time of each way to solve, beside a limit set here, and what an interruption (Ctrl-C, or SIGTERM on the
command line) meets::

    solved by          its own limit is looked at         an interruption is heard
    HiGHS simplex,     every few iterations, by HiGHS     as often; presolve hears none, half a second at most
    ipm, small
    HiGHS large (1),   by HiGHS, else killed (2)          at once: its process is killed
    pdlp
    columns            every step, and by HiGHS           at once
    PuLP, programs     by them, else killed (3)           at once: they are killed, their files removed
    PuLP, libraries    by the library (4)                 when the library returns
    walks              before and in every program        between programs, of milliseconds mostly
    sets of a batch    as above, else killed (5)          at once: the processes are killed

    (1) from 250,000 entries on     (2) 0.2 s beyond the limit     (3) 10 % and 0.5 s beyond the limit
    (4) not while it presolves      (5) 10 % and 5 s beyond the limit

The limit is ``time_limit_seconds`` of each solver, and of ``solve_many`` for each answer of a set. It counts from the
start of the call, building included. Columns stand for column generation, programs for those that PuLP starts (CBC,
say), libraries for those it calls (HiGHS, say), and walks for ceilings and curves without a solver; walks have no limit
of their own. PuLP builds a program in Python and writes it in about the same time again, in which it heeds no limit:
its solver is given what both leave, and is not started where they leave nothing.

One limit holds for all attempts: an answer that is refused, and sought again from another solver, starts no new one.
A program is built, and an answer proven, without a look at the limit; both take a small part of solving.

What limits the memory is said in ``placer.solvers.memory``. ``python -m benchmarks.limits`` measures all of this.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.errors import NoSolutionError, SolverError
from placer.termination import Reason
from placer.utils.threads import one_blas_thread

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

#: Seconds between two lines on how far a solver is.
SECONDS_BETWEEN_LINES = 1.0
#: Type of ``progress``: called with a line of text, in the thread that computes.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Scope:
    """Who is told, and the time by ``time.monotonic`` at which the work has to end."""

    progress: Progress | None = None
    deadline: float = math.inf


_scope: ContextVar[_Scope] = ContextVar("placer.running", default=_Scope())  # noqa: B039 - it is frozen


@contextmanager
def running(progress: Progress | None = None, time_limit_seconds: float = math.inf) -> Iterator[None]:
    """Have what is computed meanwhile tell how far it is, end in time, and use one BLAS thread.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text, several times a second at most; what it raises ends the work. If not given, whoever
        was told before is told.
    time_limit_seconds : float
        Time after which what is computed ends with ``NoSolutionError`` and the reason ``time limit``.

    Raises
    ------
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
        with one_blas_thread():
            yield
    finally:
        _scope.reset(token)


def tell(log: logging.Logger, text: str) -> None:
    """Say how far the work is."""
    log.debug("%s", text)
    if (progress := _scope.get().progress) is not None:
        progress(text)


@contextmanager
def phase(log: logging.Logger, text: str) -> Iterator[None]:
    """Say that a part of the work begins, and log how long it took."""
    tell(log, text)
    started = time.perf_counter()
    outcome = "stopped after"
    try:
        yield
        outcome = "took"
    finally:
        log.info("%s: %s %.3f s", text, outcome, time.perf_counter() - started)


def seconds_left() -> float:
    """Return what is left of the time limit, at least 0; inf if there is none."""
    return max(_scope.get().deadline - time.monotonic(), 0.0)


def check_time(what: str) -> None:
    """Raise NoSolutionError with the reason ``time limit`` if no time is left."""
    if not seconds_left():
        raise NoSolutionError(Reason.TIME_LIMIT, what)


def check_time_limit(seconds: float) -> None:
    """Refuse a time limit that is not a positive number of seconds."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise SolverError(f"time limit {seconds!r} is not a positive number of seconds")
