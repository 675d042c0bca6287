"""The least cost as a function of the export, without the whole linear program.

    C(e) = least cost, transfers and penalty included, with e exported

Each slope ``r`` takes ``r`` off the cost of every exporting arc. It is solved and proven in turn; a large program is
solved by column generation from the prices of earlier slopes. ``placer.utils.chords`` chooses the slopes.
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.ceiling.slopes import ExportSlopes, Vertex
from placer.currency import USD, amount_in
from placer.errors import ArgumentError
from placer.instance.arguments import (
    need_at_least_0,
    need_number,
    need_plain_placement,
    need_progress,
)
from placer.instance.attributes.validation import show
from placer.instance.cut import traded
from placer.io.results import BoughtDemand, Result
from placer.running import running, tell
from placer.tolerances import SOLVER
from placer.utils import notebook
from placer.utils.chords import Chords
from placer.utils.convex_curve import Tangent
from placer.utils.numbers import percent, quantity

if TYPE_CHECKING:
    from placer.placement.result import Placement

_log = logging.getLogger(__name__)

#: Largest number of slopes: by default, and where a tolerance is asked for.
_PROGRAMS, _PROGRAMS_TO_TOLERANCE = 20, 1_000

#: Slopes of a large program, with both signs, in units of the mean cost; the curve ends at the last ones. A steeper
#: slope pays the penalty of served demand for an export, and programs with such different costs take long.
LADDER = (1e-1, 1e1)


@dataclass(frozen=True, eq=False, repr=False)
class ExportCost(Result):
    """The least cost as a function of how much is exported.

    Attributes
    ----------
    table : DataFrame
        One row per breakpoint, by rising export: ``exported_mtok``; ``share`` of all demand; ``cost_usd`` of served
        demand; ``transfers_usd``, the charges of policies that regions are paid; ``unserved_mtok`` and its
        ``penalty_usd``, which differ from row to row; ``cost_plus_penalty_usd``, which is with the transfers the
        minimised figure, by which rows compare; ``slope_usd_per_mtok``, the increase of the minimised figure per
        exported Mtok up to the next row (NaN in the last row).
    exact : bool
        Whether every chord between rows lies at most ``tolerance_usd`` above the curve, by proof. If the tolerance is
        rounding only (the default unless columns are generated), the rows are the breakpoints of the curve. Otherwise
        the curve has more breakpoints than the table has rows, and lies at most ``error_usd`` below the chords.
    error_usd : float
        Upper bound on the distance of a chord above the curve, proven over all columns. The rows are placements.
    tolerance_usd : float
        The requested tolerance.
    most_mtok : float
        Proven upper bound on the export at any cost. If it exceeds the export of the last row, another Mtok beyond
        that row costs at least ten times the mean cost of a Mtok.
    currency, bought_demand : str, BoughtDemand or None
        Those of the placement.
    """

    table: pd.DataFrame
    exact: bool
    error_usd: float
    tolerance_usd: float
    most_mtok: float
    currency: str = USD
    bought_demand: BoughtDemand | None = None

    @property
    def objective_usd(self) -> pd.Series:
        """The minimised figure of each row: cost, transfers and penalty."""
        return (self.table["cost_plus_penalty_usd"] + self.table["transfers_usd"]).rename("objective_usd")

    def summary(self) -> dict[str, Any]:
        """Return the least of the curve, its ends and how exact it is, as plain values."""
        return {
            "rows": len(self.table),
            "exact": self.exact,
            "error_usd": self.error_usd,
            "least_usd": float(self.objective_usd.min()),
            "least_share": float(self.table["share"].iloc[0]),
            "most_share": float(self.table["share"].iloc[-1]),
            "most_mtok": self.most_mtok,
        } | self._bought_figures()

    def premium_at(self, exported_mtok: float) -> tuple[float, float]:
        """Return the premia a Mtok, USD, at which exporting an amount costs least: the lowest and the highest.

        A premium is what each exported Mtok costs beyond its own cost: a tariff, an export control, a want of trust.
        Least cost is concave in it, and the export falls with it (Legendre): an amount is optimal from the slope after
        it to the slope before it, with the sign reversed. Below 0 it is a subsidy. Where the curve is not exact, the
        slopes of the neighbouring rows bound the premium.

        Parameters
        ----------
        exported_mtok : float
            Within the curve.

        Raises
        ------
        ArgumentError
            If the curve does not reach the amount.
        """
        at = self.table["exported_mtok"].to_numpy(float)
        need_number(exported_mtok, "exported_mtok")
        if not at[0] <= exported_mtok <= at[-1]:
            raise ArgumentError(
                f"exported_mtok {show(exported_mtok)} is not between {quantity(at[0])} and {quantity(at[-1])}"
            )
        slope = np.concatenate([[-np.inf], self.table["slope_usd_per_mtok"].to_numpy(float)[:-1], [np.inf]])
        before = int(np.searchsorted(at, exported_mtok, side="left"))
        after = int(np.searchsorted(at, exported_mtok, side="right"))
        spread = 0 if self.exact else 1
        low, high = slope[min(after + spread, len(slope) - 1)], slope[max(before - spread, 0)]
        return 0.0 - float(low), 0.0 - float(high)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The curve, by the name of its file."""
        return {"export_cost": self.table}

    def __repr__(self) -> str:
        """Return the ends and the minimum of the curve in one line."""
        total = self.objective_usd
        first, last = self.table.iloc[0], self.table.iloc[-1]
        reached = self.error_usd / (abs(total.min()) or 1.0)
        sought = "" if self.exact else f", a tolerance of {reached:.1e}; a smaller tolerance goes on"
        charged = "transfers and " if self.table["transfers_usd"].any() else ""
        begun, least, ended = (amount_in(usd, self.currency) for usd in (total.iloc[0], total.min(), total.iloc[-1]))
        return self._with_bought(
            f"Cost of exporting, {charged}penalties included: {begun} at {percent(first['share'], 2)} exported, "
            f"{least} at the least, {ended} at {percent(last['share'], 2)}"
            f"; {len(self.table)} rows, chords at most {amount_in(self.error_usd, self.currency)} too high{sought}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the first breakpoints as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index("exported_mtok"), self.currency)


def export_cost(
    placement: Placement,
    *,
    made_in: str | None = None,
    used_in: str | None = None,
    tolerance: float | None = None,
    most_programs: int | None = None,
    time_limit_seconds: float = math.inf,
    progress: Callable[[str], None] | None = None,
) -> ExportCost:
    """Return the least cost as a function of how much is exported, from nothing to the most possible.

    Limits of one's own may ask for some export; the curve then begins at the least that they allow.

    For a large instance (see ``placer.solve``) the curve ends at slopes of minus and plus ten times the mean cost of a
    Mtok: beyond these, more or less export costs penalties. The curve then has tens of thousands of breakpoints (at
    each, a hub changes its data centre in an hour) and is nearly smooth: four times the tolerance halves the slopes.

    Parameters
    ----------
    placement : Placement
    made_in, used_in : str, optional
        Only tokens made in this region, or used in that one, by the users of another; by default what the instance
        counts as export.
    tolerance : float, optional
        Largest distance of a chord above the curve, as a part of the least cost, penalty included. Default: 1e-9
        (rounding) where the whole program is solved, 1e-5 where columns are generated.
    most_programs : int, optional
        Largest number of slopes to solve for. If it does not suffice, ``exact`` is False, and ``error_usd`` is the
        tolerance reached. Default: 20, and 1,000 where a tolerance is given.
    time_limit_seconds : float
        As in ``placer.running``.
    progress : callable, optional
        Called with a sentence after every slope, in place of that of ``placer.running``.

    Raises
    ------
    ArgumentError
        If the tolerance is not a positive number.
    NoSolutionError
        If a point of the curve cannot be proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> placer.export_cost(placer.solve(placer.load("tiny")), tolerance=1e-9).exact
    True
    """
    need_plain_placement(placement, "export_cost")
    most = (_PROGRAMS if tolerance is None else _PROGRAMS_TO_TOLERANCE) if most_programs is None else most_programs
    need_at_least_0(most, "most_programs")
    need_progress(progress)
    if tolerance is not None and not (isinstance(tolerance, (int, float)) and 0 < tolerance < math.inf):
        raise ArgumentError(f"tolerance {show(tolerance)} is not a positive number")
    with running(time_limit_seconds=time_limit_seconds):
        named = made_in is not None or used_in is not None
        slopes = ExportSlopes(placement, tolerance, traded(placement.instance, made_in, used_in) if named else None)
        found = _Curve(slopes, progress or partial(tell, _log), placement).found(most)
    return replace(found, bought_demand=placement.bought_demand)


class _Curve:
    """The cost of exporting along its chords, and what is told on the way."""

    def __init__(self, slopes: ExportSlopes, tell: Callable[[str], None], placement: Placement) -> None:
        self._slopes, self._tell, self._currency = slopes, tell, placement.currency
        self._contracts = float(placement.formulation.contracts.fixed_usd.sum())
        self._tolerance = float(slopes.tolerance * slopes.asked * slopes.mean)
        self._chords = Chords(slopes.at, SOLVER * slopes.asked, slopes.mean, self._tell_chord)

    def found(self, most_programs: int) -> ExportCost:
        """Return the curve, from end to end."""
        most = self._add_ends()
        tolerance = self._tolerance
        points, error = self._chords.traced(tolerance, most_programs)
        return ExportCost(self._table(points), error <= tolerance, error, tolerance, float(most), self._currency)

    def _tell_chord(self, count: int, error: float) -> None:
        within = amount_in(error, self._currency)
        self._tell(f"{count} points of the curve, a chord within {within} ({self._tolerance:z,.2f} sought)")

    def _add_ends(self) -> float:
        """Solve for the ends and the least cost; return an upper bound on the export."""
        slopes, chords = self._slopes, self._chords
        reached = [chords.solve(0.0).at]
        most = slopes.most_exports()
        if slopes.large:
            slopes_of_ladder = (sign * steep * slopes.mean for sign, steep in itertools.product((-1, 1), LADDER))
            reached += [chords.solve(slope).at for slope in slopes_of_ladder]
        else:
            least = slopes.least_exports()
            if least <= SOLVER * slopes.asked:
                chords.add(slopes.without_exports())
            else:
                chords.climb(-1.0, least)
            reached.append(chords.climb(1.0, most))
        asked = slopes.asked or 1.0
        self._tell(f"the end: {percent(max(reached) / asked, 2)} of at most {percent(most / asked, 2)} exported")
        return most

    def _table(self, points: Sequence[Tangent[Vertex]]) -> pd.DataFrame:
        """Return the breakpoints as rows."""
        exports, totals = np.array([each.at for each in points]), np.array([each.value for each in points])
        transfers = np.array([each.detail.transfers for each in points])
        return pd.DataFrame(
            {
                "exported_mtok": exports,
                "share": exports / (self._slopes.asked or 1.0),
                "cost_usd": [each.detail.cost + self._contracts for each in points],
                "transfers_usd": transfers,
                "unserved_mtok": [each.detail.unserved for each in points],
                "penalty_usd": [each.detail.penalty for each in points],
                "cost_plus_penalty_usd": totals - transfers + self._contracts,
                "slope_usd_per_mtok": np.append(np.diff(totals) / np.diff(exports), np.nan),
            }
        )
