"""Column generation on several threads beside one: seconds, equal answers, and the share of the work that threads have.

    python -m benchmarks.workers                       # fleet large, one and two threads, five rounds
    python -m benchmarks.workers --size huge --rounds 1
    python -m benchmarks.workers --workers 1 2 4 8     # more cores: the exponent of the speed

Each number of threads takes its turn in every round, answer and proof of the structure each time; the least time of
each counts. ``speed`` is the time on one thread over that, and ``exponent`` is ``log speed / log threads``. The answers
must be equal to the last bit. ``threaded`` is the part of the processor time of one thread within work that threads
share, and ``at most`` is the speed if that work was shared out without loss (a class at a time, in order) and all
else took as long. Seconds mean something on a quiet machine only; ``threaded`` and ``at most`` on any.
"""

from __future__ import annotations

import argparse
import heapq
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

import placer
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate

from .families import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.answer import Answer
    from placer.model.structure import Structure

#: The functions that share work among threads, where they are called.
_SHARING = (
    "dual.smoothed_dual.one_by_one",
    "dual.capped_dual.each",
    "dual.capped_part.each",
    "dual.capped_part.one_by_one",
    "dual.path_problem.each",
    "dual.stacked_hessian.each",
    "market.pricing.each",
)


@dataclass(frozen=True)
class Line:
    """What a number of threads took.

    Attributes
    ----------
    workers : int
    seconds, processor_seconds : float
        Least of all rounds.
    speed, exponent : float
        Of these seconds; the exponent is NaN for one thread.
    at_most : float
        Speed that the share of the threads allows.
    """

    workers: int
    seconds: float
    processor_seconds: float
    speed: float
    exponent: float
    at_most: float


@dataclass
class Shared:
    """Processor time of the items of every piece of work that threads share.

    Attributes
    ----------
    pieces : list of list of float
    """

    pieces: list[list[float]] = field(default_factory=list)
    _within: bool = field(default=False, init=False)

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Do as ``placer.utils.shared_work.each`` on one thread, and keep the time of every item."""
        return list(self.one_by_one(function, items))

    def one_by_one(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Do as ``placer.utils.shared_work.one_by_one`` likewise; work within an item is a part of it."""
        every, taken = list(items), list[float]()
        if self._within or len(every) == 1:
            yield from map(function, every)
            return
        self.pieces.append(taken)
        for item in every:
            started, self._within = time.process_time(), True
            try:
                found = function(item)
            finally:
                self._within = False
            taken.append(time.process_time() - started)
            yield found

    def seconds(self, workers: int) -> float:
        """Return the time of all pieces if each item goes to the worker who is free first."""
        total = 0.0
        for piece in self.pieces:
            free = [0.0] * workers
            for item in piece:
                heapq.heapreplace(free, free[0] + item)
            total += max(free)
        return total


def share(structure: Structure) -> tuple[Shared, float]:
    """Return the work that threads share, and the processor time of the whole, on one thread."""
    shared = Shared()
    patches = [
        mock.patch(f"placer.column_generation.{name}", getattr(shared, name.rpartition(".")[2])) for name in _SHARING
    ]
    for patch in patches:
        patch.start()
    try:
        return shared, _solved(structure, 1)[2]
    finally:
        for patch in patches:
            patch.stop()


def measure(structure: Structure, workers: Sequence[int], rounds: int) -> tuple[float, list[Line]]:
    """Return the part of the work that threads share, and a line for each number of threads, 1 among them.

    Raises
    ------
    SystemExit
        If two answers differ.
    """
    shared, whole = share(structure)
    least = dict.fromkeys(workers, (math.inf, math.inf))
    first = None
    for _ in range(rounds):
        for count in workers:
            answer, seconds, processor_seconds = _solved(structure, count)
            before = least[count]
            least[count] = min(before[0], seconds), min(before[1], processor_seconds)
            first = first or answer
            if not _same(first, answer):
                raise SystemExit(f"the answer on {count} threads differs")
    threaded, lines = shared.seconds(1), []
    for count in workers:
        speed = least[1][0] / least[count][0]
        exponent = math.log(speed) / math.log(count) if count > 1 else math.nan
        at_most = whole / (whole - threaded + shared.seconds(count))
        lines.append(Line(count, *least[count], speed, exponent, at_most))
    return threaded / whole, lines


def _solved(structure: Structure, workers: int) -> tuple[Answer, float, float]:
    """Return a proven answer, and its seconds and those of the processor."""
    started, before = time.perf_counter(), time.process_time()
    answer, _ = solve_structure(structure, placer.ColumnGeneration(threads=workers))
    return answer, time.perf_counter() - started, time.process_time() - before


def _same(one: Answer, other: Answer) -> bool:
    """Whether flows and prices are equal to the last bit."""
    pairs = (
        (one.point.demand, other.point.demand),
        (one.point.arc, other.point.arc),
        (one.point.amount, other.point.amount),
        (one.prices.demand, other.prices.demand),
    )
    return all(np.array_equal(left, right) for left, right in pairs)


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each number of threads."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__.splitlines()[0])
    parser.add_argument("--family", default="fleet")
    parser.add_argument("--size", default="large")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="numbers of threads, 1 among them")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    if 1 not in given.workers:
        parser.error("one thread is what the others are compared with: add 1")
    structure = formulate(build(given.family, given.size)).structure
    threaded, lines = measure(structure, given.workers, given.rounds)
    print(f"{given.family} {given.size}: {structure.assignment_count:,} columns, threaded {threaded:.0%}")
    print(f"{'threads':>7}{'seconds':>10}{'processor':>11}{'speed':>8}{'exponent':>10}{'at most':>9}")
    for line in lines:
        exponent = "-" if math.isnan(line.exponent) else f"{line.exponent:.2f}"
        print(
            f"{line.workers:>7}{line.seconds:>10.3f}{line.processor_seconds:>11.3f}{line.speed:>8.2f}{exponent:>10}"
            f"{line.at_most:>9.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
