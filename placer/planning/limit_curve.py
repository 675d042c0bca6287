"""The least yearly cost against the amount of a build limit: a convex, piecewise-linear curve, by its breakpoints.

The certificate of the plan at an amount L_0, with bound B and rent beta of the limit, bounds the cost at every amount,

    V(L) >= B - beta (L - L_0)        (a limit of at least an amount: B + beta (L - L_0))

since the amount enters the bound in this term only. The lines of two neighbouring plans cross at an amount between
them. If the least cost at that amount equals the value of the crossing, the crossing is a breakpoint and the curve
between the two plans is known. If not, the plan at that amount divides the interval, and the same is done in both
parts. If the crossing lies on the chord, the curve is the chord.

Costs are equal if they differ by no more than the gaps that the certificates of both plans leave open, and rounding.
So breakpoints are exact, to rounding, where the plans are: a problem of one program has no gap. Elsewhere the line
through the points lies above the least cost, by at most the gaps of two plans, and has the corners that these gaps can
tell from a straight line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.arguments import need_number

if TYPE_CHECKING:
    from placer.planning.plan_program import PlanProgram
    from placer.planning.proven_plan import ProvenPlan, Prover
    from placer.utils.arrays import FloatArray

#: Costs that differ by at most this share are equal: the difference is rounding of solvers.
_ROUNDING = 1e-9
#: Maximum number of plans of one curve.
_MOST_PLANS = 500


@dataclass(frozen=True, eq=False)
class _Point:
    """A plan at an amount: its cost, its bound, and the slope of the bound."""

    amount: float
    plan: ProvenPlan
    slope: float

    @property
    def cost(self) -> float:
        return self.plan.cost_usd_per_year

    def line(self, amount: float) -> float:
        """Return the bound of its certificate at another amount."""
        return self.plan.bound_usd_per_year + self.slope * (amount - self.amount)


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
    points: list[_Point] = []

    def solved(amount: float) -> _Point:
        nearest = min(points, key=lambda each: abs(each.amount - amount)).plan if points else plan
        problem = _at(plan.problem, limit, amount)
        found = prove(problem, vectors=nearest.known, units=nearest.units, masters=plan.masters)
        sign = float(problem.sign[limit])
        points.append(_Point(amount, found, -sign * float(found.certificate.limit_rents[limit])))
        return points[-1]

    first = solved(least)
    last = solved(most) if most > least else first
    chosen = {least: first, most: last}
    intervals = [(first, last)] if most > least else []
    while intervals and len(points) < _MOST_PLANS:
        low, high = intervals.pop()
        crossing = _crossing(low, high)
        if crossing is None:
            continue
        middle = solved(crossing)
        chosen[crossing] = middle
        if middle.cost - max(low.line(crossing), high.line(crossing)) > _noise(low, middle, high):
            intervals += [(low, middle), (middle, high)]
    return _table(_corners([chosen[amount] for amount in sorted(chosen)]))


def _at(problem: PlanProgram, limit: int, amount: float) -> PlanProgram:
    """Return the problem with another amount of a build limit."""
    amounts: FloatArray = problem.build_limits.amount.copy()
    amounts[limit] = amount
    return replace(problem, build_limits=replace(problem.build_limits, amount=amounts))


def _noise(*points: _Point) -> float:
    """Return differences of cost that the gaps of plans leave open, and rounding."""
    return sum(each.plan.open_usd for each in points) + _ROUNDING * max(abs(each.cost) for each in points)


def _crossing(low: _Point, high: _Point) -> float | None:
    """Return the amount at which the lines of two plans cross, None where the chord between the plans is the curve."""
    width = high.amount - low.amount
    if abs(high.slope - low.slope) * width <= _noise(low, high):
        return None
    rise = low.line(low.amount) - high.line(low.amount)
    amount = low.amount + rise / (high.slope - low.slope)
    if not low.amount < amount < high.amount:
        return None
    chord = low.cost + (high.cost - low.cost) * (amount - low.amount) / width
    return amount if chord - low.line(amount) > _noise(low, high) else None


def _corners(points: list[_Point]) -> list[_Point]:
    """Return the points without those on the chord of their neighbours."""
    kept = points[:1]
    for each, after in pairwise(points[1:]):
        before = kept[-1]
        part = (each.amount - before.amount) / (after.amount - before.amount)
        if before.cost + (after.cost - before.cost) * part - each.cost > _noise(before, each, after):
            kept.append(each)
    return [*kept, *points[1:][-1:]]


def _table(points: list[_Point]) -> pd.DataFrame:
    amounts, costs = np.array([each.amount for each in points]), np.array([each.cost for each in points])
    noise = np.array([_noise(*each) for each in pairwise(points)])
    steps = np.diff(costs)
    steps[np.abs(steps) <= noise] = 0.0
    slopes = np.append(0.0 - steps / np.diff(amounts), np.nan)
    return pd.DataFrame(
        {
            "amount": amounts,
            "cost_usd_per_year": costs,
            "bound_usd_per_year": [each.plan.bound_usd_per_year for each in points],
            "rent_usd_per_unit_year": slopes,
        }
    )
