"""A convex curve of exports from its slopes, each a program of its own: the vertices, and the slopes that follow.

    C(e) = least cost with e exported     convex and piecewise linear
         = max over r of  g(r) + r e,     g(r) = least  cost - r * export

Each slope ``r`` gives a vertex of the curve, and its dual bound gives a line ``g(r) + r e`` that lies nowhere above the
curve. The next slopes are those of the chords that are too high (``placer.utils.convex_curve``). A chord that coincides
with a line is a piece of the curve.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from placer.utils.convex_curve import Detail, Tangent, breakpoints, chord_error, chord_slope, trace_chords

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Slopes are equal if they differ by less than this part of the mean cost.
SAME = 1e-9
#: Exports are equal if they differ by less than this part of all demand.
REACHES = 1e-9
#: Two pieces are one straight line if their slopes differ by less than this part of the mean cost.
STRAIGHT = 1e-7
#: Slopes tried in turn for the largest export, and the least that limits allow, in units of the mean cost.
STEEPEST = (1e1, 1e3, 1e5)


class Chords(Generic[Detail]):
    """The vertices that were solved for, and the lines below the curve.

    Parameters
    ----------
    at : callable
        From a slope to a vertex of least ``cost - slope * export``, and the line of its bound.
    asked, mean : float
        All demand, in the unit of exports, and the mean cost of a unit of it.
    tolerance : float
        Largest distance of a chord above the curve that is sought.
    tell : callable
        Called with the number of vertices and the distance of a chord before its slope is solved for.
    """

    def __init__(
        self,
        at: Callable[[float], Tangent[Detail]],
        asked: float,
        mean: float,
        tolerance: float,
        tell: Callable[[int, float], None],
    ) -> None:
        self._at, self.asked, self.mean, self.tolerance, self._tell = at, asked, mean, tolerance, tell
        self._vertices: list[Tangent[Detail]] = []

    def solve(self, slope: float) -> Tangent[Detail]:
        """Add the vertex at a slope."""
        return self.add(self._at(slope))

    def add(self, found: Tangent[Detail]) -> Tangent[Detail]:
        """Add a vertex, at the export of another one where these are equal up to rounding."""
        apart = REACHES * self.asked
        export = next((each.at for each in self._vertices if abs(each.at - found.at) <= apart), found.at)
        if export != found.at:
            found = replace(found, at=export, below=found.value - found.line(export))
        self._vertices.append(found)
        return found

    def climb(self, sign: float, end: float) -> float:
        """Solve for the largest export, or the least, at steeper and steeper slopes until it is reached; return it."""
        for steepness in STEEPEST:
            reached = self.solve(sign * steepness * self.mean).at
            if abs(end - reached) <= REACHES * self.asked:
                break
        return reached

    def traced(self, most_programs: int) -> tuple[list[Tangent[Detail]], float]:
        """Return the breakpoints and the largest distance of a chord above the curve.

        Of several vertices with one export, the cheapest is the point.
        """
        points, error = trace_chords(self._between, self._vertices, lambda *_: self.tolerance, most_programs)
        by_export = itertools.groupby(points, key=lambda each: each.at)
        cheapest: Sequence[Tangent[Detail]] = [min(alike, key=lambda each: each.value) for _, alike in by_export]
        return breakpoints(cheapest, self._is_corner), max(float(error), 0.0)

    def _between(self, low: Tangent[Detail], high: Tangent[Detail]) -> Tangent[Detail] | None:
        """Return a vertex at the slope of a chord; None if that slope was solved for."""
        slope = chord_slope(low, high)
        if any(abs(slope - each.slope) <= SAME * self.mean for each in self._vertices):
            return None
        self._tell(len(self._vertices), chord_error(low, high))
        return self.solve(slope)

    def _is_corner(self, low: Tangent[Detail], here: Tangent[Detail], high: Tangent[Detail]) -> bool:
        slope = chord_slope(here, high)
        return slope - chord_slope(low, here) > STRAIGHT * max(self.mean, abs(slope))
