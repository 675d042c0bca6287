"""The export ceiling: the demand that can leave, the latency at which it can, and the limits that hold the remainder.

Three shares of the weight of all demand, over a cut (``placer.instance.cut``):

    share           largest export with least unserved demand and least displaced demand of the receiving regions
                    (``placer.ceiling.maximum``): no export in exchange for demand that they could serve themselves
    latency_share   the same with unlimited data centres, power and links, so that distance and law alone limit it.
                    It is the demand with an admissible arc to the receiving regions: exported demand frees capacity
                    at home, so that serving and not displacing other demand are no obstacle to it
    gross_share     largest export with least unserved demand, when both sides may swap demand

share <= gross_share, since swaps only relax a condition, and gross_share <= latency_share, since only demand with an
admissible arc leaves. No share exceeds that of the demand of the exporting regions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from placer.ceiling.curve import CeilingCurve, trace
from placer.ceiling.directions import ceilings_by_region, with_swaps
from placer.ceiling.economics import EconomicRange, economic_range
from placer.ceiling.limits import ordered, shapley
from placer.ceiling.maximum import most_export
from placer.ceiling.shortening import arcs_to_shorten
from placer.ceiling.tables import (
    demand_html,
    exports_by,
    intake_of_data_centres,
    limits_html,
    shares_table,
    summary_sheet,
)
from placer.errors import NoSolutionError
from placer.io import table_files
from placer.model.counts import Count, Weight, export_weights, may_leave, net, total_weight
from placer.running import running
from placer.solve import solve
from placer.utils import notebook

if TYPE_CHECKING:
    import os
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd

    from placer.ceiling.programs import Extent
    from placer.instance.cut import Cut
    from placer.instance.problem import Instance
    from placer.model.formulation import Formulation
    from placer.placement.result import Placement
    from placer.running import Progress
    from placer.solvers.proven import AnySolver
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class ExportCeiling:
    """The export ceiling and its analysis; ``placer.ceiling.result`` defines the shares.

    ``share``, ``latency_share`` and the tables by workload, hub and data centre are computed at once; ``gross_share``,
    ``by_work``, ``curve``, ``limits`` and the others are solved when first read.

    Attributes
    ----------
    instance : Instance
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``: the weight of demand in the shares.
    cut : Cut
        The regions that export, and those that receive.
    extent : Extent
        The lexicographic optimum and its certificates.
    solver : Solver, ColumnGeneration or None
    placement : Placement or None
        A cost-optimal placement of the instance, if there is one already.
    time_limit_seconds : float
        For each part that is solved when first read.
    progress : callable or None
        Called with lines on the progress of these parts.
    """

    instance: Instance
    formulation: Formulation
    weight: Weight
    weights: FloatArray
    cut: Cut
    extent: Extent
    solver: AnySolver | None
    placement: Placement | None = None
    time_limit_seconds: float = math.inf
    progress: Progress | None = field(default=None, compare=False)

    @property
    def share(self) -> float:
        """The ceiling: the share of all demand that can be exported, net of swaps."""
        return self.extent.exported / self.total

    @cached_property
    def latency_share(self) -> float:
        """The latency ceiling: the share that distance and law alone allow, independent of all capacities."""
        return may_leave(self.formulation, self.count) / self.total

    @cached_property
    def gross_share(self) -> float:
        """The largest export share when demand of the receiving regions may be displaced in exchange."""
        with self._running():
            return with_swaps(self.formulation, self.count, self.extent, self.solver) / self.total

    @cached_property
    def by_work(self) -> ExportCeiling | None:
        """The ceiling over the same cut by accelerator-hours of the reference; None where no demand takes any.

        It is an optimum of its own, which may differ from that of ``weight``.
        """
        if self.weight == "work":
            return self
        if not self._hours:
            return None
        weights = export_weights(self.instance, "work")
        with self._running():
            extent = most_export(self.formulation, net(self.instance, weights, self.cut), self.solver)
        return replace(self, weight="work", weights=weights, extent=extent)

    @property
    def work_share(self) -> float:
        """``share`` by work: of accelerator-hours of the reference; NaN where no demand takes any."""
        return self.by_work.share if self.by_work else math.nan

    @property
    def work_latency_share(self) -> float:
        """``latency_share`` by work."""
        return self.by_work.latency_share if self.by_work else math.nan

    @property
    def work_gross_share(self) -> float:
        """``gross_share`` by work."""
        return self.by_work.gross_share if self.by_work else math.nan

    @property
    def displaced_share(self) -> float:
        """Least share of all work that is demand of the receiving regions served in an exporting region.

        In accelerator-hours of the reference.
        """
        return self.extent.displaced_hours / (self._hours or 1.0)

    @property
    def _hours(self) -> float:
        """All demand in accelerator-hours of the reference."""
        return total_weight(self.formulation, self.instance.workloads["accelerator_hours_per_mtok"].to_numpy(float))

    @cached_property
    def count(self) -> Count:
        """Weights of exports and of displaced demand by workload, hub and data centre."""
        return net(self.instance, self.weights, self.cut)

    @property
    def total(self) -> float:
        """All demand, in Mtok, accelerator-hours, MWh or USD of value."""
        return total_weight(self.formulation, self.weights)

    @property
    def unserved_share(self) -> float:
        """Least unserved share of all tokens."""
        return self.extent.unserved_mtok / self.formulation.structure.total_demand

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Ceiling by workload: ``demand``, ``exported``, ``share``. Another optimum may have other figures."""
        return exports_by(self.formulation, self.extent.flows, self.count, self.weights, "workload")

    @cached_property
    def hubs(self) -> pd.DataFrame:
        """Ceiling by hub, likewise."""
        return exports_by(self.formulation, self.extent.flows, self.count, self.weights, "hub")

    @cached_property
    def data_centres(self) -> pd.DataFrame:
        """Exports by the data centre that receives them: ``exported`` and ``share`` of all demand."""
        return intake_of_data_centres(self.formulation, self.extent.flows, self.count, self.total)

    @cached_property
    def curve(self) -> CeilingCurve:
        """The ceiling against a limit on the round trip of every arc of the workloads that cannot wait."""
        with self._running():
            return trace(self.formulation, self.weights, self.count, by="rtt")

    @cached_property
    def slo_curve(self) -> CeilingCurve:
        """The ceiling against a factor on the latency limits of all workloads."""
        with self._running():
            return trace(self.formulation, self.weights, self.count, by="slo")

    @cached_property
    def shorten_curve(self) -> CeilingCurve:
        """The ceiling against the milliseconds that come off every round trip."""
        with self._running():
            return trace(self.formulation, self.weights, self.count, by="shorten")

    @cached_property
    def limits(self) -> pd.DataFrame:
        """The parts of ``1 - share`` and of the unserved share by limit, as Shapley values.

        Columns ``share`` and ``unserved_share``, by ``limit``.
        """
        with self._running():
            return shapley(self.formulation, self.count, self.total, self.solver, self.extent)

    @cached_property
    def regions(self) -> pd.DataFrame:
        """The ceiling of every region that exports alone; see ``placer.ceilings_by_region``."""
        with self._running():
            return ceilings_by_region(self.instance, self.weight, self.solver)

    @cached_property
    def ordered_limits(self) -> pd.DataFrame:
        """The same with limits lifted in a fixed order; latency comes first and gets its least part."""
        with self._running():
            return ordered(self.formulation, self.count, self.total, self.solver, self.extent)

    @cached_property
    def shortenings(self) -> pd.DataFrame:
        """The arcs to shorten first; see ``placer.ceiling.shortening``."""
        with self._running():
            return arcs_to_shorten(self.formulation, self.count, self.total, self.extent, self.solver)

    @cached_property
    def economic_range(self) -> EconomicRange:
        """Least and most export share, in tokens, among cost-optimal placements; its ``detail`` says if not proven."""
        try:
            with self._running():
                return economic_range(self._placed)
        except NoSolutionError as error:
            return EconomicRange(0.0, 1.0, str(error))

    @cached_property
    def net_economic_range(self) -> EconomicRange:
        """The same over the ceiling's cut, less the rest's own demand that is served in the exporting regions."""
        counted = self.cut.exported(self.instance).astype(float) - self.cut.displaced(self.instance)
        try:
            with self._running():
                return economic_range(self._placed, counted)
        except NoSolutionError as error:
            return EconomicRange(-1.0, 1.0, str(error))

    @cached_property
    def _placed(self) -> Placement:
        return self.placement or solve(self.instance, self.solver, tie_break=None)

    def _running(self) -> AbstractContextManager[None]:
        return running(self.progress, self.time_limit_seconds)

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values; solve for those not known yet."""
        low, high = self.economic_range
        return {
            "weight": self.weight,
            "exporting": list(self.cut.exporting),
            "receiving": list(self.cut.receiving),
            "share": self.share,
            "work_share": self.work_share,
            "latency_share": self.latency_share,
            "gross_share": self.gross_share,
            "work_latency_share": self.work_latency_share,
            "work_gross_share": self.work_gross_share,
            "unserved_share": self.unserved_share,
            "displaced_share": self.displaced_share,
            "limits": self.limits["share"].to_dict(),
            "unserved_limits": self.limits["unserved_share"].to_dict(),
            "economic_share_low": low,
            "economic_share_high": high,
            "net_economic_share_low": self.net_economic_range.low,
            "net_economic_share_high": self.net_economic_range.high,
            "economic_share_detail": self.economic_range.detail or self.net_economic_range.detail,
            "gap": self.extent.gap,
        }

    def save_tables(self, folder: str | os.PathLike[str], curve: CeilingCurve | None = None) -> list[Path]:
        """Write the tables and a curve as CSV into a folder, created if missing, and return the files.

        The default curve is ``self.curve``. Names that a spreadsheet would read as a formula get a leading apostrophe;
        see ``placer.io.table_files``.
        """
        return table_files.write_csv_tables(self._tables(curve), folder)

    def save_parquet(self, folder: str | os.PathLike[str], curve: CeilingCurve | None = None) -> list[Path]:
        """Write the tables and a curve as Parquet into a folder, likewise; needs ``token-placer[parquet]``."""
        return table_files.write_parquet_tables(self._tables(curve), folder)

    def save_excel(self, file: str | os.PathLike[str], curve: CeilingCurve | None = None) -> Path:
        """Write the summary, the tables and a curve as sheets of one Excel file; needs ``token-placer[excel]``."""
        return table_files.write_excel({"summary": summary_sheet(self.summary())} | self._tables(curve), file)

    def _tables(self, curve: CeilingCurve | None) -> dict[str, pd.DataFrame]:
        chosen = curve or self.curve
        tables = {name: getattr(self, name) for name in ("workloads", "hubs", "data_centres", "limits", "shortenings")}
        return {**tables, f"curve_{chosen.by}": chosen.table}

    def __repr__(self) -> str:
        """Return the ceiling in one line."""
        return (
            f"Export ceiling: {self.share:.2%} of {self.weight}, {self.latency_share:.2%} by distance and law alone, "
            f"from {self.cut}, with {self.unserved_share:.2%} of tokens unserved"
        )

    @property
    def shares(self) -> pd.DataFrame:
        """The three shares, by ``weight`` and by work side by side; solve for those not known yet.

        Index ``ceiling``: ``net of swaps``, ``by distance and law alone``, ``with swaps``. Columns: that of the weight,
        such as ``share_of_tokens``, and ``share_of_work``.
        """
        by_weight = (self.share, self.latency_share, self.gross_share)
        by_work = (self.work_share, self.work_latency_share, self.work_gross_share)
        return shares_table(self.weight, by_weight, by_work)

    def _repr_html_(self) -> str:
        """Return the shares and the ceiling by workload as HTML, with the parts of the limits if they are solved."""
        try:
            shares = notebook.rows(self.shares)
        except NoSolutionError as error:
            shares = notebook.sentence(f"The other shares were not found: {error}")
        return (
            notebook.sentence(repr(self))
            + shares
            + limits_html(self.__dict__.get("limits"))
            + demand_html(self.workloads)
        )
