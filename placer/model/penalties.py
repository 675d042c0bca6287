"""The penalty of unserved demand: the value of its step or workload, given, or a multiple of the dearest service."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.instance.attributes.schema import DEMAND, DEMAND_STEPS, VALUE
from placer.instance.problem import Instance
from placer.model.steps import Steps
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, positions_in, sums_by

#: Unserved demand costs this many times the dearest way to serve it anywhere, where the workload has neither a penalty
#: nor a value. A chain of displacements that lets one more Mtok be served costs a few times the spread of costs at the
#: most, and a hundred leaves prices well within the tolerance of solvers.
UNSERVED_FACTOR = 100.0


def unserved_cost(workloads: pd.DataFrame, structure: Structure, work_usd: FloatArray) -> FloatArray:
    """Return the penalty of one unserved Mtok of each class, that of its workload; a backlog has that of its own.

    It is ``unserved_usd_per_mtok`` where given, else ``value_usd_per_mtok`` where above 0, else ``UNSERVED_FACTOR``
    times the dearest way to serve a Mtok. A workload that costs nothing anywhere takes the dearest way to serve any,
    and 1 where nothing costs anything.

    Parameters
    ----------
    structure : Structure
        Its arcs, its tiers and its draw count, not its penalties.
    work_usd : (classes, data centres) array
        Cost of serving one Mtok in the dearest hour, without energy and transit.
    """
    given, value = (workloads[name].to_numpy(float) for name in ("unserved_usd_per_mtok", "value_usd_per_mtok"))
    dearest = np.zeros(len(workloads))
    np.maximum.at(dearest, structure.served_class, _dearest_usd(structure, work_usd))
    of_all = float(dearest.max(initial=0.0)) or 1.0 / UNSERVED_FACTOR
    default = np.where(value > 0, value, UNSERVED_FACTOR * np.where(dearest > 0, dearest, of_all))
    penalty = np.where(np.isnan(given), default, given)
    workload = workloads["backlog_of"].fillna(workloads["workload"])
    return penalty[positions_in(workloads["workload"], workload)][structure.served_class]


def steps_of(instance: Instance, structure: Structure) -> Steps:
    """Return the steps of the demands of an instance, given its structure; a demand without any has its penalty."""
    demand, table = instance.tables["demand"], instance.tables[DEMAND_STEPS.name]
    key = list(DEMAND.key)
    rows = demand[key].assign(demand=np.arange(len(demand))).merge(table, on=key, how="left")
    penalty = structure.unserved_cost[structure.demand_class[rows["demand"]]]
    value = np.where(rows[VALUE].isna(), penalty, rows[VALUE])
    share = rows["share"].fillna(1.0).to_numpy(float)
    order = np.lexsort((value, rows["demand"].to_numpy()))
    count = np.bincount(rows["demand"], minlength=len(demand))
    whole = sums_by(rows["demand"].to_numpy(), share, len(demand))
    return Steps(count, (share / whole[rows["demand"].to_numpy()])[order], value[order])


def _dearest_usd(structure: Structure, work_usd: FloatArray) -> FloatArray:
    """Return the dearest way to serve one Mtok of each class, given its cost of work (classes, data centres)."""
    drawn = structure.draw * structure.overhead.max(axis=1, initial=1.0)
    dearest_mwh = np.zeros(structure.sites)
    tier_mwh = structure.tier_cost.max(axis=1, initial=0.0) / structure.tier_yield
    np.maximum.at(dearest_mwh, structure.tier_site, tier_mwh)
    sending = np.zeros(structure.classes)
    np.maximum.at(sending, structure.arc_class, structure.arc_cost)
    return (work_usd + drawn * dearest_mwh).max(axis=1, initial=0.0) + sending
