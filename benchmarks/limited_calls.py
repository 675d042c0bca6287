"""Calls of the library for ``benchmarks.limits``, each of which takes seconds on ``china``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import placer

from .families import SCENARIOS, dataset

if TYPE_CHECKING:
    from collections.abc import Callable

#: Name -> a call that starts from a placement of ``china``, whose time counts; that of the placement does not.
OF_PLACEMENT: dict[str, Callable[[placer.Placement], object]] = {
    "Model": lambda placement: placer.Model(placement.instance).solve(),
    "roll": lambda placement: placer.roll(placement.instance.replace(cyclic=False), 1, 8),
    "year": lambda _: placer.solve(placer.datasets.year("china", days=28, scenarios=SCENARIOS["china"]), workers=2),
    "batch": lambda placement: list(placer.solve_many(placer.DemandSets(placement.instance, count=40), workers=2)),
    "sensitivity": lambda placement: placer.sensitivity(placement.instance, placer.read_assumptions("china")[0]),
    "flexibility": lambda placement: placer.flexibility(placement, _zones(placement)[0], range(24)),
    "compare": placer.compare,
    "export_cost": placer.export_cost,
    "export_ranges": placer.export_ranges,
    "price_ranges": lambda placement: placer.price_ranges(placement, range(500)),
    "break_even": lambda placement: placer.break_even_accelerator_price(placement.instance, _regions(placement)[0]),
    "quantiles": lambda placement: placer.ceiling_at_quantiles(placement.instance, {"p50": 1.0, "p99": 2.5}),
    "by_region": lambda placement: placer.ceilings_by_region(placement.instance),
    "latency": lambda placement: placer.cost_of_latency(placement.instance, [20.0, 25.0, 30.0, 40.0, 50.0]),
}
#: The same from a plan of two demand sets of ``china``.
OF_PLAN: dict[str, Callable[[placer.Plan], object]] = {
    "out_of_sample": lambda plan: plan.out_of_sample(placer.DemandSets(plan.question.instance, count=40, seed=1)),
    "plan.ranges": lambda plan: plan.ranges(most_solves=200),
    "plan.ceilings": lambda plan: plan.ceilings(),
    "plan.accounts": lambda plan: plan.accounts(),
}


def call_within(name: str, limit_seconds: float, begin: Callable[[], None]) -> None:
    """Make a call within a time limit, after ``begin``.

    Raises
    ------
    NoSolutionError
        If the time is over.
    """
    start = _placement() if name in OF_PLACEMENT else _plan()
    begin()
    with placer.running(time_limit_seconds=limit_seconds):
        if isinstance(start, placer.Plan):
            OF_PLAN[name](start)
        else:
            OF_PLACEMENT[name](start)


@cache
def _placement() -> placer.Placement:
    return placer.solve(dataset("china"))


@cache
def _plan() -> placer.Plan:
    china = placer.load("china", ["dispatch", *SCENARIOS["china"]])
    states = placer.States.of(placer.DemandSets(china, count=2))
    return placer.plan(china, placer.read_candidates("china"), states, gap=0.1)


def _zones(placement: placer.Placement) -> list[str]:
    return list(placement.instance.power_zones["power_zone"])


def _regions(placement: placer.Placement) -> list[str]:
    return list(placement.instance.data_centres["region"])
