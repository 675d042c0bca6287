"""Work that waits, hour by hour: how much is queued, how long it may still wait, and what the end cuts short.

Work of a workload with deadline D hours that arrives in hour t may be served in t, ..., t + floor(D / L), with L the
length of an hour. When hour h > t begins, it may still wait

    hours_left = D - (h - t) L

as work with that deadline that arrives in h would. Where the horizon is not cyclic, demand with t + floor(D / L) > T is
cut short, with T the last hour of the block of t (of the horizon, without blocks): all of it is served by T. Amounts
count times the weight of their hours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.instance.hours.by_hour import span_of
from placer.instance.hours.hour_scopes import hour_span
from placer.instance.problem import Instance
from placer.instance.tables.backlog import out_of_order
from placer.model.formulation import Formulation
from placer.placement.accounts import SettledFlows
from placer.placement.prices import served_of
from placer.tolerances import SOLVER
from placer.utils.arrays import IntArray, expand_counts, ratio, sums_by

#: Hours left are exact to this many digits: differences of hour lengths round.
_DIGITS = 9


def queue_table(instance: Instance, formulation: Formulation, accounts: SettledFlows) -> pd.DataFrame:
    """One row per workload, data centre, hour and hours left with work that waits at the end of the hour.

    Column ``mtok``. The backlog that the horizon begins with is added to its workload.
    """
    structure, flows = formulation.structure, formulation.structure.queue_flows
    kept = np.flatnonzero(accounts.waiting > SOLVER * accounts.waiting.max(initial=0.0))
    which, passed = expand_counts(structure.delay(flows.arrival, flows.service)[kept])
    at = kept[which]
    of_queue = structure.served_class[flows.klass[at]]
    deadline = instance.workloads["deadline_hours"].to_numpy(float)[of_queue]
    left = np.round(deadline - (passed + 1) * formulation.hour_length, _DIGITS)
    rows = pd.DataFrame(
        {
            "workload": _asked_as(instance, formulation)[of_queue],
            "data_centre": flows.site[at],
            "hour": structure.after(flows.arrival[at], passed),
            "hours_left": np.maximum(left, 0.0),
            "mtok": accounts.waiting[at],
        }
    )
    keys = ["workload", "data_centre", "hour", "hours_left"]
    summed = rows.groupby(keys)[["mtok"]].sum()
    workload, site, hour, hours_left = (summed.index.get_level_values(key) for key in keys)
    workloads, sites = pd.Index(formulation.workloads), pd.Index(formulation.data_centres)
    labels = [workloads[workload], sites[site], formulation.hour_labels[hour], hours_left]
    return summed.set_axis(pd.MultiIndex.from_arrays(labels, names=keys))


def remaining_work(instance: Instance, formulation: Formulation, accounts: SettledFlows, hour: object) -> pd.DataFrame:
    """Return the work that waits when an hour begins: ``workload``, ``data_centre``, ``hours_left``, ``mtok``.

    Work that is due first counts as served first, so that the rest has the most time left. That changes no amount
    served in any hour: work of a workload that arrives earlier is due earlier.

    Raises
    ------
    InstanceError
        If the hour is not in the horizon, or its hours do not follow each other.
    """
    refuse(out_of_order(instance.tables, instance.settings))
    span = hour_span(hour, formulation.hours)
    if isinstance(span, str) or span[0] < span[1]:
        problem = span if isinstance(span, str) else f"{show(hour)} is several hours"
        raise InstanceError([Violation("remaining", "", "hour", problem, f"one of {span_of(formulation.hours)}")])
    place = span[0]
    if place == 0:
        return instance.backlog
    flows, waiting = formulation.structure.queue_flows, accounts.waiting
    of_queue = formulation.structure.served_class[flows.klass]
    deadline = instance.workloads["deadline_hours"].to_numpy(float)[of_queue]
    rows = pd.DataFrame(
        {
            "workload": _asked_as(instance, formulation)[of_queue],
            "data_centre": flows.site,
            "hours_left": np.round(deadline - (place - flows.arrival) * formulation.hour_length, _DIGITS),
            "arrived": np.where(flows.arrival < place, waiting, 0.0),
            "served": np.where(flows.service < place, waiting, 0.0),
        }
    )
    due = rows.groupby(["workload", "data_centre", "hours_left"])[["arrived", "served"]].sum()
    queues = due.groupby(level=["workload", "data_centre"])
    left = queues["arrived"].cumsum() - queues["served"].transform("sum")
    mtok = left.clip(upper=due["arrived"])
    kept = mtok[(mtok > SOLVER * waiting.max(initial=0.0)) & (mtok.index.get_level_values("hours_left") >= 0)]
    workload, site, hours_left = (kept.index.get_level_values(key) for key in due.index.names)
    return pd.DataFrame(
        {
            "workload": formulation.workloads[workload],
            "data_centre": formulation.data_centres[site],
            "hours_left": hours_left.to_numpy(float),
            "mtok": kept.to_numpy(float),
        }
    )


def cut_short_table(instance: Instance, formulation: Formulation, accounts: SettledFlows) -> pd.DataFrame:
    """One row per workload with served demand that may wait past the end of the horizon.

    Columns ``mtok``, ``share`` of the served demand of the workload, and ``last_hour_mtok``.
    """
    structure, flows, count = formulation.structure, formulation.structure.queue_flows, len(formulation.workloads)
    served, base, klass = served_of(structure, accounts), _asked_as(instance, formulation), structure.demand_class
    late = structure.delays(klass, structure.demand_period) <= structure.window[klass]
    first, length = structure.block_span
    at_end = flows.service == (first + length - 1)[flows.service]
    at_end &= structure.delays(flows.klass, flows.arrival) <= structure.window[flows.klass]
    mtok = sums_by(base[klass[late]], served[late], count)
    table = pd.DataFrame(
        {
            "mtok": mtok,
            "share": ratio(mtok, sums_by(base[klass], served, count)),
            "last_hour_mtok": sums_by(
                base[structure.served_class[flows.klass[at_end]]], accounts.waiting[at_end], count
            ),
        },
        index=pd.Index(formulation.workloads, name="workload"),
    )
    return table[(mtok > SOLVER * structure.total_demand) & (not structure.cyclic)]


def _asked_as(instance: Instance, formulation: Formulation) -> IntArray:
    """Return the position of the workload that users ask for: of a backlog that of its workload, else its own."""
    workloads = instance.workloads
    names = workloads["backlog_of"].fillna(workloads["workload"])
    return pd.Index(formulation.workloads).get_indexer(pd.Index(names)).astype(int)
