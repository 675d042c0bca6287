"""Prices of the caps: the smoothed placement keeps within limits on totals over the horizon.

A cap c has one price gamma for all periods. At a given gamma the path is that of a market without the cap, whose costs
include gamma. The use of the cap is the slope of the smoothed dual,

    use(gamma) = d/d gamma  max_y g_mu(y; gamma)
    excess     = (use - limit) / limit

which falls as gamma rises. The root of the excess is bracketed by steps that double, then found by the Illinois variant
of regula falsi (Dowell and Jarratt, BIT 11, 1971), cap by cap, first at a large width and again whenever the width has
shrunk. The restricted master, which has the caps among its rows, settles the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.path import Path, PathPoint, cost_spread
from placer.solvers.column_generation.dual.smoothed_dual import SmoothedDual
from placer.solvers.column_generation.market.definition import Market, market
from placer.solvers.column_generation.parameters import DEFAULTS

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.solvers.column_generation.dual.parameters import PathParameters
    from placer.solvers.column_generation.parameters import DescentParameters
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class CappedPoint:
    """A point of the path at some prices of the caps.

    Attributes
    ----------
    caps : (c,) array
        Prices of the caps.
    market : Market
        At these prices.
    point : PathPoint
    """

    caps: FloatArray
    market: Market
    point: PathPoint


def is_priced_alone(structure: Structure, parameters: DescentParameters = DEFAULTS.descent) -> bool:
    """Whether caps are few enough to be priced one by one, and such that a price makes each hold."""
    limit = structure.cap_limit[np.isfinite(structure.cap_limit)]
    return 0 < len(limit) <= parameters.most_caps_alone and bool((limit >= 0).all())


def are_priced_by_masters(structure: Structure, parameters: DescentParameters = DEFAULTS.descent) -> bool:
    """Whether masters price the caps: more than ``most_caps_alone``, or one of at least an amount."""
    return bool(np.isfinite(structure.cap_limit).any()) and not is_priced_alone(structure, parameters)


def price_caps(
    structure: Structure,
    start: CappedPoint,
    on_step: Callable[[PathPoint], None],
    parameters: PathParameters = DEFAULTS.path,
) -> CappedPoint:
    """Price the caps at the width of a point: the excess of each is within the tolerance, or below it at a price of 0.

    Parameters
    ----------
    structure : Structure
    start : CappedPoint
    on_step : callable
        Called with the point before every Newton step; an exception that it raises ends the search.
    parameters : PathParameters
        The search itself is tuned by ``parameters.caps``.
    """
    here = start
    finite = np.flatnonzero(np.isfinite(structure.cap_limit))
    for _ in range(parameters.caps.most_sweeps if len(finite) > 1 else 1):
        for cap in finite.tolist():
            search = _Search(structure, cap, _typical_price(structure, here.market, cap), on_step, parameters)
            here = _refined(search, *_bracketed(search, here))
    return here


@dataclass(frozen=True)
class _Bracket:
    """Two prices of a cap, each with its excess: at ``low`` the cap is exceeded, at ``high`` it is not.

    Attributes
    ----------
    low, high : (price, excess)
    side : int
        1 if the last step of regula falsi moved ``low``, -1 if ``high``, 0 before the first.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    side: int = 0

    def crossing(self) -> float:
        """Return the price at which the line through both ends is zero."""
        low, high = self.low, self.high
        return (low[0] * high[1] - high[0] * low[1]) / (high[1] - low[1])

    def narrowed(self, price: float, excess: float) -> _Bracket:
        """Replace one end, and halve the excess of the other if that one stayed twice in a row."""
        if excess > 0:
            return _Bracket((price, excess), _halved(self.high) if self.side > 0 else self.high, 1)
        return _Bracket(_halved(self.low) if self.side < 0 else self.low, (price, excess), -1)


def _halved(end: tuple[float, float]) -> tuple[float, float]:
    return end[0], end[1] / 2


@dataclass(frozen=True, eq=False)
class _Search:
    """The data of the search for the price of one cap.

    Attributes
    ----------
    structure : Structure
    cap : int
    unit : float
        Typical price of the cap.
    on_step : callable
    parameters : PathParameters
    """

    structure: Structure
    cap: int
    unit: float
    on_step: Callable[[PathPoint], None]
    parameters: PathParameters

    def is_met(self, excess: float) -> bool:
        """Whether an excess is within the tolerance."""
        return abs(excess) < self.parameters.caps.tolerance

    def at(self, here: CappedPoint, price: float) -> tuple[CappedPoint, float]:
        """Follow the path to another price of the cap; return the point and its excess."""
        caps = here.caps.copy()
        caps[self.cap] = price
        priced = market(self.structure, caps)
        point = Path(priced, self.on_step, self.parameters).follow(here.point, here.point.width)
        there = CappedPoint(caps, priced, point)
        return there, self.excess(there)

    def excess(self, here: CappedPoint) -> float:
        """Return ``(use - limit) / limit``, with use a forward difference of the smoothed dual in the cap's price."""
        change = np.zeros_like(here.caps)
        change[self.cap] = self.parameters.caps.difference_part * self.unit
        ahead, value = (self._value(here, here.caps + part * change) for part in (1.0, 0.0))
        used = (ahead - value) / change[self.cap]
        limit = self.structure.cap_limit[self.cap]
        return (used - limit) / max(limit, 1e-12 * abs(used), 1e-300)

    def _value(self, here: CappedPoint, caps: FloatArray) -> float:
        dual = SmoothedDual(market(self.structure, caps), self.parameters.dual)
        return dual.evaluate(here.point.prices, here.point.width).value


def _bracketed(search: _Search, start: CappedPoint) -> tuple[CappedPoint, float, _Bracket | None]:
    """Move the price by steps that double until the excess changes sign; return point, excess and bracket.

    There is no bracket if the excess is within the tolerance, or negative at a price of 0.
    """
    here, excess = start, search.excess(start)
    low = high = None
    step = max(search.unit, start.caps[search.cap]) / 8
    for _ in range(search.parameters.caps.most_doublings):
        price = here.caps[search.cap]
        if search.is_met(excess) or (excess < 0 and price == 0):
            return here, excess, None
        if excess > 0:
            low = (price, excess)
        else:
            high = (price, excess)
        if low and high:
            return here, excess, _Bracket(low, high)
        here, excess = search.at(here, price + step if excess > 0 else max(price - step, 0.0))
        step *= 2
    return here, excess, None


def _refined(search: _Search, start: CappedPoint, excess: float, bracket: _Bracket | None) -> CappedPoint:
    """Take steps of regula falsi until the excess is within the tolerance; return the last point."""
    here = start
    for _ in range(search.parameters.caps.most_refinements):
        if bracket is None or search.is_met(excess):
            break
        price = bracket.crossing()
        here, excess = search.at(here, price)
        bracket = bracket.narrowed(price, excess)
    return here


def _typical_price(structure: Structure, whole: Market, cap: int) -> float:
    """Return the price at which the mean use of a cap costs one cost spread."""
    drawn = structure.draw.mean() * structure.overhead.mean()
    work, tier = structure.cap_work[cap], structure.cap_tier[cap]
    per_unit = float(work.mean() if work.size else 0.0) + float(tier.mean() if tier.size else 0.0) * float(drawn)
    return cost_spread(whole) / per_unit if per_unit > 0 else 1.0
