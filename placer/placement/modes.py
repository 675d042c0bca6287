"""Who runs how: the modes of a placement, by hub and data centre, and the mode behind a price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.model.formulation import Formulation
from placer.placement.accounts import SettledFlows, carrying
from placer.placement.pools import type_axis
from placer.placement.stacked import Axis, index_of_axes
from placer.utils.arrays import FloatArray, IntArray, ratio, sums_by


def mode_table(formulation: Formulation, accounts: SettledFlows) -> pd.DataFrame:
    """One row per workload, mode, hub and data centre, and with pools per accelerator type: who runs how.

    Columns, over the whole horizon: ``mtok``; ``rtt_ms``, ``latency_ms`` (means over it); ``accelerator_hours``. Empty
    without modes.
    """
    structure, arc = formulation.structure, accounts.arc
    kept = np.flatnonzero(carrying(structure, accounts) & (formulation.service.mode != "")[structure.arc_class[arc]])
    klass, origin, site, way = (
        axis[arc[kept]] for axis in (structure.arc_class, structure.arc_origin, structure.arc_site, structure.arc_way)
    )
    pair, row = np.unique((klass * structure.origins + origin) * structure.sites + site, return_inverse=True)
    rest, site_of = np.divmod(pair, structure.sites)
    klass_of, origin_of = np.divmod(rest, structure.origins)
    sent = accounts.sent[kept]
    mtok = sums_by(row, sent, len(pair))
    axes = [
        Axis("workload", formulation.workloads, structure.served_class[klass_of]),
        mode_axis(formulation, klass_of),
        Axis("hub", formulation.hubs, origin_of),
        Axis("data_centre", formulation.data_centres, site_of),
    ]
    if formulation.service.has_pools:
        axes.append(type_axis(formulation, klass_of, site_of))
    columns = {
        "mtok": mtok,
        "rtt_ms": ratio(sums_by(row, sent * formulation.rtt_ms[origin, way], len(pair)), mtok),
        "latency_ms": ratio(sums_by(row, sent * formulation.latency_ms[klass, origin, way], len(pair)), mtok),
        "accelerator_hours": mtok * formulation.accelerator_hours[klass_of, site_of],
    }
    return pd.DataFrame(columns, index=index_of_axes(axes))


def mode_axis(formulation: Formulation, klass: IntArray) -> Axis:
    """Return the level ``mode`` of a table, given the class of every row; workloads without modes have an empty one."""
    labels, position = np.unique(formulation.service.mode, return_inverse=True)
    return Axis("mode", labels, position[klass])


def largest_mode(formulation: Formulation, demand: IntArray, arc: IntArray, sent: FloatArray, count: int) -> np.ndarray:
    """Return the mode that serves the most of each demand, given its assignments; empty where none does."""
    order, modes = np.lexsort((sent, demand)), np.full(count, "", dtype=object)
    modes[demand[order]] = formulation.service.mode[formulation.structure.arc_class[arc[order]]]
    return modes
