"""The arcs to shorten first: milliseconds off an arc, and the demand that could then leave.

An exporting arc that only its latency forbids has a reduced profit per Mtok at the duals of the last program of
``placer.ceiling.maximum``. If all demand is served and none displaced, the ceiling rises by at most that profit times
the demand, by duality. Otherwise an opened arc may also serve more or displace less demand, and the figure is a guide.
In no case does the ceiling rise by more than the exportable demand that is not exported. (The demand of the arc's own
workload and hub is no bound, since capacity that it frees may let other demand leave; but it ranks the arcs.) The arcs
of the highest rank are then opened one at a time, and the ceiling is solved again for their true gain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.ceiling.maximum import most_export
from placer.model.formulation import shortening_ms, with_arcs
from placer.proof.arc_gains import arc_gains

if TYPE_CHECKING:
    from placer.ceiling.programs import Extent
    from placer.ladder.proven import AnySolver
    from placer.model.counts import Count
    from placer.model.formulation import Formulation
    from placer.utils.arrays import FloatArray


def arcs_to_shorten(
    formulation: Formulation,
    count: Count,
    total: float,
    extent: Extent,
    solver: AnySolver | None = None,
    *,
    solved: int = 5,
) -> pd.DataFrame:
    """Return, for every workload and hub, the arc whose shortening promises the largest export, the best first.

    Parameters
    ----------
    formulation : Formulation
    count : Count
        Weights of exports and of displaced demand; over arcs that are late, of tasks that are just in time.
    total : float
        Weight of all demand.
    extent : Extent
        The present ceiling.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    solved : int
        Number of the best arcs that are opened and solved for their gain; the others have a bound only.

    Returns
    -------
    DataFrame
        Index ``workload``, ``hub``, ``data_centre``; ``shorten_ms`` (off the round trip), ``share_at_most`` (upper
        bound on the gain of the ceiling if all demand is served, else a guide; at most the share not exported),
        ``share_of_demand`` (demand of the workload at the hub) and ``share_gained`` (NaN where not solved). All shares
        are of the weight of all demand.
    """
    missing = shortening_ms(formulation)
    exported = count.exported
    klass, origin, way = np.nonzero(np.isfinite(missing) & (exported > 0))
    promise = arc_gains(formulation.structure, extent.duals, exported)[klass, origin, way]
    asked = _exportable(formulation, count)
    own = asked[klass, origin]
    table = pd.DataFrame(
        {
            "workload": formulation.workloads[klass],
            "hub": formulation.hubs[origin],
            "data_centre": formulation.data_centres[formulation.structure.way_site[way]],
            "shorten_ms": missing[klass, origin, way],
            "share_at_most": np.minimum(promise, max(asked.sum() - extent.exported, 0.0)) / total,
            "share_of_demand": own / total,
            "rank": -np.minimum(promise, own),
            "arc": list(zip(klass.tolist(), origin.tolist(), way.tolist(), strict=True)),
        }
    )
    table = table[table["share_at_most"] > 0].sort_values(["rank", "shorten_ms"], kind="stable")
    table = table.drop_duplicates(["workload", "hub"])
    gained = [
        (most_export(_open(formulation, arc), count, solver).exported - extent.exported) / total
        for arc in table["arc"].head(solved)
    ]
    table["share_gained"] = gained + [np.nan] * (len(table) - len(gained))
    return table.drop(columns=["rank", "arc"]).set_index(["workload", "hub", "data_centre"])


def _exportable(formulation: Formulation, count: Count) -> FloatArray:
    """Return, by workload and hub, the weight of demand that is an export at some data centre at any latency."""
    structure = formulation.structure
    each = count.exported.max(axis=2)
    amount = np.zeros_like(each)
    np.add.at(amount, (structure.demand_class, structure.demand_origin), structure.demand_amount)
    return each * amount


def _open(formulation: Formulation, arc: tuple[int, int, int]) -> Formulation:
    """Return the formulation with one more arc."""
    admitted = formulation.structure.admitted
    admitted[arc] = True
    return with_arcs(formulation, admitted)
