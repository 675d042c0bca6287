"""The flexibility of a placement: the cost of a curtailment of zones in some hours, and the work that gives way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.analysis.flexibility.programs import (
    LeastCost,
    Reduction,
    firm_mw,
    firm_mw_under_limits,
    reduced,
    reduction_of,
    serves_as_much,
)
from placer.analysis.flexibility.responses import rebound_table, response_table
from placer.currency import amount_in
from placer.errors import InstanceError, NoSolutionError, Violation, collected
from placer.instance.arguments import need_at_least_0, need_names, need_plain_placement
from placer.instance.attributes.validation import show
from placer.instance.hours.hour_scopes import named_hours
from placer.instance.problem import Instance
from placer.io.results import BoughtDemand, Result
from placer.ladder.proven import default_solver, proving
from placer.least_cost.unmet_limits import impossible, may_be_impossible
from placer.model.answer import Answer
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.running import Progress, running
from placer.tolerances import SOLVER
from placer.utils import notebook
from placer.utils.arrays import BoolArray, IntArray
from placer.utils.chords import STRAIGHT
from placer.utils.convex_curve import Tangent, breakpoints, chord_errors, chord_slope, meeting, trace_chords
from placer.utils.numbers import quantity

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Distance of a chord above the curve of a large program that counts as rounding, as ``SOLVER`` does for whole ones: a
#: share of the least cost, or of the largest cost of the curve if the least is 0. Answers of large programs from known
#: prices have a narrower gap than those of a solver.
_ROUNDING_OF_LARGE = 1e-10


@dataclass(frozen=True, eq=False, repr=False)
class Flexibility(Result):
    """The least cost of drawing less power than a baseline placement, as a convex curve.

    Charges of policies that a region is paid are part of what is minimised.

    Attributes
    ----------
    placement : Placement
        The baseline.
    reduction : Reduction
        The supplies that draw less, and the hours.
    points : tuple of Tangent
        Proven points of the curve, by MW. They are its breakpoints if ``exact`` holds.
    errors_usd : tuple of float
        For each point but the last, a proven bound on the distance of the chord to the next point above the curve.
    tolerance_usd : float
        The requested distance.
    exact : bool
        Whether no chord lies above the lines of its ends, and no point above its bound, by more than rounding. If not,
        ``errors_usd`` has the error of each chord.
    """

    placement: Placement
    reduction: Reduction
    points: tuple[Tangent[Answer], ...]
    errors_usd: tuple[float, ...]
    tolerance_usd: float
    exact: bool

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.placement.currency

    @property
    def bought_demand(self) -> BoughtDemand | None:
        """As of the placement."""
        return self.placement.bought_demand

    @property
    def error_usd(self) -> float:
        """Proven bound on the distance of the chords between points above the curve."""
        return max(self.errors_usd, default=0.0)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The curve: one row per point.

        Columns: ``mw`` less in each of the hours, ``usd`` more than the baseline (cost, transfers and penalty),
        ``usd_per_mwh`` of the next MWh up to the next row, ``error_usd`` (a proven bound on the distance of that chord
        above the curve; rounding if the chord is a piece of the curve), both NaN in the last row, ``transfers_usd``
        (charges of policies that regions are paid) more than the baseline, ``mwh`` less over the hours and
        ``unserved_mtok`` more.
        """
        base, hours = self.points[0].value, float(self.reduction.length.sum())
        mw, usd = (np.array([getattr(point, name) for point in self.points]) for name in ("at", "value"))
        slope = np.diff(usd) / np.diff(mw) / hours
        flows = [point.detail.point for point in self.points]
        charge = self.placement.formulation.distance.charged(self.placement.formulation.structure)
        transfers = np.array([float(charge[each.arc] @ each.amount) for each in flows])
        return pd.DataFrame(
            {
                "mw": mw,
                "usd": usd - base,
                "usd_per_mwh": np.append(slope, np.nan),
                "error_usd": np.append(self.errors_usd, np.nan),
                "transfers_usd": transfers - self.placement.transfers_usd,
                "mwh": mw * hours,
                "unserved_mtok": np.array([each.unserved.sum() for each in flows])
                - float(self.placement.accounts.unserved.sum()),
            }
        )

    @cached_property
    def firm_mw(self) -> float:
        """The largest reduction without more unserved demand than in the baseline, at any cost."""
        structure, unserved = self.placement.formulation.structure, self.placement.accounts.unserved
        last = self.points[-1]
        if serves_as_much(structure, unserved, last.detail.point.unserved):
            return last.at
        find = firm_mw_under_limits if may_be_impossible(self.placement.formulation) else firm_mw
        with running():
            return find(structure, self.reduction, unserved)

    @cached_property
    def responses(self) -> pd.DataFrame:
        """The responses at each point: rows of ``mw``, ``workload``, ``response``, ``power_zone`` and ``mtok``.

        Work ``waited`` (served in other hours in the same zones), ``moved`` (to the named zone) or is ``dropped``
        (unserved); ``mtok`` is the difference from the baseline.
        """
        tables = [
            response_table(self.placement, self.reduction, point.detail.point).assign(mw=point.at)
            for point in self.points
        ]
        whole = pd.concat(tables, ignore_index=True)
        return whole[["mw", *(name for name in whole if name != "mw")]]

    def summary(self) -> dict[str, Any]:
        """Return the end of the curve and how exact it is, as plain values."""
        last = self.table.iloc[-1]
        most = {"most_mw": float(last["mw"]), "most_usd": float(last["usd"])}
        own = {"points": len(self.points), **most, "exact": self.exact, "error_usd": self.error_usd}
        return own | self._bought_figures()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The curve and the responses at its points."""
        return {"curve": self.table, "responses": self.responses}

    def rebound(self, point: int = -1) -> pd.DataFrame:
        """Return the extra power of every zone (columns) in every hour (rows) against the baseline, MWh, at a point.

        Parameters
        ----------
        point : int
            Row of ``table``; the last if not given.
        """
        return rebound_table(self.placement, self.points[point].detail.point)

    def _repr_html_(self) -> str:
        """Return the same and the points of the curve as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index("mw"), self.currency)

    def __repr__(self) -> str:
        """Return the ends of the curve in one line."""
        last, count = self.table.iloc[-1], len(self.points)
        error = "exact" if self.exact else f"chords at most {amount_in(self.error_usd, self.currency)} too high"
        cost = amount_in(last["usd"], self.currency)
        return self._with_bought(
            f"Flexibility: up to {quantity(last['mw'])} MW less for {cost}, {count} points, {error}"
        )


def flexibility(
    placement: Placement,
    zones: str | Iterable[str],
    hours: object,
    *,
    tolerance: float = 0.0,
    most_programs: int = 300,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Flexibility:
    """Return the least cost of drawing less power in some zones and hours, as a convex curve.

    Parameters
    ----------
    placement : Placement
        The baseline: a reduction is relative to the power of the zones in it.
    zones : str or iterable of str
        Power zones; the reduction is of their joint supply.
    hours : str, hour or iterable of hours
        As ``hours`` in a table of limits, such as ``17-20``, or hours, timestamps and dates of the demand; the same
        reduction in each of them.
    tolerance : float
        Largest distance of a chord above the curve, as a share of the cost of the largest reduction. The default, 0,
        is rounding: the rows are then the breakpoints. With 1e-3 curves of ``china`` take about a third of the time.
    most_programs : int
        Largest number of programs, ends included. If the curve has more breakpoints, ``exact`` is False, and
        ``error_usd`` is a proven bound on the error.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    InstanceError
        If a zone or hour is unknown, or the zones draw nothing in one of the hours.
    NoSolutionError
        If no placement can meet the limits of the instance at the largest reduction; it names them. If a point cannot
        be proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> curve = placer.flexibility(placer.solve(placer.load("tiny")), "Plateau wind", 0)
    >>> curve.exact, bool((curve.table["usd"].diff().dropna() > 0).all())
    (True, True)
    """
    need_plain_placement(placement, "flexibility")
    need_names(zones, "zones", '["West grid"]')
    need_at_least_0(tolerance, "tolerance")
    need_at_least_0(most_programs, "most_programs")
    tier, period = _scope(placement.instance, [zones] if isinstance(zones, str) else list(zones), hours)
    reduction = reduction_of(placement, tier, period)
    if not reduction.most_mw > 0:
        raise InstanceError([Violation("flexibility", "", "hours", "the zones draw nothing in one of them", "others")])
    least = LeastCost(placement.formulation.structure, reduction)
    least.start_from(placement.answer.prices)
    with running(progress, time_limit_seconds):
        base, last = _certificate(placement), _last(placement, least, reduction)
        rounding = _rounding(placement, base.objective or last.value)
        ends = [_first(placement, base, least, rounding), last]
        sought = max(rounding, tolerance * (ends[1].value - ends[0].value))
        points, error = trace_chords(
            lambda low, high: least.at(meeting(low, high)), ends, lambda *_: sought, int(most_programs)
        )
    straight = STRAIGHT * max(abs(point.slope) for point in points)
    kept = points
    if error <= sought:
        kept = breakpoints(points, lambda low, here, high: chord_slope(here, high) - chord_slope(low, here) > straight)
    errors = tuple(max(each, 0.0) for each in chord_errors(kept, points))
    is_exact = error <= rounding and all(point.gap <= rounding for point in points)
    return Flexibility(placement, reduction, tuple(kept), errors, sought, is_exact)


def _certificate(placement: Placement) -> Certificate:
    """Return the certificate of the baseline among placements of what is bought: its own counts steps of value too."""
    structure, tolerances = placement.formulation.structure, placement.certificate.tolerances
    return certify_answer(structure, placement.answer, gap=tolerances.gap)


def _first(placement: Placement, base: Certificate, least: LeastCost, rounding: float) -> Tangent[Answer]:
    """Return the point of the baseline; solved anew if the gap of the baseline is more than rounding.

    The duals of the baseline, with no rent of the caps, give the line of slope 0.
    """
    gap = max(base.objective - base.bound, 0.0)
    return Tangent(0.0, base.objective, 0.0, placement.answer, gap) if gap <= rounding else least.at(0.0)


def _last(placement: Placement, least: LeastCost, reduction: Reduction) -> Tangent[Answer]:
    """Return the point of the largest reduction; an error that names the limits of one's own that forbid it."""
    try:
        return least.at(reduction.most_mw)
    except NoSolutionError as stopped:
        structure = reduced(placement.formulation.structure, reduction, reduction.most_mw)
        told = impossible(replace(placement.formulation, structure=structure), stopped)
        raise NoSolutionError(told.reason, f"at {quantity(reduction.most_mw)} MW less: {told.detail}") from None


def _rounding(placement: Placement, usd: float) -> float:
    """Return the distance of a chord above the curve that counts as rounding, USD, given a cost of the curve."""
    is_whole = proving(default_solver(placement.formulation.structure)).is_whole
    share = SOLVER if is_whole else _ROUNDING_OF_LARGE
    return share * abs(usd)


def _scope(instance: Instance, zones: list[str], hours: object) -> tuple[BoolArray, IntArray]:
    """Return the supplies of the zones and the positions of the hours."""
    known = instance.power_zones["power_zone"]
    allowed = f"some of {', '.join(map(str, known))}" if len(known) else "power zones, which the instance has none of"
    found = [
        Violation("flexibility", "", "zones", f"{show(name)} is no power zone", allowed)
        for name in zones
        if name not in set(known)
    ]
    if not zones:
        found.append(Violation("flexibility", "", "zones", "none is named", allowed))
    named = collected(found, partial(named_hours, hours, instance.hours, ("flexibility", "hours")))
    if found or named is None:
        raise InstanceError(found)
    return (
        instance.supplies["power_zone"].isin(zones).to_numpy(bool),
        np.flatnonzero(named),
    )
