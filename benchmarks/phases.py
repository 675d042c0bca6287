"""The timed steps. All use placer's public functions; the caller does the untimed work."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unittest import mock

import highspy

import placer

from .peers.whole import make_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


def _here() -> AbstractContextManager[object]:
    """Run HiGHS in this process, however large the program: a child process cannot be watched."""
    return mock.patch("placer.solvers.highs.APART_FROM", math.inf)


@dataclass
class Runs:
    """Start and end times of every run of HiGHS."""

    started: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)


@contextmanager
def watched_runs() -> Iterator[Runs]:
    """Record when HiGHS runs, to separate its time from the time before and after."""
    runs, run = Runs(), highspy.Highs.run

    def watched(engine: highspy.Highs) -> highspy.HighsStatus:
        runs.started.append(time.perf_counter())
        status = run(engine)
        runs.ended.append(time.perf_counter())
        return status

    with _here(), mock.patch.object(highspy.Highs, "run", watched):
        yield runs


@contextmanager
def no_runs() -> Iterator[None]:
    """Let HiGHS fail at once where it would run, so that a solve consists of the hand-over only."""
    with _here(), mock.patch.object(highspy.Highs, "run", return_value=highspy.HighsStatus.kError):
        yield


def hand_over(scaled: placer.LinearProgram) -> placer.LPSolution:
    """Check a program and hand it to HiGHS; call it within ``no_runs``."""
    return placer.HiGHS().solve(scaled)


@dataclass(frozen=True)
class Stages:
    """Seconds of ``placer.solve`` before, in and after HiGHS, and of making all tables."""

    before: float
    run: float
    after: float
    tables: float


def stages(instance: placer.Instance) -> tuple[Stages, placer.Placement]:
    """Solve an instance and make all tables, with the time of every stage."""
    with watched_runs() as runs:
        started = time.perf_counter()
        placement = placer.solve(instance, placer.HiGHS(), tie_break=None)
        solved = time.perf_counter()
    assert len(runs.ended) == 1, "the first answer was refused; stages cannot be told apart"
    make_tables(placement)
    return Stages(
        before=runs.started[0] - started,
        run=runs.ended[0] - runs.started[0],
        after=solved - runs.ended[0],
        tables=time.perf_counter() - solved,
    ), placement
