"""Programs in which some zones draw r MW less in some hours than in a baseline.

With Z the supplies of the zones, T the hours, y0 the purchases of the baseline and L_t the hours of t times its weight,

    sum over s in Z of y_st  <=  sum over s in Z of y0_st  -  r L_t          every t in T

are caps of the structure (``placer.model.structure``). With gamma_t their rents, the least cost F(r) is convex, and

    F(r')  >=  F(r) + (r' - r) sum_t L_t gamma_t                             (weak duality)

If F bends once between two reductions, an optimum at the bend lies among the columns near the prices of both. Only the
limits of the caps differ from program to program: each goes on from the restricted master of the one before, which soon
holds all columns that any reduction asks for.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from placer.column_generation.kept_masters import Keeping, KeptMasters
from placer.column_generation.parameters import DEFAULTS
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import KnownPrices, joint_start, record_prices
from placer.ladder.proven import AnySolver, default_solver, solve_structure
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, Duals
from placer.model.cap_rows import CapRows, cells_of
from placer.model.edits import with_columns, with_cost
from placer.model.structure import Structure
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.convex_curve import Tangent

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Relative gap of programs that start from known prices: a wider one would count as an error of the curve.
_GAP = 1e-12
#: A master is moved to any other reduction: it differs in few limits, however far these move.
_HOWEVER_FAR = replace(DEFAULTS, warm_start=replace(DEFAULTS.warm_start, most_moved_part=np.inf))
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

    def limits(self, mw: float) -> FloatArray:
        """Return the most that the supplies may draw in each hour (chosen hours,) at a reduction, MWh."""
        return np.maximum(self.drawn - mw * self.length, 0.0)


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
        cap_limit=np.append(structure.cap_limit, reduction.limits(mw)),
        cap_work=more(structure.cap_work),
        cap_tier=structure.cap_tier.joined(CapRows.of_cells(structure.cap_tier.axes, bought)),
        cap_send=np.concatenate([structure.cap_send, np.zeros((count, structure.classes))]),
        cap_route=more(structure.cap_route),
        cap_arrival=more(structure.cap_arrival),
    )


class LeastCost:
    """The proven least cost at each reduction.

    A program goes on from the master of the one before, which takes the less time the nearer the two reductions are.
    If it cannot, it starts from the prices of the nearest reductions on either side.
    """

    def __init__(self, structure: Structure, reduction: Reduction) -> None:
        self._own_caps, self._reduction = len(structure.cap_limit), reduction
        self._structure = reduced(structure, reduction, 0.0)
        self._known: dict[float, Duals] = {}
        self._masters = KeptMasters(most_columns=sys.maxsize)  # one master, never packed

    def start_from(self, duals: Duals) -> None:
        """Keep the prices of the baseline, in which the caps of the reduction have none."""
        self._known[0.0] = replace(duals, cap=np.append(duals.cap, np.zeros(len(self._reduction.period))))

    def at(self, mw: float) -> Tangent[Answer]:
        """Return the least cost at a reduction, its slope in USD per MW, and the answer.

        Raises
        ------
        NoSolutionError
            If no answer was proven, such as with an infeasible limit of at least an amount.
        """
        own = self._structure.cap_limit[: self._own_caps]
        structure = replace(self._structure, cap_limit=np.append(own, self._reduction.limits(mw)))
        answer, certificate = solve_structure(structure, self._solver(structure, mw))
        self._known[mw] = answer.prices
        rents = answer.prices.cap[self._own_caps :]
        gap = max(certificate.objective - certificate.bound, 0.0)
        return Tangent(mw, certificate.objective, float(rents @ self._reduction.length), answer, gap)

    def _solver(self, structure: Structure, mw: float) -> AnySolver:
        """Return the solver for a reduction: from the last master, else from known prices; the default without any."""
        if not self._known:
            return default_solver(structure)
        solver = ColumnGeneration(gap=_GAP, parameters=_HOWEVER_FAR)
        return Keeping(solver, self._masters, 0, lambda _: joint_start(structure, self._neighbours(mw)))

    def _neighbours(self, mw: float) -> list[KnownPrices]:
        """Return the known prices of the nearest reductions below and above, the nearer first."""
        below = max((at for at in self._known if at <= mw), default=None)
        above = min((at for at in self._known if at > mw), default=None)
        sides = sorted((at for at in (below, above) if at is not None), key=lambda at: abs(at - mw))
        return [record_prices(self._structure, self._known[at]) for at in sides]


def serves_as_much(structure: Structure, before: FloatArray, after: FloatArray) -> bool:
    """Whether no demand is left more unserved (demands,) than before by more than rounding."""
    asked = np.maximum(structure.demand_amount - before, 0.0)
    return float(np.maximum(after - before, 0.0).sum()) <= SOLVER * float(asked.sum())


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
    mw, rounding = reduction.most_mw, SOLVER * float(asked.sum())
    for _ in range(_STEPS):
        point = least.at(mw)
        if point.value <= rounding or point.slope <= 0:
            break
        mw = max(0.0, mw - point.value / point.slope)
        if mw == 0.0:
            break
    return mw


def firm_mw_under_limits(structure: Structure, reduction: Reduction, unserved: FloatArray) -> float:
    """Return what ``firm_mw`` does where a limit asks for at least an amount, so that some reductions have no program.

    The reduction is a column ``r`` of one program, which has the baseline as a point: maximise ``r`` with
    ``sum over s in Z of y_st + r L_t <= sum over s in Z of y0_st`` and no ``u`` above that of the baseline.
    """
    capped, hours = reduced(structure, reduction, 0.0), len(reduction.period)
    program = with_cost(whole_program(capped), {})
    rows = program.row_blocks["cap"].start + capped.rows.cap[-hours:]
    upper = program.col_upper.copy()
    upper[program.col_blocks["u"]] = unserved + SOLVER * np.maximum(structure.demand_amount - unserved, 0.0)
    program = replace(program, col_upper=upper, implied_upper=np.minimum(program.implied_upper, upper))
    column = csc_array((reduction.length, (rows, np.zeros(hours, dtype=int))), shape=(program.matrix.shape[0], 1))
    most = np.array([reduction.most_mw])
    solution, _ = solve_program(with_columns(program, "r", column, np.array([-1.0]), most), HiGHS())
    return float(solution.point[-1])
