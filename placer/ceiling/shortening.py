"""Which arcs to shorten first: how many milliseconds less would let how much more demand leave.

An exporting arc that only its latency forbids would enter the last program of ``placer.ceiling.maximum`` with some
reduced profit per Mtok at its duals. By duality the ceiling rises by no more than that profit times the demand where
all demand is served and nothing displaced. Where not, opening an arc may also serve more or displace less, and the
figure is a guide; in no case does the ceiling rise by more than all that might be exported and is not. (The demand of
the arc's own workload and hub is no bound: what it frees elsewhere may let more of others leave. But it ranks the
arcs.) Those that promise most of their own demand are then opened one at a time and the ceiling is solved again, which
says what they really bring.
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
    from placer.model.counts import Count
    from placer.model.formulation import Formulation
    from placer.solvers.proven import AnySolver
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
    """Return, for every workload and hub, the arc whose shortening promises most export, the best first.

    Parameters
    ----------
    formulation : Formulation
    count : Count
        What is exported and displaced.
    total : float
        Weight of all demand.
    extent : Extent
        The ceiling as it is.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    solved : int
        How many of the best arcs are opened and solved for what they bring; the others have a bound only.

    Returns
    -------
    DataFrame
        Index ``workload``, ``hub``, ``data_centre``; ``shorten_ms`` (off the round trip), ``share_at_most`` (bound on
        what the ceiling gains where all demand is served, and a guide where not; never more than all that is not
        exported), ``share_of_demand`` (what the workload at the hub asks for) and ``share_gained`` (NaN where not
        solved). All shares are of the weight of all demand.
    """
    missing = shortening_ms(formulation)
    klass, origin, site = np.nonzero(np.isfinite(missing) & (count.exported > 0))
    promise = arc_gains(formulation.structure, extent.duals, count.exported)[klass, origin, site]
    asked = _exportable(formulation, count)
    own = asked[klass, origin]
    table = pd.DataFrame(
        {
            "workload": formulation.workloads[klass],
            "hub": formulation.hubs[origin],
            "data_centre": formulation.data_centres[site],
            "shorten_ms": missing[klass, origin, site],
            "share_at_most": np.minimum(promise, max(asked.sum() - extent.exported, 0.0)) / total,
            "share_of_demand": own / total,
            "rank": -np.minimum(promise, own),
            "arc": list(zip(klass.tolist(), origin.tolist(), site.tolist(), strict=True)),
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
    """Return the weight of demand that counts at any data centre, whatever its latency, by workload and hub."""
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
