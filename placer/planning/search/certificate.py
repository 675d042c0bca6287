"""Proof of a plan from prices and data alone, without trust in a master or a solver.

Every plan costs at least the bound of ``placer.decomposition.bound``, and this one

    cost = c z + measure of the proven costs of the states at z

``value_r`` is the yearly value of a unit, and ``value - c - beta A`` its profit. ``cost - bound`` is a sum of terms
>= 0, among them

    z_r max(0, -profit_r)  and  (most_r - z_r) max(0, profit_r)                       zero profit
    beta_l (L_l - (A z)_l)                                                            rents of build limits

so that each of these terms is at most the gap. At a gap of 0 a unit earns its cost if ``0 < z_r < most_r``, at most its
cost if ``z_r = 0``, and at least its cost if ``z_r = most_r``. A cost that lies below its bound by more than the
rounding of proven states is wrong, and such a plan is not proven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.column_generation.solver import WIDEST_GAP
from placer.decomposition.bound import Bound, size_of
from placer.planning.question.plan_program import PlanProgram
from placer.tolerances import SOLVER
from placer.utils import notebook
from placer.utils.arrays import FloatArray
from placer.utils.numbers import gap_in_words, gap_percent, in_full


@dataclass(frozen=True, eq=False)
class PlanCertificate:
    """The verified figures of a plan.

    Attributes
    ----------
    infeasibility : float
        The largest share by which a build limit or a bound on units is exceeded.
    states_proven : bool
        Whether the cost of every state passes the certificate of placements.
    tolerance : float
        The largest gap at which the plan is proven.
    value_usd_per_unit_year, profit_usd_per_unit_year : (candidates,) arrays
    limit_rents : (build limits,) array
        Saving in USD a year by one more unit of an upper build limit, and by one unit less of a lower one.
    state_weights : (states,) array
        ``omega``.
    zero_profit_usd_per_year : float
        The sum of the terms of zero profit and of build limits; at most the gap.
    size_usd_per_year : float
        The denominator of the gap.
    """

    cost_usd_per_year: float
    bound_usd_per_year: float
    infeasibility: float
    states_proven: bool
    tolerance: float
    value_usd_per_unit_year: FloatArray
    profit_usd_per_unit_year: FloatArray
    limit_rents: FloatArray
    state_weights: FloatArray
    zero_profit_usd_per_year: float
    size_usd_per_year: float

    @property
    def gap(self) -> float:
        """``(cost - bound) / size``."""
        return (self.cost_usd_per_year - self.bound_usd_per_year) / self.size_usd_per_year

    @property
    def failures(self) -> tuple[str, ...]:
        """The reasons why the plan is not proven to its tolerance; empty if it is."""
        checks = (
            (self.infeasibility <= SOLVER, f"limits are exceeded by {self.infeasibility:.1e}"),
            (self.states_proven, "the cost of a state is not proven"),
            (self.gap <= self.tolerance, f"{gap_in_words(self.gap)}, more than {gap_percent(self.tolerance)}"),
            (self.gap >= -min(self.tolerance, WIDEST_GAP), f"{gap_in_words(self.gap)}, the cost is below the bound"),
        )
        return tuple(text for holds, text in checks if not holds)

    @property
    def proven(self) -> bool:
        """Whether no plan costs less than this one by more than the tolerance."""
        return not self.failures

    @property
    def verdict(self) -> str:
        """``proven`` and to which gap, or ``not proven`` and why."""
        return (
            f"proven to a gap of {gap_percent(self.gap)}" if self.proven else f"not proven: {'; '.join(self.failures)}"
        )

    def _repr_html_(self) -> str:
        """Return the figures as HTML, for notebooks."""
        return notebook.figures(
            [
                ("Certificate", self.verdict),
                ("Cost a year", in_full(self.cost_usd_per_year)),
                ("Lower bound", in_full(self.bound_usd_per_year)),
                (
                    "Zero profit",
                    f"{in_full(self.zero_profit_usd_per_year)} within {in_full(self.gap * self.size_usd_per_year)}",
                ),
            ]
        )


def certify_plan(
    problem: PlanProgram, units: FloatArray, costs: FloatArray, bound: Bound, *, states_proven: bool, tolerance: float
) -> PlanCertificate:
    """Check a plan against the problem.

    Parameters
    ----------
    units : (candidates,) array
    costs : (states,) array
        Proven least cost of each state's horizon at these units.
    states_proven : bool
        Whether each of these costs passed the certificate of placements.
    tolerance : float
        The largest relative gap at which the plan is proven.
    """
    taken = problem.takes @ units
    profit = bound.value - problem.cost - bound.limit_rents @ problem.takes
    unprofitable = units @ np.maximum(-profit, 0.0) + (problem.most - units) @ np.maximum(profit, 0.0)
    cost = problem.total(units, costs)
    return PlanCertificate(
        cost_usd_per_year=cost,
        bound_usd_per_year=bound.amount,
        infeasibility=infeasibility(problem, units),
        states_proven=states_proven,
        tolerance=tolerance,
        value_usd_per_unit_year=bound.value,
        profit_usd_per_unit_year=profit,
        limit_rents=bound.limit_rents,
        state_weights=bound.member_weights,
        zero_profit_usd_per_year=float(unprofitable + bound.limit_rents @ np.maximum(problem.amount - taken, 0.0)),
        size_usd_per_year=size_of(problem, units, costs, bound.member_weights),
    )


def infeasibility(problem: PlanProgram, units: FloatArray) -> float:
    """Return the largest share by which units exceed a build limit, their maximum, or fall below 0."""
    taken, terms = problem.takes @ units, np.abs(problem.takes) @ np.abs(units)
    beyond = (taken - problem.amount) / np.maximum(np.maximum(np.abs(problem.amount), terms), 1e-300)
    above = (units - problem.most) / np.maximum(problem.most, 1e-300)
    return float(max(beyond.max(initial=0.0), above.max(initial=0.0), (-units).max(initial=0.0), 0.0))
