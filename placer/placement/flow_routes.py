"""Which route every flow takes, where a hub and a data centre may have several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.instance.routes import nodes_along

if TYPE_CHECKING:
    import pandas as pd

    from placer.instance.problem import Instance
    from placer.model.formulation import Formulation
    from placer.utils.arrays import IntArray


def with_routes(flows: pd.DataFrame, instance: Instance, formulation: Formulation, arc: IntArray) -> pd.DataFrame:
    """Return a table of flows with the level ``route`` and the column ``path``, given the arc of every row.

    ``route`` counts the routes from the hub to the data centre by round trip, from 1 on; ``path`` holds the nodes along
    it, as ``hub - exchange - data centre``.
    """
    structure, links = formulation.structure, instance.links
    route, of_flow = np.unique(structure.arc_route[arc], return_inverse=True)
    tail, head = links["from"].tolist(), links["to"].tolist()
    starts, along = structure.route_links.indptr, structure.route_links.indices
    paths = [
        " - ".join(nodes_along(tail, head, along[starts[one] : starts[one + 1]].tolist(), str(hub)))
        for one, hub in zip(route.tolist(), formulation.hubs[route // structure.ways], strict=True)
    ]
    labelled = flows.assign(path=np.array(paths, dtype=object)[of_flow], route=structure.arc_rank[arc] + 1)
    names = [str(name) for name in flows.index.names]
    return labelled.set_index("route", append=True).reorder_levels([*names[:-1], "route", names[-1]])
