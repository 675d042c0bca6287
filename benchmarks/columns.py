"""The number of columns of the whole program of an instance, without building it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.model.formulation import formulate

if TYPE_CHECKING:
    import placer


def count_columns(instance: placer.Instance) -> int:
    """Return the number of columns: assignments, unserved demand, flows of queues, and power bought."""
    structure = formulate(instance).structure
    classes, hours = len(structure.window), structure.capacity.shape[1]
    hubs, sites = instance.routes.rtt_ms.shape
    arcs = np.bincount(structure.arc_class * hubs + structure.arc_origin, minlength=classes * hubs)
    assigned = int(arcs[structure.demand_class * hubs + structure.demand_origin].sum())
    queues = np.zeros((classes, sites), dtype=bool)
    queues[structure.arc_class, structure.arc_site] = True
    latest = np.arange(hours)[::-1] if not structure.cyclic else np.full(hours, hours - 1)
    flows = [int(np.minimum(window, latest).sum() + hours) if window else 0 for window in structure.window]
    return (
        assigned
        + len(structure.demand_amount)
        + int(queues.sum(axis=1) @ np.array(flows, dtype=np.int64))
        + structure.tier_cost.size
    )
