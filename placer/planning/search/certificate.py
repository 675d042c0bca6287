"""Proof of a plan from prices and data alone, without trust in a master or a solver.

Given price vectors p with multipliers mu_op >= 0 for the states and rents beta >= 0 of the build limits, the
multipliers of each state are scaled to sum to a weight omega_o that the risk admits (``placer.planning.question.risk``;
``w_o`` without one). The cuts of ``placer.planning.costs.cuts``, computed again from prices and data, then say that
every plan z with ``A z <= L``, ``0 <= z <= most`` costs at least

    bound   = sum_op mu_op constant_op - beta L - sum_r max(0, value_r - c_r - (beta A)_r) most_r
    value_r = sum_op mu_op slope_opr        constant_op = d_o m(p) - r(p) b_o,   slope_op = r(p) M_o

    cost    = c z + measure of the proven costs of the states at z

since ``c z + measure >= c z + sum mu (constant - slope z) + beta (A z - L)``, whose minimum has each candidate at 0 or
at its maximum. ``value_r`` is the yearly value of a unit, and ``value - c - beta A`` its profit. ``cost - bound`` is a
sum of terms >= 0, among them

    z_r max(0, -profit_r)  and  (most_r - z_r) max(0, profit_r)                       zero profit
    beta_l (L_l - (A z)_l)                                                            rents of build limits

so that each of these terms is at most the gap. At a gap of 0 a unit earns its cost if ``0 < z_r < most_r``, at most its
cost if ``z_r = 0``, and at least its cost if ``z_r = most_r``. A cost that lies below its bound by more than the
rounding of proven states is wrong, and such a plan is not proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.solver import WIDEST_GAP
from placer.planning.costs.cuts import cuts_of
from placer.planning.question.risk import admissible_weights
from placer.utils import notebook
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.planning.costs.cuts import PriceVector
    from placer.planning.question.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray, IntArray

#: Tolerance on a build limit, as a share of its amount and of the sum of its terms.
FEASIBILITY = 1e-9
#: Gaps are relative to the cost. If the cost is small, they are relative to this share of the sizes of its parts.
_SMALL = 1e-3


@dataclass(frozen=True, eq=False)
class PlanCertificate:
    """The verified figures of a plan.

    Attributes
    ----------
    cost_usd_per_year, bound_usd_per_year : float
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
            (self.infeasibility <= FEASIBILITY, f"limits are exceeded by {self.infeasibility:.1e}"),
            (self.states_proven, "the cost of a state is not proven"),
            (self.gap <= self.tolerance, f"gap {self.gap:.1e}, more than {self.tolerance:g}"),
            (self.gap >= -min(self.tolerance, WIDEST_GAP), f"gap {self.gap:.1e}, the cost is below the bound"),
        )
        return tuple(text for holds, text in checks if not holds)

    @property
    def proven(self) -> bool:
        """Whether no plan costs less than this one by more than the tolerance."""
        return not self.failures

    @property
    def verdict(self) -> str:
        """``proven`` and to which gap, or ``not proven`` and why."""
        return f"proven to a gap of {self.gap:.1e}" if self.proven else f"not proven: {'; '.join(self.failures)}"

    def _repr_html_(self) -> str:
        """Return the figures as HTML, for notebooks."""
        return notebook.figures(
            [
                ("Certificate", self.verdict),
                ("Cost a year", in_full(self.cost_usd_per_year)),
                ("Lower bound", in_full(self.bound_usd_per_year)),
                ("Zero profit", f"{self.zero_profit_usd_per_year:.2g} within {self.gap * self.size_usd_per_year:.2g}"),
            ]
        )


@dataclass(frozen=True, eq=False)
class Multiplied:
    """Multipliers of cuts at an optimum of the master.

    Attributes
    ----------
    vector, state : (cuts,) int arrays
    weight : (cuts,) array
        ``mu``, above 0.
    limit_rents : (build limits,) array
        ``beta``.
    extra : (states,) array
        ``y``, of the risk.
    """

    vector: IntArray
    state: IntArray
    weight: FloatArray
    limit_rents: FloatArray
    extra: FloatArray


@dataclass(frozen=True, eq=False)
class Bound:
    """A lower bound on the yearly cost of every plan, and the values that prove it.

    Attributes
    ----------
    amount : float
    value : (candidates,) array
    limit_rents : (build limits,) array
    state_weights : (states,) array
    state_rents : list of (limits,) arrays
        Yearly value of one more unit of each limit of each state, laid end to end.
    """

    amount: float
    value: FloatArray
    limit_rents: FloatArray
    state_weights: FloatArray


def prove_bound(problem: PlanProgram, vectors: Sequence[PriceVector], multiplied: Multiplied) -> Bound:
    """Return the bound that multipliers of price vectors prove; it holds for any multipliers.

    Parameters
    ----------
    problem : PlanProgram
    vectors : sequence of PriceVector
    multiplied : Multiplied
        Positions of vectors and states, with multipliers.
    """
    constant = np.zeros(len(multiplied.weight))
    slope = np.zeros((len(constant), len(problem.cost)))
    for vector, places in _by_vector_and_kin(problem, multiplied).items():
        of_shape = [problem.states[state] for state in multiplied.state[places].tolist()]
        for place, cut in zip(places, cuts_of(vectors[vector[0]], of_shape), strict=True):
            constant[place], slope[place] = cut.constant, cut.slope
    return bound_by_cuts(problem, multiplied, constant, slope)


def bound_by_cuts(problem: PlanProgram, multiplied: Multiplied, constant: FloatArray, slope: FloatArray) -> Bound:
    """Return the bound that multipliers of cuts make: a proven bound if the cuts are those of the price vectors.

    Parameters
    ----------
    problem : PlanProgram
    multiplied : Multiplied
    constant : (cuts,) array
    slope : (cuts, candidates) array
    """
    rents = np.maximum(multiplied.limit_rents, 0.0)
    omega = np.zeros(len(problem.weights))
    for rows in problem.by_year:
        omega[rows] = admissible_weights(problem.risk, problem.weights[rows], multiplied.extra[rows])
    weight = np.maximum(multiplied.weight, 0.0)
    sums = np.bincount(multiplied.state, weight, len(omega))
    used = weight > 0
    part = np.divide(weight * omega[multiplied.state], sums[multiplied.state], out=np.zeros(len(weight)), where=used)
    total = -np.inf if (omega[sums <= 0] > 0).any() else float(part[used] @ constant[used])
    value = np.asarray(part[used] @ slope[used])
    profit = value - problem.cost - rents @ problem.takes
    amount = total - float(rents @ problem.amount) - float(np.maximum(profit, 0.0) @ problem.most)
    return Bound(amount, _of_next_unit(problem, value, profit), rents, omega)


def _of_next_unit(problem: PlanProgram, value: FloatArray, profit: FloatArray) -> FloatArray:
    """Return values that do not exceed what a unit takes, for candidates without a maximum.

    The costs of states are flat above the useful units U of a candidate. So a cut ``constant - v z``, which holds up to
    U, proves ``constant - (v - v') U - v' z`` for every ``0 <= v' <= v`` and every ``z >= 0``. The bound is the same
    with the value lowered to ``v' = min(v, c + beta A)``, and with a value of 0 if U is 0.
    """
    lowered = np.where(problem.useful > 0, np.maximum(value - np.maximum(profit, 0.0), 0.0), 0.0)
    return np.where(problem.has_no_maximum, lowered, value)


def _by_vector_and_kin(problem: PlanProgram, multiplied: Multiplied) -> dict[tuple[int, bytes], list[int]]:
    """Return the positions of all positive multipliers by vector and shape of the state: each pair is priced once."""
    grouped: dict[tuple[int, bytes], list[int]] = {}
    for place in np.flatnonzero(multiplied.weight > 0).tolist():
        shape_digest = problem.states[int(multiplied.state[place])].shape_digest
        grouped.setdefault((int(multiplied.vector[place]), shape_digest), []).append(place)
    return grouped


def certify_plan(
    problem: PlanProgram, units: FloatArray, costs: FloatArray, bound: Bound, *, states_proven: bool, tolerance: float
) -> PlanCertificate:
    """Check a plan against the problem.

    Parameters
    ----------
    problem : PlanProgram
    units : (candidates,) array
    costs : (states,) array
        Proven least cost of each state's horizon at these units.
    bound : Bound
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
        state_weights=bound.state_weights,
        zero_profit_usd_per_year=float(unprofitable + bound.limit_rents @ np.maximum(problem.amount - taken, 0.0)),
        size_usd_per_year=size_of(problem, units, costs, bound.state_weights),
    )


def size_of(problem: PlanProgram, units: FloatArray, costs: FloatArray, state_weights: FloatArray) -> float:
    """Return the denominator of the gap of a plan: its cost, or a share of the sizes of its parts if that is more.

    Parameters
    ----------
    problem : PlanProgram
    units : (candidates,) array
    costs : (states,) array
        Cost of each state's horizon at these units.
    state_weights : (states,) array
    """
    parts = problem.build_cost(units) + float(state_weights @ np.abs(costs))
    return max(abs(problem.total(units, costs)), _SMALL * parts) or 1.0


def infeasibility(problem: PlanProgram, units: FloatArray) -> float:
    """Return the largest share by which units exceed a build limit, their maximum, or fall below 0."""
    taken, terms = problem.takes @ units, np.abs(problem.takes) @ np.abs(units)
    beyond = (taken - problem.amount) / np.maximum(np.maximum(np.abs(problem.amount), terms), 1e-300)
    above = (units - problem.most) / np.maximum(problem.most, 1e-300)
    return float(max(beyond.max(initial=0.0), above.max(initial=0.0), (-units).max(initial=0.0), 0.0))
