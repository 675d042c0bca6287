"""How far mixes of two neighbouring points of a front lie above it: the least cost over a limit that moves.

    C(v) = min c x    over x in X  with  p_t x + v q_t x <= r_t + v d_t  for every row t         tighter as v rises

The amount ``v`` may be a coefficient of the rows, as a green share is. C then never falls, and need not be convex: with
5 MWh of green power and 10 MWh of work that may be dropped at 1 USD a MWh, C(v) = 10 - 5 / v. For rents ``g`` of the
rows and other duals ``y`` the dual bound

    L(y, v) = min over x of c x + sum_t g_t (p_t x + v q_t x - r_t - v d_t) + what y relaxes  <=  C(v)

is concave in (y, v) together at fixed ``g``, since it is a minimum of functions that are linear in both. Between the
amounts a < b of two points it thus lies above its chord, for the duals of either point:

    C(v) >= max( chord from L_a(a) to L_a(b),  chord from L_b(a) to L_b(b) )

Where the amount is a right-hand side, or consumption is fixed, L is linear, and these are the tangents of
``placer.utils.convex_curve``. From above, the mix ``(1 - w) x_a + w x_b`` with the least ``w`` that keeps all rows
costs C(a) + w (C(b) - C(a)):

    w(v) = max over t of  alpha_t / (alpha_t - beta_t)          where alpha_t > 0

with ``alpha_t(v)`` and ``beta_t(v)`` the excess of the rows at the two points, both linear in v and ``beta <= 0``. Each
term is a ratio of linear functions, so that its largest distance above a line has a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Pair:
    """Two neighbouring points, over a place z that is 0 at the first and 1 at the second.

    Attributes
    ----------
    costs : (float, float)
        At the points.
    low_line, high_line : (float, float)
        Bounds on the cost at both places, by the duals of the first point and by those of the second.
    low_excess, high_excess : (rows, 2) arrays
        Excess of the rows at the first and at the second point, at the amounts of both.
    noise : (rows,) array
        Excess up to this is rounding.
    """

    costs: tuple[float, float]
    low_line: tuple[float, float]
    high_line: tuple[float, float]
    low_excess: FloatArray
    high_excess: FloatArray
    noise: FloatArray

    @property
    def error(self) -> float:
        """The largest distance of the mixes above both lines."""
        return self.worst[0]

    @cached_property
    def worst(self) -> tuple[float, float]:
        """The largest distance of the mixes above both lines, and its place; the middle where that is an end.

        Examples
        --------
        >>> row = np.array([[0.0, 1.0]])
        >>> Pair((0.0, 4.0), (0.0, 0.0), (-4.0, 4.0), row, row - 1, np.zeros(1)).worst  # the lines meet at the middle
        (2.0, 0.5)
        """
        start, end = (low - high for low, high in zip(self.low_line, self.high_line, strict=True))
        cut = min(max(start / (start - end), 0.0), 1.0) if start > end else (1.0 if start >= 0 else 0.0)
        error, place = max(self._above(self.low_line, 0.0, cut), self._above(self.high_line, cut, 1.0))
        return max(error, 0.0), place if _EDGE < place < 1 - _EDGE else 0.5

    def share(self, place: float) -> float:
        """Return the least part of the second point in a mix that keeps all rows at a place."""
        at = np.full(len(self.noise), place)
        return float(self._part(at).max(initial=0.0))

    def _above(self, line: tuple[float, float], first: float, last: float) -> tuple[float, float]:
        """Return the largest distance of the cost of mixes above a line, from one place to another, and where it is."""
        if not last > first:
            return -np.inf, first
        rise, slope = max(self.costs[1] - self.costs[0], 0.0), line[1] - line[0]
        ends = np.array([first, last])
        places = np.clip(np.stack([*np.tile(ends, (len(self.noise), 1)).T, *self._turns(rise, slope)]), first, last)
        part = np.stack([self._part(each) for each in places])
        places = np.append(places, ends)  # of the first point alone, where it keeps all rows
        above = self.costs[0] + rise * np.append(part, np.zeros(2)) - line[0] - slope * places
        return float(above.max()), float(places[above.argmax()])

    def _turns(self, rise: float, slope: float) -> tuple[FloatArray, FloatArray]:
        """Return where the first point begins to break each row, and where its ratio is as steep as a line."""
        alpha, beta = self.low_excess[:, 0], np.minimum(self.high_excess[:, 0], 0.0)
        by_alpha, by_beta = np.diff(self.low_excess)[:, 0], np.diff(np.minimum(self.high_excess, 0.0))[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            begin = -alpha / by_alpha
            steep = np.sqrt(rise * (alpha * by_beta - by_alpha * beta) / slope)
            turn = (steep - (alpha - beta)) / (by_alpha - by_beta)
        return np.where(np.isfinite(begin), begin, 0.0), np.where(np.isfinite(turn), turn, 0.0)

    def _part(self, place: FloatArray) -> FloatArray:
        """Return the part of the second point that each row asks for, at a place of each; 1 where it has no room."""
        alpha, beta = (
            each[:, 0] + (each[:, 1] - each[:, 0]) * place
            for each in (self.low_excess, np.minimum(self.high_excess, 0.0))
        )
        grows = self.low_excess[:, 1] > self.noise  # else the first point keeps the row all along
        over, room = np.maximum(alpha, 0.0), -beta
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(room > self.noise * _EDGE, over / (over + room), np.where(alpha >= -self.noise, 1.0, 0.0))
        return np.where(grows, part, 0.0)


#: No next point is this near to an end.
_EDGE = 1e-9
