"""A convex, piecewise-linear curve from its values and slopes: exact if pieces are few, close if they are many.

Each point gives a value on the curve and a line nowhere above it. The lines of two neighbours meet at the lowest value
that the curve could have between them. If the curve attains this value, the meeting point is a breakpoint. If the chord
is as low as both lines, there is no breakpoint between them. Otherwise the curve is evaluated between them: at the
meeting (Rote, 'The convergence rate of the sandwich algorithm for approximating convex functions', Computing 48, 1992),
or where a line with the slope of the chord touches it (Eisner and Severance, 'Mathematical techniques for efficient
record segmentation in large shared databases', JACM 23, 1976). The error of a chord is its distance above the meeting.

Each pass evaluates the curve between the ends of all chords that are too high. Passes go down and up in turn, so that
an evaluation that goes on from the one before (``placer.analysis.flexibility.programs``) has little to change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from placer.utils.arrays import FloatArray

Detail = TypeVar("Detail")
Other = TypeVar("Other")


@dataclass(frozen=True, eq=False)
class Tangent(Generic[Detail]):
    """A point of the curve and a line that touches it there.

    Attributes
    ----------
    at, value, slope : float
        An end of the curve may have an infinite slope: its line bounds nothing.
    detail : Detail
        The data of the point.
    gap : float
        Proven bound on the distance of the value, and of the line, above the curve.
    below : float
        Distance of the line below the value; the gap, for lines that are proven themselves.
    """

    at: float
    value: float
    slope: float
    detail: Detail
    gap: float = 0.0
    below: float = 0.0

    def line(self, at: float) -> float:
        """Return the value of the line at an argument."""
        return self.value - self.below + self.slope * (at - self.at) if math.isfinite(self.slope) else -math.inf

    def falls_to(self, value: float) -> float:
        """Return where the falling line reaches a value: no point of the curve before has one as low; else -inf."""
        falls = -math.inf < self.slope < 0
        return self.at + (value - self.value + self.below) / self.slope if falls else -math.inf

    def with_detail(self, detail: Other) -> Tangent[Other]:
        """Return the same point with other data."""
        return Tangent(self.at, self.value, self.slope, detail, self.gap, self.below)


def trace_chords(
    evaluate: Callable[[Tangent[Detail], Tangent[Detail]], Tangent[Detail] | None],
    known: Iterable[Tangent[Detail]],
    tolerance: Callable[[Tangent[Detail], Tangent[Detail]], float],
    most: int,
) -> tuple[list[Tangent[Detail]], float]:
    """Evaluate a convex curve until no chord between neighbours can lie above it by more than a tolerance.

    Each pass evaluates the curve once for every chord that is too high; passes go down and up in turn, so that each
    argument is near the one before. The last pass takes the highest chords if ``most`` leaves too few points for all.

    Parameters
    ----------
    evaluate : callable
        Maps two neighbours to a point of the curve between them and a line nowhere above the curve: at ``meeting``, or
        with the slope ``chord_slope``. None: nothing more can be found between them.
    known : iterable of Tangent
        The points at both ends, and others.
    tolerance : callable
        The largest distance of the chord of two neighbours, in the unit of the values; above the rounding of
        ``evaluate``.
    most : int
        Largest number of points, known ones included.

    Returns
    -------
    points : list of Tangent
        By place.
    error : float
        The largest distance of a chord above the lines of its ends.
    """
    points, forwards, settled = _by_place(known), False, set[tuple[Tangent[Detail], Tangent[Detail]]]()
    while True:
        errors = {pair: chord_error(*pair) for pair in pairwise(points)}
        room = most - len(points)
        too_high = [pair for pair, error in errors.items() if error > tolerance(*pair) and pair not in settled]
        if not too_high or room <= 0:
            return points, max(errors.values(), default=0.0)
        highest = sorted(too_high, key=lambda pair: -errors[pair])[:room]
        for pair in sorted(highest, key=lambda pair: pair[0].at, reverse=not forwards):
            if (found := evaluate(*pair)) is None:
                settled.add(pair)
            else:
                points.append(found)
        points, forwards = _by_place(points), not forwards


def meeting(low: Tangent[Detail], high: Tangent[Detail]) -> float:
    """Return the argument at which the lines of two points meet; the middle if they are parallel.

    Examples
    --------
    >>> meeting(Tangent(0.0, 0.0, 1.0, None), Tangent(4.0, 10.0, 3.0, None))
    1.0
    """
    bend = high.slope - low.slope
    if not bend > 0:
        return (low.at + high.at) / 2
    if not math.isfinite(bend):
        return high.at if math.isfinite(low.slope) else low.at
    place = (low.value - low.below - low.slope * low.at - high.value + high.below + high.slope * high.at) / bend
    return min(max(place, low.at), high.at)


def breakpoints(
    points: Sequence[Tangent[Detail]],
    is_corner: Callable[[Tangent[Detail], Tangent[Detail], Tangent[Detail]], bool],
) -> list[Tangent[Detail]]:
    """Return the ends and the points that are corners: between the breakpoint before and the point after."""
    kept = list(points[:1])
    for here, after in pairwise(points[1:]):
        if is_corner(kept[-1], here, after):
            kept.append(here)
    return [*kept, *points[1:][-1:]]


def chord_slope(low: Tangent[Detail], high: Tangent[Detail]) -> float:
    """Return the slope of the chord between two points."""
    return (high.value - low.value) / (high.at - low.at)


def chord_error(low: Tangent[Detail], high: Tangent[Detail]) -> float:
    """Return the largest distance of the chord between two points above both of their lines."""
    if low.at == high.at:
        return 0.0
    place = meeting(low, high)
    return low.value + chord_slope(low, high) * (place - low.at) - max(low.line(place), high.line(place))


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
        above = [low.value + chord_slope(low, high) * (point.at - low.at) - point.value for point in part]
        pieces = [chord_error(*pair) + max(pair[0].gap, pair[1].gap) for pair in pairwise(part)]
        errors.append(max(pieces) + max(*above, 0.0))
    return errors


class Mix(NamedTuple):
    """Two points, by position, and the part of the second in their mean, which has the value."""

    value: float
    low: int
    high: int
    part: float


def best_mix(values: FloatArray, costs: FloatArray, most: float) -> Mix:
    """Return the least mean of values over weights with a mean cost of at most a maximum; two points suffice.

    Parameters
    ----------
    values, costs : (points,) arrays
        At least one point costs at most the maximum.

    Examples
    --------
    >>> best_mix(np.array([5.0, 1.0]), np.array([10.0, 20.0]), 12.0)
    Mix(value=4.2, low=0, high=1, part=0.2)
    """
    low, high = np.flatnonzero(costs <= most), np.flatnonzero(costs > most)
    first = int(low[np.argmin(values[low])])
    best = Mix(float(values[first]), first, first, 0.0)
    if len(high):
        part = (most - costs[low][:, None]) / (costs[high][None, :] - costs[low][:, None])
        mixed = values[low][:, None] + (values[high][None, :] - values[low][:, None]) * part
        row, column = np.unravel_index(np.argmin(mixed), mixed.shape)
        if mixed[row, column] < best.value:
            best = Mix(float(mixed[row, column]), int(low[row]), int(high[column]), float(part[row, column]))
    return best


def _by_place(points: Iterable[Tangent[Detail]]) -> list[Tangent[Detail]]:
    return sorted(points, key=lambda point: (point.at, point.slope))
