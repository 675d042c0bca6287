"""Plan for small random instances by the search and by one program of all states, and compare cost and bound.

    python -m benchmarks.plan_agreement                # 100 instances
    python -m benchmarks.plan_agreement --count 1000

The instances are wild (``benchmarks.wild``), with candidates of accelerators at every site and three to five states;
every second one has a budget that binds. The program is solved by HiGHS (``placer.planning.extensive``), and its cost
proven by the certificate of plans; the search must prove its plan to 1e-9, and its cost and bound must agree with the
program to 1e-8. The exit status is 1 if any plan is unproven or differs.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np

import placer
from benchmarks.plan_ways import search
from benchmarks.wild import wild
from placer.planning.extensive import solve_extensive
from placer.planning.plan import program_of
from placer.planning.problem import planning_problem
from placer.planning.risk import NEUTRAL

if TYPE_CHECKING:
    from placer.planning.plan_program import PlanProgram

#: Relative gap of the search, and how far costs may differ.
_GAP, _AGREED = 1e-9, 1e-8


def make(seed: int, number: int) -> PlanProgram:
    """Return the planning problem of a number, independent of all others of the seed."""
    random = np.random.default_rng([seed, number])
    given = wild(random)
    workloads = given.workloads
    penalty = workloads["unserved_usd_per_mtok"].fillna(float(random.uniform(5, 50)))
    centres = given.data_centres
    limited = centres["accelerators"].replace(np.inf, 0.0)  # what is unlimited has no candidates
    instance = given.replace(
        accelerators="sunk",
        workloads=workloads.assign(unserved_usd_per_mtok=penalty),
        data_centres=centres.assign(accelerators=limited),
    )
    sites = instance.data_centres["data_centre"].tolist()
    candidates = [
        {"candidate": f"more at {site}", "adds": "accelerators", "target": site}
        | {"usd_per_unit_year": float(8760 * random.uniform(0.1, 3.0))}
        for site in sites
    ]
    factors = random.uniform(0.6, 1.8, int(random.integers(3, 6))).tolist()
    states = placer.States.of({f"{factor}": instance.scaled_demand(factor) for factor in factors}, instance)
    limits = {"budget_usd_year": float(10 ** random.uniform(3, 7))} if number % 2 else None
    return program_of(planning_problem(instance, candidates, states, limits), NEUTRAL)


def difference(problem: PlanProgram) -> float:
    """Return how far cost and bound of the search are from the cost of one program, as a share; NaN if unproven."""
    whole = solve_extensive(problem)
    cost = problem.total(whole.units, whole.costs)
    size = max(abs(cost), 1e-3 * float(problem.weights @ np.abs(whole.costs))) or 1.0
    found = search(problem, _GAP).planned
    if not found.gap <= _GAP:
        return math.nan
    return max(abs(found.cost - cost) / size, abs(found.cost - found.gap * size - cost) / size)


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison, and return 1 if any plan is unproven or differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
        for number in range(given.count):
            found.append(difference(make(given.seed, number)))
            if not found[-1] <= _AGREED:
                what = "not proven" if math.isnan(found[-1]) else f"{found[-1]:.1e}"
                print(f"number {number} of seed {given.seed}: {what}", flush=True)
    proven = [each for each in found if not math.isnan(each)]
    agree = sum(each <= _AGREED for each in proven)
    worst = max(proven, default=0.0)
    print(f"{given.count} plans, {len(proven)} proven by the search, {agree} agree, the largest difference {worst:.1e}")
    return int(agree < given.count)


if __name__ == "__main__":
    sys.exit(main())
