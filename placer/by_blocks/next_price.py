"""The next price of a single cap that blocks share, and the known prices from which blocks start there.

The slope ``use - limit`` of the lower bound falls as the price rises. Its root is the best price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.column_generation.warm_start import interpolate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.column_generation.warm_start import KnownPrices


def next_root(slopes: Sequence[tuple[float, float]], overshoot: float) -> float | None:
    """Return the price at which the slope is expected to be 0; None where the known slopes do not tell.

    The slope is taken as linear between the nearest prices of either sign. If all prices are too low, the price goes
    beyond the root of the line through the last two.

    Parameters
    ----------
    slopes : sequence of (price, slope)
    overshoot : float
        The way that the price goes then, as a multiple of the way to that root.

    Examples
    --------
    >>> next_root([(0.0, 3.0), (4.0, -1.0)], 1.5), next_root([(0.0, 3.0), (4.0, 1.0)], 1.5)
    (3.0, 7.0)
    """
    low = max((each for each in slopes if each[1] > 0), default=None)
    high = min((each for each in slopes if each[1] <= 0), default=None)
    if low is None:
        return None
    if high is not None:
        return low[0] + (high[0] - low[0]) * low[1] / (low[1] - high[1])
    before = max((each for each in slopes if each[0] < low[0]), default=None)
    if before is None or before[1] <= low[1]:
        return None
    return low[0] + overshoot * (low[0] - before[0]) * low[1] / (before[1] - low[1])


def starts_at(known: Sequence[tuple[float, KnownPrices]], price: float) -> list[KnownPrices]:
    """Return the prices that a block starts from: interpolated between those around a price, else the latest two.

    Parameters
    ----------
    known : sequence of (price of the cap, KnownPrices)
        The latest first.
    price : float
    """
    low = max((each for each in known if each[0] < price), key=_price, default=None)
    high = min((each for each in known if each[0] > price), key=_price, default=None)
    if low is None or high is None:
        return [prices for _, prices in known[:2]]
    return [interpolate(low[1], high[1], (price - low[0]) / (high[0] - low[0]))]


def _price(known: tuple[float, KnownPrices]) -> float:
    return known[0]
