"""The latency ceiling on exportable demand: how much can leave, at which latency, and what stops the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer import notebook, tablefiles
from placer.accounts import assignment_axes
from placer.column_generation import ColumnGeneration
from placer.curve import CeilingCurve, ceiling_curve
from placer.economics import economic_range
from placer.errors import InstanceError, Violation
from placer.extent import Extent, Weight, export_weights, most_export, total_weight
from placer.formulation import Formulation, formulate
from placer.limits import shapley, split
from placer.shortening import arcs_to_shorten
from placer.solve import solve
from placer.tables import ratio

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from placer.column_generation import AnySolver
    from placer.instance import Instance
    from placer.placement import Placement


@dataclass(frozen=True, eq=False, repr=False)
class ExportCeiling:
    """The most demand that can be exported with unserved demand at its least, and what lies behind it.

    ``share`` and the tables by workload, hub and data centre are there at once; ``curve``, ``limits`` and the others
    are solved for when first asked for.

    Attributes
    ----------
    instance : Instance
    weight : str
        ``tokens`` or ``value``: what the share is a share of.
    extent : Extent
        The lexicographic optimum and its two certificates.
    solver : Solver, ColumnGeneration or None
    placement : Placement or None
        A cost-optimal placement of the instance, if there is one already.
    """

    instance: Instance
    formulation: Formulation
    weight: Weight
    weights: np.ndarray
    extent: Extent
    solver: AnySolver | None
    placement: Placement | None = None

    @property
    def share(self) -> float:
        """The ceiling: exportable share of all demand, in tokens or value."""
        return self.extent.exported / self.total

    @property
    def total(self) -> float:
        """All demand, in Mtok or in USD of value."""
        return total_weight(self.formulation, self.weights)

    @property
    def unserved_share(self) -> float:
        """Least unserved share of all tokens."""
        return self.extent.unserved_mtok / float(self.formulation.structure.demand_amount.sum())

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Ceiling by workload: ``demand``, ``exported``, ``share``. Where the optimum is not unique, of this one."""
        return self._by("workload")

    @cached_property
    def hubs(self) -> pd.DataFrame:
        """Ceiling by hub, likewise."""
        return self._by("hub")

    @cached_property
    def data_centres(self) -> pd.DataFrame:
        """What each data centre takes in: ``exported`` and ``share`` of all demand."""
        exported = np.bincount(self._used[2], self._counted, len(self.formulation.data_centres))
        index = pd.Index(self.formulation.data_centres, name="data_centre")
        return pd.DataFrame({"exported": exported, "share": exported / self.total}, index=index)

    @cached_property
    def curve(self) -> CeilingCurve:
        """The ceiling against a limit on the round trip of every arc of the workloads that cannot wait."""
        return ceiling_curve(self.formulation, self.weights, by="rtt")

    @cached_property
    def slo_curve(self) -> CeilingCurve:
        """The ceiling against a factor on the latency limits of all workloads."""
        return ceiling_curve(self.formulation, self.weights, by="slo")

    @cached_property
    def shorten_curve(self) -> CeilingCurve:
        """The ceiling against how many milliseconds come off every round trip."""
        return ceiling_curve(self.formulation, self.weights, by="shorten")

    @cached_property
    def limits(self) -> pd.Series:
        """What takes the rest, ``1 - share``, by limit in a fixed order; see ``placer.limits``."""
        return split(self.formulation, self.weights, self.solver, self.extent)

    @cached_property
    def shapley_limits(self) -> pd.Series:
        """The same as means over all orders."""
        return shapley(self.formulation, self.weights, self.solver, self.extent)

    @cached_property
    def shortenings(self) -> pd.DataFrame:
        """The arcs to shorten first; see ``placer.shortening``."""
        return arcs_to_shorten(self.formulation, self.weights, self.extent, self.solver)

    @cached_property
    def economic_range(self) -> tuple[float, float]:
        """Least and most export share, in tokens, among cost-optimal placements."""
        whole = None if isinstance(self.solver, ColumnGeneration) else self.solver
        return economic_range(self.placement or solve(self.instance, self.solver), whole)

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values; solves for the split and the economic range."""
        low, high = self.economic_range
        return {
            "weight": self.weight,
            "share": self.share,
            "unserved_share": self.unserved_share,
            "limits": self.limits.to_dict(),
            "economic_share_low": low,
            "economic_share_high": high,
            "gap": max(abs(certificate.gap) for certificate in self.extent.certificates),
        }

    def save_tables(self, folder: str | os.PathLike[str], curve: CeilingCurve) -> list[Path]:
        """Write the tables and a curve as CSV into a folder, which is made if it is not there, and return the files.

        Names that a spreadsheet would take for a formula get an apostrophe in front; see ``placer.tablefiles``.
        """
        return tablefiles.write_csv_tables(self._tables(curve), folder)

    def save_parquet(self, folder: str | os.PathLike[str], curve: CeilingCurve) -> list[Path]:
        """Write the tables and a curve as Parquet into a folder, likewise; needs ``placer[parquet]``."""
        return tablefiles.write_parquet_tables(self._tables(curve), folder)

    def save_excel(self, file: str | os.PathLike[str], curve: CeilingCurve) -> Path:
        """Write the summary, the tables and a curve as sheets of one Excel file; needs ``placer[excel]``."""
        figures = {name: value for name, value in self.summary().items() if name != "limits"}
        summary = pd.Series(figures, name="value", dtype=object).rename_axis("figure").to_frame()
        return tablefiles.write_excel({"summary": summary} | self._tables(curve), file)

    def _tables(self, curve: CeilingCurve) -> dict[str, pd.DataFrame]:
        tables = {name: getattr(self, name) for name in ("workloads", "hubs", "data_centres")}
        limits = self.limits.rename_axis("limit").to_frame("share")
        return {**tables, "limits": limits, "shortenings": self.shortenings, f"curve_{curve.by}": curve.table}

    @cached_property
    def _used(self) -> tuple[np.ndarray, ...]:
        """Class, origin, site and period of what flows."""
        return assignment_axes(self.formulation.structure, self.extent.flows.demand, self.extent.flows.arc)

    @property
    def _counted(self) -> np.ndarray:
        """What of every flow counts as exported, in tokens or value."""
        klass, origin, site, _ = self._used
        return self.extent.flows.amount * self.weights[klass] * self.formulation.exported[origin, site]

    def _by(self, axis: str) -> pd.DataFrame:
        structure = self.formulation.structure
        klass, origin, _, _ = self._used
        of_flow, of_demand, labels = {
            "workload": (klass, structure.demand_class, self.formulation.workloads),
            "hub": (origin, structure.demand_origin, self.formulation.hubs),
        }[axis]
        asked = structure.demand_amount * self.weights[structure.demand_class]
        exported = np.bincount(of_flow, self._counted, len(labels))
        demand = np.bincount(of_demand, asked, len(labels))
        table = {"demand": demand, "exported": exported, "share": ratio(exported, demand)}
        return pd.DataFrame(table, index=pd.Index(labels, name=axis))

    def __repr__(self) -> str:
        """Return the ceiling in one line."""
        return f"Export ceiling: {self.share:.2%} of {self.weight}, with {self.unserved_share:.2%} of tokens unserved"

    def _repr_html_(self) -> str:
        """Return the ceiling by workload as HTML, and what takes the rest where that was solved for, for notebooks."""
        rest = self.__dict__.get("limits")
        parts = [] if rest is None else [(name, f"{value:.2%}") for name, value in rest.items() if value]
        shown = self.workloads.sort_values("demand", ascending=False)
        return notebook.sentence(repr(self)) + notebook.figures(parts) * bool(parts) + notebook.rows(shown)


def export_ceiling(
    instance: Instance,
    weight: Weight = "tokens",
    solver: AnySolver | None = None,
    placement: Placement | None = None,
) -> ExportCeiling:
    """Return the most demand that can be exported with unserved demand kept at its least.

    Parameters
    ----------
    instance : Instance
    weight : str
        ``tokens``, or ``value`` to weight every token by its workload's ``value_usd_per_mtok``.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    placement : Placement, optional
        A cost-optimal placement of this very instance, to save the economic range a solve.

    Raises
    ------
    InstanceError
        If the weight is unknown, demand is to be weighted by value and has none, or the placement is of another
        instance.
    NoSolutionError
        If no answer passed the certificate.

    Examples
    --------
    >>> import placer
    >>> placer.export_ceiling(placer.load("tiny"))
    Export ceiling: 50.00% of tokens, with 0.00% of tokens unserved
    """
    if placement is not None and placement.instance is not instance:
        problem = Violation("export_ceiling", "", "placement", "it is of another instance", "a placement of this one")
        raise InstanceError([problem])
    formulation = formulate(instance)
    weights = export_weights(instance, weight)
    extent = most_export(formulation, weights, solver)
    return ExportCeiling(instance, formulation, weight, weights, extent, solver, placement)
