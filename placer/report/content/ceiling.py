"""The content of a report on a ceiling, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.ceiling.curve import within
from placer.ceiling.maximum import most_export
from placer.ceiling.walk.rows import BEYOND, caps_beyond_walks
from placer.instance.attributes.settings import BETWEEN_REGIONS
from placer.instance.cut import has_cut
from placer.instance.problem import Instance
from placer.model.formulation import Formulation
from placer.placement.result import Placement
from placer.report.content.flow_map import FlowMap
from placer.report.html.markup import labelled, labels, shortened

if TYPE_CHECKING:
    from placer.ceiling.programs import Extent
    from placer.ceiling.result import ExportCeiling

#: Largest number of corners of a curve on the page.
MOST_CORNERS = 2000


@dataclass(frozen=True, eq=False)
class CeilingContent:
    """The ceiling as the page shows it; fields as in ``ExportCeiling`` and ``CeilingCurve``.

    ``regions`` is None unless exports are between all regions.
    """

    cut: str
    exporting: tuple[str, ...]
    receiving: tuple[str, ...]
    weight: str
    regions: pd.DataFrame | None
    share: float
    work_share: float
    latency_share: float
    gross_share: float
    unserved_share: float
    limits: pd.DataFrame
    economic_range: tuple[float, float]
    economic_detail: str
    curve: pd.DataFrame
    served_from: float
    exportable_from: float
    corners_left_out: int


def both_ways(instance: Instance) -> bool:
    """Return whether exports between all regions count, so that each region has its own ceiling."""
    return bool(instance.settings.exports == BETWEEN_REGIONS)


def why_no_ceiling(placement: Placement) -> str:
    """Return why a page has no ceiling of a placement; empty if it can have one."""
    if not has_cut(placement.instance):
        why = "too many regions to compare all sets that may export"
        return f"no ceiling: {why}; placer ceiling --exporting REGION has one"
    if caps_beyond_walks(placement.formulation.structure).any():
        return f"no ceiling: its curve takes no {BEYOND}; placer.export_ceiling has its value"
    return ""


def ceiling_content(ceiling: ExportCeiling) -> CeilingContent:
    """Extract the content of a report from a ceiling, and solve for missing parts."""
    curve = ceiling.curve
    table = curve.table.assign(unserved_share=curve.table["unserved_mtok"] / (curve.total_mtok or 1.0))
    kept = np.unique(np.linspace(0, len(table) - 1, min(MOST_CORNERS, len(table))).round().astype(int))
    return CeilingContent(
        cut=shortened(str(ceiling.cut), longest=200),
        exporting=tuple(labels(list(ceiling.cut.exporting))),
        receiving=tuple(labels(list(ceiling.cut.receiving))),
        weight=ceiling.weight,
        regions=labelled(ceiling.regions) if both_ways(ceiling.instance) else None,
        share=ceiling.share,
        work_share=ceiling.work_share,
        latency_share=ceiling.latency_share,
        gross_share=ceiling.gross_share,
        unserved_share=ceiling.unserved_share,
        limits=ceiling.limits,
        economic_range=(ceiling.economic_range.low, ceiling.economic_range.high),
        economic_detail=ceiling.economic_range.detail,
        curve=table.iloc[kept],
        served_from=curve.served_from,
        exportable_from=curve.exportable_from,
        corners_left_out=len(table) - len(kept),
    )


#: Limits between the first and the last corner of the curve: where these parts of the way to the final share are done.
_PARTS = (0.2, 0.4, 0.6, 0.8)
#: Largest number of flows at each limit, the largest first.
MOST_FLOWS = 120


@dataclass(frozen=True, eq=False)
class ExportsAt:
    """The most exports within a limit on the round trip.

    Attributes
    ----------
    corner : int
        Its row in the curve of the page.
    flows : tuple of (int, int, float)
        Position of the place and of the data centre in the flow map, and Mtok; the largest first.
    flow_count : int
        Of all flows between places on the map, those that are left out included.
    """

    corner: int
    flows: tuple[tuple[int, int, float], ...]
    flow_count: int


def exports_at_limits(ceiling: ExportCeiling, curve: pd.DataFrame, flows: FlowMap) -> tuple[ExportsAt, ...]:
    """Return the most exports at some corners of a curve, each solved and proven; nothing without a map.

    The first corner is among them, so that every corner has one at or before it, and the last, whose exports are those
    of the ceiling.

    Raises
    ------
    NoSolutionError
        As ``placer.export_ceiling``.
    """
    if not (len(flows.places) and len(flows.sites)):
        return ()
    last = len(curve) - 1
    found = []
    for corner in _corners(curve):
        if corner == last:
            formulation, extent = ceiling.formulation, ceiling.extent
        else:
            formulation = within(ceiling.formulation, float(curve["rtt_limit_ms"].iloc[corner]))
            extent = most_export(
                formulation, ceiling.count, ceiling.solver, time_limit_seconds=ceiling.time_limit_seconds
            )
        found.append(_flows(ceiling, formulation, extent, corner, flows))
    return tuple(found)


def _corners(curve: pd.DataFrame) -> list[int]:
    """Return the rows of some corners, ascending, where the curve is exact."""
    share, exact = curve["share"].to_numpy(float), curve["exact"].to_numpy(bool)
    steps = [int(np.argmax(share >= share[0] + part * (share[-1] - share[0]))) for part in _PARTS]
    return sorted({0, *(step for step in steps if exact[step]), len(curve) - 1})


def _flows(ceiling: ExportCeiling, formulation: Formulation, extent: Extent, corner: int, flows: FlowMap) -> ExportsAt:
    """Return the exported flows of an optimum, by place and data centre."""
    structure, sent = formulation.structure, extent.flows
    klass, origin, way = (axis[sent.arc] for axis in (structure.arc_class, structure.arc_origin, structure.arc_way))
    place, site = flows.place_of_hub[origin], flows.place_of_site[structure.arc_site[sent.arc]]
    kept = (ceiling.count.exported[klass, origin, way] > 0) & (place >= 0) & (site >= 0)
    pair, at = np.unique(place[kept] * len(flows.sites) + site[kept], return_inverse=True)
    mtok = np.bincount(at, sent.amount[kept], len(pair))
    order = np.argsort(-mtok, kind="stable")[:MOST_FLOWS]
    places, sites = (axis.tolist() for axis in np.divmod(pair[order], len(flows.sites)))
    return ExportsAt(corner, tuple(zip(places, sites, mtok[order].tolist(), strict=True)), len(pair))
