"""Plans over many states: solves, seconds and memory, beside the same plans by other ways.

    python -m benchmarks.plan                                        # china: 22 sites to expand, 40 demand sets
    python -m benchmarks.plan --sets 1000 --gap 1e-4 --store PATH    # resumable: the same command goes on
    python -m benchmarks.plan --again                                # re-plans after changed costs and a budget too
    python -m benchmarks.plan --sets 4 --carbon 0.9                  # beside an annual limit on 90 % of the carbon
    python -m benchmarks.plan --fleet 6 --limit 900                  # 20 x 100 x 6 x 24: 1.5 million columns; 24: 6
    python -m benchmarks.plan --online 20 --way search               # beside PyPSA's stochastic form: --way PyPSA
    python -m benchmarks.plan --others                               # small networks by every other way
    python -m benchmarks.plan --quick                                # the same with few states, as a check

Demand is that of the instance times 1.5, a Mtok that is not served costs what it does in the instance or 20 USD, and
each site may be expanded at the hourly cost of its accelerators, 1 USD where the instance has none. The ways are those
of ``benchmarks.plan_ways``. Processor seconds count all processes, and memory that of all of them together.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import placer
from benchmarks.families import build, dataset
from benchmarks.plan_ways import (
    Planned,
    Searched,
    by_extensive_form,
    by_plain_benders,
    by_pypsa,
    by_search,
    re_plan,
    search,
)
from benchmarks.year import watched
from placer.decomposition.risk import NEUTRAL
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.planning.search.journal import Journal, journal_store
from placer.running import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.planning.question.plan_program import PlanProgram
    from placer.planning.question.problem import PlanningProblem

HOURS_OF_YEAR = 8760
#: Of re-plans: how much dearer all candidates get, how much of what is spent a budget is, how much dearer one gets.
_ALL_DEARER, _BUDGET, _ONE_DEARER = 1.01, 0.95, 1.05


@dataclass(frozen=True)
class Row:
    """A line of the table; ``placer.planning`` says what its figures mean."""

    instance: str
    way: str
    candidates: int
    states: int
    columns: int
    cost_usd_per_year: float
    gap: float
    solves_per_state: float
    seconds: float
    processor_seconds: float
    peak_mb: float
    note: str


def china(sets: int, seed: int = 7) -> PlanningProblem:
    """Return the question for ``china``: accelerators at every site, over demand sets."""
    instance = _priced(dataset("china").scaled_demand(1.5))
    return _question(instance, placer.States.of(placer.DemandSets(instance, count=sets, seed=seed)))


def fleet(size: str, sets: int, seed: int = 7) -> PlanningProblem:
    """Return the question for the family ``fleet``, over demand sets."""
    instance = _priced(build("fleet", size).scaled_demand(1.5))
    return _question(instance, placer.States.of(placer.DemandSets(instance, count=sets, seed=seed)))


def online(states: int, size: str = "smoke") -> PlanningProblem:
    """Return a question that PyPSA can express: nothing waits, and states scale all demand."""
    instance = _priced(build("online", size))
    factors = np.linspace(0.8, 1.6, states).round(6).tolist()
    return _question(
        instance, placer.States.of({f"{each}": instance.scaled_demand(each) for each in factors}, instance)
    )


def tiny(sets: int) -> PlanningProblem:
    """Return a question of a few sites that the extensive form can take."""
    instance = _priced(placer.load("tiny").scaled_demand(1.5))
    return _question(instance, placer.States.of(placer.DemandSets(instance, count=sets, seed=7)))


def _priced(given: placer.Instance) -> placer.Instance:
    """Return an instance with sunk accelerators and a value of all tokens."""
    workloads = given.workloads
    penalty = workloads["unserved_usd_per_mtok"].fillna(20.0)
    return given.replace(accelerators="sunk", workloads=workloads.assign(unserved_usd_per_mtok=penalty))


def _question(instance: placer.Instance, states: placer.States) -> PlanningProblem:
    usd = instance.hourly("data_centres", "accelerator_usd_per_hour").mean(axis=1)
    candidates = [
        {"candidate": name, "adds": "accelerators", "target": name, "usd_per_unit_year": HOURS_OF_YEAR * (each or 1.0)}
        for name, each in zip(instance.data_centres["data_centre"], usd.tolist(), strict=True)
    ]
    # A budget that binds nowhere until a re-plan lowers it.
    return planning_problem(instance, candidates, states, {"budget_usd_year": 1e15})


def measured(name: str, way: str, problem: PlanProgram, plan: Callable[[], Planned]) -> Row:
    """Return the line of a way, and print it."""
    with watched() as seen:
        found = plan()
    row = Row(
        instance=name,
        way=way,
        candidates=len(problem.cost),
        states=len(problem.states),
        columns=sum(state.structure.assignment_count for state in problem.states),
        cost_usd_per_year=found.cost,
        gap=found.gap,
        solves_per_state=found.solves_per_state,
        seconds=round(seen.seconds, 2),
        processor_seconds=round(seen.processor_seconds, 2),
        peak_mb=round(seen.peak_mb),
        note=found.note,
    )
    print(
        f"{name}, {row.candidates} candidates, {row.states} states, {row.columns:,} columns: {way}: "
        f"cost {row.cost_usd_per_year:.12g}, gap {row.gap:.1e}, {row.solves_per_state:.2f} solves a state, "
        f"{row.processor_seconds:.1f} s of the processor, {row.seconds:.1f} s, {row.peak_mb:,.0f} MB {row.note}",
        file=sys.stderr,
        flush=True,
    )
    return row


def limited_rows(name: str, question: PlanningProblem, given: argparse.Namespace) -> list[Row]:
    """Return the lines of the search without an annual limit, and with one at a share of the carbon of that plan."""
    asked = question.instance, question.candidates, question.states, question.build_limits
    free = placer.plan(*asked, gap=given.gap, workers=given.workers)
    used = sum(
        weight * free.placement(state).carbon_kg
        for state, weight in zip(question.states.names, question.states.weights.tolist(), strict=True)
    )
    limits = {"without a limit": None, f"carbon {given.carbon:g}": {"carbon_limit_kg": given.carbon * used}}
    rows = []
    for way, annual in limits.items():
        problem = program_of(planning_problem(*asked, annual_limits=annual), NEUTRAL)
        rows.append(measured(name, way, problem, lambda problem=problem: by_search(problem, given.gap, given.workers)))
    return rows


def searched_rows(name: str, question: PlanningProblem, given: argparse.Namespace) -> list[Row]:
    """Return the line of the search, and those of re-plans if asked for."""
    problem = program_of(question, NEUTRAL)
    plans: list[Searched] = []

    def first() -> Planned:
        with journal_store(given.store, question) as kept:
            journal = None if kept is None else Journal(kept, problem)
            vectors, units = ((), None) if journal is None else journal.first()
            plans.append(search(problem, given.gap, given.workers, vectors, units, journal))
        return plans[0].planned

    rows = [measured(name, "search", problem, first)]
    if given.again:
        for way, changed in changes(problem, plans[0]):

            def again(changed: PlanProgram = changed) -> Planned:
                return re_plan(changed, plans[0], given.gap, given.workers).planned

            rows.append(measured(name, way, changed, again))
    return rows


def changes(problem: PlanProgram, found: Searched) -> list[tuple[str, PlanProgram]]:
    """Return the problem with dearer candidates, a budget below what is spent, and one candidate dearer.

    The candidate is that on which most is spent. Changes that move the plan least come first, since every re-plan
    leaves the masters of the states near its own plan.
    """
    cost = problem.cost.copy()
    cost[int((cost * found.units).argmax())] *= _ONE_DEARER
    all_dearer, one_dearer = (
        replace(problem.candidates, cost_usd_per_unit_year=each) for each in (_ALL_DEARER * problem.cost, cost)
    )
    amount = np.array([_BUDGET * problem.build_cost(found.units)])
    return [
        ("re-plan, all candidates 1 % dearer", replace(problem, candidates=all_dearer)),
        ("re-plan, a budget of 95 %", replace(problem, build_limits=replace(problem.build_limits, amount=amount))),
        ("re-plan, a candidate 5 % dearer", replace(problem, candidates=one_dearer)),
    ]


def compared_rows(name: str, question: PlanningProblem, ways: dict[str, Callable[[PlanProgram], Planned]]) -> list[Row]:
    """Return a line for each way."""
    problem = program_of(question, NEUTRAL)
    return [measured(name, way, problem, lambda plan=plan: plan(problem)) for way, plan in ways.items()]


def small_rows(states: int, gap: float) -> list[Row]:
    """Return a line for every way on two small networks."""
    every = {
        "search": lambda problem: by_search(problem, gap),
        "HiGHS, extensive form": by_extensive_form,
        "plain Benders": lambda problem: by_plain_benders(problem, gap),
    }
    question = online(states)
    rows = compared_rows("tiny", tiny(states), every)
    return rows + compared_rows("online smoke", question, every | {"PyPSA": lambda _: by_pypsa(question)})


def online_rows(states: int, size: str, gap: float, way: str | None) -> list[Row]:
    """Return a line for the search and for PyPSA on a fleet that PyPSA can express, or for one of them alone.

    Both start from the instances: the search formulates them, and PyPSA's network is built of them.
    """
    question = online(states, size)
    ways: dict[str, Callable[[PlanProgram], Planned]] = {
        "search": lambda _: by_search(program_of(question, NEUTRAL), gap),
        "PyPSA": lambda _: by_pypsa(question),
    }
    return compared_rows(f"online {size}", question, {name: ways[name] for name in ways if way in (name, None)})


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--store", help="file of solved states; the same command goes on from it")
    parser.add_argument("--again", action="store_true", help="re-plans after changes too")
    parser.add_argument("--carbon", type=float, metavar="SHARE", help="also with this share of the carbon in a year")
    parser.add_argument("--fleet", type=int, metavar="STATES", help="the fleet of 20 sites beside HiGHS instead")
    parser.add_argument("--online", type=int, metavar="STATES", help="a fleet without work that waits, beside PyPSA")
    parser.add_argument("--size", default="medium", help="of this fleet")
    parser.add_argument("--way", choices=("search", "PyPSA"), help="one of them, whose memory is then its own")
    parser.add_argument("--seed", type=int, default=7, help="of the demand sets")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds of other ways on the fleet")
    parser.add_argument("--seconds", type=float, default=math.inf, help="time limit of everything")
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--progress", action="store_true", help="print every round of the search")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    with running((lambda text: print(text, file=sys.stderr, flush=True)) if given.progress else None, given.seconds):
        if given.quick or given.others:
            rows = small_rows(3 if given.quick else 40, given.gap)
        elif given.online:
            rows = online_rows(given.online, given.size, given.gap, given.way)
        elif given.fleet:
            rows = compared_rows(
                "fleet medium",
                fleet("medium", given.fleet, given.seed),
                {
                    "search": lambda problem: by_search(problem, given.gap, given.workers),
                    "HiGHS, extensive form": lambda problem: by_extensive_form(problem, given.limit),
                },
            )
        elif given.carbon:
            rows = limited_rows("china", china(given.sets, given.seed), given)
        else:
            rows = searched_rows("china", china(given.sets, given.seed), given)
    for row in rows if given.json else ():
        print(json.dumps(asdict(row)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
