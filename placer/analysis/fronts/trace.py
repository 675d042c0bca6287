"""The points of a front and the proven distance of the mixes between them, from no limit to the tightest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from placer.analysis.fronts.mixing import Pair
from placer.analysis.fronts.moving_limit import MovingLimit
from placer.analysis.fronts.reach import tightest
from placer.errors import ArgumentError, InstanceError, NoSolutionError, Violation
from placer.model.answer import Answer
from placer.placement.result import Placement
from placer.proof.answer_certificate import certify_answer
from placer.running import check_time
from placer.solve import place
from placer.tolerances import SOLVER
from placer.utils.numbers import quantity

#: The duals of the last point are those of a point this share of the front before it: beyond the end, demand gives way,
#: so that the duals at the end itself may hold its penalty.
_BEFORE_THE_END = 1e-6
#: The end is this share of the front before the tightest amount, so that rounding of it leaves no work unserved.
_SHORT_OF_THE_END = 1e-8


@dataclass(frozen=True, eq=False)
class Point:
    """A proven placement of least cost at an amount, and the answer whose duals give its line.

    Attributes
    ----------
    at : float
        The amount.
    line_at : float
        The amount of the answer of the line.
    """

    at: float
    placement: Placement
    line_at: float
    line: Answer

    @property
    def cost(self) -> float:
        """Cost, transfers and penalty."""
        return self.placement.certificate.objective


@dataclass(frozen=True, eq=False)
class Trace:
    """Points by rising tightness, and a proven bound on the distance of the mixes after each but the last one."""

    points: tuple[Point, ...]
    errors: tuple[float, ...]

    @property
    def rounding(self) -> float:
        """The distance that counts as rounding."""
        return SOLVER * max(abs(point.cost) for point in self.points)


class Tracer:
    """Finds the points of a front."""

    def __init__(self, limit: MovingLimit, tell: Callable[[str], None]) -> None:
        self._limit, self._tell = limit, tell

    def ends(self, until: float | None = None) -> list[Point]:
        """Return the placement of least cost without the limit, and that at the tightest amount or at a given one.

        Raises
        ------
        ArgumentError
            If the placement of least cost keeps the given amount.
        InstanceError
            If nothing counts: no power is delivered in the scope of a green share.
        """
        limit = self._limit
        free = place(limit.base, limit.without, None)
        kept = limit.kept_by(free.answer.point)
        if np.isnan(kept):
            problem = "no power is delivered in it, so that there is no share"
            raise InstanceError([Violation("limits", "front", "", problem, "a scope in which power is used")])
        first = self._unlimited(free, kept)
        if until is not None:
            if limit.sign * (until - kept) <= SOLVER * max(abs(kept), abs(until)):
                raise ArgumentError(f"until {until!r} is no tighter than {quantity(kept)}, which costs nothing")
            return [first, self.at(until)]
        end = tightest(limit, free.answer.point.unserved, kept)
        reach = limit.sign * (end - kept)
        if reach <= SOLVER * max(abs(kept), abs(end)):
            return [first]
        end -= limit.sign * _SHORT_OF_THE_END * reach
        last = self.at(end)
        before = self.at(end - limit.sign * _BEFORE_THE_END * reach)
        nearly = last.cost - self.bound(end, before) <= 2 * _BEFORE_THE_END * (last.cost - first.cost)
        return [first, replace(last, line_at=before.at, line=before.line) if nearly else last]

    def at(self, amount: float) -> Point:
        """Return the point at an amount."""
        check_time("the time limit was reached between two points of the front")
        formulation = self._limit.formulation(amount)
        placement = place(self._limit.instance(amount), formulation, None)
        return Point(amount, placement, amount, placement.answer)

    def bound(self, amount: float, point: Point) -> float:
        """Return the bound on the least cost at an amount by the line of a point."""
        return self._limit.bound(amount, point.line.prices, point.line_at, point.line.point)

    def traced(self, ends: list[Point], most: int, tolerance: float) -> Trace:
        """Return points of the front, the ends among them: as many as asked for, or until all mixes are near enough.

        Parameters
        ----------
        most : int
            Largest number of points.
        tolerance : float
            Largest distance of a mix above the front, as a share of the cost between its ends.
        """
        if len(ends) < 2:
            return Trace(tuple(ends), ())
        found = Trace(tuple(ends), (self._pair(*ends).error,))
        sought = max(found.rounding, tolerance * (ends[1].cost - ends[0].cost))
        while (worst := max(found.errors)) > sought and len(found.points) < most:
            self._tell(
                f"{len(found.points)} points of the front, mixes within {quantity(worst)} ({quantity(sought)} sought)"
            )
            after = found.errors.index(worst) + 1
            low, high = found.points[after - 1 : after + 1]
            between = self.at(low.at + (high.at - low.at) * self._pair(low, high).worst[1])
            points = (*found.points[:after], between, *found.points[after:])
            errors = [self._pair(*pair).error for pair in ((low, between), (between, high))]
            found = Trace(points, (*found.errors[: after - 1], *errors, *found.errors[after:]))
        return self._without_straight(found)

    def share(self, low: Point, high: Point, amount: float) -> float:
        """Return the least part of the second of two neighbours in a mix that keeps an amount between theirs."""
        return self._pair(low, high).share((amount - low.at) / (high.at - low.at))

    def _without_straight(self, trace: Trace) -> Trace:
        """Return the trace without the points whose neighbours have no mix above their lines by more than rounding."""
        points, errors = list(trace.points), list(trace.errors)
        at = 1
        while at < len(points) - 1:
            straight = self._pair(points[at - 1], points[at + 1], points[at]).error
            if straight > trace.rounding:
                at += 1
            else:
                del points[at]
                errors[at - 1 : at + 1] = [straight]
        return Trace(tuple(points), tuple(errors))

    def _pair(self, low: Point, high: Point, between: Point | None = None) -> Pair:
        """Return two points with the lines of their own duals, or both with that of a point between them."""
        limit = self._limit
        first, last = between or low, between or high
        flows = [each.placement.answer.point for each in (low, high)]
        excess = [np.stack([limit.excess(end.at, each) for end in (low, high)], axis=1) for each in flows]
        return Pair(
            costs=(low.cost, high.cost),
            low_line=(self.bound(low.at, first), self.bound(high.at, first)),
            high_line=(self.bound(low.at, last), self.bound(high.at, last)),
            low_excess=excess[0],
            high_excess=excess[1],
            noise=limit.noise(high.at),
        )

    def _unlimited(self, free: Placement, kept: float) -> Point:
        """Return the placement without the limit as a point: the limit has no rent."""
        formulation, answer = self._limit.formulation(kept), free.answer
        more = len(formulation.structure.cap_limit) - len(answer.prices.cap)
        duals = replace(answer.prices, cap=np.append(answer.prices.cap, np.zeros(more)))
        known: Answer = replace(answer, duals=duals)
        certificate = certify_answer(formulation.structure, known, gap=free.certificate.tolerances.gap)
        if not certificate.proven:
            raise NoSolutionError(free.termination.reason, f"the first point: {', '.join(certificate.failures)}")
        return Point(kept, Placement(self._limit.instance(kept), formulation, known, certificate), kept, known)
