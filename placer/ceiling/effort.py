"""The ceiling by effort: the most export for each amount of accelerator-hours spent.

Effort is what all work takes where it is served, in the mode in which it is: ``sum_kjt use_kj s_kjt``, in hours of the
accelerators there. Among the placements with least unserved and, second, least displaced demand
(``placer.ceiling.maximum``), least effort is convex and piecewise linear in the export, so that the most export is
concave in effort. ``placer.utils.chords`` traces it: each slope is a program of least ``effort - slope * export``,
proven for the whole structure. The curve goes from the most export at the least effort to the ceiling.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from placer.ceiling.maximum import most_for_effort
from placer.ceiling.programs import ExportPrograms, Extent
from placer.errors import ArgumentError, NoSolutionError
from placer.instance.arguments import need_number
from placer.io.results import BoughtDemand, Result
from placer.ladder.proven import AnySolver
from placer.model.counts import Count, share_of
from placer.model.formulation import Formulation
from placer.model.loads import served_work
from placer.running import phase, running
from placer.termination import Reason
from placer.tolerances import PROOF, SOLVER
from placer.utils import notebook
from placer.utils.chords import STEEPEST, Chords
from placer.utils.convex_curve import Tangent
from placer.utils.numbers import in_full, percent, quantity

_log = logging.getLogger(__name__)

Effort = Literal["accelerators"]
EFFORT: Effort = "accelerators"

#: Most programs of a curve.
_MOST_PROGRAMS = 300
#: The least slope, in units of the mean effort of a unit of demand: export that takes less effort is free.
_FREE = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class EffortCurve(Result):
    """The most export for each amount of accelerator-hours spent, from the least effort to the ceiling.

    Attributes
    ----------
    table : DataFrame
        One row per breakpoint, by rising effort; between rows the most export rises in a straight line.

        ``accelerator_hours`` spent at all data centres in the modes that serve, ``accelerator_hours_per_mtok`` of all
        demand, ``exported`` (in the unit of the weight), ``share`` (``exported`` of the weight of all demand), and
        ``hours_per_exported``, the accelerator-hours of one more unit exported up to the next row (NaN in the last).
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``.
    unserved_mtok : float
        Least unserved demand, the same all along.
    exact : bool
        Whether every chord between rows lies at most ``tolerance_hours`` above the least effort, by proof.
    error_hours, tolerance_hours : float
        Proven bound on how much less effort could do for an export between rows, and how much was sought.
    bought_demand : BoughtDemand or None
        What is bought of demand with steps of value, the demand of the curve.
    """

    by: ClassVar[Effort] = EFFORT

    table: pd.DataFrame
    weight: str
    unserved_mtok: float
    exact: bool
    error_hours: float
    tolerance_hours: float
    bought_demand: BoughtDemand | None = None

    def summary(self) -> dict[str, Any]:
        """Return the ends of the curve and how exact it is, as plain values."""
        first, last = self.table.iloc[0], self.table.iloc[-1]
        ends = {"least_hours": first["accelerator_hours"], "share_at_least": first["share"]}
        ends |= {"most_hours": last["accelerator_hours"], "share": last["share"]}
        proof = {"exact": self.exact, "error_hours": self.error_hours}
        own = {"by": self.by, "rows": len(self.table), **{name: float(end) for name, end in ends.items()}, **proof}
        return own | self._bought_figures()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The curve by the name of its file, ``curve_accelerators``."""
        return {f"curve_{self.by}": self.table}

    def at(self, accelerator_hours: float) -> pd.Series:
        """Return the row at an amount of accelerator-hours, interpolated; beyond the last row, the last.

        Raises
        ------
        ArgumentError
            If it is less than the least effort.
        """
        need_number(accelerator_hours, "accelerator_hours")
        hours = self.table["accelerator_hours"].to_numpy(float)
        if not accelerator_hours >= hours[0]:
            least = quantity(hours[0])
            raise ArgumentError(f"accelerator_hours {accelerator_hours!r} is below the least effort, {least}")
        place = int(np.searchsorted(hours, accelerator_hours, side="right")) - 1
        held = {name: np.interp(accelerator_hours, hours, self.table[name]) for name in self.table.columns[:-1]}
        return pd.Series(held | {"hours_per_exported": self.table["hours_per_exported"].iloc[place]})

    def __repr__(self) -> str:
        """Return the ends of the curve in one line."""
        first, last = self.table.iloc[0], self.table.iloc[-1]
        whole = "" if self.exact else f" (within {in_full(self.error_hours)} accelerator-hours)"
        return self._with_bought(
            f"Ceiling by effort: {len(self.table)} rows{whole}, {percent(first['share'], 2)} of {self.weight} "
            f"exportable at the least {_in_five_digits(first['accelerator_hours'])} accelerator-hours "
            f"and {percent(last['share'], 2)} at {_in_five_digits(last['accelerator_hours'])}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the first rows as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index("accelerator_hours"))


def _in_five_digits(hours: float) -> str:
    """Return an effort in words, of as many digits as the gap of a solver leaves sure."""
    return quantity(float(f"{hours:.5g}"))


@running()
@phase(_log, "the ceiling by effort")
def effort_curve(
    formulation: Formulation,
    count: Count,
    total: float,
    weight: str,
    extent: Extent,
    solver: AnySolver | None = None,
) -> EffortCurve:
    """Trace the most export over effort.

    Parameters
    ----------
    count : Count
        Weights of exports and of displaced demand.
    total : float
        Weight of all demand.
    weight : str
        Its name.
    extent : Extent
        The ceiling: the optimum of the same programs.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given; where that is column generation, by the demands that differ.

    Raises
    ------
    NoSolutionError
        If a point of the curve cannot be proven, or not in time.
    """
    task = ExportPrograms.of(formulation, count)
    points = _Points(task, solver)
    first = points.at(0.0)
    mean = share_of(first.value, total) or 1.0
    sought = PROOF * first.value  # the largest distance of a chord from the curve
    chords = Chords(points.at, SOLVER * total, mean, lambda *_: None)
    chords.add(first)
    chords.solve(_FREE * mean)
    reached = chords.climb(1.0, extent.exported)
    if extent.exported - reached > SOLVER * total:
        detail = f"{quantity(STEEPEST[-1])} times the mean effort does not bring export to the ceiling"
        raise NoSolutionError(Reason.FAILED, detail)
    found, error = chords.traced(sought, _MOST_PROGRAMS)
    free = SOLVER * found[0].value
    least = max(place for place, point in enumerate(found) if point.value - found[0].value <= free)
    table = _table(found[least:], task.demand, total)
    return EffortCurve(table, weight, extent.unserved_mtok, error <= sought, error, sought)


class _Points:
    """Placements of least ``effort - slope * export``."""

    def __init__(self, task: ExportPrograms, solver: AnySolver | None) -> None:
        self._task, self._solver = task, solver

    def at(self, slope: float) -> Tangent[None]:
        """Return the placement of a slope, and the line of its bound."""
        found = most_for_effort(self._task.spending(slope), self._solver)
        structure, flows = self._task.structure, found.flows
        exported = 0.0 - float(np.minimum(structure.arc_cost[flows.arc] * flows.amount, 0.0).sum())
        hours = float(np.einsum("kj,kjt->", structure.use, served_work(structure, flows)))
        return Tangent(exported, hours, slope, None, below=hours - slope * exported - found.certificates[-1].bound)


def _table(points: Sequence[Tangent[None]], demand: float, total: float) -> pd.DataFrame:
    hours, exported = np.array([each.value for each in points]), np.array([each.at for each in points])
    return pd.DataFrame(
        {
            "accelerator_hours": hours,
            "accelerator_hours_per_mtok": hours / (demand or 1.0),
            "exported": exported,
            "share": exported / (total or 1.0),
            "hours_per_exported": np.append(np.diff(hours) / np.diff(exported), np.nan),
        }
    )
