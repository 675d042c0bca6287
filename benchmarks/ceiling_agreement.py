"""Compare ceilings and curves of small random instances with linear programs solved from scratch at each point.

The instances are those of ``benchmarks.agreement``. Exports count over a random cut of their regions, or over every
pair of regions with swaps. A ceiling is compared with the programs of ``placer.ceiling.maximum``, which HiGHS solves
in order, each over the optimal face of the previous one. Each of the three curves is compared likewise at its end and
at one of its corners.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import placer
from placer.ceiling.curve import LIMIT, trace, within
from placer.ceiling.maximum import most_export
from placer.instance.cut import every_cut, regions_of
from placer.model.counts import Count, Weights, net
from placer.model.formulation import Formulation, formulate
from placer.model.latency import over_ways

from .agreement import make
from .campaign import Campaign

if TYPE_CHECKING:
    from placer.ceiling.programs import Extent

EXAMPLE = """example:
  python -m benchmarks.ceiling_agreement --count 100
  python -m benchmarks.ceiling_agreement --count 400 --seed 0 --json"""

#: Tolerance between two sides in unserved, displaced or exported amounts, as a share of all demand.
AGREEMENT = 1e-7
#: Time limit of HiGHS on a program in seconds; points without an answer are skipped and counted.
PATIENCE = 20.0

#: The compared amounts: unserved, displaced and exported.
Figures = tuple[float, ...]


@dataclass
class Tally:
    """The result of a campaign; ``apart`` is the largest difference as a share of all demand."""

    instances: int = 0
    ceilings: int = 0
    points: int = 0
    inexact: int = 0
    unanswered: int = 0
    differs: int = 0
    apart: float = 0.0


def compare(tally: Tally, seed: int, number: int) -> None:
    """Compare the ceiling and the curves of an instance, and count the outcomes."""
    random = np.random.default_rng([seed, number, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
        instance = make(seed, number)
        formulation = formulate(instance)
        weight = random.choice([0.5, 1.0, 3.0], len(formulation.workloads))
        count = _count(instance, formulation, weight, number)
        tally.instances += 1
        for formulation_, figures in _points(tally, formulation, weight, count, random):
            judge(tally, formulation_, count, figures)


def _count(instance: placer.Instance, formulation: Formulation, weight: np.ndarray, number: int) -> Count:
    """Return the weights of exports over one of the cuts, or over all pairs of regions with swaps."""
    cuts = every_cut(instance) if len(regions_of(instance)) > 1 else []
    if number % 3 and cuts:
        weights = Weights(weight, np.zeros(formulation.latency_ms.shape))
        return net(instance, weights, cuts[number // 3 % len(cuts)])
    exported = weight[:, None, None] * over_ways(formulation.exported, formulation.structure.routes)
    return Count(exported, np.zeros_like(exported))


def _points(
    tally: Tally, formulation: Formulation, weight: np.ndarray, count: Count, random: np.random.Generator
) -> Iterator[tuple[Formulation, Figures]]:
    """Yield each claim with its formulation."""
    found = most_export(formulation, count)
    tally.ceilings += 1
    yield formulation, _figures(found)
    for by in LIMIT:
        curve = trace(formulation, weight, count, by)
        tally.inexact += int(not curve.table["exact"].all())
        for limit in {float(curve.limits[-1]), float(random.choice(curve.limits))}:
            row = curve.at(limit)
            tally.points += 1
            figures = tuple(float(row[name]) for name in ("unserved_mtok", "displaced_hours", "exported"))
            yield within(formulation, limit, by), figures


def _figures(extent: Extent) -> Figures:
    return extent.unserved_mtok, extent.displaced_hours, extent.exported


def judge(tally: Tally, formulation: Formulation, count: Count, figures: Figures) -> None:
    """Solve for a claim from scratch, and record its error."""
    try:
        cold = most_export(formulation, count, placer.HiGHS(time_limit_seconds=PATIENCE))
    except placer.NoSolutionError:
        tally.unanswered += 1
        return
    structure = formulation.structure
    demand = float(structure.demand_amount.sum()) or 1.0
    sizes = (1.0, float(count.displaced.max(initial=0.0)) or 1.0, max(float(count.exported.max(initial=0.0)), 1.0))
    pairs = zip(_figures(cold), figures, sizes, strict=True)
    apart = max(abs(one - other) / (size * demand) for one, other, size in pairs)
    tally.apart = max(tally.apart, apart)
    tally.differs += int(apart > AGREEMENT)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, compare and print; return the exit status."""
    tally, epilog = Tally(), f"exit status: 0 all agree, 1 some do not\n\n{EXAMPLE}"
    Campaign("ceiling_agreement", __doc__, epilog, 400, compare).run(tally, arguments)
    return int(tally.differs > 0)


if __name__ == "__main__":
    sys.exit(main())
