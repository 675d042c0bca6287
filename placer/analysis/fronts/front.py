"""The front of least cost against a green share, carbon or water: points, what lies between them, and its verbs."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.analysis.fronts.moving_limit import Against, Matching, MovingLimit, moving_limit
from placer.analysis.fronts.trace import Point, Trace, Tracer
from placer.currency import amount_in
from placer.errors import ArgumentError, on_another_program
from placer.instance.arguments import need_at_least_0, need_instance
from placer.instance.problem import Instance
from placer.io.results import BoughtDemand, Result
from placer.placement.result import Placement
from placer.running import Progress, phase, running, tell
from placer.solve import as_bought
from placer.utils import notebook
from placer.utils.numbers import percent, quantity

_log = logging.getLogger(__name__)

#: The columns of the amount, of its marginal cost, and of its rent.
_COLUMNS: dict[str, tuple[str, str, str]] = {
    "green_share": ("green_share", "usd_per_mwh", "rent_usd_per_mwh"),
    "carbon_kg": ("carbon_limit_kg", "usd_per_kg", "rent_usd_per_kg"),
    "water_litres": ("water_limit_litres", "usd_per_litre", "rent_usd_per_litre"),
}
#: Names of one scope: a text, or several.
Names = str | Iterable[str] | None


@dataclass(frozen=True, eq=False, repr=False)
class Front(Result):
    """The least cost over a green share, carbon or water, from the placement of least cost to the end of the front.

    Attributes
    ----------
    against : str
        ``green_share``, ``carbon_kg`` or ``water_litres``.
    matching : str
        Over which hours: ``horizon``, ``day`` or ``hour``.
    points : tuple of Point
        Proven placements of least cost at their amounts, from no limit to the end.
    errors_usd : tuple of float
        For each point but the last, a proven bound on the distance above the front of the mixes of it and the next.
    exact : bool
        Whether no mix lies above the front by more than rounding.
    currency, bought_demand : str, BoughtDemand or None
    """

    against: Against
    matching: Matching
    points: tuple[Point, ...]
    errors_usd: tuple[float, ...]
    exact: bool
    limit: MovingLimit
    currency: str
    bought_demand: BoughtDemand | None = None

    @property
    def columns(self) -> tuple[str, str, str]:
        """The columns of the amount, of the marginal cost up to the next row, and of the rent."""
        return _COLUMNS[self.against]

    @property
    def error_usd(self) -> float:
        """The largest of ``errors_usd``."""
        return max(self.errors_usd, default=0.0)

    @property
    def reach(self) -> float:
        """The end: ``until``, or the tightest amount at which as much demand is served as without the limit."""
        return self.points[-1].at

    @property
    def objective_usd(self) -> pd.Series:
        """The minimised figure of each row: cost, transfers and penalty."""
        return pd.Series([point.cost for point in self.points], name="objective_usd")

    @cached_property
    def table(self) -> pd.DataFrame:
        """The front: one row per point, by rising tightness.

        Columns: ``green_share``, ``carbon_limit_kg`` or ``water_limit_litres``; ``cost_usd`` of served demand and
        ``cost_usd_per_mtok``; ``usd_per_mwh`` of green power (``usd_per_kg``, ``usd_per_litre`` less) up to the next
        row, the marginal cost of abatement, NaN in the last row; ``rent_usd_per_mwh``, the rent of the limit at the
        point, of several rows the mean by what they count; ``error_usd``, a proven bound on how far the mixes with the
        next row lie above the front; ``transfers_usd``, ``unserved_mtok``, ``penalty_usd``; ``energy_mwh``,
        ``carbon_kg`` and ``water_litres`` of the placement.
        """
        amount, step, rent = self.columns
        placements = [point.placement for point in self.points]
        columns: dict[str, Any] = {amount: [point.at for point in self.points]}
        columns |= {name: [getattr(each, name) for each in placements] for name in ("cost_usd", "cost_usd_per_mtok")}
        columns |= {
            step: np.append(self._slopes(), np.nan),
            rent: [self._rent(point) for point in self.points],
            "error_usd": np.append(self.errors_usd, np.nan),
        }
        figures = ("transfers_usd", "unserved_mtok", "penalty_usd", "energy_mwh", "carbon_kg", "water_litres")
        return pd.DataFrame(columns | {name: [getattr(each, name) for each in placements] for name in figures})

    def summary(self) -> dict[str, Any]:
        """Return the ends of the front and how exact it is, as plain values."""
        first, last = self.points[0], self.points[-1]
        own = {
            "against": self.against,
            "matching": self.matching,
            "rows": len(self.points),
            "exact": self.exact,
            "error_usd": self.error_usd,
            "least_usd": first.cost,
            "amount_at_least": first.at,
            "reach": self.reach,
            "reach_usd": last.cost,
        }
        return own | self._bought_figures()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The front, by the name of its file."""
        return {f"front_{self.against}": self.table}

    def placement(self, row: int = -1) -> Placement:
        """Return the placement of a row of the table; the last if not given."""
        return self.points[row].placement

    def cost_between(self, amount: float) -> tuple[float, float]:
        """Return bounds on the least cost, transfers and penalty included, at an amount: proven from below, and a mix.

        Raises
        ------
        ArgumentError
            If the front does not reach the amount.
        """
        at = [point.at for point in self.points]
        sign = self.limit.sign
        if not sign * at[0] <= sign * amount <= sign * at[-1]:
            raise ArgumentError(f"amount {amount!r} is not between {quantity(at[0])} and {quantity(at[-1])}")
        known = [point for point in self.points if point.at == amount]
        if known:
            return known[0].placement.certificate.bound, known[0].cost
        after = int(np.searchsorted(sign * np.array(at), sign * amount))
        low, high = self.points[after - 1 : after + 1]
        tracer = Tracer(self.limit, _silent)
        part = tracer.share(low, high, amount)
        least = max(tracer.bound(amount, each) for each in (low, high))
        return least, low.cost + part * (high.cost - low.cost)

    def __repr__(self) -> str:
        """Return the ends of the front in one line."""
        first, last = self.points[0], self.points[-1]
        error = "exact" if self.exact else f"mixes at most {amount_in(self.error_usd, self.currency)} too high"
        name = self.against.replace("_", " ").replace(" kg", "").replace(" litres", "")
        of = {"horizon": "", "day": " of every day", "hour": " of every hour"}[self.matching]
        ends = [
            f"{amount_in(each.cost, self.currency)} at {_in_words(self.against, each.at)}" for each in (first, last)
        ]
        if len(self.points) == 1:
            more = "larger share" if self.against == "green_share" else "smaller amount"
            only = f"{ends[0]}; no {more} serves as much demand"
            return self._with_bought(f"Front of cost against {name}{of}: {only}")
        return self._with_bought(
            f"Front of cost against {name}{of}: {', '.join(ends)}; {len(self.points)} points, {error}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the points of the front as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index(self.table.columns[0]), self.currency)

    def _counted(self, point: Point) -> np.ndarray:
        return self.limit.counted(point.placement.answer.point)

    def _rent(self, point: Point) -> float:
        """Return the mean rent of the rows by what they count."""
        rents, counted = self.limit.caps(point.line.prices.cap), self._counted(point)
        return float(rents @ counted) / float(counted.sum()) if counted.sum() > 0 else 0.0

    def _slopes(self) -> np.ndarray:
        """Return what a unit costs between each row and the next."""
        cost = np.diff([point.cost for point in self.points])
        step = self.limit.sign * np.diff([point.at for point in self.points])
        if self.against != "green_share":
            return np.asarray(cost / step)
        delivered = np.array([self._counted(point).sum() for point in self.points])
        return np.asarray(cost / step / ((delivered[1:] + delivered[:-1]) / 2))


def _silent(_: str) -> None:
    """Tell nothing."""


def _in_words(against: str, amount: float) -> str:
    return percent(amount, 2) if against == "green_share" else f"{quantity(amount)} {against.rsplit('_', 1)[-1]}"


def green_front(
    instance: Instance,
    matching: Matching = "horizon",
    *,
    data_centre: Names = None,
    region: Names = None,
    power_zone: Names = None,
    until: float | None = None,
    points: int = 10,
    tolerance: float = 0.0,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Front:
    """Return the least cost over the share of green power, from that of least cost to the greatest.

    The share is that of a limit ``green_share`` (``docs/limits.md``): green energy delivered over all energy delivered,
    over the horizon, in every day, or in every hour. Hours or days in which nothing is delivered keep any share.

    Parameters
    ----------
    instance : Instance
        Its other limits hold too.
    matching : str
        ``horizon``, ``day`` or ``hour``.
    data_centre, region, power_zone : str or iterable of str, optional
        The scope of the share; all power if not given.
    until : float, optional
        The share at which the front ends, from 0 to 1: beyond the reach demand gives way at its penalty. If not given,
        it ends at the greatest share at which as much demand is served as without the limit.
    points : int
        Largest number of points, at least 2.
    tolerance : float
        The search ends where no mix of neighbours lies above the front by more than this share of the cost between its
        ends; 0 for rounding.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError, InstanceError
        If the matching or the scope is unknown, the hours have no days, nothing is delivered in the scope, or the
        placement of least cost keeps ``until``.
    NoSolutionError
        If a point cannot be proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> china = placer.load("china", ["own_limits"])
    >>> front = placer.green_front(china.replace(limits=[]), "hour", points=4)
    >>> len(front.points), round(front.reach, 3)
    (4, 0.85)
    """
    scope = {"data_centre": data_centre, "region": region, "power_zone": power_zone}
    return _front(instance, "green_share", matching, scope, (until, points, tolerance, time_limit_seconds, progress))


def abatement_front(
    instance: Instance,
    against: Against,
    *,
    data_centre: Names = None,
    region: Names = None,
    until: float | None = None,
    points: int = 10,
    tolerance: float = 0.0,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Front:
    """Return the least cost over the carbon or the water that is allowed, from that of least cost to the least.

    This front is convex and piecewise linear; ``usd_per_kg`` or ``usd_per_litre`` is the marginal cost of abatement.

    Parameters
    ----------
    against : str
        ``carbon_kg`` or ``water_litres``; also ``green_share``, as ``green_front`` over the horizon.
    data_centre, region : str or iterable of str, optional
        The scope of the limit; all data centres if not given.
    until : float, optional
        The amount at which the front ends, at least 0; the least at which as much demand is served if not given.
    points, tolerance, time_limit_seconds, progress
        As in ``green_front``, which also says what is raised.

    Examples
    --------
    >>> import placer
    >>> front = placer.abatement_front(placer.load("tiny"), "carbon_kg", points=30)
    >>> front.exact
    True
    """
    scope = {"data_centre": data_centre, "region": region}
    return _front(instance, against, "horizon", scope, (until, points, tolerance, time_limit_seconds, progress))


@on_another_program()
def _front(
    instance: Instance,
    against: Against,
    matching: Matching,
    scope: dict[str, Names],
    options: tuple[float | None, int, float, float, Progress | None],
) -> Front:
    """Return the front of either verb."""
    until, points, tolerance, seconds, progress = options
    need_instance(instance)
    if until is not None:
        need_at_least_0(until, "until")
        if against == "green_share" and until > 1:
            raise ArgumentError(f"until {until!r} is not a share from 0 to 1")
    need_at_least_0(tolerance, "tolerance")
    if isinstance(points, bool) or not isinstance(points, int) or points < 2:
        raise ArgumentError(f"points {points!r} is not a whole number of at least 2")
    with running(progress, seconds), phase(_log, f"the front of cost against {against}"):
        bought, said = as_bought(instance)
        limit = moving_limit(bought, against, matching, scope)
        tracer = Tracer(limit, lambda text: tell(_log, text))
        found: Trace = tracer.traced(tracer.ends(until), points, tolerance)
    exact = max(found.errors, default=0.0) <= found.rounding
    currency = instance.settings.currency
    return Front(against, matching, found.points, found.errors, exact, limit, currency, said)
