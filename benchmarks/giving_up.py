"""The cost of giving up column generation early: wild instances solved by default, and by each solver alone.

    python -m benchmarks.giving_up            # 40 instances of 50,000 to 150,000 assignments; about ten minutes
    python -m benchmarks.giving_up --quick    # two small ones, as a check

The instances are those of ``benchmarks.wild`` at larger sizes. Each is solved by the default of ``placer.solve``, by
HiGHS, and by column generation that never gives up (inf where it would take longer than HiGHS did). The table holds the
seconds of processor time, which a busy machine stretches less than wall time, and the ratio of the default to the
better of the two. The exit status is 1 if any ratio exceeds 2.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import placer
from benchmarks.clock import processor_seconds
from placer.ladder.proven import BY_SIZE, default_solver, solve_structure
from placer.model.formulation import formulate

from .wild import wild

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.ladder.proven import AnySolver
    from placer.model.structure import Structure

TARGET = 2.0
MOST_COLUMNS = 150_000
SITES, WORKLOADS, HOURS, MOST_HUBS = (6, 25), (2, 9), (6, 12, 24, 24, 48), 150


@dataclass(frozen=True)
class Line:
    """One instance: its seed and columns, and the seconds of each solver; inf where it did not finish."""

    seed: int
    columns: int
    default: float
    highs: float
    alone: float
    how: str

    @property
    def ratio(self) -> float:
        """The default over the better of the two."""
        return self.default / min(self.highs, self.alone)


def draw(seed: int, *, is_small: bool) -> Structure | None:
    """Return the structure of a wild instance of a random size; None if its size is outside the range."""
    random = np.random.default_rng([35, seed])
    hours, workloads = int(random.choice(HOURS)), int(random.integers(*WORKLOADS))
    sites = int(random.integers(*SITES))
    wanted = math.exp(random.uniform(math.log(BY_SIZE.large_from), math.log(MOST_COLUMNS)))
    hubs = 4 if is_small else int(np.clip(1.3 * wanted / (hours * workloads * sites), 5, MOST_HUBS))
    try:
        instance = wild(random, (sites, hubs, workloads, hours))
    except placer.InstanceError:
        return None  # coefficients too far apart
    structure = formulate(instance).structure
    return structure if is_small or structure.assignment_count >= BY_SIZE.large_from else None


def campaign(seeds: range, *, is_small: bool) -> Iterator[Line]:
    """Solve the instances of some seeds with every solver."""
    for seed in seeds:
        structure = draw(seed, is_small=is_small)
        if structure is None:
            continue
        chosen = placer.ColumnGeneration(patience=BY_SIZE.patience) if is_small else default_solver(structure)
        default, how = timed(structure, chosen)
        highs, _ = timed(structure, placer.HiGHS())
        alone, _ = timed(structure, placer.ColumnGeneration(), highs)
        yield Line(seed, structure.assignment_count, default, highs, alone, how)


def timed(structure: Structure, solver: AnySolver, longest: float = math.inf) -> tuple[float, str]:
    """Return the seconds of processor time, inf without an answer within ``longest`` seconds, and how it ended."""
    started = processor_seconds()

    def stop_late(_: str) -> None:
        if processor_seconds() - started > longest:
            raise TimeoutError

    try:
        with placer.running(stop_late):
            answer, _ = solve_structure(structure, solver)
    except TimeoutError:
        return math.inf, "slower"
    except placer.NoSolutionError as error:
        return math.inf, error.reason
    return processor_seconds() - started, answer.termination.detail


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each instance and the distribution of the ratios; return 1 if any exceeds the target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.giving_up", description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=40, help="how many seeds")
    parser.add_argument("--quick", action="store_true", help="two small instances, to see that all works")
    options = parser.parse_args(arguments)
    seeds = range(2) if options.quick else range(options.first, options.first + options.count)
    warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
    ratios = []
    print(f"{'seed':>5}{'columns':>9}{'default s':>11}{'HiGHS s':>9}{'columns s':>11}{'ratio':>7}  how")
    for line in campaign(seeds, is_small=options.quick):
        ratios.append(line.ratio)
        print(
            f"{line.seed:>5}{line.columns:>9,}{line.default:>11.2f}{line.highs:>9.2f}{line.alone:>11.2f}"
            f"{line.ratio:>7.2f}  {line.how[:60]}",
            flush=True,
        )
    shown = ", ".join(f"p{part} {np.percentile(ratios, part):.2f}" for part in (5, 50, 95, 100))
    print(f"{len(ratios)} instances, ratio of the default to the better of the two: {shown}")
    return int(not options.quick and max(ratios) > TARGET)


if __name__ == "__main__":
    sys.exit(main())
