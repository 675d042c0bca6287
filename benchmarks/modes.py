"""Time of column generation with four modes of each workload, as a multiple of its time with one.

    python -m benchmarks.modes                 # fleets of up to a million columns; a minute
    python -m benchmarks.modes --size week     # ten million; five minutes
    python -m benchmarks.modes --highs 600     # HiGHS on the whole programs too, each at most 600 s
    python -m benchmarks.modes --quick         # a small instance, as a check

The first mode is the workload itself. Each further one answers later by a fifth of the latency limit and takes fewer
accelerator-hours, by 15 % of those of the first; accelerators are 15 % fewer, so that they stay scarce. Energy falls
with the hours, so that one mode remains at each arc (*falling*), or rises, so that every mode that is in time does
(*rising*). One mode and four take turns, round by round. The table holds the median seconds of processor time of answer
and proof. HiGHS solves small instances as whole programs too, and the least costs must agree. The column *HiGHS*
holds its seconds, or *late* if its limit did not do. The exit status is 1 if a ratio exceeds the target.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate

from .families import FLEET_SIZES, build
from .presence import processor_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.ladder.proven import AnySolver
    from placer.model.structure import Structure

#: Most times as long as with one mode.
TARGET = 2.5
#: Largest relative difference between two least costs, and assignment columns up to which HiGHS solves too.
AGREEMENT, WHOLE = 1e-6, 50_000
CASES = (("fleet", "medium"), ("linked", "medium"), ("fleet", "large"))
#: Modes, the part of the limit that each takes longer, what it takes less of hours, and by what energy falls or rises.
COUNT, LATER, LESS = 4, 0.2, 0.15
ENERGY = {"falling": -0.15, "rising": 0.1}


@dataclass(frozen=True)
class Line:
    """One instance in some modes.

    Attributes
    ----------
    name, energy : str
    modes, columns : int
        Modes of each workload, and assignment columns.
    seconds, ratio : float
        Median of the processor time, and that over the median with one mode.
    highs : str
        Processor time of HiGHS on the whole program, ``late`` if its limit did not do, empty if it was not asked.
    difference : float
        Of the cost from that of HiGHS, relative; NaN where HiGHS has none.
    how : str
        What column generation says of itself.
    """

    name: str
    energy: str
    modes: int
    columns: int
    seconds: float
    ratio: float
    highs: str
    difference: float
    how: str


def with_modes(instance: placer.Instance, count: int, energy: str) -> placer.Instance:
    """Return an instance whose workloads have some modes, with fewer accelerators if these are several."""
    workloads = instance.workloads
    room = np.where(np.isfinite(workloads["latency_slo_ms"]), workloads["latency_slo_ms"] - workloads["server_ms"], 0.0)
    modes = [
        pd.DataFrame(
            {
                "workload": workloads["workload"],
                "mode": f"mode-{number}",
                "server_ms": workloads["server_ms"] + LATER * number * room,
                "accelerator_hours_per_mtok": workloads["accelerator_hours_per_mtok"] * (1 - LESS * number),
                "kwh_per_mtok": workloads["kwh_per_mtok"] * (1 + ENERGY[energy] * number),
            }
        )
        for number in range(count)
    ]
    centres = instance.data_centres
    fewer = centres["accelerators"] * (1 - LESS if count > 1 else 1.0)
    return instance.replace(
        workloads=workloads.assign(server_ms=0.0),
        data_centres=centres.assign(accelerators=fewer),
        modes=pd.concat(modes, ignore_index=True),
    )


def measure(name: str, instance: placer.Instance, energy: str, rounds: int, highs: float) -> list[Line]:
    """Solve an instance in one mode and in several, and return a line for each; large ones by HiGHS within a limit.

    Raises
    ------
    SystemExit
        If a cost differs from that of the whole program.
    """
    numbers = (1, COUNT)
    structures = [formulate(with_modes(instance, count, energy)).structure for count in numbers]
    rows = [[_solved(each, placer.ColumnGeneration()) for each in structures] for _ in range(rounds)]
    whole = [_whole(structure, cost, highs) for structure, (_, _, cost) in zip(structures, rows[-1], strict=True)]
    medians = [statistics.median(seconds) for seconds in zip(*([each[0] for each in row] for row in rows), strict=True)]
    return [
        Line(
            name=name,
            energy=energy,
            modes=count,
            columns=structure.assignment_count,
            seconds=median,
            ratio=median / medians[0],
            highs=said,
            difference=difference,
            how=how,
        )
        for structure, count, median, (_, how, _), (said, difference) in zip(
            structures, numbers, medians, rows[-1], whole, strict=True
        )
    ]


def _solved(structure: Structure, solver: AnySolver) -> tuple[float, str, float]:
    """Return the seconds of processor time of a proven answer, what it says of itself, and its cost."""
    started = processor_seconds()
    answer, certificate = solve_structure(structure, solver)
    return processor_seconds() - started, answer.termination.detail, certificate.objective


def _whole(structure: Structure, cost: float, highs: float) -> tuple[str, float]:
    """Return what HiGHS takes for the whole program, and the relative difference of a cost from its own."""
    if structure.assignment_count > WHOLE and not highs:
        return "", float("nan")
    limit = highs if structure.assignment_count > WHOLE else float("inf")
    try:
        seconds, _, whole = _solved(structure, placer.HiGHS(time_limit_seconds=limit))
    except placer.NoSolutionError:
        return "late", float("nan")
    difference = abs(cost - whole) / abs(whole)
    if difference > AGREEMENT:
        raise SystemExit(f"the costs of column generation and of the whole program differ: {cost} and {whole}")
    return f"{seconds:.2f}", difference


def lines(cases: Sequence[tuple[str, str]], rounds: int, highs: float = 0.0) -> Iterator[Line]:
    """Yield the lines of all cases, each a family and a size."""
    for family, size in cases:
        for energy in ENERGY:
            yield from measure(f"{family} {size}", build(family, size), energy, rounds, highs)


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each instance and number of modes; return 1 if a ratio exceeds the target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.modes", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=FLEET_SIZES, help="one fleet of this size in place of the three")
    parser.add_argument("--rounds", type=int, default=3, help="times that each is solved (default 3)")
    parser.add_argument("--highs", type=float, default=0.0, help="seconds that HiGHS gets for each large program")
    parser.add_argument("--quick", action="store_true", help="a small instance, to see that all works: no target")
    options = parser.parse_args(arguments)
    cases = [("fleet", options.size)] if options.size else CASES
    chosen = lines([("linked", "smoke")], 1) if options.quick else lines(cases, options.rounds, options.highs)
    print("| instance | energy | modes | columns | seconds | ratio | HiGHS | differs | how |\n" + 9 * "| --- " + "|")
    worst = 0.0
    for line in chosen:
        worst = max(worst, line.ratio)
        print(
            f"| {line.name} | {line.energy} | {line.modes} | {line.columns:,} | {line.seconds:.2f} | {line.ratio:.2f} "
            f"| {line.highs} | {line.difference:.0e} | {line.how} |",
            flush=True,
        )
    return int(not options.quick and worst > TARGET)


if __name__ == "__main__":
    sys.exit(main())
