"""Time a batch of demand sets beside loops that solve each set from scratch, and measure the overhead of a batch.

    set        one set: placer from the base instance's prices, and cold; HiGHS on the whole program; PuLP
    overhead   time of a batch with its store, less the solving time of its sets
    bounded    a set beyond the pool of solved ones, bounded within a gap or else solved, beside one of the pool
    workers    the same batch in two processes and in one
    memory     memory after many small sets, less memory after the first tenth of them

The sides of a set are timed in turn and must agree on its minimum cost before a line is printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

import placer
from placer.batch.bounding import BOUNDED, BOUNDS
from placer.batch.figures import base_prices, figures_of
from placer.batch.identity import settings_of
from placer.batch.store import Store
from placer.utils.processes import InThisProcess

from .families import dataset
from .machine import machine
from .peers.hush import hushed, quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.column_generation.warm_start import KnownPrices

#: Relative tolerance between two minimum costs of a set.
AGREEMENT = 1e-6
COST = ("cost",)
#: Target speed-up over each loop. PuLP is given placer's own program, which is built faster than one written term by
#: term.
OURS, HIGHS = "placer", "HiGHS"
TARGETS = {HIGHS: 15, "PuLP with HiGHS": 40, "PuLP with CBC": 40}
#: Base instance of the sets whose memory is measured.
SMALL = "tiny"

EXAMPLE = """example:
  python -m benchmarks.batches --sample 2 --sets 4 --small 500
  python -m benchmarks.batches --sample 10 --pulp 2 --json > batches.json"""


@dataclass(frozen=True)
class Line:
    """One line of the table: a figure, its subject, and its target (empty: none)."""

    what: str
    figure: str
    target: str = ""


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", default="china")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sample", type=int, default=10, help="sets held against HiGHS")
    parser.add_argument("--pulp", type=int, default=2, help="sets held against PuLP")
    parser.add_argument("--sets", type=int, default=40, help="sets of the batches for overhead and workers")
    parser.add_argument("--small", type=int, default=10_000, help="small sets for memory")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sets = placer.DemandSets(dataset(given.dataset), count=given.sample, seed=given.seed)
    lines = [
        *each_set(sets, given.pulp),
        overhead(placer.DemandSets(sets.instance, count=given.sets, seed=given.seed)),
        workers(placer.DemandSets(sets.instance, count=given.sets, seed=given.seed)),
        bounded(placer.DemandSets(sets.instance, count=max(given.sets, 132), seed=given.seed)),
        memory(placer.DemandSets(placer.load(SMALL), count=given.small, seed=given.seed)),
    ]
    if given.json:
        print(json.dumps({"machine": machine(), "lines": [asdict(line) for line in lines]}, indent=2))
    else:
        print("\n".join(["| what | figure | target |", "|---|---|---|", *map(_row, lines)]))
    return 0


def loops() -> dict[str, placer.Solver]:
    """Return the available loops to compare with: CBC shipped with PuLP before version 4."""
    found: dict[str, placer.Solver] = {HIGHS: placer.HiGHS()}
    for name, solver in (("PuLP with HiGHS", "HiGHS"), ("PuLP with CBC", "PULP_CBC_CMD")):
        with suppress(placer.SolverError), hushed():
            found[name] = placer.PuLP(solver)
    return found


def each_set(sets: placer.DemandSets, pulp: int) -> list[Line]:
    """Return the time of a set on each side, over a sample."""
    known = base_prices(sets.instance, COST, math.inf)
    sides: dict[str, Callable[[placer.Instance], float]] = {
        OURS: lambda instance: _ours(instance, known),
        "placer without the base's prices": lambda instance: _ours(instance, ()),
    }
    took: dict[str, list[float]] = {}
    rivals = loops()
    for number in range(len(sets)):
        instance = sets[number]
        found = {side: _timed(call, instance, took.setdefault(side, [])) for side, call in sides.items()}
        for name, solver in rivals.items():
            if name == HIGHS or number < pulp:
                found[name] = _timed(partial(_least, solver), instance, took.setdefault(name, []))
        agree(number, found)
    ours = took[OURS]
    lines = [Line(f"a set, {OURS}, mean of {len(ours)}", f"{statistics.fmean(ours):.2f} s")]
    for side, seconds in took.items():
        ratios = [other / own for other, own in zip(seconds, ours, strict=False)]
        if side != OURS:
            total = sum(seconds) / sum(ours[: len(seconds)])
            spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
            lines.append(
                Line(f"a set, {side} over {OURS}, {len(seconds)} sets", f"{total:.1f} ({spread})", _target(side))
            )
    return lines


def overhead(sets: placer.DemandSets) -> Line:
    """Return the overhead of a batch with a store, as a share of the solving time of its sets."""
    with tempfile.TemporaryDirectory() as place, Store.create(Path(place) / "runs.db", settings_of(sets, COST)) as kept:
        rows = placer.solve_many(sets, COST, store=kept)
        solved = float(next(rows)["seconds"])  # the start of the process and the base instance precede the first row
        started = time.perf_counter()
        later = sum(float(row["seconds"]) for row in rows)
        passed = time.perf_counter() - started
    return Line(
        f"store and batch beside solving, {len(sets)} sets of {solved + later:.1f} s",
        f"{passed / later - 1:.1%}",
        "5 %",
    )


def workers(sets: placer.DemandSets) -> Line:
    """Return the speed-up of two processes over one, from their first row to their last."""
    seconds = {}
    for count in (1, 2):
        rows = placer.solve_many(sets, COST, workers=count)
        next(rows)
        started = time.perf_counter()
        done = sum(1 for _ in rows)
        seconds[count] = (time.perf_counter() - started) / done
    return Line(f"two workers over one, {len(sets)} sets", f"{seconds[1] / seconds[2]:.2f}", "1.8")


def bounded(sets: placer.DemandSets, gap: float = 1e-4) -> Line:
    """Return the CPU time of a set beyond the pool as a share of that of one of the pool, which is solved.

    The first set of either is left out. Sets that miss the gap are solved, and count.
    """
    pool, beyond, bounds, last = list[float](), list[float](), 0, time.process_time()
    for row in placer.solve_many(sets, COST, executor=InThisProcess(), bounds=gap):
        now = time.process_time()
        (pool if int(row["number"]) < BOUNDS.pool else beyond).append(now - last)
        bounds, last = bounds + (row["status"] == BOUNDED), now
    part = f"{statistics.fmean(beyond[1:]) / statistics.fmean(pool[1:]):.2f}" if bounds else "none bounded"
    return Line(f"a set beyond the pool over a solved one, {bounds} of {len(beyond)} bounded", part, "0.1")


def memory(sets: placer.DemandSets) -> Line:
    """Return the growth of memory over the last nine tenths of a batch of small sets, summed over processes."""
    held = []
    with tempfile.TemporaryDirectory() as place, Store.create(Path(place) / "runs.db", settings_of(sets, COST)) as kept:
        for done, _ in enumerate(placer.solve_many(sets, COST, workers=2, store=kept), start=1):
            if done in (max(len(sets) // 10, 1), len(sets) - 4):  # workers end after the last rows
                gc.collect()
                held.append(_held_mb())
    return Line(f"memory that {len(sets):,} small sets add", f"{held[-1] - held[0]:.1f} MB", "30 MB")


def _held_mb() -> float:
    this = psutil.Process()
    return sum(each.memory_info().rss for each in (this, *this.children(recursive=True))) / 1e6


def _ours(instance: placer.Instance, known: tuple[KnownPrices, ...]) -> float:
    row = figures_of(instance, COST, known, math.inf)
    return float(row["cost_usd"]) + float(row["penalty_usd"])


def _least(solver: placer.Solver, instance: placer.Instance) -> float:
    with quiet(), hushed():  # PuLP's HiGHS prints a banner
        placement = placer.solve(instance, solver)
    placement.summary()
    return placement.cost_usd + placement.penalty_usd


def _timed(call: Callable[[placer.Instance], float], instance: placer.Instance, into: list[float]) -> float:
    gc.collect()
    started = time.perf_counter()
    found = call(instance)
    into.append(time.perf_counter() - started)
    return found


def agree(number: int, found: dict[str, float]) -> None:
    """Refuse sides that differ."""
    ours = found[OURS]
    for side, other in found.items():
        if abs(other - ours) > AGREEMENT * abs(ours):
            raise ValueError(f"set {number}: {side} says {other:.10g}, {OURS} {ours:.10g}")


def _target(side: str) -> str:
    return str(TARGETS.get(side, ""))


def _row(line: Line) -> str:
    values: tuple[Any, ...] = (line.what, line.figure, line.target)
    return "| " + " | ".join(map(str, values)) + " |"


if __name__ == "__main__":
    sys.exit(main())
