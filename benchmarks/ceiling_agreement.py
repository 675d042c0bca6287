"""Hold ceilings and curves of small random instances against two cold linear programs at each of their points.

The instances are those of ``benchmarks.agreement``. A ceiling is compared with the two programs of ``placer.extent``
solved one after the other by HiGHS; each of the three curves likewise, at its end and at one of its corners.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from rich.console import Console
from rich.progress import track

import placer
from placer.curve import LIMIT, ceiling_curve, within
from placer.extent import most_export
from placer.formulation import Formulation, formulate

from .agreement import make

EXAMPLE = """example:
  python -m benchmarks.ceiling_agreement --count 100
  python -m benchmarks.ceiling_agreement --count 400 --seed 0 --json"""

#: How far two sides may be apart in unserved or exported, as a share of all demand.
AGREEMENT = 1e-7
#: Seconds HiGHS may take over a program; points it does not answer are left out and counted.
PATIENCE = 20.0


@dataclass
class Tally:
    """What came of a campaign; ``apart`` is the largest difference as a share of all demand."""

    instances: int = 0
    ceilings: int = 0
    points: int = 0
    inexact: int = 0
    unanswered: int = 0
    differs: int = 0
    apart: float = 0.0


def compare(tally: Tally, seed: int, number: int) -> None:
    """Compare the ceiling and the curves of an instance, and count what came of it."""
    random = np.random.default_rng([seed, number, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
        formulation = formulate(make(seed, number))
        weight = random.choice([0.5, 1.0, 3.0], len(formulation.workloads))
        tally.instances += 1
        for formulation_, figures in _points(tally, formulation, weight, random):
            judge(tally, formulation_, weight, *figures)


def _points(
    tally: Tally, formulation: Formulation, weight: np.ndarray, random: np.random.Generator
) -> Iterator[tuple[Formulation, tuple[float, float]]]:
    """Yield what is claimed, exported and unserved, with the formulation it is claimed of."""
    found = most_export(formulation, weight)
    tally.ceilings += 1
    yield formulation, (found.exported, found.unserved_mtok)
    for by in LIMIT:
        curve = ceiling_curve(formulation, weight, by)
        tally.inexact += int(not curve.table["exact"].all())
        for limit in {float(curve.limits[-1]), float(random.choice(curve.limits))}:
            row = curve.at(limit)
            tally.points += 1
            yield within(formulation, limit, by), (float(row["exported"]), float(row["unserved_mtok"]))


def judge(tally: Tally, formulation: Formulation, weight: np.ndarray, exported: float, unserved: float) -> None:
    """Solve for a claim from scratch, and count how far it is off."""
    try:
        cold = most_export(formulation, weight, placer.HiGHS(time_limit_seconds=PATIENCE))
    except placer.NoSolutionError:
        tally.unanswered += 1
        return
    structure = formulation.structure
    size = float(max(weight.max(initial=0.0), 1.0) * structure.demand_amount.sum()) or 1.0
    apart = max(abs(cold.exported - exported), abs(cold.unserved_mtok - unserved)) / size
    tally.apart = max(tally.apart, apart)
    tally.differs += int(apart > AGREEMENT)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, compare and print; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.ceiling_agreement",
        description=__doc__,
        epilog=f"exit status: 0 all agree, 1 some do not\n\n{EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=400, help="instances (default 400)")
    parser.add_argument("--seed", type=int, default=0, help="of all instances (default 0)")
    parser.add_argument("--json", action="store_true", help="print machine-readable JSON")
    options = parser.parse_args(arguments)
    tally, console = Tally(), Console(stderr=True)
    for number in track(range(options.count), "comparing", console=console, disable=not console.is_terminal):
        compare(tally, options.seed, number)
    found = asdict(tally)
    print(json.dumps(found) if options.json else ", ".join(f"{name} {value:g}" for name, value in found.items()))
    return int(tally.differs > 0)


if __name__ == "__main__":
    sys.exit(main())
