"""Programs in which some zones draw r MW less in some hours than in a baseline.

With Z the supplies of the zones, T the hours, y0 the purchases of the baseline and L_t the hours of t times its weight,

    sum over s in Z of y_st  <=  sum over s in Z of y0_st  -  r L_t          every t in T

are caps of the structure (``placer.model.structure``). With gamma_t their rents, the least cost F(r) is convex, and

    F(r')  >=  F(r) + (r' - r) sum_t L_t gamma_t                             (weak duality)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.analysis.flexibility.tangents import Tangent
from placer.solvers.price_memory import PriceMemory

if TYPE_CHECKING:
    from placer.model.answer import Answer
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: A reduction leaves more demand unserved if the increase exceeds this share of all demand.
_MORE = 1e-9
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
    count, periods = len(reduction.period), structure.periods
    hour = np.zeros((count, periods))
    hour[np.arange(count), reduction.period] = 1.0
    return replace(
        structure,
        cap_limit=np.append(structure.cap_limit, np.maximum(reduction.drawn - mw * reduction.length, 0.0)),
        cap_work=_more(structure.cap_work, np.zeros((count, *structure.work_cost.shape))),
        cap_tier=_more(structure.cap_tier, reduction.tier[None, :, None] * hour[:, None, :]),
        cap_send=_more(structure.cap_send, np.zeros((count, structure.classes))),
        cap_route=_more(structure.cap_route, np.zeros((count, structure.route_links.shape[0]))),
        cap_arrival=_more(structure.cap_arrival, np.ones((count, periods))),
    )


class LeastCost:
    """The proven least cost at each reduction, with a warm start from the prices of earlier reductions."""

    def __init__(self, structure: Structure, reduction: Reduction) -> None:
        self._structure, self._reduction, self._memory = structure, reduction, PriceMemory()

    def at(self, mw: float) -> Tangent[Answer]:
        """Return the least cost at a reduction, its slope in USD per MW, and the answer.

        Raises
        ------
        NoSolutionError
            If no answer was proven, such as with an infeasible limit of at least an amount.
        """
        structure = reduced(self._structure, self._reduction, mw)
        answer, certificate = self._memory.solve_structure(structure)
        rents = answer.prices.cap[len(self._structure.cap_limit) :]
        gap = max(certificate.objective - certificate.bound, 0.0)
        return Tangent(mw, certificate.objective, float(rents @ self._reduction.length), answer, gap)


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


def _more(caps: FloatArray, further: FloatArray) -> FloatArray:
    return np.concatenate([caps, further])
