"""Time of column generation with many limits of one's own, as a multiple of its time without.

    python -m benchmarks.own_limits            # none, 6 and 50 limits on four instances; two minutes
    python -m benchmarks.own_limits --quick    # a small instance, as a check

Limits are of mixed kinds, scopes and senses, drawn by a seed. Every other amount is a tenth below (at most) or above
(at least) the use without limits, so that most of these bind; the other amounts leave a fifth. The numbers of limits
take turns, round by round. The table holds the median seconds of processor time of answer and proof, the ratio to that
without limits, and how many limits have a rent. HiGHS solves small instances as whole programs too, and the least costs
must agree. The exit status is 1 if a ratio exceeds the target.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import placer
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate

from .families import build, dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.ladder.proven import AnySolver
    from placer.model.structure import Structure

#: Most times as long as without limits.
TARGET = 2.0
#: Largest relative difference between two least costs.
AGREEMENT = 1e-6
NUMBERS = (0, 6, 50)
#: Assignment columns up to which the whole program is solved too.
WHOLE = 50_000
CASES = (("china", ""), ("fleet", "small"), ("fleet", "medium"), ("tiers", "medium"))
#: Kinds in turn, and whether the scope names a workload.
KINDS = (
    ("share", True),
    ("carbon_kg", False),
    ("accelerator_hours", False),
    ("tokens", True),
    ("cost_usd", False),
    ("energy_mwh", False),
    ("accelerator_hours", True),
    ("green_share", False),
)
#: What use without limits is multiplied by: for limits that are to bind, and for others.
BINDING, LOOSE = {"<=": 0.9, ">=": 1.1}, {"<=": 1.2, ">=": 0.8}
#: Utilisation up to which limits of a site may ask for more, and green share up to which one may be asked for.
MOST_BUSY, MOST_GREEN = 0.6, 0.7


@dataclass(frozen=True)
class Line:
    """One instance with some limits.

    Attributes
    ----------
    name : str
    columns, limits, binding : int
        Assignment columns, limits, and limits with a rent.
    seconds, ratio : float
        Median of the processor time, and that over the median without limits.
    difference : float
        Of the cost from that of HiGHS on the whole program, relative; NaN where that was not solved.
    how : str
        What column generation says of itself.
    """

    name: str
    columns: int
    limits: int
    binding: int
    seconds: float
    ratio: float
    difference: float
    how: str


def limits_of(instance: placer.Instance, count: int, seed: int = 0) -> pd.DataFrame:
    """Return limits of mixed kinds; those of a smaller number are the first of a larger one.

    Limits of every third site that is not busy ask for at least an amount, of the whole day and of all workloads, so
    that no two contradict each other and the site can do more.
    """
    random = np.random.default_rng([47, seed])
    scopes = [_scope(instance, place, random) for place in range(4 * count)]
    loose = pd.DataFrame([scope | {"sense": ">=", "amount": 0.0} for scope in scopes])
    free = placer.solve(instance.replace(limits=loose), placer.ColumnGeneration(), tie_break=None)
    idle = free.data_centres.index[free.data_centres["utilisation"] < MOST_BUSY]
    asking, chosen = set(idle[::3]), list[dict[str, Any]]()
    for scope, use in zip(scopes, free.limits["use"].tolist(), strict=True):
        is_green, asks = scope["kind"] == "green_share", scope["data_centre"] in asking
        is_part = scope["workload"] is not None or scope["hours"] is not None
        if len(chosen) == count or not use > 0 or (is_green and use > MOST_GREEN) or (asks and (is_green or is_part)):
            continue
        sense = ">=" if is_green or asks else "<="
        factor = (BINDING if len(chosen) % 2 else LOOSE)[sense]
        most = 1.0 if scope["kind"] in {"share", "green_share"} else np.inf
        chosen.append(scope | {"sense": sense, "amount": min(use * factor, most)})
    return pd.DataFrame(chosen, columns=["limit", "kind", "sense", "amount", "workload", "data_centre", "hours"])


def with_green(instance: placer.Instance) -> placer.Instance:
    """Return an instance whose every other power zone is green, so that green shares can be asked for."""
    zone = instance.supplies["power_zone"]
    return instance.replace(supplies=instance.supplies.assign(green=(pd.factorize(zone)[0] % 2).astype(float)))


def measure(name: str, instance: placer.Instance, numbers: Sequence[int], rounds: int) -> list[Line]:
    """Solve an instance with each number of limits, and return a line for each.

    Raises
    ------
    SystemExit
        If a cost differs from that of the whole program.
    """
    table = limits_of(instance, max(numbers))
    structures = [formulate(instance.replace(limits=table.head(count))).structure for count in numbers]
    taken: list[list[float]] = [[] for _ in structures]
    for _ in range(rounds):
        found = [_solved(structure, placer.ColumnGeneration()) for structure in structures]
        for seconds, each in zip(taken, found, strict=True):
            seconds.append(each[0])
    medians = [statistics.median(seconds) for seconds in taken]
    return [
        Line(
            name=name,
            columns=structure.assignment_count,
            limits=count,
            binding=int((answer.prices.cap > 0).sum()),
            seconds=median,
            ratio=median / medians[0],
            difference=_difference(structure, cost),
            how=answer.termination.detail,
        )
        for structure, count, median, (_, answer, cost) in zip(structures, numbers, medians, found, strict=True)
    ]


def _scope(instance: placer.Instance, place: int, random: np.random.Generator) -> dict[str, Any]:
    """Return name, kind and scope of the limit at some place; one in four holds for a third of the day."""
    kind, is_of_workload = KINDS[place % len(KINDS)]
    online = instance.workloads.loc[instance.workloads["deadline_hours"] == 0, "workload"]
    start = int(random.integers(3)) * 8
    is_part = kind not in {"tokens", "share", "cost_usd"} and random.random() < 1 / 4
    return {
        "limit": f"{kind} {place}",
        "kind": kind,
        "workload": random.choice(online.to_numpy()) if is_of_workload else None,
        "data_centre": random.choice(instance.data_centres["data_centre"].to_numpy()),
        "hours": f"{start}-{start + 7}" if is_part and len(instance.hours) == 24 else None,
    }


def _solved(structure: Structure, solver: AnySolver) -> tuple[float, Any, float]:
    """Return the seconds of processor time of a proven answer, the answer, and its cost."""
    started = time.process_time()
    answer, certificate = solve_structure(structure, solver)
    return time.process_time() - started, answer, certificate.objective


def _difference(structure: Structure, cost: float) -> float:
    """Return the relative difference of a cost from that of the whole program; NaN where that is large."""
    if structure.assignment_count > WHOLE:
        return float("nan")
    whole = _solved(structure, placer.HiGHS())[2]
    difference = abs(cost - whole) / abs(whole)
    if difference > AGREEMENT:
        raise SystemExit(f"the costs of column generation and of the whole program differ: {cost} and {whole}")
    return difference


def lines(cases: Sequence[tuple[str, str]], numbers: Sequence[int], rounds: int) -> Iterator[Line]:
    """Yield the lines of all cases, each a family and a size, or a dataset and nothing."""
    for family, size in cases:
        instance = build(family, size) if size else dataset(family)
        yield from measure(f"{family} {size}".strip(), with_green(instance), numbers, rounds)


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each instance and number of limits; return 1 if a ratio exceeds the target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.own_limits", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="times that each is solved (default 3)")
    parser.add_argument("--quick", action="store_true", help="a small instance, to see that all works: no target")
    options = parser.parse_args(arguments)
    chosen = lines([("tiers", "smoke")], (0, 2, 8), 1) if options.quick else lines(CASES, NUMBERS, options.rounds)
    print("| instance | columns | limits | of these bind | seconds | ratio | differs | how |\n" + 8 * "| --- " + "|")
    worst = 0.0
    for line in chosen:
        worst = max(worst, line.ratio)
        print(
            f"| {line.name} | {line.columns:,} | {line.limits} | {line.binding} | {line.seconds:.2f} "
            f"| {line.ratio:.2f} | {line.difference:.0e} | {line.how} |",
            flush=True,
        )
    return int(not options.quick and worst > TARGET)


if __name__ == "__main__":
    sys.exit(main())
