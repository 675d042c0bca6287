"""Routes that no optimum needs.

A route is *dominated* by another one between the same hub and data centre where the other one has no longer round trip,
costs no more transit, and passes no other link of limited capacity. Work on a dominated route may take the other one
instead: it is in time, fits and costs no more, at any limits of those links. So without links of limited
capacity only cheaper routes remain beside the shortest one. That does not hold where a limit asks for a cost of at
least some USD; ``placer.model.formulation`` keeps all routes then.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from placer.instance.network.routes import Routes
from placer.utils.arrays import BoolArray


def without_dominated(routes: Routes, limited: BoolArray) -> Routes:
    """Return the routes without dominated ones, and without ranks that are then empty.

    Parameters
    ----------
    limited : (links,) bool array
        Which links have a limited capacity in any hour.
    """
    if routes.per_pair == 1:
        return routes
    useful = _useful(routes, limited)
    ranks = 1 + int(np.flatnonzero(useful.any(axis=(0, 1)))[-1]) if useful.any() else 1
    kept = np.zeros(useful.shape, dtype=bool)
    kept[:, :, :ranks] = True
    row = np.flatnonzero(kept.ravel())
    there = useful[:, :, :ranks].reshape(len(useful), -1)
    links = csr_array(routes.links[row].multiply(there.reshape(-1, 1)))
    links.eliminate_zeros()
    return Routes(
        per_pair=ranks,
        rtt_ms=np.where(there, routes.rtt_ms[kept.reshape(len(useful), -1)].reshape(there.shape), np.inf),
        usd_per_gb=np.where(there, routes.usd_per_gb[kept.reshape(len(useful), -1)].reshape(there.shape), 0.0),
        links=links,
    )


def _useful(routes: Routes, limited: BoolArray) -> BoolArray:
    """Return which routes are there and not dominated by one of a lower rank (hubs, data centres, ranks)."""
    shape = (len(routes.rtt_ms), -1, routes.per_pair)
    usd = routes.usd_per_gb.reshape(shape)
    useful = np.isfinite(routes.rtt_ms).reshape(shape)
    passed = csr_array(routes.links[:, np.flatnonzero(limited)])
    of_rank = [csr_array(passed[rank :: routes.per_pair]) for rank in range(routes.per_pair)]
    for rank in range(1, routes.per_pair):
        for lower in range(rank):
            common = of_rank[lower].multiply(of_rank[rank]).sum(axis=1)
            within = (common == of_rank[lower].sum(axis=1)).reshape(usd.shape[:2])
            useful[:, :, rank] &= ~(within & (usd[:, :, lower] <= usd[:, :, rank]))
    return useful
