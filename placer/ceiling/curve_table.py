"""The table of a ceiling curve: the sum of the sweeps over its parts at every limit, and its corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from placer.ceiling.walk.steps import Step
from placer.instance.arguments import need_number
from placer.io.results import BoughtDemand, Result
from placer.model.counts import Count
from placer.model.structure import Structure
from placer.tolerances import INPUT, SOLVER
from placer.utils.arrays import BoolArray, FloatArray, sorted_unique, without_noise


@dataclass(frozen=True)
class Units:
    """Units of a sweep (largest weight and largest hours of a Mtok), and the total demand in Mtok and in the weight."""

    weight: float
    hours: float
    demand: float
    total: float

    @classmethod
    def of(cls, structure: Structure, weights: FloatArray, count: Count) -> Units:
        """Return the units of a structure."""
        return cls(
            weight=float(count.exported.max(initial=0.0)) or 1.0,
            hours=float(count.displaced.max(initial=0.0)) or 1.0,
            demand=structure.total_demand,
            total=float(weights[structure.demand_class] @ structure.demand_amount),
        )


def curve_table(units: Units, steps: Sequence[Sequence[Step]]) -> pd.DataFrame:
    """Add the parts up at every limit where one of them changes, and keep the corners.

    A corner is a change of U or E by more than ``SOLVER`` of all demand; a figure is exact if its bounds are no further
    apart.
    """
    limits = sorted_unique(np.array([0.0, *(step.limit for part in steps for step in part)]))
    names = ("served", "served_high", "displaced", "displaced_low", "exported", "exported_low", "exported_high")
    served, served_high, displaced, displaced_low, exported, low, high = (
        sum((_held(part, name, limits) for part in steps), np.zeros(len(limits))) for name in names
    )
    demand, scale = units.demand, units.total / units.weight if units.total > 0 else 1.0
    share, low, high = exported / scale, low / scale, high / scale
    exact = (served_high - served <= SOLVER * demand) & (displaced - displaced_low <= SOLVER * demand)
    exact &= high - low <= SOLVER
    low, high = np.where(exact, share, low), np.where(exact, share, high)
    unserved = without_noise(np.maximum(demand - served, 0.0), demand)
    displaced = np.where(displaced > SOLVER * demand, displaced, 0.0) * units.hours
    table = pd.DataFrame(
        {
            "limit": limits,
            "unserved_mtok": unserved,
            "displaced_hours": displaced,
            "exported": exported * units.weight,
            "share": share,
            "unserved_low": np.where(exact, unserved, without_noise(np.maximum(demand - served_high, 0.0), demand)),
            "displaced_low": np.where(exact, displaced, np.maximum(displaced_low, 0.0) * units.hours),
            "share_low": low,
            "share_high": np.minimum(high, 1.0),
            "exact": exact,
        }
    )
    return table[_corners(table, demand, demand * units.hours)].reset_index(drop=True)


@dataclass(frozen=True, eq=False, repr=False)
class CurveRows(Result):
    """A curve as a table: the first column has the limits, and each row holds from its limit up to that of the next.

    Attributes
    ----------
    bought_demand : BoughtDemand or None
        What is bought of demand with steps of value, the demand of the curve.
    """

    #: The name of its file, before the limit.
    NAME: ClassVar[str]

    by: str
    table: pd.DataFrame
    bought_demand: BoughtDemand | None = field(default=None, kw_only=True)

    def summary(self) -> dict[str, Any]:
        """Return the limit, the number of corners, and the shares at a limit of 0 and of the last corner."""
        first, last = self.table.iloc[0], self.table.iloc[-1]
        shares = {"share_at_0": float(first["share"]), "share": float(last["share"])}
        own = {"by": self.by, "corners": len(self.table), **shares, "from": float(last.iloc[0])}
        return own | self._bought_figures()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The curve by the name of its file, as in ``curve_rtt``."""
        return {f"{self.NAME}_{self.by}": self.table}

    @property
    def limits(self) -> FloatArray:
        """The limits of the rows."""
        return self.table.iloc[:, 0].to_numpy(float)

    def at(self, limit: float) -> pd.Series:
        """Return the row that holds at a limit; a limit that is short of a corner by rounding only reaches it.

        Raises
        ------
        ValueError
            If the limit is negative or NaN.
        """
        need_number(limit, "limit")
        if not limit >= 0:
            raise ValueError(f"limit {limit!r} is not at least 0")
        return self.table.iloc[int(np.searchsorted(self.limits, limit + INPUT, side="right")) - 1]


def _held(part: Sequence[Step], name: str, limits: FloatArray) -> FloatArray:
    """Return a figure of a part at every limit: that of the last step at or below the limit."""
    place = np.searchsorted([step.limit for step in part], limits, side="right") - 1
    values = np.array([getattr(step, name) for step in part])
    return values[place]


def _corners(table: pd.DataFrame, demand: float, hours: float) -> BoolArray:
    """Mask of the rows that differ from the last row kept."""
    size = dict.fromkeys(["unserved_mtok", "unserved_low"], demand) | dict.fromkeys(["displaced_hours"], hours)
    size |= {"displaced_low": hours} | dict.fromkeys(["share", "share_low", "share_high"], 1.0)
    values = np.stack([table[name] / (by or 1.0) for name, by in size.items()], axis=1)
    exact = table["exact"].to_numpy()
    kept = np.zeros(len(table), dtype=bool)
    last = 0
    for place in range(len(table)):
        changed = np.abs(values[place] - values[last]).max() > SOLVER or exact[place] != exact[last]
        if place == 0 or changed:
            kept[place] = True
            last = place
    return kept
