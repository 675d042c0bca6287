"""The random parameters of a wild instance, and draws under them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Powers of ten of the units of money and tokens.
MONEY, TOKENS = (-4, 5), (-4, 5)


@dataclass(frozen=True)
class Tastes:
    """Random parameters of a whole instance.

    Attributes
    ----------
    grid : float
        Numbers are rounded to this share of a typical number, so that they tie; 0 for no rounding.
    even : bool
        Whether all prices, distances and speeds of a kind are equal.
    plenty : float
        Capacity as a multiple of the need of demand.
    zero, absent : float
        Probability that a limit is zero, or absent.
    below : float
        Probability of a negative price of power.
    links, caps, waits, tiers, bound : float
        Probability that a link has a capacity, a cap is set, work may wait, a site has further supplies, a workload is
        bound to jurisdictions.
    usd, mtok : float
        Units of money and of tokens.
    hour_length : float
    """

    grid: float
    even: bool
    plenty: float
    zero: float
    absent: float
    below: float
    links: float
    caps: float
    waits: float
    tiers: float
    bound: float
    usd: float
    mtok: float
    hour_length: float


def tastes_of(random: np.random.Generator) -> Tastes:
    """Return random parameters."""

    def some(*values: float) -> float:
        return float(random.choice(values))

    def unit(low: int, high: int) -> float:
        return 10.0 ** random.integers(low, high + 1) if random.random() < 0.3 else 1.0

    return Tastes(
        grid=some(0, 0, 0, 0.1, 0.5),
        even=bool(random.random() < 0.1),
        plenty=some(0.3, 0.8, 1.1, 1.5, 4),
        zero=some(0, 0, 0.05, 0.2),
        absent=some(0, 0.1, 0.5, 1),
        below=some(0, 0, 0.1, 0.5, 1),
        links=some(0, 0, 0.3, 1),
        caps=some(0, 0, 0.5, 1),
        waits=some(0, 0.4, 0.7, 1),
        tiers=some(0, 0.5, 1),
        bound=some(0, 0, 0.3),
        usd=unit(*MONEY),
        mtok=unit(*TOKENS),
        hour_length=some(1, 1, 1, 0.5, 3),
    )


class Draws:
    """Random draws under the parameters of an instance."""

    def __init__(self, random: np.random.Generator, tastes: Tastes) -> None:
        self.random, self.tastes = random, tastes

    def chance(self, part: float) -> bool:
        """Return True with a probability."""
        return bool(self.random.random() < part)

    def some(self, *values: Any) -> Any:
        """Return one of the values, each as probable."""
        return values[int(self.random.integers(len(values)))]

    def number(self, low: float, high: float, count: int | None = None) -> Any:
        """Return numbers in [low, high], on the grid if any, all equal if ``even``; a float without a count."""
        tastes, middle = self.tastes, (low + high) / 2
        drawn = np.full(count or 1, middle) if tastes.even else self.random.uniform(low, high, count or 1)
        if tastes.grid:
            step = tastes.grid * max(abs(low), abs(high))
            drawn = np.clip(np.round(drawn / step) * step, low, high)
        return float(drawn[0]) if count is None else drawn

    def limit(self, needed: float) -> float:
        """Return a limit that is near the need, zero or absent."""
        if self.chance(self.tastes.zero):
            return 0.0
        if self.chance(self.tastes.absent) or needed <= 0:
            return math.inf
        return self.tastes.plenty * needed * self.number(0.2, 1.8)

    def hourly(self, values: np.ndarray) -> Any:
        """Return sometimes one number for all hours, otherwise one for each."""
        return float(values[0]) if self.chance(0.3) else tuple(values.tolist())
