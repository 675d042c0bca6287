"""A year of days from a few of them: the interval of its cost, seconds and memory.

``python -m benchmarks.representative --count 12 36`` chooses 12, then 36 days of ``placer.datasets.year("china")``,
solves them, and carries their answer back to all days. ``--cap 0.97`` limits the carbon of the year to a share of what
the chosen days emit without a limit; ``--extremes`` names days that stand for themselves; ``--headlines`` takes
headlines whose ranges are wanted; ``--solve`` solves the whole year too; ``--plan`` plans accelerators at all sites for
the chosen days, and evaluates that plan on all days. Seconds of the processor count all processes.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

import placer

from .year import days_of, watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.instance.problem import Instance


#: Of plans: the penalty of workloads that have none, demand as a multiple of that of the year, hours of a year, and a
#: gap that one evaluation of all days closes.
_UNSERVED_USD, _MORE, _HOURS_OF_YEAR, _WIDE = 10.0, 1.5, 8760.0, 0.5


def measure(
    year: Instance, count: int, extremes: Sequence[str], headlines: Sequence[str], workers: int | None
) -> dict[str, Any]:
    """Return the interval from some number of days, and what it took."""
    with watched() as chosen:
        reduced = year.representative_days(count, extremes)
    with watched() as carried:
        answer = placer.carry_back(reduced, workers=workers, headlines=headlines)
    small, upper = answer.reduced_placement.certificate.objective, answer.upper_usd
    row = {
        "days": count,
        "seconds": round(chosen.seconds + carried.seconds, 1),
        "processor_seconds": round(chosen.processor_seconds + carried.processor_seconds, 1),
        "peak_mb": round(carried.peak_mb),
        "lower_usd": answer.lower_usd,
        "upper_usd": upper,
        "gap": answer.gap,
        "laid_gap": (upper - answer.laid_usd) / abs(upper),
        "days_alone": small / upper - 1,
        "detail": answer.placement.termination.detail,
    }
    ends = {f"{name} {end}": usd for name, row in answer.headlines.iterrows() for end, usd in row.items()}
    return row | ends


def planned(year: Instance, count: int, extremes: Sequence[str], workers: int | None) -> dict[str, Any]:
    """Return the interval of the least yearly cost of a plan, from builds for some days, and what it took."""
    priced = year.workloads.assign(unserved_usd_per_mtok=year.workloads["unserved_usd_per_mtok"].fillna(_UNSERVED_USD))
    usd = year.hourly("data_centres", "accelerator_usd_per_hour").mean(axis=1)
    year = year.replace(workloads=priced, accelerators="sunk").scaled_demand(_MORE)
    candidates = [
        {"candidate": name, "adds": "accelerators", "target": name, "usd_per_unit_year": _HOURS_OF_YEAR * (each or 1.0)}
        for name, each in zip(year.data_centres["data_centre"], usd.tolist(), strict=True)
    ]
    with watched() as chosen:
        few = year.representative_days(count, extremes).instance
        plan = placer.plan(few, candidates, placer.States.blocks(few), gap=1e-4, workers=workers or 1)
    with watched() as evaluated:
        every = placer.States.blocks(year)
        found = placer.plan(year, candidates, every, start=plan, gap=_WIDE, workers=workers or 1)
    return {
        "days": count,
        "of": len(every),
        "processor_seconds, days": round(chosen.processor_seconds, 1),
        "processor_seconds, all days": round(evaluated.processor_seconds, 1),
        "evaluations": int(found.solves.max()),
        "lower_usd_per_year": found.bound_usd_per_year,
        "upper_usd_per_year": found.cost_usd_per_year,
        "gap": found.gap,
        "days_alone": plan.cost_usd_per_year / found.cost_usd_per_year - 1,
    }


def solved(year: Instance, workers: int | None) -> dict[str, Any]:
    """Return the least cost of the whole year, and what it took."""
    with watched() as seen:
        placement = placer.solve(year, tie_break=None, workers=workers)
    return {
        "days": "all",
        "seconds": round(seen.seconds, 1),
        "processor_seconds": round(seen.processor_seconds, 1),
        "peak_mb": round(seen.peak_mb),
        "lower_usd": placement.certificate.bound,
        "upper_usd": placement.certificate.objective,
        "gap": placement.gap,
    }


def capped(year: Instance, count: int, part: float) -> Instance:
    """Return the year with a share of the carbon that some days emit without a limit."""
    free = placer.solve(year.representative_days(count).instance, tie_break=None)
    return year.replace(carbon_limit_kg=part * free.carbon_kg)


def main() -> int:
    """Print a line of JSON for every number of days."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="china")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--count", type=int, nargs="+", default=[12, 36])
    parser.add_argument("--extremes", nargs="*", default=[])
    parser.add_argument("--headlines", nargs="*", default=[])
    parser.add_argument("--cap", type=float)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--solve", action="store_true")
    parser.add_argument("--plan", action="store_true")
    given = parser.parse_args()
    year = days_of(given.dataset, given.days)
    if given.cap is not None:
        year = capped(year, given.count[0], given.cap)
    for count in given.count:
        if given.plan:
            print(json.dumps(planned(year, count, given.extremes, given.workers)), flush=True)
            continue
        print(json.dumps(measure(year, count, given.extremes, given.headlines, given.workers)), flush=True)
    if given.solve:
        print(json.dumps(solved(year, given.workers)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
