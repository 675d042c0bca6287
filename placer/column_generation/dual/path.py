"""The path of prices: the maximisers y(mu) of the smoothed dual g_mu, followed as the width mu falls.

    centre     at one width, damped Newton steps       (H + shift limit / mu) d = grad g_mu(y),   y <- y + d >= 0
    predict    to the next width, along the tangent    H dy/dmu = d grad g_mu(y) / dmu

H is the curvature, minus the Hessian of g_mu. A width is done when the step d promises little gain and every resource
is near its limit; it need not be exact. The path starts wide, at prices of zero, and narrows until the columns within a
few widths of the lowest price of their demand are few enough for one small linear program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from placer.column_generation.dual.parameters import PATH, PathParameters
from placer.column_generation.dual.smoothed_dual import AnyFactor, CurvedEvaluation, DualEvaluation, SmoothedDual
from placer.column_generation.market.definition import Market
from placer.column_generation.market.service_costs import site_costs
from placer.utils.arrays import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class PathPoint:
    """A point of the path.

    Attributes
    ----------
    prices : (t, r) array
        Prices of the market's resources, all >= 0.
    width : float
        The smoothing parameter mu, in money per unit of the median class.
    steps : int
        Newton steps so far.
    """

    prices: FloatArray
    width: float
    steps: int = 0


def cost_spread(market: Market) -> float:
    """Return the typical distance between the costs of two sites, in money per unit of the median class.

    It is the scale of prices: the median over classes of what ``site_costs`` finds, or 1 where all costs are zero.
    """
    found = [[size / group.weight for size in site_costs(market, group)] for group in market.groups]
    for sizes in zip(*found, strict=True):
        if any(size > 0 for size in sizes):
            return float(np.median([size for size in sizes if size > 0]))
    return 1.0


def first_width(market: Market, parameters: PathParameters = PATH) -> float:
    """Return the width at which the path starts: ``min(a lowest penalty, b cost_spread)``."""
    penalty = min(group.unserved / group.weight for group in market.groups)
    return min(penalty * parameters.first_width_in_penalties, cost_spread(market) * parameters.first_width_in_spreads)


class Dual(Protocol):
    """A smoothed dual, in prices of whatever shape."""

    @property
    def unit(self) -> FloatArray:
        """Price of each resource that weighs as much as a price of 1 per unit of the median class."""

    @property
    def available(self) -> FloatArray:
        """What there is of each resource."""

    def choose_precision(self, width: float) -> None:
        """Choose the precision of arrays; to be called at every new width."""

    def evaluate(self, prices: FloatArray, width: float) -> DualEvaluation:
        """Return value and gradient."""

    def evaluate_curved(self, prices: FloatArray, width: float, free: BoolArray) -> CurvedEvaluation:
        """Return value, gradient, and the curvature over the prices that may move, and maybe some more."""


class _Centred(NamedTuple):
    """Where the Newton steps at one width ended, the last factor, and whether they gained too slowly to be near it."""

    point: PathPoint
    evaluation: CurvedEvaluation
    factor: AnyFactor
    is_lost: bool


class PricePath:
    """The path of one market.

    Parameters
    ----------
    market : Market
    on_step : callable
        Called with the point before every Newton step; an exception that it raises ends the path.
    parameters : PathParameters

    Attributes
    ----------
    market : Market
    dual : Dual
    """

    def __init__(
        self,
        market: Market,
        on_step: Callable[[PathPoint], None] = lambda _: None,
        parameters: PathParameters = PATH,
        dual: Dual | None = None,
    ) -> None:
        self.market = market
        self.dual: Dual = SmoothedDual(market, parameters.dual) if dual is None else dual
        self._parameters = parameters
        self._on_step = on_step
        #: What there is of each resource, counted in units whose price weighs as much as one of the median class.
        self._available = self.dual.available / self.dual.unit
        #: All demand, in units of the median class.
        self._demand = sum(float(group.amount.sum()) * group.weight for group in market.groups)
        self._shift = parameters.least_shift
        #: The prices in the curvature: those that may move.
        self._free: BoolArray = np.ones(self._available.shape, dtype=bool)
        #: Whether the next trial of a step is expected to succeed, so that its curvature will be needed.
        self._expects_success = True
        #: Where ``follow`` ended: it goes on from there without a further step.
        self._end: _Centred | None = None

    def follow(self, point: PathPoint, last_width: float) -> PathPoint:
        """Follow the path from a point down to a width: centre, then predict, until ``width <= last_width``."""
        end = self._end
        if end is None or end.point is not point:
            end = self._centre(point, self.dual.evaluate_curved(point.prices, point.width, self._free))
        while end.point.width > last_width:
            point, here = self._predict(end, self._next_width(end.point.width, last_width))
            end = self._centre(point, here)
        self._end = end
        return end.point

    def settle(self, point: PathPoint) -> PathPoint | None:
        """Centre at the point's width; None as soon as gains fall too slowly: the point is far from the path."""
        here = self.dual.evaluate_curved(point.prices, point.width, self._free)
        end = self._centre(point, here, self._parameters.settling_decrease)
        return None if end.is_lost else end.point

    def _next_width(self, width: float, last_width: float) -> float:
        """Return the next of the fewest widths in equal ratios, none above ``shrink``, that end at the last."""
        count = max(np.ceil(np.log(width / last_width) / np.log(self._parameters.shrink) - 1e-9), 1)
        return float(max(width * (last_width / width) ** (1 / count), last_width))

    def _centre(self, point: PathPoint, here: CurvedEvaluation, decrease: float = np.inf) -> _Centred:
        """Maximise at the point's width by damped Newton steps, as long as each gains at most ``decrease`` x the last.

        The gain of a step d is predicted to first order, ``grad g . d``, per width and unit of demand.
        """
        prices, width, steps, gain_before = point.prices, point.width, point.steps, np.inf
        first = steps
        while True:
            self._on_step(PathPoint(prices, width, steps))
            free = self._free = (prices > 0) | (here.gradient > 0)
            factor = self._factorised(here, free, width)
            step = factor.step(here.gradient, prices)
            gain = float((here.gradient * step).sum()) / (width * self._demand)
            is_lost = gain > decrease * gain_before
            is_small = gain < self._parameters.gain_tolerance and self._is_balanced(here, prices, step, free)
            is_done = steps - first >= self._parameters.most_steps_at_width or is_lost or is_small
            if is_done or (taken := self._take(step, here, prices, free, width)) is None:
                return _Centred(PathPoint(prices, width, steps), here, factor, is_lost)
            prices, here = taken
            steps, gain_before = steps + 1, gain

    def _is_balanced(self, here: CurvedEvaluation, prices: FloatArray, step: FloatArray, free: BoolArray) -> bool:
        """Whether ``|use - limit| < tolerance x limit`` for every resource whose price moves and stays above zero."""
        moving = free & (prices + step > 0)
        imbalance = np.abs(here.gradient / self.dual.unit / self._available)[moving].max(initial=0.0)
        return bool(imbalance < self._parameters.imbalance_tolerance)

    def _take(
        self, step: FloatArray, here: CurvedEvaluation, prices: FloatArray, free: BoolArray, width: float
    ) -> tuple[FloatArray, CurvedEvaluation] | None:
        """Take a step or part of it, at ever larger shifts until it gains what it should; None if it never does."""
        parameters, shift_before, is_whole = self._parameters, self._shift, True
        for _ in range(parameters.most_trials):
            after = self._zeroed(prices + step, width)
            reached = self._evaluate_trial(after, width)
            ratio = self._gain_ratio(here, reached, step)
            if ratio > parameters.refused_ratio:
                break
            self._expects_success = False
            if is_whole:  # a few prices that went too far need no larger shift of all
                step, is_whole = step / 2, False
                continue
            is_whole = True
            self._raise_shift(parameters.refused_shift)
            step = self._factorised(here, free, width).step(here.gradient, prices)
        else:
            return None
        self._expects_success = self._shift == shift_before and is_whole
        if ratio > parameters.good_ratio and self._expects_success:
            self._shift = max(self._shift / parameters.shift_factor, parameters.least_shift)
        elif ratio < parameters.good_ratio and is_whole:
            self._raise_shift(parameters.least_shift)
        if isinstance(reached, CurvedEvaluation):
            return after, reached
        self._free = (after > 0) | (reached.gradient > 0)
        return after, self.dual.evaluate_curved(after, width, self._free)

    def _raise_shift(self, least: float) -> None:
        parameters = self._parameters
        self._shift = min(max(parameters.shift_factor * self._shift, least), 1 / parameters.least_shift)

    def _zeroed(self, prices: FloatArray, width: float) -> FloatArray:
        """Set prices that rounding left just above zero to zero, so that they count as pinned."""
        return np.where(prices < self._parameters.zero_widths * width * self.dual.unit, 0.0, prices)

    def _evaluate_trial(self, prices: FloatArray, width: float) -> DualEvaluation:
        """Evaluate with the curvature, which is most of the work, only where the step will probably be taken."""
        if self._expects_success:
            return self.dual.evaluate_curved(prices, width, self._free)
        return self.dual.evaluate(prices, width)

    def _gain_ratio(self, here: CurvedEvaluation, there: DualEvaluation, step: FloatArray) -> float:
        """Return the gain of a step over the gain that the quadratic model predicts, ``grad g . d - d'Hd / 2``."""
        predicted = float((here.gradient * step).sum() - 0.5 * (here.curvature.times(step) * step).sum())
        return (there.value - here.value + 1e-12 * abs(here.value)) / (predicted + 1e-300)

    def _predict(self, end: _Centred, width: float) -> tuple[PathPoint, CurvedEvaluation]:
        """Move along the tangent of the path to a smaller width; d grad g / dmu is taken by a finite difference."""
        point, here, prices = end.point, end.evaluation, end.point.prices
        change = width - point.width
        nearby = self.dual.evaluate(prices, 0.999 * point.width)
        gradient = here.gradient + (here.gradient - nearby.gradient) / (0.001 * point.width) * change
        tangent = end.factor.step(gradient, prices)
        best = self._zeroed(prices + tangent, width)
        self.dual.choose_precision(width)
        there = self.dual.evaluate_curved(best, width, self._free)
        if float((there.gradient * tangent).sum()) < -self._parameters.overshoot_tolerance * width * self._demand:
            best = self._draw_back(prices, tangent, width, there.value)
            there = self.dual.evaluate_curved(best, width, self._free)
        return PathPoint(best, width, point.steps), there

    def _draw_back(self, prices: FloatArray, tangent: FloatArray, width: float, value: float) -> FloatArray:
        """Move a half, a fifth, none of the way along the tangent, as long as the dual rises."""
        best = self._zeroed(prices + tangent, width)
        for part in (0.5, 0.2, 0.0):
            nearer = self._zeroed(prices + part * tangent, width)
            value_nearer = self.dual.evaluate(nearer, width).value
            if value_nearer <= value:
                break
            best, value = nearer, value_nearer
        return best

    def _factorised(self, here: CurvedEvaluation, free: BoolArray, width: float) -> AnyFactor:
        """Return the Cholesky factor of ``H + diag(shift)`` over the free prices, at the present shift."""
        newton, shift = self._parameters.newton, self._shift * self._available / width
        return here.curvature.factor(free, shift, newton)
