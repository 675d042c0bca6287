"""The cost of BLAS threads: one thread beside the default, on a quiet machine and with a busy loop on each core.

    python -m benchmarks.threads              # about five minutes
    python -m benchmarks.threads --quick      # the smallest dataset, as a check

Every measurement is a separate process, in turn: ``one`` with BLAS set to one thread from outside (the environment
variables that OpenBLAS, MKL and OpenMP read), ``default`` as a user runs it, and ``unlimited`` as the default would be
if placer did not limit the threads itself. Every round takes them one after the other, and the last column is the
median of the ratios of the rounds. The exit status is 1 if the default takes more than 1.3 times as long as one thread.
"""

from __future__ import annotations

import argparse
import multiprocessing
import operator
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING
from unittest import mock

import placer

from .families import build
from .families import dataset as measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Largest time of the default, as a multiple of one thread.
TARGET = 1.3
VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
WAYS = ("one", "default", "unlimited")
LOADS = ("quiet", "busy")


def ceiling(dataset: str) -> None:
    """Solve for a ceiling, its split and its curve."""
    found = placer.export_ceiling(measured(dataset))
    _ = found.limits, found.curve


def columns(size: str) -> None:
    """Solve by column generation."""
    placer.solve(build("fleet", size), placer.ColumnGeneration())


def batch(dataset: str) -> None:
    """Solve a batch of placements and ceilings in two processes."""
    sets = placer.DemandSets(measured(dataset), count=4, seed=1)
    rows = list(placer.solve_many(sets, ("cost", "ceiling"), workers=2))
    assert {row["status"] for row in rows} == {"optimal"}


#: Measured cases: name -> the function and its subject by size.
CASES: dict[str, tuple[Callable[[str], None], dict[bool, str]]] = {
    "ceiling": (ceiling, {False: "china", True: "tiny"}),
    "columns": (columns, {False: "medium", True: "smoke"}),
    "batch": (batch, {False: "china", True: "tiny"}),
}


def measure_here(case: str, subject: str, way: str) -> float:
    """Return the seconds that a case takes in this process.

    Worker processes start afresh and know nothing of ``unlimited``: their limit stands, whatever the way.
    """
    limit = mock.patch("placer.running.one_blas_thread", nullcontext) if way == "unlimited" else nullcontext()
    run = CASES[case][0]
    with limit:
        started = time.perf_counter()
        run(subject)
        return time.perf_counter() - started


def measure(case: str, subject: str, way: str) -> float:
    """Return the seconds that a case takes in a separate process."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    if way == "one":
        environment |= dict.fromkeys(VARIABLES, "1")
    command = [sys.executable, "-m", "benchmarks.threads", "--measure", case, subject, way]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


@contextmanager
def load(kind: str) -> Iterator[None]:
    """Keep every core busy within the context, or none."""
    count = (os.cpu_count() or 1) if kind == "busy" else 0
    spawn = multiprocessing.get_context("spawn").Process
    loops = [spawn(target=_loop, args=(os.getpid(),), daemon=True) for _ in range(count)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


def _loop(parent: int) -> None:
    """Keep a core busy for as long as the parent process lives."""
    while os.getppid() == parent:
        pass


def main(arguments: list[str] | None = None) -> int:
    """Print a table; return 1 if the default misses its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.threads", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each; the median counts")
    parser.add_argument("--case", choices=CASES, action="append", help="only this case; several times")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all works")
    parser.add_argument("--measure", nargs=3, metavar=("CASE", "SUBJECT", "WAY"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        print(measure_here(*options.measure))
        return 0
    missed = False
    print(f"{'case':<10}{'load':<8}{'one s':>9}{'default s':>11}{'unlimited s':>13}{'default/one':>13}")
    for case in options.case or CASES:
        for kind in LOADS:
            seconds: dict[str, list[float]] = {way: [] for way in WAYS}
            with load(kind):
                for _ in range(options.rounds):
                    for way in WAYS:
                        seconds[way].append(measure(case, CASES[case][1][options.quick], way))
            one, default, unlimited = (statistics.median(seconds[way]) for way in WAYS)
            ratio = statistics.median(map(operator.truediv, seconds["default"], seconds["one"]))
            missed |= ratio > TARGET and not options.quick
            print(f"{case:<10}{kind:<8}{one:>9.2f}{default:>11.2f}{unlimited:>13.2f}{ratio:>13.2f}", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
