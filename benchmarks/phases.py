"""The steps that are timed. All go through placer's public functions; what is not timed is done by the caller."""

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
    """Have HiGHS run in this process, however large the program: elsewhere it cannot be watched."""
    return mock.patch("placer.solvers.highs.APART_FROM", math.inf)


@dataclass
class Runs:
    """When HiGHS began and ended its work, for every time it was run."""

    started: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)


@contextmanager
def watched_runs() -> Iterator[Runs]:
    """Note when HiGHS runs, so that the time spent before and after it can be told from its own."""
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
    """Let HiGHS fail at once where it would run, so that only the hand-over is left of a solve."""
    with _here(), mock.patch.object(highspy.Highs, "run", return_value=highspy.HighsStatus.kError):
        yield


def hand_over(scaled: placer.LinearProgram) -> placer.LPSolution:
    """Check a program and hand it to HiGHS; call it within ``no_runs``."""
    return placer.HiGHS().solve(scaled)


@dataclass(frozen=True)
class Stages:
    """Seconds that ``placer.solve`` spent before HiGHS ran, in it and after it; then in making all tables."""

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
