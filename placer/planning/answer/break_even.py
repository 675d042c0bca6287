"""The yearly cost of a unit below which a candidate is built.

The least cost V(c) of all plans is concave in the unit cost c of one candidate, with its units as slope, and equals the
cost V_0 without the candidate from the break-even cost on. So the line through (c, V(c)) with the units as slope lies
above V. It meets V_0 at or before the break-even cost:

    c  <-  c + (V_0 - V(c)) / units(c)

The iterates rise to the break-even cost in at most as many steps as V has pieces (Newton's method on a concave,
piecewise-linear function).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from placer.errors import NoSolutionError
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.proven_plan import ProvenPlan, Prover
from placer.termination import Reason
from placer.tolerances import SOLVER

#: Maximum number of steps.
_MOST_STEPS = 60


def break_even_cost(plan: ProvenPlan, candidate: int, prove: Prover) -> float:
    """Return the yearly cost of a unit below which a candidate enters the plan, all other data unchanged.

    Parameters
    ----------
    plan : ProvenPlan
        The search starts from the prices of this plan.
    candidate : int
        Its position.
    prove : callable
        Proves plans to a gap; the answer is too low by at most what two gaps leave open, over the units at it.

    Returns
    -------
    float
        In USD; 0 if the candidate is worth nothing, inf if there is no plan without it.

    Raises
    ------
    NoSolutionError
        As ``placer.plan``.
    """
    without = _changed(plan.problem, candidate, plan.problem.cost[candidate], 0.0)
    others = np.where(np.arange(len(plan.point)) == candidate, 0.0, plan.point)
    try:
        base = prove(without, vectors=plan.known, units=others, masters=plan.masters)
    except NoSolutionError as error:
        if error.reason is not Reason.INFEASIBLE:
            raise
        return math.inf
    latest = base
    unit_usd = float(plan.problem.cost[candidate]) if plan.units[candidate] > 0 else 0.0
    for _ in range(_MOST_STEPS):
        problem = _changed(plan.problem, candidate, unit_usd, float(plan.problem.candidates.max_units[candidate]))
        latest = prove(problem, vectors=latest.known, units=latest.point, masters=plan.masters)
        saved, units = base.cost_usd_per_year - latest.cost_usd_per_year, float(latest.units[candidate])
        if saved <= base.open_usd + latest.open_usd + SOLVER * abs(base.cost_usd_per_year) or units <= 0:
            break
        unit_usd += saved / units
    return unit_usd


def _changed(problem: PlanProgram, candidate: int, unit_usd: float, most: float) -> PlanProgram:
    """Return the problem with another unit cost and maximum of a candidate; its use of build limits does not change."""
    cost, units = problem.cost.copy(), problem.candidates.max_units.copy()
    cost[candidate], units[candidate] = unit_usd, most
    return replace(problem, candidates=replace(problem.candidates, cost_usd_per_unit_year=cost, max_units=units))
