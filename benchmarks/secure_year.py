"""A secure year beside its days secured one by one: processor time, equal costs and equal stranded work.

    python -m benchmarks.secure_year                       # 7 and 28 days of china
    python -m benchmarks.secure_year --days 2              # as a check
    python -m benchmarks.secure_year --json

Every data centre is lost alone. Processor seconds are those of securing a placement of least cost that is known, in one
process, without its tables. The exit status is 1 if the year and the sum of its days differ.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from typing import Any

import pandas as pd

import placer
from placer.security.definition import Security
from placer.security.secure import secured

from .year import days_of

#: Largest relative difference between the year and the sum of its days.
AGREEMENT = 1e-6
LOST = Security("data_centres", recourse="displaced")


def compare(dataset: str, days: int) -> dict[str, Any]:
    """Return the processor seconds of a secure year and of its days, and how far their figures are apart."""
    year = days_of(dataset, days)
    whole, seconds = _secured(year)
    hours = list(year.hours)
    length = len(hours) // days
    parts = [_secured(year.between(hours[day * length], hours[(day + 1) * length - 1])) for day in range(days)]
    cost = math.fsum(part.certificate.objective for part, _ in parts)
    stranded = math.fsum(sum(part.stranded_mtok.values()) for part, _ in parts)
    found = sum(whole.stranded_mtok.values())
    return {
        "dataset": dataset,
        "days": days,
        "columns": whole.formulation.structure.assignment_count,
        "seconds_a_day": round(seconds / days, 2),
        "alone_seconds_a_day": round(sum(each for _, each in parts) / days, 2),
        "security_usd": whole.security_usd,
        "stranded_mtok": found,
        "cost_apart": abs(whole.certificate.objective - cost) / max(abs(cost), 1e-9),
        "stranded_apart": abs(found - stranded) / max(stranded, 1e-9 * float(year.demand["mtok"].sum())),
    }


def _secured(instance: placer.Instance) -> tuple[placer.SecurePlacement, float]:
    placement = placer.solve(instance, tie_break=None, workers=1)
    started = time.process_time()
    return secured(placement, LOST, workers=1), time.process_time() - started


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, compare and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, nargs="+", default=[7, 28])
    parser.add_argument("--dataset", default="china")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    apart = 0.0
    for days in given.days:
        row = compare(given.dataset, days)
        apart = max(apart, row["cost_apart"], row["stranded_apart"])
        print(json.dumps(row) if given.json else pd.Series(row).to_string(), flush=True)
    return int(apart > AGREEMENT)


if __name__ == "__main__":
    sys.exit(main())
