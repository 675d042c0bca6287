"""Column generation for a placement: prices from the smoothed dual, a small program, and proof over every column.

    1  market       the structure as dense arrays by class, sites by periods
    2  path         prices of the resources from a smoothed dual, caps priced on the way: no column is stored
    3  master       a linear program of the columns near their demand's least price, solved from those prices
    4  pricing      every column priced exactly at the program's own prices: the bound, and what is missing

3 and 4 repeat until the gap is closed. Whatever 2 does, the bound of 4 holds, so an error there costs time only. The
program is a restriction of the whole one, and its columns are among those of the whole.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.model.program import Reason
from placer.solvers.column_generation.deadline import OutOfPatienceError, OutOfTimeError, Watch
from placer.solvers.column_generation.dual.cap_prices import CappedPoint, price_caps
from placer.solvers.column_generation.dual.path import Path, PathPoint, cost_spread, first_width, step_seconds
from placer.solvers.column_generation.market.definition import Market, market
from placer.solvers.column_generation.market.pricing import Near, Priced, bound, near, price
from placer.solvers.column_generation.master.prices import cap_prices, market_prices, row_prices
from placer.solvers.column_generation.master.program import Master, MasterPoint
from placer.solvers.column_generation.master.rows import Resources, lay_resources
from placer.solvers.column_generation.seed import together

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.model.structure import Structure

#: The width the path goes down to, in typical spreads of cost, before near columns are counted; the least it goes to.
LAST_WIDTH, LEAST_WIDTH = 1e-3, 2e-6
#: Caps are priced first at this width, and again whenever the width has shrunk so much.
CAP_WIDTH, CAP_SHRINK = 0.1, 5.0
#: Columns are near within this many widths; those added later within so many.
NEAR, NEAR_LATER = 8.0, 0.5
#: The path goes on while more columns are near, beside the keys, than so many for each demand, up to ``FEW``, or for
#: each price above zero. Where prices are tied a master takes up to so many times as many at a time.
FEW_PER_DEMAND, FEW_PER_PRICE, FEW, TAKEN = 3, 50, 150_000, 2
#: The path ends where a third of the width leaves more than this part of them: they are ties.
TIED = 0.7
#: Rounds of the master; fewer from prices that were carried, which pay only while they save the path.
ROUNDS, ROUNDS_CARRIED = 40, 5
#: Carried prices are tried on a master where no more than this part of what is asked for has changed, with so many
#: simplex iterations a round.
LITTLE, FEW_ITERATIONS = 0.1, 10_000
#: They are too far off if the first master misses, of one resource, more than this part of a period's demands, or the
#: second leaves a gap above this. What follows costs more than the path: many rounds of long masters.
FAR_OFF, FAR_GAP = 0.2, 3e-4
#: The path starts at carried prices and this width if it settles there, else at its first width.
CARRIED_WIDTH = 0.1
#: A resource missing by less than this part of a typical demand is rounding.
MISSING = 1e-9
#: How much dearer what is missing becomes when the first price was not enough.
DEARER = 100.0


@dataclass(frozen=True)
class Start:
    """Where a master starts from: prices, and how far off they may be.

    Attributes
    ----------
    market : Market
        Of the structure to be solved, at the prices of the caps.
    prices : (t, r) array
        Of the market.
    caps : (c,) array
        Prices of the caps.
    width : float
        Columns are near within ``NEAR`` of these.
    steps : int
        Newton steps it took.
    changed : float
        Of carried prices, the part of what is asked for that differs from where they are from.
    columns : tuple of Near
        Further first columns.
    """

    market: Market
    prices: np.ndarray
    caps: np.ndarray
    width: float
    steps: int = 0
    changed: float = 0.0
    columns: tuple[Near, ...] = ()


@dataclass(frozen=True)
class Round:
    """What one round of master and pricing found.

    Attributes
    ----------
    market : Market
        At the prices of the caps.
    resources : Resources
    delays : list of (t, s) int arrays
        At which delay each group is served unless moved.
    point : MasterPoint
    prices : (t, r) array
        Of the market.
    caps : (c,) array
        Prices of the caps.
    priced : list of Priced
        All groups at these prices.
    bound : float
        No placement costs less.
    number, iterations : int
        Rounds and simplex iterations so far.
    """

    market: Market
    resources: Resources
    delays: list[np.ndarray]
    point: MasterPoint
    prices: np.ndarray
    caps: np.ndarray
    priced: list[Priced]
    bound: float
    number: int
    iterations: int

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, so that the point is one of the whole program."""
        return self.point.missing <= MISSING

    @property
    def gap(self) -> float:
        """Relative gap between the objective and the bound."""
        return (self.point.objective - self.bound) / max(abs(self.point.objective), 1e-300)


@dataclass(frozen=True)
class Generated:
    """How column generation ended.

    Attributes
    ----------
    reason : Reason
        Optimal: nothing more to add, or the gap is closed.
    start : Start or None
        Prices the first master started from; None if time was up before, or no step could be computed.
    best : Round or None
        The last round whose point is complete.
    bound : float
        The best proven; no placement costs less.
    detail : str
        What there is to say beyond the reason.
    """

    reason: Reason
    start: Start | None
    best: Round | None
    bound: float
    detail: str = ""


def generate(structure: Structure, gap: float, watch: Watch, carried: Start | None = None) -> Generated:
    """Solve a structure by column generation.

    Parameters
    ----------
    structure : Structure
    gap : float
        Relative gap at which to stop; it may end with a larger one where nothing more can be added.
    watch : Watch
    carried : Start, optional
        Prices near which the path may start.
    """
    first, last = deque[CappedPoint](), deque[CappedPoint](maxlen=1)

    def passing(here: CappedPoint) -> None:
        (last if first else first).append(here)

    try:
        start = descend(structure, watch, passing, carried)
    except OutOfTimeError:
        proven = [_bound_at(structure, here) for here in (*first, *last)]
        return Generated(Reason.TIME_LIMIT, None, None, max(proven, default=-np.inf))
    except OutOfPatienceError:
        return Generated(Reason.FAILED, None, None, -np.inf, f"given up after {len(watch.spent)} price steps")
    except np.linalg.LinAlgError:
        return Generated(Reason.FAILED, None, None, -np.inf)
    return finish(structure, start, gap, watch)


def resume(structure: Structure, carried: Start, gap: float, watch: Watch) -> Generated:
    """Solve from carried prices: by a master at once where little has changed, else by a shorter path.

    Parameters
    ----------
    structure : Structure
    carried : Start
    gap : float
    watch : Watch
    """
    if carried.changed > LITTLE:
        return generate(structure, gap, watch, carried)
    most_missing = FAR_OFF * len(structure.demand_amount) / structure.periods
    found = finish(structure, carried, gap, watch, lambda found: _is_near(found, most_missing), FEW_ITERATIONS)
    done = found.best is not None and found.best.gap <= gap
    return found if done or found.reason is Reason.TIME_LIMIT else generate(structure, gap, watch, carried)


def descend(
    structure: Structure,
    watch: Watch,
    passing: Callable[[CappedPoint], None] = lambda _: None,
    carried: Start | None = None,
) -> Start:
    """Follow the path of a structure until the near columns are few; each point on the way is told as it is passed.

    Raises
    ------
    OutOfTimeError
    """
    zero = np.zeros(len(structure.cap_limit))
    whole = market(structure) if carried is None or carried.caps.any() else carried.market
    spread, demands = cost_spread(whole), _demands(whole)
    here = _settled(carried, watch, passing) if carried else None
    if here is None:
        here = CappedPoint(zero, whole, PathPoint(np.zeros(whole.price_shape), first_width(whole)))
    if np.isfinite(structure.cap_limit).any():
        width = CAP_WIDTH * spread
        while width > LAST_WIDTH * spread:
            here = price_caps(structure, _follow(here, width, watch, passing), _counter(whole, watch))
            width /= CAP_SHRINK
    here = _follow(here, LAST_WIDTH * spread, watch, passing)
    before = np.inf
    while here.point.width > LEAST_WIDTH * spread:
        point = here.point
        count = len(near(here.market, point.prices, NEAR * point.width)[1]) - demands
        if count < _few(whole, point.prices) or count > TIED * before:
            break
        before = count
        here = _follow(here, point.width / 3, watch, passing)
    return Start(here.market, here.point.prices, here.caps, here.point.width, here.point.steps)


def finish(
    structure: Structure,
    start: Start,
    gap: float,
    watch: Watch,
    is_hopeful: Callable[[Round], bool] = lambda _: True,
    most_iterations: int | None = None,
) -> Generated:
    """Solve and prove from some prices; end early after a round that is not hopeful or takes too many iterations."""
    opening = _open(structure, start)
    if most_iterations is not None:
        opening.master.lp.most_iterations = most_iterations
    best, proven = None, opening.bound
    try:
        for number in range(1, ROUNDS + 1):
            found, fresh = _round(structure, opening, number, watch)
            proven = max(proven, found.bound)
            best = found if found.complete else best
            if (found.complete and found.gap <= gap) or not is_hopeful(found):
                break
            if not opening.master.add(fresh, TAKEN * _few(start.market, start.prices)):
                if found.complete:
                    break
                opening.master.raise_missing(DEARER)
    except OutOfTimeError:
        return Generated(Reason.TIME_LIMIT, start, best, proven)
    except NoSolutionError as error:
        return Generated(Reason(error.reason), start, best, proven)
    return Generated(Reason.OPTIMAL if best else Reason.FAILED, start, best, proven)


def _is_near(found: Round, most_missing: float) -> bool:
    """Whether the start was near enough for the next round to be worth its time."""
    if found.number == 1:
        return found.point.missing <= most_missing
    return found.number < ROUNDS_CARRIED and found.complete and found.gap <= FAR_GAP


@dataclass(frozen=True)
class _Opening:
    """A master at its starting prices, and what belongs to it."""

    market: Market
    caps: np.ndarray
    resources: Resources
    delays: list[np.ndarray]
    master: Master
    margin: float
    bound: float


def _open(structure: Structure, start: Start) -> _Opening:
    whole = start.market
    resources = lay_resources(structure, whole)
    priced, first = near(whole, start.prices, NEAR * start.width)
    if start.columns:
        first = together([first, *start.columns])
    rows = row_prices(resources, whole, start.prices, start.caps)
    return _Opening(
        market=whole,
        caps=start.caps,
        resources=resources,
        delays=[part.best_delay for part in priced],
        master=Master(whole, resources, rows, priced, first, TAKEN * _few(whole, start.prices)),
        margin=NEAR_LATER * start.width,
        bound=bound(whole, start.prices, priced) - _worth_of_caps(structure, start.caps),
    )


def _round(structure: Structure, opening: _Opening, number: int, watch: Watch) -> tuple[Round, Near]:
    """Solve the master, price every column at its prices, and return what was found and the columns near."""
    watch.check()
    watch.tell(f"round {number}: master of {opening.master.lp.columns:,} columns")
    point = opening.master.run(watch.left)
    caps = cap_prices(opening.resources, point.rows)
    now = opening.market if (caps == opening.caps).all() else market(structure, caps)
    prices = market_prices(opening.resources, now, point.rows)
    priced, fresh = near(now, prices, opening.margin)
    proven = bound(now, prices, priced) - _worth_of_caps(structure, caps)
    iterations = opening.master.lp.iterations
    return Round(now, opening.resources, opening.delays, point, prices, caps, priced, proven, number, iterations), fresh


def _settled(carried: Start, watch: Watch, passing: Callable[[CappedPoint], None]) -> CappedPoint | None:
    """Return the point of the path near carried prices; None if they are too far from it."""
    whole = carried.market
    here = CappedPoint(carried.caps, whole, PathPoint(carried.prices, CARRIED_WIDTH * cost_spread(whole)))
    try:
        point = Path(whole, _teller(here, watch, passing)).settle(here.point)
    except np.linalg.LinAlgError:
        return None  # from its first width the path can still be followed
    return None if point is None else replace(here, point=point)


def _follow(here: CappedPoint, width: float, watch: Watch, passing: Callable[[CappedPoint], None]) -> CappedPoint:
    return replace(here, point=Path(here.market, _teller(here, watch, passing)).follow(here.point, width))


def _teller(here: CappedPoint, watch: Watch, passing: Callable[[CappedPoint], None]) -> Callable[[PathPoint], None]:
    def on_step(point: PathPoint) -> None:
        passing(replace(here, point=point))
        watch.check()
        watch.spend(step_seconds(here.market, point.prices))
        watch.tell(f"prices: width {point.width:.1e}, {point.steps} steps")

    return on_step


def _counter(whole: Market, watch: Watch) -> Callable[[PathPoint], None]:
    """Return what counts the steps on the way to the prices of the caps."""

    def on_step(point: PathPoint) -> None:
        watch.check()
        watch.spend_more(step_seconds(whole, point.prices))

    return on_step


def _few(whole: Market, prices: np.ndarray) -> int:
    """Return how many near columns beside the keys are few enough to end the path."""
    return max(min(FEW_PER_DEMAND * _demands(whole), FEW), FEW_PER_PRICE * int((prices > 0).sum()))


def _demands(whole: Market) -> int:
    return sum(int((group.amount > 0).sum()) for group in whole.groups)


def _bound_at(structure: Structure, here: CappedPoint) -> float:
    """Return the bound that the prices at a point of the path prove."""
    prices = here.point.prices
    return bound(here.market, prices, price(here.market, prices)) - _worth_of_caps(structure, here.caps)


def _worth_of_caps(structure: Structure, caps: np.ndarray) -> float:
    return float(caps @ np.where(np.isfinite(structure.cap_limit), structure.cap_limit, 0.0))
