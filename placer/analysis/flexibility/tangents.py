"""A convex, piecewise-linear curve from its values and slopes: exact if pieces are few, close if they are many.

Each point gives a value on the curve and a line nowhere above it. The lines of two neighbours meet at the lowest value
that the curve could have between them. If the curve attains this value, the meeting point is a breakpoint. If the chord
is as low as both lines, there is no breakpoint between them. Otherwise the curve is evaluated at the meeting point
(Rote, 'The convergence rate of the sandwich algorithm for approximating convex functions', Computing 48, 1992). The
error of a chord is its distance above the meeting.

Each pass evaluates the curve at the meetings of all chords that are too high. Passes go down and up in turn, so that an
evaluation that goes on from the one before (``placer.analysis.flexibility.programs``) has little to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Detail = TypeVar("Detail")


@dataclass(frozen=True, eq=False)
class Tangent(Generic[Detail]):
    """A point of the curve and a line that touches it there.

    Attributes
    ----------
    at, value, slope : float
    detail : Detail
        The data of the point.
    gap : float
        Proven bound on the distance of the value, and of the line, above the curve.
    """

    at: float
    value: float
    slope: float
    detail: Detail
    gap: float = 0.0


def trace_chords(
    evaluate: Callable[[float], Tangent[Detail]], ends: Sequence[Tangent[Detail]], tolerance: float, most: int
) -> tuple[list[Tangent[Detail]], float]:
    """Evaluate a convex curve until no chord between neighbours can lie above it by more than a tolerance.

    Each pass evaluates the curve once for every chord that is too high; passes go down and up in turn, so that each
    argument is near the one before. The last pass takes the highest chords if ``most`` leaves too few points for all.

    Parameters
    ----------
    evaluate : callable
        Maps an argument to a point of the curve and a line nowhere above the curve.
    ends : sequence of Tangent
        The points at both ends.
    tolerance : float
        In the unit of the values; above the rounding of ``evaluate``.
    most : int
        Largest number of points, ends included.

    Returns
    -------
    points : list of Tangent
        By place.
    error : float
        The largest distance of a chord above the lines of its ends.
    """
    points, forwards = list(ends), False
    while True:
        errors = [_error(*pair) for pair in pairwise(points)]
        room = most - len(points)
        too_high = sorted((at for at, error in enumerate(errors) if error > tolerance), key=lambda at: -errors[at])
        if not too_high or room <= 0:
            return points, max(errors, default=0.0)
        places = sorted(too_high[:room], reverse=not forwards)
        found = [evaluate(meeting(points[at], points[at + 1])) for at in places]
        points, forwards = sorted([*points, *found], key=lambda point: point.at), not forwards


def meeting(low: Tangent[Detail], high: Tangent[Detail]) -> float:
    """Return the argument at which the lines of two points meet; the middle if they are parallel.

    Examples
    --------
    >>> meeting(Tangent(0.0, 0.0, 1.0, None), Tangent(4.0, 10.0, 3.0, None))
    1.0
    """
    bend = high.slope - low.slope
    if bend <= 0:
        return (low.at + high.at) / 2
    place = (low.value - low.slope * low.at - high.value + high.slope * high.at) / bend
    return min(max(place, low.at), high.at)


def breakpoints(points: Sequence[Tangent[Detail]], straight: float) -> list[Tangent[Detail]]:
    """Return the ends and the points at which the slope of the chords rises by more than a tolerance."""
    kept = list(points[:1])
    for place in range(1, len(points) - 1):
        before, here, after = kept[-1], points[place], points[place + 1]
        if _slope(here, after) - _slope(before, here) > straight:
            kept.append(here)
    return [*kept, points[-1]] if len(points) > 1 else kept


def chord_errors(kept: Sequence[Tangent[Detail]], points: Sequence[Tangent[Detail]]) -> list[float]:
    """Return a proven bound on the distance above the curve for the chord of each pair of neighbours.

    Parameters
    ----------
    kept : sequence of Tangent
        Some of the points, both ends included.
    points : sequence of Tangent
        All points: the lines of those between two kept ones also bound the curve from below.
    """
    errors = []
    for low, high in pairwise(kept):
        part = [point for point in points if low.at <= point.at <= high.at]
        above = [low.value + _slope(low, high) * (point.at - low.at) - point.value for point in part]
        pieces = [_error(*pair) + max(pair[0].gap, pair[1].gap) for pair in pairwise(part)]
        errors.append(max(pieces) + max(*above, 0.0))
    return errors


def _slope(low: Tangent[Detail], high: Tangent[Detail]) -> float:
    return (high.value - low.value) / (high.at - low.at)


def _error(low: Tangent[Detail], high: Tangent[Detail]) -> float:
    place = meeting(low, high)
    chord = low.value + _slope(low, high) * (place - low.at)
    return chord - max(low.value + low.slope * (place - low.at), high.value + high.slope * (place - high.at))
