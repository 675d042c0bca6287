"""Programs in which some zones draw r MW less in some hours than in a baseline.

With Z the supplies of the zones, T the hours, y0 the purchases of the baseline and L_t the hours of t times its weight,

    sum over s in Z of y_st  <=  sum over s in Z of y0_st  -  r L_t          every t in T

are caps of the structure (``placer.model.structure``). With gamma_t their rents, the least cost F(r) is convex, and

    F(r')  >=  F(r) + (r' - r) sum_t L_t gamma_t                             (weak duality)

If F bends once between two reductions, an optimum at the bend lies among the columns near the prices of both: one
restricted master then closes the gap. So each program starts from the prices of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.analysis.flexibility.tangents import Tangent
from placer.model.cap_rows import CapRows, cells_of
from placer.solvers.column_generation.solver import ColumnGeneration
from placer.solvers.column_generation.warm_start import KnownPrices, joint_start, record_prices
from placer.solvers.proven import default_solver, solve_structure

if TYPE_CHECKING:
    from placer.model.answer import Answer, Duals
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: A reduction leaves more demand unserved if the increase exceeds this share of all demand.
_MORE = 1e-9
#: Relative gap of programs that start from known prices: a wider one would count as an error of the curve.
_GAP = 1e-12
#: Maximum number of steps to the firm amount; each ends on a nearer piece of the curve of unserved demand.
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Reduction:
    """The supplies that draw less, the hours, and the power of these supplies in the baseline.

    Attributes
    ----------
    tier : (supplies,) bool array
    period : (chosen hours,) int array
    drawn : (chosen hours,) array
        MWh bought from these supplies in the baseline.
    length : (chosen hours,) array
        Weighted length of each hour.
    """

    tier: BoolArray
    period: IntArray
    drawn: FloatArray
    length: FloatArray

    @property
    def most_mw(self) -> float:
        """The reduction that leaves no power in one of the hours."""
        return float((self.drawn / self.length).min(initial=np.inf))


def reduction_of(placement: Placement, tier: BoolArray, period: IntArray) -> Reduction:
    """Return the reduction of some supplies in some hours, against a placement."""
    drawn = placement.accounts.bought[tier].sum(axis=0)[period]
    return Reduction(tier, period, np.maximum(drawn, 0.0), placement.formulation.period_hours[period])


def reduced(structure: Structure, reduction: Reduction, mw: float) -> Structure:
    """Return the structure with a cap for every hour of the reduction, after its other caps."""
    count = len(reduction.period)
    hours = np.arange(structure.periods)
    bought = [cells_of([reduction.tier, hours == hour], np.ones(1)) for hour in reduction.period]

    def more(rows: CapRows) -> CapRows:
        return rows.joined(CapRows.nothing(count, rows.axes))

    return replace(
        structure,
        cap_limit=np.append(structure.cap_limit, np.maximum(reduction.drawn - mw * reduction.length, 0.0)),
        cap_work=more(structure.cap_work),
        cap_tier=structure.cap_tier.joined(CapRows.of_cells(structure.cap_tier.axes, bought)),
        cap_send=np.concatenate([structure.cap_send, np.zeros((count, structure.classes))]),
        cap_route=more(structure.cap_route),
        cap_arrival=more(structure.cap_arrival),
    )


class LeastCost:
    """The proven least cost at each reduction; a program starts from the prices of the nearest on either side."""

    def __init__(self, structure: Structure, reduction: Reduction) -> None:
        self._structure, self._reduction = structure, reduction
        self._known: dict[float, KnownPrices] = {}

    def start_from(self, duals: Duals) -> None:
        """Keep the prices of the baseline, in which the caps of the reduction have none."""
        structure = reduced(self._structure, self._reduction, 0.0)
        rents = np.zeros(len(structure.cap_limit))
        rents[: len(duals.cap)] = duals.cap
        self._known[0.0] = record_prices(structure, replace(duals, cap=rents))

    def at(self, mw: float) -> Tangent[Answer]:
        """Return the least cost at a reduction, its slope in USD per MW, and the answer.

        Raises
        ------
        NoSolutionError
            If no answer was proven, such as with an infeasible limit of at least an amount.
        """
        structure = reduced(self._structure, self._reduction, mw)
        start = joint_start(structure, self._neighbours(mw))
        solver = default_solver(structure) if start is None else ColumnGeneration(gap=_GAP)
        answer, certificate = solve_structure(structure, solver, start)
        self._known[mw] = record_prices(structure, answer.prices)
        rents = answer.prices.cap[len(self._structure.cap_limit) :]
        gap = max(certificate.objective - certificate.bound, 0.0)
        return Tangent(mw, certificate.objective, float(rents @ self._reduction.length), answer, gap)

    def _neighbours(self, mw: float) -> list[KnownPrices]:
        """Return the known prices of the nearest reductions below and above, the nearer first."""
        below = max((at for at in self._known if at <= mw), default=None)
        above = min((at for at in self._known if at > mw), default=None)
        sides = [at for at in (below, above) if at is not None]
        return [self._known[at] for at in sorted(sides, key=lambda at: abs(at - mw))]


def firm_mw(structure: Structure, reduction: Reduction, unserved: FloatArray) -> float:
    """Return the largest reduction without more unserved demand than in the baseline (demands,).

    The least additional unserved demand is a convex function of the reduction, and leaves 0 at the largest reduction.
    Newton's method approaches that reduction from the right: at the zero of a line below the curve, the curve is at
    least 0.
    """
    asked = np.maximum(structure.demand_amount - unserved, 0.0)
    least = LeastCost(
        replace(
            structure,
            demand_amount=asked,
            unserved_cost=np.ones_like(structure.unserved_cost),
            arc_cost=np.zeros_like(structure.arc_cost),
            work_cost=np.zeros_like(structure.work_cost),
            tier_cost=np.zeros_like(structure.tier_cost),
        ),
        reduction,
    )
    mw, rounding = reduction.most_mw, _MORE * float(asked.sum())
    for _ in range(_STEPS):
        point = least.at(mw)
        if point.value <= rounding or point.slope <= 0:
            break
        mw = max(0.0, mw - point.value / point.slope)
        if mw == 0.0:
            break
    return mw
