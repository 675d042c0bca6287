"""Plans over many demand sets: solves of states, processor time, and the same by other ways.

    python -m benchmarks.plan                 # china: 22 sites to expand, 40 demand sets, gap 1e-6
    python -m benchmarks.plan --sets 12       # fewer sets
    python -m benchmarks.plan --others        # a small network too, also by extensive form and plain Benders
    python -m benchmarks.plan --quick         # the small network alone with few sets, as a check

Demand is that of the dataset times 1.5, a Mtok that is not served costs what it does in the dataset or 20 USD, and each
site may be expanded at the hourly cost of its accelerators. Plain Benders has a cut of its own for each state and no
trust region: every state is solved at every optimum of the master, and prices are not shared.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

import placer
from placer.planning.cuts import cuts_of
from placer.planning.evaluation import Here, StateJob, solve_state
from placer.planning.extensive import solve_extensive
from placer.planning.master import Cuts, floors, solve_master
from placer.planning.plan import program_of
from placer.planning.pool import Pool
from placer.planning.problem import planning_problem
from placer.planning.proven_plan import evaluator_of
from placer.planning.risk import NEUTRAL
from placer.planning.search import find_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.planning.plan_program import PlanProgram

HOURS_OF_YEAR = 8760
GAP = 1e-6


def china(sets: int, factor: float) -> PlanProgram:
    """Return the planning problem of ``china``: accelerators at every site, over demand sets."""
    return _problem(placer.load("china").scaled_demand(factor), sets)


def small(sets: int) -> PlanProgram:
    """Return a planning problem of a dozen sites that the extensive form can take."""
    return _problem(placer.load("tiny").scaled_demand(1.5), sets)


def _problem(given: placer.Instance, sets: int) -> PlanProgram:
    workloads = given.workloads
    penalty = workloads["unserved_usd_per_mtok"].fillna(20.0)
    instance = given.replace(accelerators="sunk", workloads=workloads.assign(unserved_usd_per_mtok=penalty))
    usd = instance.hourly("data_centres", "accelerator_usd_per_hour").mean(axis=1)
    candidates = [
        {"candidate": name, "adds": "accelerators", "target": name, "usd_per_unit_year": HOURS_OF_YEAR * each}
        for name, each in zip(instance.data_centres["data_centre"], usd.tolist(), strict=True)
    ]
    states = placer.States.of(placer.DemandSets(instance, count=sets, seed=7))
    return program_of(planning_problem(instance, candidates, states), NEUTRAL)


def by_search(problem: PlanProgram) -> tuple[float, float, float]:
    """Return cost, gap and solves a state of the search."""
    with evaluator_of(problem, 1) as evaluator:
        found, _ = find_plan(problem, evaluator, GAP)
        cost = problem.total(found.units, found.costs)
        return cost, (cost - found.bound.amount) / cost, float(evaluator.solves.mean())


def by_extensive_form(problem: PlanProgram) -> tuple[float, float, float]:
    """Return cost, gap and solves a state of the extensive form."""
    found = solve_extensive(problem)
    cost = problem.total(found.units, found.costs)
    return cost, (cost - found.bound.amount) / cost, 1.0


def by_plain_benders(problem: PlanProgram, most: int = 200) -> tuple[float, float, float]:
    """Return cost, gap and solves a state of a loop without shared prices and without a trust region."""
    states, zero, job = problem.states, np.zeros(len(problem.cost)), Here(StateJob(problem.states))
    pool = Pool(states)
    floor = floors(pool.least(problem.most))
    numbers = np.arange(len(states))
    constants, slopes = pool.rows(np.zeros(len(states), dtype=int), numbers)
    rows, owner = [*zip(constants, slopes, strict=True)], [*numbers]
    best, bound = np.inf, -np.inf
    steps = 0
    while steps < most:
        steps += 1
        constant, slope = (np.array(part) for part in zip(*rows, strict=True))
        cuts = Cuts(np.zeros(len(rows), dtype=int), np.array(owner), constant, slope)
        point = solve_master(problem, cuts, floor, zero, problem.most)
        bound = max(bound, point.objective)
        solved = [solve_state(job, int(number), point.units, (), np.inf) for number in numbers]
        best = min(best, problem.total(point.units, np.array([each.cost for each in solved])))
        if best - bound <= GAP * best:
            break
        for each in solved:
            cut = cuts_of(each.prices, [states[each.state]])[0]
            rows.append((cut.constant, cut.slope))
            owner.append(each.state)
    return best, (best - bound) / best, float(steps)


def report(
    name: str, problem: PlanProgram, ways: dict[str, Callable[[PlanProgram], tuple[float, float, float]]]
) -> None:
    """Print a line for each way."""
    columns = sum(state.structure.assignment_count for state in problem.states)
    print(f"{name}: {len(problem.cost)} candidates, {len(problem.states)} states, {columns:,} columns")
    for way, solve in ways.items():
        started = time.process_time()
        cost, gap, solves = solve(problem)
        seconds = time.process_time() - started
        print(f"  {way:<16} cost {cost:.8g}  gap {gap:.1e}  solves a state {solves:6.1f}  {seconds:8.1f} s", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--factor", type=float, default=1.5)
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args(arguments)
    every = {"search": by_search, "extensive form": by_extensive_form, "plain Benders": by_plain_benders}
    if chosen.quick or chosen.others:
        report("tiny", small(3 if chosen.quick else 40), every)
    if not chosen.quick:
        report("china", china(chosen.sets, chosen.factor), {"search": by_search})
    return 0


if __name__ == "__main__":
    sys.exit(main())
