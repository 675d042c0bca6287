"""The descent: prices that start the first master, found along the path of the smoothed dual, caps priced on the way.

    1  start at zero prices and the first width, or settle near known prices at a small width
    2  if there are one or two caps: follow the path to widths c, c/5, c/25, .., and price the caps at each;
       more caps, or some of at least an amount, stay at known prices or at 0: masters price them (``generation``)
    3  follow it to the width at which near columns are first counted
    4  divide the width by 3 until near columns are few, or tied, or the width is at its lower bound

The pricing of all columns after the master bounds the cost in any case, so that an error here costs time only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.cap_prices import CappedPoint, is_priced_alone, price_caps
from placer.solvers.column_generation.dual.effort import set_up_seconds, step_seconds
from placer.solvers.column_generation.dual.path import Path, PathPoint, cost_spread, first_width
from placer.solvers.column_generation.market.definition import market
from placer.solvers.column_generation.market.pricing import near
from placer.solvers.column_generation.parameters import DEFAULTS
from placer.solvers.column_generation.start import Start, demand_count

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.solvers.column_generation.deadline import Deadline
    from placer.solvers.column_generation.market.definition import Market
    from placer.solvers.column_generation.parameters import ColumnGenerationParameters, ShortlistParameters
    from placer.utils.arrays import FloatArray


def descend(
    structure: Structure,
    deadline: Deadline,
    known: Start | None = None,
    parameters: ColumnGenerationParameters = DEFAULTS,
    on_point: Callable[[CappedPoint], None] = lambda _: None,
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
        Called with every point of the path before its Newton step.

    Raises
    ------
    OutOfTimeError, OutOfPatienceError
        From the deadline, before the first step or between two.
    numpy.linalg.LinAlgError
        If a step cannot be computed.
    """
    return _Descent(structure, deadline, parameters, on_point).run(known)


def shortlist_size(market: Market, prices: FloatArray, parameters: ShortlistParameters) -> int:
    """Return how many near columns, beside one for each demand, are few enough to end the path."""
    return parameters.size(demand_count(market), int((prices > 0).sum()))


@dataclass(frozen=True, eq=False)
class _Descent:
    """The descent of one structure."""

    structure: Structure
    deadline: Deadline
    parameters: ColumnGenerationParameters
    on_point: Callable[[CappedPoint], None]

    def run(self, known: Start | None) -> Start:
        """Return the prices at the end of the path."""
        uncapped = market(self.structure) if known is None or known.caps.any() else known.market
        effort, free = self.parameters.effort, np.zeros(uncapped.price_shape)
        self.deadline.count_set_up(set_up_seconds(uncapped, effort), step_seconds(uncapped, free, effort))
        spread = cost_spread(uncapped)
        here = self._settle(known) if known else None
        if here is None and known is not None and not is_priced_alone(self.structure, self.parameters.descent):
            zero = PathPoint(np.zeros(known.market.price_shape), first_width(known.market, self.parameters.path))
            here = CappedPoint(known.caps, known.market, zero)
        if here is None:
            zero = PathPoint(free, first_width(uncapped, self.parameters.path))
            here = CappedPoint(np.zeros(len(self.structure.cap_limit)), uncapped, zero)
        if is_priced_alone(self.structure, self.parameters.descent):
            here = self._price_caps(here, spread)
        here = self._follow(here, self.parameters.descent.counting_width_spreads * spread)
        here = self._narrow(here, spread)
        return Start(here.market, here.point.prices, here.caps, here.point.width, here.point.steps)

    def _settle(self, known: Start) -> CappedPoint | None:
        """Return the point of the path near known prices; None if they are too far from it."""
        width = self.parameters.warm_start.path_width_spreads * cost_spread(known.market)
        here = CappedPoint(known.caps, known.market, PathPoint(known.prices, width))
        try:
            point = self._path(here).settle(here.point)
        except np.linalg.LinAlgError:
            return None  # the path can still be followed from its first width
        return None if point is None else replace(here, point=point)

    def _price_caps(self, here: CappedPoint, spread: float) -> CappedPoint:
        """Follow the path to the counting width, and price the caps each time the width has shrunk enough."""
        descent, first = self.parameters.descent, here.market

        def count(point: PathPoint) -> None:
            self.deadline.check()
            self.deadline.count_work(step_seconds(first, point.prices, self.parameters.effort))

        width = descent.cap_width_spreads * spread
        while width > descent.counting_width_spreads * spread:
            here = price_caps(self.structure, self._follow(here, width), count, self.parameters.path)
            width /= descent.cap_shrink
        return here

    def _narrow(self, here: CappedPoint, spread: float) -> CappedPoint:
        """Narrow the width until few columns are near, as many stay near (ties), or the width is at its bound."""
        descent, shortlist = self.parameters.descent, self.parameters.shortlist
        demands, count_before = demand_count(here.market), np.inf
        while here.point.width > descent.least_width_spreads * spread:
            prices, width = here.point.prices, here.point.width
            count = len(near(here.market, prices, shortlist.reach_widths * width)[1]) - demands
            is_short = count < shortlist_size(here.market, prices, shortlist)
            if is_short or count > descent.tied_part * count_before:
                break
            count_before = count
            here = self._follow(here, width / descent.shrink)
        return here

    def _follow(self, here: CappedPoint, width: float) -> CappedPoint:
        return replace(here, point=self._path(here).follow(here.point, width))

    def _path(self, here: CappedPoint) -> Path:
        """Return the path at the cap prices of a point; each step is recorded, timed, counted and told."""

        def on_step(point: PathPoint) -> None:
            self.on_point(replace(here, point=point))
            self.deadline.check()
            self.deadline.count_step(step_seconds(here.market, point.prices, self.parameters.effort))
            self.deadline.tell(f"prices: width {point.width:.1e}, {point.steps} steps")

        return Path(here.market, on_step, self.parameters.path)
