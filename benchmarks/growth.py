"""Exponents of time over columns, data centres, hubs and hours, fitted over fleets of which one number grows.

    python -m benchmarks.growth --out growth                    # resumable: the same command goes on
    python -m benchmarks.growth --out growth --axis sites --most 20
    python -m benchmarks.growth --out growth --quick            # the smallest shapes, to see that all works

Shapes are data centres x hubs x workloads x hours. Along an axis the next shape is left out if it would take longer
than ``--most`` seconds by the growth so far. ``exponent`` is that of the processor seconds of all threads, ``of
seconds`` that of the wall clock; both are of the axis, and ``of columns`` is that of the processor seconds over the
columns of the program. Each shape is measured in a process of its own, as ``placer bench`` does, and the median of the
rounds counts. For an earlier revision, copy this folder into a checkout of it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from placer.utils.profiles import growth

from .families import shape_of
from .peers import REFERENCE
from .report import markdown
from .suite import DONE, Case, Measurement, run

_MEASURED = ("seconds", "processor_seconds", "memory_mb")
#: Shapes of each axis, and the place of its number in a shape; columns grow with all of them.
AXES: dict[str, tuple[int | None, tuple[str, ...]]] = {
    "columns": (None, ("20x100x6x24", "30x200x8x24", "30x300x8x48", "30x300x8x168", "100x400x10x168")),
    "sites": (0, ("50x200x6x24", "100x200x6x24", "200x200x6x24", "400x200x6x24", "1000x200x6x24")),
    "hubs": (1, ("50x100x6x24", "50x200x6x24", "50x400x6x24", "50x800x6x24", "50x1600x6x24")),
    "hours": (3, ("50x100x6x24", "50x100x6x48", "50x100x6x96", "50x100x6x168", "50x100x6x336")),
}
QUICK: dict[str, tuple[int | None, tuple[str, ...]]] = {
    "columns": (None, ("3x5x3x6", "6x10x3x12", "12x20x3x24")),
    "sites": (0, ("5x10x3x6", "10x10x3x6", "20x10x3x6")),
    "hubs": (1, ("5x10x3x6", "5x20x3x6", "5x40x3x6")),
    "hours": (3, ("5x10x3x6", "5x10x3x12", "5x10x3x24")),
}


@dataclass(frozen=True)
class Point:
    """A shape: the number of its axis, its columns, and medians of its times and memory."""

    axis: str
    shape: str
    number: int
    columns: int
    seconds: float
    processor_seconds: float
    memory_mb: float


@dataclass(frozen=True)
class Exponents:
    """The exponents of an axis; NaN with fewer than two shapes."""

    axis: str
    exponent: float
    of_seconds: float
    of_columns: float
    shapes: str


def points(axis: str, given: argparse.Namespace) -> list[Point]:
    """Measure the shapes of an axis until the next one would take more than the most seconds."""
    place, shapes = (QUICK if given.quick else AXES)[axis]
    found: list[Point] = []
    for shape in shapes:
        number = math.prod(shape_of("fleet", shape)) if place is None else shape_of("fleet", shape)[place]
        if found and _foreseen(found, number) > given.most:
            break
        case = Case(given.family, shape, given.seed, "end-to-end", REFERENCE)
        every = run([[case]], given.out / "growth.json", rounds=given.rounds)
        done = [each for each in every if each.case == case and each.status == DONE]
        if not done:
            break
        found.append(Point(axis, shape, number, done[0].columns, *(_median(done, name) for name in _MEASURED)))
        print(f"{axis} {shape}: {found[-1].columns:,} columns, {found[-1].seconds:.3g} s", file=sys.stderr, flush=True)
    return found


def fitted(axis: str, found: Sequence[Point]) -> Exponents:
    """Fit the exponents of an axis."""
    return Exponents(
        axis,
        growth([(each.number, each.processor_seconds) for each in found]),
        growth([(each.number, each.seconds) for each in found]),
        growth([(each.columns, each.processor_seconds) for each in found]),
        f"{found[0].shape} to {found[-1].shape}" if found else "none",
    )


def _foreseen(found: Sequence[Point], number: int) -> float:
    """Return the seconds of the next number by the growth so far, at least in proportion to it."""
    exponent = max(np.nan_to_num(growth([(each.number, each.seconds) for each in found])), 1.0)
    return found[-1].seconds * (number / found[-1].number) ** exponent


def _median(done: Sequence[Measurement], name: str) -> float:
    return statistics.median(getattr(each, name) for each in done)


def main(arguments: list[str] | None = None) -> int:
    """Print a table of shapes and one of exponents."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of growth.json, which is gone on with")
    parser.add_argument("--axis", choices=AXES, action="append", help="only this axis; several times")
    parser.add_argument("--family", default="fleet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--most", type=float, default=60.0, help="seconds that a shape may take (default 60)")
    parser.add_argument("--quick", action="store_true", help="the smallest shapes")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    every = {axis: points(axis, given) for axis in given.axis or AXES}
    if given.json:
        for axis, found in every.items():
            print(json.dumps(asdict(fitted(axis, found)) | {"points": [asdict(each) for each in found]}))
        return 0
    shapes = [_shape_cells(each) for found in every.values() for each in found]
    print(markdown(("axis", "shape", "columns", "seconds", "of the processor", "MB"), shapes), end="\n\n")
    exponents = [_exponent_cells(fitted(axis, found)) for axis, found in every.items()]
    print(markdown(("axis", "from, to", "exponent", "of seconds", "of columns"), exponents))
    return 0


def _shape_cells(each: Point) -> tuple[str, ...]:
    times = f"{each.seconds:.3g}", f"{each.processor_seconds:.3g}"
    return each.axis, each.shape, f"{each.columns:,}", *times, f"{each.memory_mb:,.0f}"


def _exponent_cells(each: Exponents) -> tuple[str, ...]:
    values = (each.exponent, each.of_seconds, each.of_columns)
    return each.axis, each.shapes, *("" if math.isnan(value) else f"{value:.2f}" for value in values)


if __name__ == "__main__":
    sys.exit(main())
