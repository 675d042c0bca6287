"""Plan for small random instances by the search and by one program of all states, compare both, and read the plan.

    python -m benchmarks.plan_agreement                # 100 plans
    python -m benchmarks.plan_agreement --count 1000

The problems are those of ``benchmarks.plan_draws``. The program is solved by HiGHS
(``placer.planning.search.extensive``), and its cost proven by the certificate of plans. The search must prove its plan
to 1e-9, and its cost and bound must agree with the program to 1e-8. Then ``builds``, ``ranges``, ``break_even``,
``parts`` and ``accounts`` of the plan are read, and must agree with each other: units within their ranges, no profit of
what has no maximum, no loss of what is built, costs that add up. Where HiGHS finds no plan, the plan must say so too.
Where HiGHS fails, there is nothing to compare the plan with, and it must be proven all the same. The exit status is 1
if anything is wrong.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np

import placer
from benchmarks.plan_draws import drawn_question
from placer.decomposition.price_pool import PricePool
from placer.decomposition.risk import NEUTRAL
from placer.least_cost.unmet_limits import NO_POINT
from placer.planning.plan import program_of
from placer.planning.search.extensive import solve_extensive
from placer.planning.search.proven_plan import prove_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.planning.question.plan_program import PlanProgram
    from placer.planning.question.problem import PlanningProblem

#: Relative gap of the search, and how far costs may differ.
_GAP, _AGREED = 1e-9, 1e-8
#: How far figures of a plan may differ, as a share of its cost.
_READ = 1e-6


def make(seed: int, number: int) -> PlanningProblem:
    """Return the planning problem of a number, independent of all others of the seed."""
    return drawn_question(np.random.default_rng([seed, number]))


def least_cost(problem: PlanProgram) -> float:
    """Return the cost by one program; inf where HiGHS says that there is no plan, NaN where it proves nothing."""
    try:
        whole = solve_extensive(problem)
    except placer.NoSolutionError as error:
        return math.inf if error.reason in NO_POINT else math.nan
    return problem.total(whole.units, whole.costs)


def faults(question: PlanningProblem) -> Iterator[str]:
    """Yield what is wrong with the plan of a question."""
    problem = program_of(question, NEUTRAL)
    least = least_cost(problem)
    try:
        searched = prove_plan(problem, _GAP, vectors=PricePool(problem.states))  # prices of 0 alone: no program of all
        plan = placer.plan(question.instance, question.candidates, question.states, question.build_limits, gap=_GAP)
    except placer.NoSolutionError as error:
        if not (least == math.inf and error.reason is placer.Reason.INFEASIBLE):
            yield f"no plan: {error}"
        return
    for what, found in (("search", searched), ("plan", plan)):
        size = found.certificate.size_usd_per_year
        differs = max(abs(found.cost_usd_per_year - least), abs(found.bound_usd_per_year - least)) / size
        if not found.certificate.proven:
            yield f"the {what} is {found.certificate.verdict} {found.stopped}"
        elif differs > _AGREED:
            yield f"the {what} differs by {differs:.1e}"
    try:
        yield from _misread(plan)
    except placer.PlacerError as error:
        yield f"unreadable: {error}"


def _misread(plan: placer.Plan) -> Iterator[str]:
    """Yield which figures of a plan disagree."""
    small = _READ * plan.certificate.size_usd_per_year
    builds, units = plan.builds, plan.units
    unit, profit = (builds[name].to_numpy() for name in ("unit_cost_usd_per_year", "profit_usd_per_unit_year"))
    endless = np.isinf(builds["max_units"].to_numpy())
    tiny = 1e-9 * (unit + builds["value_usd_per_unit_year"].abs().to_numpy())
    if (profit[endless] > tiny[endless]).any():
        yield "profit without a maximum"
    if (units * np.maximum(-profit, 0.0)).sum() > small:
        yield "what is built makes a loss"
    beyond = np.maximum(builds["least"] - units, units - builds["most"]).to_numpy()
    if (beyond > _READ * np.maximum(units, plan.problem.useful)).any():
        yield "units outside their ranges"
    accounts = plan.accounts(by="data_centre")
    counted = accounts.cost_usd_per_year + accounts.transfers_usd_per_year
    if abs(counted - plan.cost_usd_per_year) > small:
        yield f"accounts of {counted}, a cost of {plan.cost_usd_per_year}"
    costs = plan.parts.filter(items=["operating_usd", "transfers_usd", "penalty_usd", "not_bought_usd"]).sum(axis=1)
    if (plan.problem.weights * np.abs(costs - plan.states["cost_usd"])).sum() > small:
        yield f"parts of {costs.tolist()}, costs of {plan.states['cost_usd'].tolist()}"
    if (np.abs(accounts.builds["profit_usd"].to_numpy())[endless] > small).any():
        yield "profit in the accounts"
    place = len(units) // 2
    name, least = builds.index[place], plan.break_even(builds.index[place], gap=_GAP)
    if (units[place] > 0) != (least >= unit[place]) and abs(least - unit[place]) * max(units[place], 1.0) > small:
        yield f"{name}: {units[place]} units at {unit[place]}, a break-even cost of {least}"


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison, and return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    wrong = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
        for number in range(given.count):
            found = list(faults(make(given.seed, number)))
            wrong += bool(found)
            for fault in found:
                print(f"number {number} of seed {given.seed}: {fault}", flush=True)
    print(f"{given.count} plans, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
