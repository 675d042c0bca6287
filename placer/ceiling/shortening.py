"""The arcs to shorten first: milliseconds off an arc, and the demand that could then leave.

An exporting arc that only its latency forbids has a reduced profit per Mtok at the duals of the last program of
``placer.ceiling.maximum``. If all demand is served and none displaced, the ceiling rises by at most that profit times
the demand, by duality. Otherwise an opened arc may also serve more or displace less demand, and the figure is a guide.
In no case does the ceiling rise by more than the exportable demand that is not exported. (The demand of the arc's own
workload and hub is no bound, since capacity that it frees may let other demand leave; but it ranks the arcs.) The arcs
of the highest rank are then opened one at a time, and the ceiling is solved again for their true gain.

A shorter arc opens to all modes of the workload that are then in time, and their profits add up.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from placer.ceiling.maximum import most_export
from placer.ceiling.programs import Extent
from placer.ladder.proven import AnySolver
from placer.model.counts import Count
from placer.model.formulation import Formulation, shortening_ms, with_arcs
from placer.proof.arc_gains import arc_gains
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, IntArray


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
    gains, served = arc_gains(formulation.structure, extent.duals, exported), formulation.structure.served_class
    promise = np.zeros(len(klass))
    for mode, opened in enumerate(_opened(missing, served, (klass, origin, way))):
        promise += np.where(opened, gains[mode, origin, way], 0.0)
    asked = _exportable(formulation, count)
    own = asked[served[klass], origin]
    table = pd.DataFrame(
        {
            "workload": formulation.workloads[served[klass]],
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
        (most_export(_open(formulation, missing, arc), count, solver).exported - extent.exported) / total
        for arc in table["arc"].head(solved)
    ]
    table["share_gained"] = gained + [np.nan] * (len(table) - len(gained))
    return table.drop(columns=["rank", "arc"]).set_index(["workload", "hub", "data_centre"])


def _exportable(formulation: Formulation, count: Count) -> FloatArray:
    """Return, by workload and hub, the weight of demand that is an export at some data centre at any latency."""
    structure = formulation.structure
    each = structure.over_modes(count.exported.max(axis=2))
    amount = np.zeros_like(each)
    np.add.at(amount, (structure.demand_class, structure.demand_origin), structure.demand_amount)
    return each * amount


def _opened(missing: FloatArray, served: IntArray, arcs: tuple[IntArray, IntArray, IntArray]) -> Iterator[BoolArray]:
    """Yield for every class which arcs open to it when they are shortened by what they miss themselves."""
    klass, origin, way = arcs
    for mode, ms in enumerate(missing):
        yield (served[klass] == served[mode]) & (ms[origin, way] <= missing[arcs] + INPUT)


def _open(formulation: Formulation, missing: FloatArray, arc: tuple[int, int, int]) -> Formulation:
    """Return the formulation with one more arc, in all modes that are then in time."""
    admitted, served = formulation.structure.admitted, formulation.structure.served_class
    klass, origin, way = (np.array([place]) for place in arc)
    opened = np.concatenate([*_opened(missing, served, (klass, origin, way))])
    admitted[opened, origin, way] = True
    return with_arcs(formulation, admitted)
