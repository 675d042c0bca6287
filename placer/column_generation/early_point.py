"""An early point of the path: its prices bound the cost closely, and the rest of the path to the optimum is short.

Far moves of limits change optimal prices by much, and a restricted master near the old ones is of no use. The
maximiser of the smoothed dual at a large width changes little: a few Newton steps lead from the point of the old
limits to that of the new ones. Most steps of a path from zero lie before this width.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.column_generation.deadline import Deadline, OutOfPatienceError, OutOfTimeError
from placer.column_generation.dual.effort import set_up_seconds, step_seconds
from placer.column_generation.dual.parameters import PathParameters
from placer.column_generation.dual.path import PathPoint, PricePath, cost_spread, first_width
from placer.column_generation.dual.path_problem import PathProblem, path_problem_of
from placer.column_generation.market.pricing import price
from placer.column_generation.master.store_prices import first_store_prices
from placer.column_generation.recovery import recover_duals
from placer.column_generation.soft_flows import soft_flows
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.start import Start, dual_bound
from placer.model.answer import Answer, Duals
from placer.model.structure import Structure
from placer.running import seconds_left
from placer.termination import Reason, Termination
from placer.utils.arrays import FloatArray

#: Widths of the point, in cost spreads: prices at the first one are easy to reach from afar, and at the second they are
#: near the optimum.
WIDTHS = (0.1, 0.01)
#: Newton steps from known prices at each of these widths, after which they are given up as too far.
_MOST_STEPS = (15, 6)
#: Part of a limit that flows at the point may exceed it by, and the Newton steps that this may take: what exceeds a
#: limit is left unserved, at a penalty that may be a hundred times its cost.
_CENTRED, _MOST_CENTRING_STEPS = 1e-3, 4


@dataclass(frozen=True, eq=False)
class EarlyPoint:
    """An early point of the path.

    Attributes
    ----------
    prices : pair of arrays
        Prices at the two widths, in the shape of the path of the structure. Those at the first width may be of other
        limits.
    """

    prices: tuple[FloatArray, FloatArray]


def early_point(
    structure: Structure, known: EarlyPoint | None, solver: ColumnGeneration
) -> tuple[EarlyPoint, Start] | None:
    """Return the early point of the path, and the start that it gives; None if the path is given up.

    Parameters
    ----------
    structure : Structure
        One that column generation suits.
    known : EarlyPoint, optional
        Of a structure that differs in limits or in demand.
    solver : ColumnGeneration
        Its time limit, patience and parameters hold.
    """
    problem = path_problem_of(structure)
    try:
        wide, point = _Paths.of(structure, problem, solver).reach(known)
    except (OutOfTimeError, OutOfPatienceError, np.linalg.LinAlgError):
        return None
    return EarlyPoint((wide, point.prices)), _start_at(problem, point)


def early_answer(
    structure: Structure, known: EarlyPoint | None, solver: ColumnGeneration
) -> tuple[EarlyPoint, Answer] | None:
    """Return the early point of the path, and the flows there, cut to the limits, with its prices; None as above.

    The flows cost some tenths of a per cent more than the optimum, and the prices bound it about as closely from below.
    They may break a cap of at least an amount (``soft_flows``): the certificate tells.

    Parameters
    ----------
    structure, known, solver
        As of ``early_point``.
    """
    problem = path_problem_of(structure)
    try:
        paths = _Paths.of(structure, problem, solver)
        wide, point = paths.reach(known)
        start = _start_at(problem, paths.centred(point))
    except (OutOfTimeError, OutOfPatienceError, np.linalg.LinAlgError):
        return None
    duals, bound = duals_there(structure, start)
    flows = soft_flows(structure, start.market, start.prices, start.width)
    ended = Termination(Reason.OPTIMAL, f"a point of the path after {start.steps} steps")
    return EarlyPoint((wide, point.prices)), Answer(ended, flows, duals, basic=False, bound=bound)


def _start_at(problem: PathProblem, point: PathPoint) -> Start:
    there, prices, caps = problem.plain(point.prices)
    return Start(there, prices, caps, point.width, point.steps, changed=np.inf)


def starting_early(solver: ColumnGeneration) -> ColumnGeneration:
    """Return the solver whose path goes on from starts at an early point."""
    warm = replace(solver.parameters.warm_start, path_width_spreads=WIDTHS[-1])
    return replace(solver, parameters=replace(solver.parameters, warm_start=warm))


def duals_there(structure: Structure, start: Start) -> tuple[Duals, float]:
    """Return the prices of a start as duals, and the bound that they prove."""
    priced = price(start.market, start.prices)
    stores = first_store_prices(structure, start.market, start.prices, start.caps)
    bound = dual_bound(structure, start.market, start.caps, start.prices, priced, stores)
    return recover_duals(structure, start.market, start.prices, start.caps, priced, stores), bound


@dataclass(frozen=True, eq=False)
class _Paths:
    """Ways to an early point of one structure."""

    problem: PathProblem
    widths: tuple[float, ...]
    deadline: Deadline
    parameters: PathParameters

    @classmethod
    def of(cls, structure: Structure, problem: PathProblem, solver: ColumnGeneration) -> _Paths:
        deadline = Deadline(
            limit_seconds=min(solver.time_limit_seconds, seconds_left()),
            patience_seconds=solver.patience * 1e-6 * structure.assignment_count,
            effort=solver.parameters.effort,
        )
        spread = cost_spread(problem.market)
        return cls(problem, tuple(width * spread for width in WIDTHS), deadline, solver.parameters.path)

    def reach(self, known: EarlyPoint | None) -> tuple[FloatArray, PathPoint]:
        """Return prices at the first width, and the point at the second, from known prices or from zero."""
        first, second = self.widths
        if known is not None and known.prices[0].shape == known.prices[1].shape == self.problem.start.shape:
            near = self._settled(known.prices[1], second, _MOST_STEPS[1])
            if near is not None:
                return known.prices[0], near
            wide = self._settled(known.prices[0], first, _MOST_STEPS[0])
            if wide is not None:
                return wide.prices, self._path(self.parameters).follow(wide, second)
        market, effort = self.problem.market, self.deadline.effort
        self.deadline.count_set_up(set_up_seconds(market, effort), step_seconds(market, 0 * self.problem.start, effort))
        path = self._path(self.parameters)
        wide = path.follow(PathPoint(self.problem.start, first_width(market, self.parameters)), first)
        return wide.prices, path.follow(wide, second)

    def centred(self, point: PathPoint) -> PathPoint:
        """Return a point that is closer to the path, at the same width."""
        closely = _CENTRED / self.parameters.imbalance_tolerance
        close = replace(
            self.parameters,
            imbalance_tolerance=_CENTRED,
            gain_tolerance=closely**2 * self.parameters.gain_tolerance,
            most_steps_at_width=_MOST_CENTRING_STEPS,
        )
        return self._path(close).follow(point, point.width)

    def _settled(self, prices: FloatArray, width: float, most_steps: int) -> PathPoint | None:
        """Return the point near known prices; None if it takes too many steps."""
        few = replace(self.parameters, most_steps_at_width=most_steps)
        point = self._path(few).follow(PathPoint(prices, width), width)
        return None if point.steps >= most_steps else point

    def _path(self, parameters: PathParameters) -> PricePath:
        def on_step(point: PathPoint) -> None:
            self.deadline.check()
            self.deadline.count_step(step_seconds(self.problem.market, point.prices, self.deadline.effort))

        return PricePath(self.problem.market, on_step, parameters, self.problem.dual(parameters.dual))
