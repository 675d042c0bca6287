"""Tables and HTML of an export ceiling: free functions of its flows, shares and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.utils import notebook
from placer.utils.arrays import ratio

if TYPE_CHECKING:
    from placer.ceiling.economics import By
    from placer.model.answer import Flows
    from placer.model.counts import Count
    from placer.model.formulation import Formulation
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray


def exports_by(formulation: Formulation, flows: Flows, count: Count, weights: FloatArray, by: By) -> pd.DataFrame:
    """Add up demand and exports by workload or by hub.

    Parameters
    ----------
    formulation : Formulation
    flows : Flows
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
    return pd.DataFrame({"exported": exported, "share": exported / total}, index=index)


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
    shares = [] if limits is None else [(str(name), f"{value:.2%}") for name, value in limits["share"].items() if value]
    return notebook.figures(shares) if shares else ""


def demand_html(table: pd.DataFrame) -> str:
    """Write a table of exports as HTML, by falling demand."""
    return notebook.rows(table.sort_values("demand", ascending=False))


def _exported(structure: Structure, flows: Flows, count: Count) -> FloatArray:
    """Weigh the exports in every flow: ``exported_khw * amount``."""
    klass, origin, way = (axis[flows.arc] for axis in (structure.arc_class, structure.arc_origin, structure.arc_way))
    return flows.amount * count.exported[klass, origin, way]
