"""The least yearly cost against the amount of a build limit: a convex, piecewise-linear curve, by its breakpoints.

The certificate of the plan at an amount L_0, with bound B and rent beta of the limit, bounds the cost at every amount,

    V(L) >= B - beta (L - L_0)        (a limit of at least an amount: B + beta (L - L_0))

since the amount enters the bound in this term only. ``placer.utils.convex_curve`` traces the curve by these lines.

Costs are equal if they differ by no more than the gaps that the certificates of both plans leave open, and rounding.
So breakpoints are exact, to rounding, where the plans are: a problem of one program has no gap. Elsewhere the line
through the points lies above the least cost, by at most the gaps of two plans, and has the corners that these gaps can
tell from a straight line.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.arguments import need_number
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.proven_plan import ProvenPlan, Prover
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray
from placer.utils.convex_curve import Tangent, breakpoints, chord_slope, meeting, trace_chords

#: Maximum number of plans of one curve.
_MOST_PLANS = 500


def end_problems(name: str, least: float, most: float) -> list[Violation]:
    """Return the defects of the ends of a curve over a build limit.

    Raises
    ------
    ArgumentError
        If an end is no number.
    """
    ends = {"least": least, "most": most}
    for side, amount in ends.items():
        need_number(amount, side)
    found = [
        Violation("curve", name, side, f"{amount:g} is out of range", "a finite number")
        for side, amount in ends.items()
        if not math.isfinite(amount)
    ]
    if not found and least > most:
        found.append(Violation("curve", name, "most", f"{most:g} is below {least:g}", f">= {least:g}"))
    return found


def limit_curve(plan: ProvenPlan, limit: int, least: float, most: float, prove: Prover) -> pd.DataFrame:
    """Return the breakpoints of the least cost between two amounts of a build limit.

    Parameters
    ----------
    plan : ProvenPlan
        The curve starts from the prices of this plan.
    limit : int
        Position of the build limit.
    least, most : float
        Amounts, both feasible.
    prove : callable
        Proves plans to a gap.

    Returns
    -------
    DataFrame
        ``amount``, ``cost_usd_per_year``, ``bound_usd_per_year`` and ``rent_usd_per_unit_year``, the saving per unit of
        the limit between this breakpoint and the next; NaN in the last row.

    Raises
    ------
    NoSolutionError
        As ``placer.plan``.
    """
    points: list[Tangent[ProvenPlan]] = []

    def solved(amount: float) -> Tangent[ProvenPlan]:
        nearest = min(points, key=lambda each: abs(each.at - amount)).detail if points else plan
        problem = _at(plan.problem, limit, amount)
        found = prove(problem, vectors=nearest.known, units=nearest.point, masters=plan.masters)
        slope = -float(problem.sign[limit]) * float(found.certificate.limit_rents[limit])
        points.append(Tangent(amount, found.cost_usd_per_year, slope, found, below=found.open_usd))
        return points[-1]

    ends = [solved(amount) for amount in sorted({least, most})]
    traced, _ = trace_chords(lambda low, high: solved(meeting(low, high)), ends, _noise, _MOST_PLANS)
    return _table(breakpoints(traced, _is_corner))


def _at(problem: PlanProgram, limit: int, amount: float) -> PlanProgram:
    """Return the problem with another amount of a build limit."""
    amounts: FloatArray = problem.build_limits.amount.copy()
    amounts[limit] = amount
    return replace(problem, build_limits=replace(problem.build_limits, amount=amounts))


def _noise(*points: Tangent[ProvenPlan]) -> float:
    """Return differences of cost that the gaps of plans leave open, and rounding."""
    return sum(each.below for each in points) + SOLVER * max(abs(each.value) for each in points)


def _is_corner(low: Tangent[ProvenPlan], here: Tangent[ProvenPlan], high: Tangent[ProvenPlan]) -> bool:
    """Whether a point lies below the chord of its neighbours."""
    return low.value + chord_slope(low, high) * (here.at - low.at) - here.value > _noise(low, here, high)


def _table(points: list[Tangent[ProvenPlan]]) -> pd.DataFrame:
    amounts, costs = np.array([each.at for each in points]), np.array([each.value for each in points])
    noise = np.array([_noise(*each) for each in pairwise(points)])
    steps = np.diff(costs)
    steps[np.abs(steps) <= noise] = 0.0
    slopes = np.append(0.0 - steps / np.diff(amounts), np.nan)
    return pd.DataFrame(
        {
            "amount": amounts,
            "cost_usd_per_year": costs,
            "bound_usd_per_year": [each.detail.bound_usd_per_year for each in points],
            "rent_usd_per_unit_year": slopes,
        }
    )
