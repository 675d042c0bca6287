"""The shares of an export ceiling.

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
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from placer.ceiling.directions import with_swaps
from placer.ceiling.economics import By
from placer.ceiling.maximum import most_export
from placer.ceiling.programs import Extent
from placer.instance.cut import Cut
from placer.instance.problem import Instance
from placer.io.results import BoughtDemand
from placer.ladder.proven import AnySolver
from placer.model.answer import Flows
from placer.model.counts import (
    Count,
    Weight,
    Weights,
    export_weights,
    may_leave,
    net,
    reference_hours,
    share_of,
    total_weight,
)
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.running import Progress, running
from placer.utils import notebook
from placer.utils.arrays import FloatArray, ratio
from placer.utils.numbers import percent

if TYPE_CHECKING:
    from placer.placement.result import Placement


@dataclass(frozen=True, eq=False, repr=False)
class CeilingShares:
    """The shares of an export ceiling, and the tables of its optimum.

    ``placer.ExportCeiling`` describes the fields.
    """

    instance: Instance
    formulation: Formulation
    weight: Weight
    weights: Weights
    cut: Cut
    extent: Extent
    solver: AnySolver | None
    placement: Placement | None = None
    time_limit_seconds: float = math.inf
    progress: Progress | None = field(default=None, compare=False)
    bought_demand: BoughtDemand | None = None

    @property
    def share(self) -> float:
        """The ceiling: the share of all demand that can be exported, net of swaps."""
        return share_of(self.extent.exported, self.total)

    @cached_property
    def latency_share(self) -> float:
        """The latency ceiling: the share that distance and law alone allow, independent of all capacities."""
        return share_of(may_leave(self.formulation, self.count), self.total)

    @cached_property
    def gross_share(self) -> float:
        """The largest export share when demand of the receiving regions may be displaced in exchange."""
        with self._running():
            return share_of(with_swaps(self.formulation, self.count, self.extent, self.solver), self.total)

    @cached_property
    def by_work(self) -> Self | None:
        """The ceiling over the same cut by accelerator-hours of the reference; None where no demand takes any.

        It is an optimum of its own, which may differ from that of ``weight``.
        """
        if self.weight == "work":
            return self
        if not self._hours:
            return None
        weights = export_weights(self.instance, self.formulation.distance, "work")
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
        return share_of(self.extent.displaced_hours, self._hours)

    @property
    def _hours(self) -> float:
        """All demand in accelerator-hours of the reference."""
        return total_weight(self.formulation, reference_hours(self.instance))

    @cached_property
    def count(self) -> Count:
        """Weights of exports and of displaced demand by workload, hub and way to a data centre."""
        return net(self.instance, self.weights, self.cut)

    @property
    def total(self) -> float:
        """All demand, in Mtok, accelerator-hours, MWh or USD of value."""
        return total_weight(self.formulation, self.weights.asked)

    @property
    def unserved_share(self) -> float:
        """Least unserved share of all tokens."""
        return share_of(self.extent.unserved_mtok, self.formulation.structure.total_demand)

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Ceiling by workload: ``demand``, ``exported``, ``share``. Another optimum may have other figures."""
        return exports_by(self.formulation, self.extent.flows, self.count, self.weights.asked, "workload")

    @cached_property
    def hubs(self) -> pd.DataFrame:
        """Ceiling by hub, likewise."""
        return exports_by(self.formulation, self.extent.flows, self.count, self.weights.asked, "hub")

    @cached_property
    def data_centres(self) -> pd.DataFrame:
        """Exports by the data centre that receives them: ``exported`` and ``share`` of all demand."""
        return intake_of_data_centres(self.formulation, self.extent.flows, self.count, self.total)

    @property
    def shares(self) -> pd.DataFrame:
        """The three shares, by ``weight`` and by work side by side; solve for those not known yet.

        Index ``ceiling``: ``net of swaps``, ``by distance and law alone``, ``with swaps``. Columns: that of the weight,
        such as ``share_of_tokens``, and ``share_of_work``.
        """
        by_weight = (self.share, self.latency_share, self.gross_share)
        by_work = (self.work_share, self.work_latency_share, self.work_gross_share)
        return shares_table(self.weight, by_weight, by_work)

    def _running(self) -> AbstractContextManager[None]:
        return running(self.progress, self.time_limit_seconds)


def exports_by(formulation: Formulation, flows: Flows, count: Count, weights: FloatArray, by: By) -> pd.DataFrame:
    """Add up demand and exports by workload or by hub.

    Parameters
    ----------
    count : Count
        Weight of an exported Mtok by class, hub and way.
    weights : (classes,) array
        Weight of a Mtok of demand.
    by : str
        ``workload`` or ``hub``.

    Returns
    -------
    DataFrame
        Index ``workload`` or ``hub``; ``demand`` and ``exported`` in the unit of the weights; ``share``, the quotient
        ``exported / demand`` (NaN without demand).
    """
    structure = formulation.structure
    of_arc, of_demand, labels = {
        "workload": (structure.arc_serves, structure.demand_class, formulation.workloads),
        "hub": (structure.arc_origin, structure.demand_origin, formulation.hubs),
    }[by]
    asked = structure.demand_amount * weights[structure.demand_class]
    exported = np.bincount(of_arc[flows.arc], _exported(structure, flows, count), len(labels))
    demand = np.bincount(of_demand, asked, len(labels))
    table = {"demand": demand, "exported": exported, "share": ratio(exported, demand)}
    return pd.DataFrame(table, index=pd.Index(labels, name=by))


def intake_of_data_centres(formulation: Formulation, flows: Flows, count: Count, total: float) -> pd.DataFrame:
    """Add up exports by the data centre that receives them: ``exported``, and ``share = exported / total``."""
    site = formulation.structure.arc_site[flows.arc]
    exported = np.bincount(site, _exported(formulation.structure, flows, count), len(formulation.data_centres))
    index = pd.Index(formulation.data_centres, name="data_centre")
    return pd.DataFrame({"exported": exported, "share": exported / (total or 1.0)}, index=index)


def shares_table(
    weight: str, by_weight: tuple[float, float, float], by_work: tuple[float, float, float]
) -> pd.DataFrame:
    """Set three shares by a weight and by work side by side; one column where the weight is work.

    Examples
    --------
    >>> shares_table("tokens", (0.2, 0.4, 0.3), (0.1, 0.4, 0.2))["share_of_tokens"].to_dict()
    {'net of swaps': 0.2, 'by distance and law alone': 0.4, 'with swaps': 0.3}
    """
    index = pd.Index(["net of swaps", "by distance and law alone", "with swaps"], name="ceiling")
    return pd.DataFrame({f"share_of_{weight}": by_weight, "share_of_work": by_work}, index)


def limits_html(limits: pd.DataFrame | None) -> str:
    """Write the nonzero shares of a split by limit as HTML; empty if all are 0 or the split is not solved yet."""
    shares = (
        [] if limits is None else [(str(name), percent(value, 2)) for name, value in limits["share"].items() if value]
    )
    return notebook.figures(shares) if shares else ""


def demand_html(table: pd.DataFrame) -> str:
    """Write a table of exports as HTML, by falling demand."""
    return notebook.rows(table.sort_values("demand", ascending=False))


def _exported(structure: Structure, flows: Flows, count: Count) -> FloatArray:
    """Weigh the exports in every flow: ``exported_khw * amount``."""
    klass, origin, way = (axis[flows.arc] for axis in (structure.arc_class, structure.arc_origin, structure.arc_way))
    return flows.amount * count.exported[klass, origin, way]
