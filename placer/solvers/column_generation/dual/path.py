"""From zero prices to nearly optimal ones: follow the maximiser of the smoothed dual as its width shrinks.

At each width a few damped Newton steps; from one width to the next along the tangent of the path. The width ends where
the columns within a few widths of their demand's least price are few enough for one small linear program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.newton import Factor
from placer.solvers.column_generation.dual.smoothed_dual import CurvedEvaluation, Evaluation, SmoothedDual
from placer.solvers.column_generation.market.service_costs import site_costs

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Market

#: The first width: this part of the least penalty, or so many times the typical spread of costs, what is less.
FIRST_OF_PENALTY, FIRST_OF_SPREAD = 1 / 16, 1e4
#: Widths shrink by this factor at first, by a larger one after a width that took fewer than so many steps, by a smaller
#: one after a width that took more.
SHRINK, SHRINK_LEAST, SHRINK_MOST = 2.5, 1.4, 2.5
EASY, FASTER, SLOWER = 2, 1.25, 1.5
#: A width is done when no resource is off its limit by more than this part of it ...
RESIDUAL = 0.2
#: ... and the next step would gain less than this part of the width per unit of demand. The residual alone would leave
#: prices far off along flat directions.
GAIN = 1e-3
#: Steps at one width, and in all, after which the path goes on or ends as it is: it need not be exact.
STEPS_AT_WIDTH, STEPS = 40, 400
#: Near the path every step promises less than this part of what the one before did.
FALLING = 0.5
#: Shift of the curvature, in units of flow per price: the least, the first, and the least after a refused step.
SHIFT, SHIFT_FIRST, SHIFT_REFUSED = 1e-7, 1e-6, 1e-4
#: The largest shift with which a factor serves for the tangent.
SHIFT_OF_TANGENT = 1e-5
#: Times a step is tried again with a larger shift.
TRIALS = 14
#: Part of the predicted gain below which a step is refused, poor, or good.
REFUSED, POOR, GOOD = 0.1, 0.4, 0.75
#: A tangent that ends falling by more than this, per width and unit of demand, went too far.
OVERSHOT = 1e-2
#: Prices below this part of the width are zero.
ZERO = 1e-9
#: What a Newton step takes at least, for each cell (class, origin, site, period), and for each operation of its factor.
SECONDS_A_STEP, SECONDS_A_CELL, SECONDS_AN_OPERATION = 2e-3, 2e-8, 3e-10
#: The tangent is followed no further than this many widths.
FURTHEST = 30.0


@dataclass(frozen=True)
class PathPoint:
    """Where the path stands.

    Attributes
    ----------
    prices : (t, r) array
    width : float
    steps : int
        Newton steps so far.
    """

    prices: np.ndarray
    width: float
    steps: int = 0


def cost_spread(market: Market) -> float:
    """Return how far apart the sites' costs typically are, per unit of the median class: the scale of its prices."""
    found = [[size / group.weight for size in site_costs(market, group)] for group in market.groups]
    for sizes in zip(*found, strict=True):
        if any(size > 0 for size in sizes):
            return float(np.median([size for size in sizes if size > 0]))
    return 1.0


def first_width(market: Market) -> float:
    """Return the width the path starts at."""
    penalty = min(group.unserved / group.weight for group in market.groups)
    return min(penalty * FIRST_OF_PENALTY, cost_spread(market) * FIRST_OF_SPREAD)


def step_seconds(market: Market, prices: np.ndarray) -> float:
    """Return an estimate of what a Newton step at some prices takes: for every step, cell, and operation of its factor.

    The factor is over the prices above zero: dense where windows reach over most of the horizon, else a band as wide as
    the prices of the periods that a window couples, and twice that on a cyclic horizon.
    """
    cells = sum(group.amount.size for group in market.groups) * market.sites
    free = int((prices > 0).sum())
    longest = min(max(group.window for group in market.groups), market.periods - 1)
    width = min(free, free * (1 + longest) * (1 + market.cyclic) // market.periods)
    return SECONDS_A_STEP + SECONDS_A_CELL * cells + SECONDS_AN_OPERATION * free * width**2


class Path:
    """The path of one market; ``follow`` it width by width.

    Parameters
    ----------
    market : Market
    on_step : callable
        Given where the path stands before every Newton step; what it raises ends the path.
    """

    def __init__(self, market: Market, on_step: Callable[[PathPoint], None] = lambda _: None) -> None:
        self.market = market
        self.dual = SmoothedDual(market)
        self.shrink = SHRINK
        self._on_step = on_step
        scale = market.limit.copy()
        if market.tiers:
            scale[:, market.sites : 2 * market.sites] += sum(amount for amount, _ in market.tiers)
        self._flow = (scale + 1e-9 * scale.max(initial=1e-300)) / market.unit
        self._size = sum(float(group.amount.sum()) * group.weight for group in market.groups)
        self._shift = SHIFT_FIRST
        self._sites = np.arange(market.sites)
        self._hopeful, self._lost = True, False
        self._factor: Factor | None = None

    def follow(self, point: PathPoint, last_width: float) -> PathPoint:
        """Follow the path from a point down to a width."""
        here = self.dual.evaluate_curved(point.prices, point.width, self._sites)
        while True:
            before = point.steps
            point, here = self._centre(point, here)
            self._adapt(point.steps - before)
            if point.width <= last_width or point.steps >= STEPS:
                return point
            point, here = self._predict(point, here, max(point.width / self.shrink, last_width))

    def settle(self, point: PathPoint) -> PathPoint | None:
        """Maximise at the point's width; None as soon as steps gain too slowly: the point is far from the path."""
        here = self.dual.evaluate_curved(point.prices, point.width, self._sites)
        reached, _ = self._centre(point, here, FALLING)
        return None if self._lost else reached

    def _adapt(self, steps: int) -> None:
        """Shrink the width faster where a step or none was enough, slower where it took many."""
        if steps < EASY:
            self.shrink = min(self.shrink * FASTER, SHRINK_MOST)
        elif steps > EASY:
            self.shrink = max(self.shrink / SLOWER, SHRINK_LEAST)

    def _centre(
        self, point: PathPoint, here: CurvedEvaluation, falling: float = np.inf
    ) -> tuple[PathPoint, CurvedEvaluation]:
        """Maximise at the point's width by damped Newton steps, as long as what they gain falls by some factor."""
        prices, width, steps, before = point.prices, point.width, point.steps, np.inf
        for _ in range(STEPS_AT_WIDTH):
            self._on_step(PathPoint(prices, width, steps))
            free = (prices > 0) | (here.gradient > 0)
            self._sites = self._moving(free)
            step = self._step(here, prices, free, width, self._shift)
            gain = float((here.gradient * step).sum()) / (width * self._size)
            self._lost = gain > falling * before
            if steps >= STEPS or self._lost or (gain < GAIN and self._is_balanced(here, prices, step, free)):
                break
            taken = self._move(here, prices, step, free, width)
            if taken is None:
                break
            prices, here = taken
            self._factor = None
            steps, before = steps + 1, gain
        return PathPoint(prices, width, steps), here

    def _step(
        self, here: CurvedEvaluation, prices: np.ndarray, free: np.ndarray, width: float, shift: float
    ) -> np.ndarray:
        self._factor = Factor(here.curvature, free, shift * self._flow / width, cyclic=self.market.cyclic)
        return self._factor.step(here.gradient, prices)

    def _is_balanced(self, here: CurvedEvaluation, prices: np.ndarray, step: np.ndarray, free: np.ndarray) -> bool:
        """Whether no resource is far off its limit."""
        moving = free & (prices + step > 0)
        return bool(np.abs(here.gradient / self.market.unit / self._flow)[moving].max(initial=0.0) < RESIDUAL)

    def _move(
        self, here: CurvedEvaluation, prices: np.ndarray, step: np.ndarray, free: np.ndarray, width: float
    ) -> tuple[np.ndarray, CurvedEvaluation] | None:
        """Take the step, shorter and steeper by a larger shift until it gains what it should; None if it never does."""
        before = self._shift
        for _ in range(TRIALS):
            after = self._clean(prices + step, width)
            reached = self._look(after, width)
            part = self._gained(here, reached, step)
            if part > REFUSED:
                break
            self._hopeful = False
            self._shift = max(8 * self._shift, SHIFT_REFUSED)
            step = self._step(here, prices, free, width, self._shift)
        else:
            return None
        self._hopeful = self._shift == before
        if part > GOOD and self._hopeful:
            self._shift = max(self._shift / 8, SHIFT)
        elif part < POOR:
            self._shift *= 3
        if isinstance(reached, CurvedEvaluation):
            return after, reached
        self._sites = self._moving((after > 0) | (reached.gradient > 0))
        return after, self.dual.evaluate_curved(after, width, self._sites)

    def _clean(self, prices: np.ndarray, width: float) -> np.ndarray:
        """Put prices that rounding left beside zero at zero, so that they count as pinned."""
        return np.where(prices < ZERO * width * self.market.unit, 0.0, prices)

    def _look(self, prices: np.ndarray, width: float) -> Evaluation:
        """Evaluate with curvature only where the step will probably be taken."""
        if self._hopeful:
            return self.dual.evaluate_curved(prices, width, self._sites)
        return self.dual.evaluate(prices, width)

    def _gained(self, here: CurvedEvaluation, there: Evaluation, step: np.ndarray) -> float:
        """Return what was gained as a part of what the quadratic model predicted."""
        model = float((here.gradient * step).sum() - 0.5 * (here.curvature.times(step) * step).sum())
        return (there.value - here.value + 1e-12 * abs(here.value)) / (model + 1e-300)

    def _predict(self, point: PathPoint, here: CurvedEvaluation, width: float) -> tuple[PathPoint, CurvedEvaluation]:
        """Go along the tangent of the path to a smaller width; the change of the gradient is taken by a difference."""
        prices, change = point.prices, width - point.width
        nearby = self.dual.evaluate(prices, 0.999 * point.width)
        pull = here.gradient + (here.gradient - nearby.gradient) / (0.001 * point.width) * change
        reach = FURTHEST * point.width * self.market.unit
        tangent = np.clip(self._tangent_factor(point, here).step(pull, prices), -reach, reach)
        best = self._clean(prices + tangent, width)
        self.dual.shorten(best, width)
        there = self.dual.evaluate_curved(best, width, self._sites)
        if float((there.gradient * tangent).sum()) < -OVERSHOT * width * self._size:
            best = self._nearer(prices, tangent, width, there.value)
            self.dual.shorten(best, width)
            there = self.dual.evaluate_curved(best, width, self._sites)
        return PathPoint(best, width, point.steps), there

    def _nearer(self, prices: np.ndarray, tangent: np.ndarray, width: float, value: float) -> np.ndarray:
        """Go less far along the tangent as long as that is better."""
        best = self._clean(prices + tangent, width)
        for part in (0.5, 0.2, 0.0):
            nearer = self._clean(prices + part * tangent, width)
            worth = self.dual.evaluate(nearer, width).value
            if worth <= value:
                break
            best, value = nearer, worth
        return best

    def _tangent_factor(self, point: PathPoint, here: CurvedEvaluation) -> Factor:
        """Return the factor of the last step, or one of little shift where that had a large one."""
        if self._factor is not None and self._shift <= SHIFT_OF_TANGENT:
            return self._factor
        shift = SHIFT_OF_TANGENT * self._flow / point.width
        return Factor(here.curvature, point.prices > 0, shift, cyclic=self.market.cyclic)

    def _moving(self, free: np.ndarray) -> np.ndarray:
        """Return the sites that have a price that may move in some period; all if there is none."""
        market = self.market
        of_sites = free[:, : market.kinds * market.sites].reshape(market.periods, market.kinds, market.sites)
        sites = np.flatnonzero(of_sites.any(axis=(0, 1)))
        return sites if sites.size else np.arange(market.sites)
