"""The tables of a placement by demand: flows, waiting work, and demand by workload, hub or hour.

Each is made from the accounts and duals alone; none is needed to make another. ``placer.placement.resource_tables`` has
the tables of data centres, supplies and links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.placement.accounts import COST_PARTS, NEGLIGIBLE, Accounts, assignment_axes, carrying
from placer.placement.price_summary import mean_and_median
from placer.placement.prices import at_penalty, served_of, unserved_of
from placer.utils.arrays import ratio, sums_by, without_noise

if TYPE_CHECKING:
    from placer.model.formulation import Formulation
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


def flow_table(formulation: Formulation, accounts: Accounts) -> pd.DataFrame:
    """One row per workload, hub, data centre and hour of arrival that carries anything.

    Columns: ``mtok``; ``rtt_ms`` (access and links), ``latency_ms`` (of a task); ``exported``; ``accelerators_usd``,
    ``energy_usd``, ``carbon_usd``, ``transit_usd``, ``water_usd`` and their sum ``cost_usd``.
    """
    structure = formulation.structure
    kept = np.flatnonzero(carrying(structure, accounts))
    klass, origin, site, period = assignment_axes(structure, accounts.demand[kept], accounts.arc[kept])
    way = structure.arc_way[accounts.arc[kept]]
    index = pd.MultiIndex.from_arrays(
        [
            formulation.workloads[klass],
            formulation.hubs[origin],
            formulation.data_centres[site],
            formulation.hour_labels[period],
        ],
        names=["workload", "hub", "data_centre", "hour"],
    )
    costs = {f"{part}_usd": accounts.arc_cost[part][kept] for part in COST_PARTS}
    return pd.DataFrame(
        {
            "mtok": accounts.sent[kept],
            "rtt_ms": formulation.rtt_ms[origin, way],
            "latency_ms": formulation.latency_ms[klass, origin, way],
            "exported": formulation.exported[origin, site],
            **costs,
            "cost_usd": np.sum(list(costs.values()), axis=0),
        },
        index=index,
    )


def waiting_table(formulation: Formulation, accounts: Accounts) -> pd.DataFrame:
    """One row per workload that may wait, data centre, hour of arrival and hour of service; column ``mtok``."""
    flows = formulation.structure.queue_flows
    kept = np.flatnonzero(accounts.waiting > NEGLIGIBLE * accounts.waiting.max(initial=0.0))
    index = pd.MultiIndex.from_arrays(
        [
            formulation.workloads[flows.klass[kept]],
            formulation.data_centres[flows.site[kept]],
            formulation.hour_labels[flows.arrival[kept]],
            formulation.hour_labels[flows.service[kept]],
        ],
        names=["workload", "data_centre", "arrival_hour", "service_hour"],
    )
    return pd.DataFrame({"mtok": accounts.waiting[kept]}, index=index)


def demand_summary(
    formulation: Formulation,
    accounts: Accounts,
    price: FloatArray,
    not_worth: BoolArray,
    along: tuple[IntArray, pd.Index],
) -> pd.DataFrame:
    """One row per workload, hub, hour or period: demand, served and exported amounts, costs and payments.

    Columns: those of ``demand_quantities``; ``not_worth_serving_mtok`` and ``cannot_be_served_mtok``, which add up to
    the unserved demand (``placer.placement.unserved``); ``price_usd_per_mtok`` and ``median_price_usd_per_mtok``, mean
    and median over demand served at prices below the penalty; ``at_penalty_mtok``, demand served at the penalty (see
    ``placer.placement.prices``). A mean over no demand is NaN.

    Parameters
    ----------
    formulation : Formulation
    accounts : Accounts
    price : (demands,) array
        The dual of every demand, USD per Mtok.
    not_worth : (demands,) bool array
        Whether the unserved part of the demand costs more to serve than its penalty.
    along : tuple
        The row of every demand and the labels of the rows (``placer.placement.price_summary.demand_axis``).
    """
    structure = formulation.structure
    axis, labels = along
    table = demand_quantities(formulation, accounts, along)
    served, dear = served_of(structure, accounts), at_penalty(structure, accounts, price)
    turned_away = sums_by(axis, np.where(not_worth, unserved_of(structure, accounts), 0.0), len(labels))
    left = table["unserved_mtok"].to_numpy() - turned_away
    mean, median = mean_and_median(price, np.where(dear, 0.0, served), axis, len(labels))
    return table.assign(
        not_worth_serving_mtok=turned_away,
        cannot_be_served_mtok=without_noise(left, structure.total_demand),
        price_usd_per_mtok=mean,
        median_price_usd_per_mtok=median,
        at_penalty_mtok=sums_by(axis, np.where(dear, served, 0.0), len(labels)),
    )


def demand_quantities(formulation: Formulation, accounts: Accounts, along: tuple[IntArray, pd.Index]) -> pd.DataFrame:
    """One row per workload, hub, hour or period: demand, served and exported amounts, and costs.

    Columns: ``demand_mtok``, ``served_mtok``, ``unserved_mtok``, ``exported_mtok``, ``export_share`` (of demand),
    ``rtt_ms`` (mean over served demand), the cost parts, ``cost_usd`` and ``cost_usd_per_mtok`` (of served demand). A
    mean over no demand is NaN.
    """
    structure = formulation.structure
    axis, labels = along
    _, origin, site, _ = assignment_axes(structure, accounts.demand, accounts.arc)
    rtt_ms = formulation.rtt_ms[origin, structure.arc_way[accounts.arc]]
    sent, axis_of_used, size = accounts.sent, axis[accounts.demand], len(labels)
    asked = structure.total_demand

    def per_arc(values: FloatArray) -> FloatArray:
        return sums_by(axis_of_used, values, size)

    demand = sums_by(axis, structure.demand_amount, size)
    served = without_noise(per_arc(sent), asked)
    exported = without_noise(per_arc(sent * formulation.exported[origin, site]), asked)
    costs = costs_along(accounts, axis_of_used, size)
    cost = np.sum(list(costs.values()), axis=0)
    table = {
        "demand_mtok": demand,
        "served_mtok": served,
        "unserved_mtok": sums_by(axis, unserved_of(structure, accounts), size),
        "exported_mtok": exported,
        "export_share": ratio(exported, demand),
        "rtt_ms": ratio(per_arc(sent * rtt_ms), served),
        **costs,
        "cost_usd": cost,
        "cost_usd_per_mtok": ratio(cost, served),
    }
    return pd.DataFrame(table, index=labels)


def costs_along(accounts: Accounts, axis: IntArray, size: int) -> dict[str, FloatArray]:
    """Return the parts of the cost along an axis of the assignments."""
    costs = {f"{part}_usd": sums_by(axis, accounts.arc_cost[part], size) for part in COST_PARTS}
    whole = sum(float(np.abs(usd).sum()) for usd in accounts.arc_cost.values())
    return {name: without_noise(usd, whole) for name, usd in costs.items()}
