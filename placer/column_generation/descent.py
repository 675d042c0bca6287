"""The descent: prices that start the first master, found along the path of the smoothed dual.

    1  start at zero prices and the first width, or settle near known prices at a small width
    2  follow the path to the width at which near columns are first counted
    3  narrow the width until near columns are few, or it is at its lower bound

The prices of caps are part of the path where there are any (``dual.capped_market``).

The pricing of all columns after the master bounds the cost in any case, so that an error here costs time only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placer.column_generation.deadline import Deadline
from placer.column_generation.dual.effort import set_up_seconds, step_seconds
from placer.column_generation.dual.path import PathPoint, PricePath, cost_spread, first_width
from placer.column_generation.dual.path_problem import PathProblem, path_problem_of
from placer.column_generation.market.definition import Market
from placer.column_generation.market.pricing import near_count
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters, ShortlistParameters
from placer.column_generation.start import Start, demand_count
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray


def descend(
    structure: Structure,
    deadline: Deadline,
    known: Start | None = None,
    parameters: ColumnGenerationParameters = DEFAULTS,
    on_point: Callable[[PathProblem, PathPoint], None] = lambda *_: None,
) -> Start:
    """Follow the path of a structure until few columns are near.

    Parameters
    ----------
    structure : Structure
    deadline : Deadline
    known : Start, optional
        Prices near which the path may start.
    parameters : ColumnGenerationParameters
    on_point : callable
        Called with the problem and every point of the path before its Newton step.

    Raises
    ------
    OutOfTimeError, OutOfPatienceError
        From the deadline, before the first step or between two.
    numpy.linalg.LinAlgError
        If a step cannot be computed.
    """
    problem = path_problem_of(structure)
    return _Descent(problem, deadline, parameters, lambda point: on_point(problem, point)).run(known)


def shortlist_size(market: Market, prices: FloatArray, parameters: ShortlistParameters) -> int:
    """Return how many near columns, beside one for each demand, are few enough to end the path."""
    return parameters.size(demand_count(market), int((prices > 0).sum()))


@dataclass(frozen=True, eq=False)
class _Descent:
    """The descent of one structure."""

    problem: PathProblem
    deadline: Deadline
    parameters: ColumnGenerationParameters
    on_point: Callable[[PathPoint], None]

    def run(self, known: Start | None) -> Start:
        """Return the prices at the end of the path."""
        problem, effort = self.problem, self.parameters.effort
        self.deadline.count_set_up(set_up_seconds(problem.market, effort), self._step_seconds(0 * problem.start))
        spread = cost_spread(problem.market)
        point = None if known is None else self._settle(known, spread)
        if point is None:
            point = PathPoint(problem.start, first_width(problem.market, self.parameters.path))
        path = self._path()
        point = path.follow(point, self.parameters.descent.counting_width_spreads * spread)
        return self._narrow(path, point, spread)

    def _settle(self, known: Start, spread: float) -> PathPoint | None:
        """Return the point of the path near known prices; None if they are too far from it."""
        width = self.parameters.warm_start.path_width_spreads * spread
        prices = self.problem.laid(known.market, known.prices, known.caps)
        try:
            return self._path().settle(PathPoint(prices, width))
        except np.linalg.LinAlgError:
            return None  # the path can still be followed from its first width

    def _narrow(self, path: PricePath, point: PathPoint, spread: float) -> Start:
        """Narrow the width until few columns are near, or it is at its bound."""
        descent, shortlist = self.parameters.descent, self.parameters.shortlist
        demands = demand_count(self.problem.market)
        while True:
            there, prices, caps = self.problem.plain(point.prices)
            here = Start(there, prices, caps, point.width, point.steps)
            if point.width <= descent.least_width_spreads * spread:
                return here
            count = near_count(there, prices, shortlist.reach_widths * point.width) - demands
            if count < shortlist_size(there, prices, shortlist):
                return here
            point = path.follow(point, point.width / self.parameters.path.shrink)

    def _path(self) -> PricePath:
        """Return the path of the problem; each step is recorded, timed, counted and told."""

        def on_step(point: PathPoint) -> None:
            self.on_point(point)
            self.deadline.check()
            self.deadline.count_step(self._step_seconds(point.prices))
            self.deadline.tell(f"nearing the prices, step {point.steps}")

        path = self.parameters.path
        return PricePath(self.problem.market, on_step, path, self.problem.dual(path.dual))

    def _step_seconds(self, prices: FloatArray) -> float:
        return step_seconds(self.problem.market, prices, self.parameters.effort)
