"""The export ceiling and its analysis: curves, the limits behind the remaining demand, economics, and files.

``placer.ceiling.shares`` defines the shares.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.ceiling.curve import By, CeilingCurve, need_steps, trace
from placer.ceiling.directions import ceilings_by_region
from placer.ceiling.economics import EconomicRange, economic_range
from placer.ceiling.effort import EffortCurve, effort_curve
from placer.ceiling.limits import ordered, shapley, walls
from placer.ceiling.shares import CeilingShares, demand_html, limits_html
from placer.ceiling.shortening import arcs_to_shorten
from placer.errors import NoSolutionError
from placer.instance.remarks import no_exports
from placer.io import table_files
from placer.io.results import Result
from placer.model.counts import Count, export_weights, net
from placer.model.distance import distance_costs
from placer.solve import place_instance
from placer.utils import notebook
from placer.utils.numbers import percent

if TYPE_CHECKING:
    from placer.placement.result import Placement


@dataclass(frozen=True, eq=False, repr=False)
class ExportCeiling(CeilingShares, Result):
    """The export ceiling and its analysis; ``placer.ceiling.shares`` defines the shares.

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
    bought_demand : BoughtDemand or None
        What is bought of demand with steps of value, the demand of the ceiling.
    """

    @cached_property
    def curve(self) -> CeilingCurve:
        """The ceiling against a limit on the round trip of every arc of the workloads that cannot wait."""
        return self._over("rtt")

    @cached_property
    def slo_curve(self) -> CeilingCurve:
        """The ceiling against a factor on the latency limits of all workloads."""
        return self._over("slo")

    @cached_property
    def shorten_curve(self) -> CeilingCurve:
        """The ceiling against the milliseconds that come off every round trip.

        Raises
        ------
        InstanceError
            If the weight is the value and falls with latency; see ``placer.ceiling_curve``.
        """
        need_steps(self.weights, "shorten")
        return self._over("shorten")

    @cached_property
    def effort_curve(self) -> EffortCurve:
        """The most export for each amount of accelerator-hours spent, in the modes in which work is served."""
        with self._running():
            found = effort_curve(self.formulation, self.count, self.total, self.weight, self.extent, self.solver)
        return replace(found, bought_demand=self.bought_demand)

    def _over(self, by: By) -> CeilingCurve:
        with self._running():
            found = trace(self.formulation, self.weights.asked, self.count, by)
        return replace(found, bought_demand=self.bought_demand)

    @cached_property
    def limits(self) -> pd.DataFrame:
        """The parts of ``1 - share`` and of the unserved share by limit, as Shapley values.

        Columns ``share`` and ``unserved_share``, by ``limit``.
        """
        with self._running():
            return shapley(self.formulation, self.count, self.total, self.solver, self.extent)

    @cached_property
    def walls(self) -> pd.DataFrame:
        """What of ``1 - share`` is a wall, and what a price: ``kind`` and ``share`` by ``cause``.

        ``distance``: no mode over any route answers in time abroad; ``law``: one would, and law forbids it;
        ``accelerators``: more of them would free it; ``other limits``: power, links and limits of one's own would;
        ``no way abroad``: demand of the receiving regions, and demand without a route.
        """
        with self._running():
            return walls(self.formulation, self.count, self.total, self.solver, self.extent)

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
            return arcs_to_shorten(self.formulation, self._count_in_time, self.total, self.extent, self.solver)

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
        exported, displaced = self.cut.pairs(self.instance)
        counted = exported.astype(float) - displaced
        try:
            with self._running():
                return economic_range(self._placed, counted)
        except NoSolutionError as error:
            return EconomicRange(-1.0, 1.0, str(error))

    @cached_property
    def _count_in_time(self) -> Count:
        """``count`` where every task that is late is just in time, as arcs that are shortened would have it."""
        if not self.weights.fall_with_latency:
            return self.count
        formulation = self.formulation
        in_time_ms = np.minimum(formulation.latency_ms, formulation.latency_slo_ms[:, None, None])
        weights = export_weights(self.instance, distance_costs(self.instance, in_time_ms), self.weight)
        return net(self.instance, weights, self.cut)

    @cached_property
    def _placed(self) -> Placement:
        return self.placement or place_instance(self.instance, self.solver, tie_break=None)

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
        } | self._bought_figures()

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``limits``."""
        return self.limits

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, and ``curve`` as ``curve_rtt``."""
        return self._tables(None)

    def save_tables(
        self, folder: str | os.PathLike[str], curve: CeilingCurve | EffortCurve | None = None
    ) -> list[Path]:
        """Write the tables and a curve as CSV into a folder, created if missing, and return the files.

        The default curve is ``self.curve``. Names that a spreadsheet would read as a formula get a leading apostrophe;
        see ``placer.io.table_files``.
        """
        return table_files.write_csv_tables(self._tables(curve), folder)

    def save_parquet(
        self, folder: str | os.PathLike[str], curve: CeilingCurve | EffortCurve | None = None
    ) -> list[Path]:
        """Write the tables and a curve as Parquet into a folder, likewise; needs ``token-placer[parquet]``."""
        return table_files.write_parquet_tables(self._tables(curve), folder)

    def save_excel(self, file: str | os.PathLike[str], curve: CeilingCurve | EffortCurve | None = None) -> Path:
        """Write the summary, the tables and a curve as sheets of one Excel file; needs ``token-placer[excel]``."""
        figures = table_files.figure_sheet(self.summary())
        return table_files.write_excel({"summary": figures} | self._tables(curve), file)

    def _tables(self, curve: CeilingCurve | EffortCurve | None) -> dict[str, pd.DataFrame]:
        chosen = curve or self.curve
        names = ("workloads", "hubs", "data_centres", "limits", "walls", "shortenings")
        tables = {name: getattr(self, name) for name in names}
        return {**tables, f"curve_{chosen.by}": chosen.table}

    def __repr__(self) -> str:
        """Return the ceiling in one line, and why nothing can be an export where that is so."""
        return self._with_bought(
            f"Export ceiling: {percent(self.share, 2)} of {self.weight}, {percent(self.latency_share, 2)} by "
            f"distance and law alone, from {self.cut}, with {percent(self.unserved_share, 2)} of tokens unserved"
            + "".join(f"; {remark}" for remark in no_exports(self.instance))
        )

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
