"""Prices of the caps: what lets the smoothed placement keep within limits on totals over the horizon.

A cap has one price for all periods. At given prices of the caps the path is that of a market without them; what such a
market uses of a cap is the slope of the smoothed dual in its price. The price at which use meets the limit is found by
bracketing and the Illinois variant of regula falsi (Dowell and Jarratt, BIT 11, 1971), cap by cap, first at a large
width and again whenever the width has shrunk. The restricted program then settles the rest, caps included as rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.path import Path, PathPoint, cost_spread
from placer.solvers.column_generation.dual.smoothed_dual import SmoothedDual
from placer.solvers.column_generation.market.definition import Market, market
from placer.solvers.column_generation.parameters import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.model.structure import Structure
    from placer.solvers.column_generation.parameters import PathParameters

#: Use is close enough to the limit when it is off by less than this part of it.
CLOSE = 1e-3
#: Times a price is doubled to find one that keeps the limit, and steps of regula falsi.
DOUBLINGS, REFINEMENTS = 40, 8
#: Rounds over the caps, since the price of one changes the use of the other.
ROUNDS = 2
#: The slope is taken over this part of a typical price of the cap.
DIFFERENCE = 1e-4


@dataclass(frozen=True, eq=False)
class CappedPoint:
    """A point of the path at some prices of the caps.

    Attributes
    ----------
    caps : (c,) array
    market : Market
        At these prices.
    point : PathPoint
    """

    caps: np.ndarray
    market: Market
    point: PathPoint


def price_caps(
    structure: Structure,
    start: CappedPoint,
    on_step: Callable[[PathPoint], None],
    parameters: PathParameters = DEFAULTS.path,
) -> CappedPoint:
    """Return the point at the same width at which no cap is exceeded by much, or none that is priced is left unused."""
    here = start
    finite = np.flatnonzero(np.isfinite(structure.cap_limit))
    for _ in range(ROUNDS if len(finite) > 1 else 1):
        for cap in finite.tolist():
            here = _price_cap(structure, here, cap, on_step, parameters)
    return here


def _price_cap(
    structure: Structure,
    start: CappedPoint,
    cap: int,
    on_step: Callable[[PathPoint], None],
    parameters: PathParameters,
) -> CappedPoint:
    unit = _typical_price(structure, start.market, cap)
    low = high = None
    here, excess = start, _excess(structure, start, cap, unit)
    step = max(unit, start.caps[cap]) / 8
    for _ in range(DOUBLINGS):
        if abs(excess) < CLOSE or (excess < 0 and here.caps[cap] == 0):
            return here
        if excess > 0:
            low = (here.caps[cap], excess)
        else:
            high = (here.caps[cap], excess)
        if low and high:
            break
        price = here.caps[cap] + step if excess > 0 else max(here.caps[cap] - step, 0.0)
        step *= 2
        here, excess = _at(structure, here, cap, price, unit, on_step, parameters)
    side = 0
    for _ in range(REFINEMENTS):
        if not (low and high) or abs(excess) < CLOSE:
            break
        price = (low[0] * high[1] - high[0] * low[1]) / (high[1] - low[1])
        here, excess = _at(structure, here, cap, price, unit, on_step, parameters)
        if excess > 0:
            high = (high[0], high[1] / 2) if side > 0 else high
            low, side = (price, excess), 1
        else:
            low = (low[0], low[1] / 2) if side < 0 else low
            high, side = (price, excess), -1
    return here


def _at(
    structure: Structure,
    here: CappedPoint,
    cap: int,
    price: float,
    unit: float,
    on_step: Callable[[PathPoint], None],
    parameters: PathParameters,
) -> tuple[CappedPoint, float]:
    """Return the point and the excess at another price of a cap."""
    caps = here.caps.copy()
    caps[cap] = price
    priced = market(structure, caps)
    point = Path(priced, on_step, parameters).follow(here.point, here.point.width)
    there = CappedPoint(caps, priced, point)
    return there, _excess(structure, there, cap, unit)


def _excess(structure: Structure, here: CappedPoint, cap: int, unit: float) -> float:
    """Return by what part of its limit a cap is exceeded: the slope of the smoothed dual in its price."""
    change = np.zeros_like(here.caps)
    change[cap] = DIFFERENCE * unit
    values = [
        SmoothedDual(market(structure, here.caps + part * change)).evaluate(here.point.prices, here.point.width).value
        for part in (1.0, 0.0)
    ]
    used = (values[0] - values[1]) / change[cap]
    limit = structure.cap_limit[cap]
    return (used - limit) / max(limit, 1e-12 * abs(used), 1e-300)


def _typical_price(structure: Structure, whole: Market, cap: int) -> float:
    """Return the price at which a cap weighs as much as the spread of costs between sites."""
    drawn = structure.draw.mean() * structure.overhead.mean()
    work, tier = structure.cap_work[cap], structure.cap_tier[cap]
    per_unit = float(work.mean() if work.size else 0.0) + float(tier.mean() if tier.size else 0.0) * float(drawn)
    return cost_spread(whole) / per_unit if per_unit > 0 else 1.0
