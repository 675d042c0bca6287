"""The content of a report on a ceiling, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.instance.attributes.settings import BETWEEN_REGIONS
from placer.report.html.markup import labelled, labels, shortened

if TYPE_CHECKING:
    import pandas as pd

    from placer.ceiling.result import ExportCeiling
    from placer.instance.problem import Instance

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


def ceiling_content(ceiling: ExportCeiling) -> CeilingContent:
    """Extract the content of a report from a ceiling, and solve for missing parts."""
    curve = ceiling.curve
    table = curve.table.assign(unserved_share=curve.table["unserved_mtok"] / curve.total_mtok)
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
