"""A convex curve from its slopes, each a program of its own: the vertices, and the slopes that follow.

    C(v) = least cost of the answers with w = v         convex and piecewise linear
         = max over r of g(r) + r v,                    g(r) = least  cost - r w  over all answers

Each slope ``r`` gives a vertex of the curve, and its dual bound gives a line ``g(r) + r v`` that lies nowhere above the
curve. The next slopes are those of chords: of all that are too high (``placer.utils.convex_curve``), or only of the
chord that crosses a largest cost. A chord that coincides with a line is a piece of the curve.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Generic

import numpy as np

from placer.tolerances import SOLVER
from placer.utils.convex_curve import (
    Detail,
    Mix,
    Tangent,
    best_mix,
    breakpoints,
    chord_error,
    chord_slope,
    trace_chords,
)

#: Two pieces are one straight line if their slopes differ by less than this part of the unit of slopes.
STRAIGHT = 1e-7
#: Slopes tried in turn for the largest place, or the least, in their unit.
STEEPEST = (1e1, 1e3, 1e5)


class Chords(Generic[Detail]):
    """The vertices that were solved for, and the lines below the curve.

    Parameters
    ----------
    at : callable
        From a slope to a vertex of least ``cost - slope * w``, and the line of its bound.
    apart : float
        Places are equal if they differ by at most this.
    mean : float
        The unit of slopes: the mean cost of a unit of ``w``.
    tell : callable
        Called with the number of points and the distance of a chord before its slope is solved for.
    known : iterable of Tangent
        Points without lines, on the curve or above it, for ``least_within``.

    Attributes
    ----------
    points : list of Tangent
        The known points, then the vertices as they were found.
    """

    def __init__(
        self,
        at: Callable[[float], Tangent[Detail]],
        apart: float,
        mean: float,
        tell: Callable[[int, float], None],
        known: Iterable[Tangent[Detail]] = (),
    ) -> None:
        self._at, self._apart, self._mean, self._tell = at, apart, mean, tell
        self.points = list(known)

    def solve(self, slope: float) -> Tangent[Detail]:
        """Add the vertex at a slope."""
        return self.add(self._at(slope))

    def add(self, found: Tangent[Detail]) -> Tangent[Detail]:
        """Add a vertex, at the place of another one where these are equal up to rounding."""
        place = next((each.at for each in self.points if abs(each.at - found.at) <= self._apart), found.at)
        if place != found.at:
            found = replace(found, at=place, below=found.value - found.line(place))
        self.points.append(found)
        return found

    def climb(self, sign: float, end: float, most: float = math.inf, steepest: Sequence[float] = STEEPEST) -> float:
        """Solve at steeper and steeper slopes until the largest place, or the least, is reached; return the last place.

        A value above ``most`` is the last one too.
        """
        for steepness in steepest:
            reached = self.solve(sign * steepness * self._mean)
            if abs(end - reached.at) <= self._apart or reached.value > most:
                break
        return reached.at

    def traced(self, tolerance: float, most_programs: int) -> tuple[list[Tangent[Detail]], float]:
        """Return the breakpoints and the largest distance of a chord above the curve; a tolerance of it is sought.

        Of several vertices at one place, the cheapest is the point.
        """
        points, error = trace_chords(self._between, self.points, lambda *_: tolerance, most_programs)
        by_place = itertools.groupby(points, key=lambda each: each.at)
        cheapest: Sequence[Tangent[Detail]] = [min(alike, key=lambda each: each.value) for _, alike in by_place]
        return breakpoints(cheapest, self._is_corner), max(float(error), 0.0)

    def least_within(self, most: float, bound: float, sought: float, most_points: int) -> tuple[Mix, float]:
        """Return the least place of a mix of two points with a value of at most ``most``, and its lower bound.

        One point has such a value. Slopes follow until mix and bound are as near as sought, or points are many.
        """
        while True:
            places, values = (np.array([getattr(each, name) for each in self.points]) for name in ("at", "value"))
            mix = best_mix(places, values, most)
            bound = max(bound, *(each.falls_to(most) for each in self.points))
            low, high = self.points[mix.high], self.points[mix.low]
            is_done = mix.value - bound <= sought or len(self.points) >= most_points
            if is_done or high.at - low.at <= self._apart or self._between(low, high) is None:
                return mix, min(bound, mix.value)

    def _between(self, low: Tangent[Detail], high: Tangent[Detail]) -> Tangent[Detail] | None:
        """Return a vertex at the slope of a chord; None if that slope was solved for."""
        slope = chord_slope(low, high)
        if any(abs(slope - each.slope) <= SOLVER * self._mean for each in self.points):
            return None
        self._tell(len(self.points), chord_error(low, high))
        return self.solve(slope)

    def _is_corner(self, low: Tangent[Detail], here: Tangent[Detail], high: Tangent[Detail]) -> bool:
        slope = chord_slope(here, high)
        return slope - chord_slope(low, here) > STRAIGHT * max(self._mean, abs(slope))
