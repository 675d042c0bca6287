"""Trial points in a trust region until a gap is closed, or nothing is gained any more."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from placer.decomposition.trust_region import TrustRegion
from placer.errors import NoSolutionError, SolverError
from placer.running import check_time, running, tell
from placer.termination import Reason
from placer.utils.numbers import gap_in_words

_log = logging.getLogger(__name__)

SearchT = TypeVar("SearchT", bound="TrustRegion[Any]")

#: Rounds of a search: far above the tens that searches take.
MOST_ROUNDS = 1000
#: Time for the work after Ctrl-C that makes an answer of a search: all ends within a second of Ctrl-C.
SECONDS_AFTER_CTRL_C = 0.4


def check_gap(gap: float) -> None:
    """Raise an error if a relative gap is not a positive number.

    Raises
    ------
    SolverError
    """
    if isinstance(gap, bool) or not isinstance(gap, (int, float)) or not 0 < gap < math.inf:
        raise SolverError(f"gap {gap!r} is not a positive number")


def gap_of_centre(search: TrustRegion[Any]) -> float:
    """Return the gap of the centre, with the model of the pool for the unsolved members."""
    return search.open_gap(search.centre)


def gap_of_best(search: TrustRegion[Any]) -> float:
    """Return the gap of the best point, infinite until a point has all members solved."""
    return search.open_gap(search.best) if search.best.complete else math.inf


def close(search: SearchT, gap: float, gap_of: Callable[[SearchT], float], most_rounds: int = MOST_ROUNDS) -> str:
    """Try points until a gap is closed; return the reason if it stays open, else an empty text.

    Parameters
    ----------
    search : TrustRegion
    gap_of : callable
        Returns the gap of the search: ``gap_of_centre`` or ``gap_of_best``.
    most_rounds : int
        Rounds after which the search ends with its gap open; by default a safety.

    Raises
    ------
    NoSolutionError
        If a member cannot be solved, or the time is over.
    """
    stalls, best = 0, math.inf
    while True:
        search.raise_bound()
        now = gap_of(search)
        done = f"{int(search.evaluator.solves.sum()):,} {search.evaluator.what}"
        tell(_log, f"round {search.rounds}: {done}, {gap_in_words(now)}")
        if now <= gap:
            return ""
        open_usd = search.open_usd(search.centre)  # beside a cost that falls through 0 it would rise
        stalls = 0 if best == math.inf or open_usd < best - 1e-6 * abs(best) else stalls + 1
        best = min(best, open_usd)
        if stalls > search.parameters.most_stalls and search.is_whole:
            return f"neither cost nor bound improved in {stalls} rounds"
        if search.rounds >= most_rounds:
            return f"{search.rounds} rounds"
        check_time("the time is over")
        if not search.centre.complete and search.open_gap(search.centre) <= gap:
            search.complete()
        else:
            search.step(gap)


@contextmanager
def after_ctrl_c() -> Iterator[None]:
    """Limit the time of the work after Ctrl-C that makes an answer of a search.

    Raises
    ------
    KeyboardInterrupt
        If the work takes longer.
    """
    try:
        with running(time_limit_seconds=SECONDS_AFTER_CTRL_C):
            yield
    except NoSolutionError as error:
        if error.reason is not Reason.TIME_LIMIT:
            raise
        raise KeyboardInterrupt from None
