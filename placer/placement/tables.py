"""The tables of a placement by demand: flows with routes, waiting work, demand by workload, hub or hour, and limits.

Each is made from the accounts and duals alone; none is needed to make another. ``placer.placement.resource_tables`` has
the tables of data centres, supplies and links.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from placer.currency import in_currency
from placer.instance.network.routes import nodes_along
from placer.instance.problem import Instance
from placer.model.answer import Flows
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation
from placer.model.limit_rows import use_of
from placer.model.structure import Structure
from placer.placement.accounts import COST_PARTS, POLICY, ROWS, SettledFlows, arc_usd, carrying
from placer.placement.modes import mode_axis
from placer.placement.pools import type_axis
from placer.placement.price_summary import mean_and_median
from placer.placement.prices import served_of, unserved_of
from placer.placement.rents import Rents
from placer.placement.stacked import ROWS_STACKED, Axis, index_of_axes, stacked
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray, period_chunks, ratio, sums_by, without_noise


def flow_pieces(
    instance: Instance, formulation: Formulation, accounts: SettledFlows, rows: int
) -> Iterator[pd.DataFrame]:
    """Yield the table of flows, with routes where there are several, in pieces of at most ``rows`` rows.

    A table without rows is one piece.
    """
    some = False
    for kept in _kept_pieces(formulation.structure, accounts, rows):
        if kept.size:
            some = True
            yield _flows(instance, formulation, accounts, kept)
    if not some:
        yield _flows(instance, formulation, accounts, np.zeros(0, dtype=int))


def whole_flows(instance: Instance, formulation: Formulation, accounts: SettledFlows) -> pd.DataFrame:
    """Return the table of flows; those of a year take little memory beside the table while it is made."""
    if instance.settings.routes > 1:
        return next(flow_pieces(instance, formulation, accounts, max(len(accounts.sent), 1)))
    kept = np.concatenate([np.zeros(0, dtype=int), *_kept_pieces(formulation.structure, accounts, ROWS)])
    pieces = flow_pieces(instance, formulation, accounts, ROWS_STACKED)
    return stacked(pieces, _flow_index(formulation, accounts, kept))


def _kept_pieces(structure: Structure, accounts: SettledFlows, rows: int) -> Iterator[IntArray]:
    """Yield which used assignments are rows of the table, out of ``rows`` assignments at a time."""
    for chunk in period_chunks(len(accounts.sent), 1, rows):
        yield chunk.start + np.flatnonzero(carrying(structure, accounts, chunk))


def _flow_index(formulation: Formulation, accounts: SettledFlows, kept: IntArray) -> pd.MultiIndex:
    structure, demand, arc = formulation.structure, accounts.demand, accounts.arc

    def axes() -> Iterator[Axis]:
        yield Axis("workload", formulation.workloads, structure.arc_serves[arc[kept]])
        if formulation.service.has_modes:
            yield mode_axis(formulation, structure.arc_class[arc[kept]])
        yield Axis("hub", formulation.hubs, structure.arc_origin[arc[kept]])
        yield Axis("data_centre", formulation.data_centres, structure.arc_site[arc[kept]])
        if formulation.service.has_pools:
            yield type_axis(formulation, structure.arc_class[arc[kept]], structure.arc_site[arc[kept]])
        yield Axis("hour", formulation.hour_labels, structure.demand_period[demand[kept]])

    return index_of_axes(axes())


def _flows(instance: Instance, formulation: Formulation, accounts: SettledFlows, kept: IntArray) -> pd.DataFrame:
    flows = flow_table(formulation, accounts, kept)
    if instance.settings.routes == 1:
        return flows
    return with_routes(flows, instance, formulation, accounts.arc[kept])


def flow_table(formulation: Formulation, accounts: SettledFlows, kept: IntArray) -> pd.DataFrame:
    """One row per workload, hub, data centre and hour of arrival, for the used assignments ``kept``.

    Where workloads have modes there is one for each ``mode`` too, and with pools for each ``accelerator_type``.

    Columns: ``mtok``; ``rtt_ms`` (access and links), ``latency_ms`` (of a task); ``exported``; ``accelerators_usd``,
    ``energy_usd``, ``carbon_usd``, ``storage_usd``, ``transit_usd``, ``water_usd``, ``latency_loss_usd``,
    ``surcharges_usd`` and their sum ``cost_usd``; ``policy_usd``, the charges of policies that a region is paid, which
    are no cost.
    """
    structure = formulation.structure
    arc, index = accounts.arc[kept], _flow_index(formulation, accounts, kept)
    klass, origin, site, way = (
        structure.arc_class[arc],
        structure.arc_origin[arc],
        structure.arc_site[arc],
        structure.arc_way[arc],
    )
    costs = {f"{part}_usd": arc_usd(structure, accounts, part, kept) for part in COST_PARTS}
    return pd.DataFrame(
        {
            "mtok": accounts.sent[kept],
            "rtt_ms": formulation.rtt_ms[origin, way],
            "latency_ms": formulation.latency_ms[klass, origin, way],
            "exported": formulation.exported[origin, site],
            **costs,
            "cost_usd": sum(costs.values(), start=np.zeros(len(index))),  # in order, however few rows there are
            "policy_usd": arc_usd(structure, accounts, POLICY, kept),
        },
        index=index,
    )


def waiting_table(formulation: Formulation, accounts: SettledFlows) -> pd.DataFrame:
    """One row per workload that may wait, data centre, hour of arrival and hour of service; column ``mtok``."""
    structure, flows = formulation.structure, formulation.structure.queue_flows
    kept = np.flatnonzero(accounts.waiting > SOLVER * accounts.waiting.max(initial=0.0))
    index = pd.MultiIndex.from_arrays(
        [
            formulation.workloads[structure.served_class[flows.klass[kept]]],
            formulation.data_centres[flows.site[kept]],
            formulation.hour_labels[flows.arrival[kept]],
            formulation.hour_labels[flows.service[kept]],
        ],
        names=["workload", "data_centre", "arrival_hour", "service_hour"],
    )
    table = pd.DataFrame({"mtok": accounts.waiting[kept]}, index=index)
    return table if structure.serves is None else table.groupby(level=list(index.names), sort=False).sum()


def demand_summary(
    formulation: Formulation,
    accounts: SettledFlows,
    price: FloatArray,
    priced: FloatArray,
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
    price : (demands,) array
        The dual of every demand, USD per Mtok.
    priced : (demands,) array
        The Mtok that means of prices are of (``Placement.priced_mtok``).
    not_worth : (demands,) bool array
        Whether the unserved part of the demand costs more to serve than its penalty.
    along : tuple
        The row of every demand and the labels of the rows (``placer.placement.price_summary.demand_axis``).
    """
    structure = formulation.structure
    axis, labels = along
    table = demand_quantities(formulation, accounts, along)
    turned_away = sums_by(axis, np.where(not_worth, unserved_of(structure, accounts), 0.0), len(labels))
    left = table["unserved_mtok"].to_numpy() - turned_away
    mean, median = mean_and_median(price, priced, axis, len(labels))
    return table.assign(
        not_worth_serving_mtok=turned_away,
        cannot_be_served_mtok=without_noise(left, structure.total_demand),
        price_usd_per_mtok=mean,
        median_price_usd_per_mtok=median,
        at_penalty_mtok=sums_by(axis, np.where(priced > 0, 0.0, served_of(structure, accounts)), len(labels)),
    )


def demand_quantities(
    formulation: Formulation, accounts: SettledFlows, along: tuple[IntArray, pd.Index]
) -> pd.DataFrame:
    """One row per workload, hub, hour or period: demand, served and exported amounts, and costs.

    Columns: ``demand_mtok``, ``served_mtok``, ``unserved_mtok``, ``exported_mtok``, ``export_share`` (of demand),
    ``rtt_ms`` (mean over served demand), the cost parts, ``cost_usd`` and ``cost_usd_per_mtok`` (of served demand). A
    mean over no demand is NaN.
    """
    structure = formulation.structure
    axis, labels = along
    size, asked, way = len(labels), structure.total_demand, structure.arc_way
    served, exported, travelled = np.zeros((3, size))
    for chosen in period_chunks(len(accounts.sent), 1, ROWS):
        arc, sent, row = accounts.arc[chosen], accounts.sent[chosen], axis[accounts.demand[chosen]]
        origin, site = structure.arc_origin[arc], structure.arc_site[arc]
        served += sums_by(row, sent, size)
        exported += sums_by(row, sent * formulation.exported[origin, site], size)
        travelled += sums_by(row, sent * formulation.rtt_ms[origin, way[arc]], size)
    served, exported = without_noise(served, asked), without_noise(exported, asked)
    demand = sums_by(axis, structure.demand_amount, size)
    costs = costs_along(structure, accounts, axis[accounts.demand], size)
    cost = np.sum(list(costs.values()), axis=0)
    table = {
        "demand_mtok": demand,
        "served_mtok": served,
        "unserved_mtok": sums_by(axis, unserved_of(structure, accounts), size),
        "exported_mtok": exported,
        "export_share": ratio(exported, demand),
        "rtt_ms": ratio(travelled, served),
        **costs,
        "cost_usd": cost,
        "cost_usd_per_mtok": ratio(cost, served),
    }
    return pd.DataFrame(table, index=labels)


def costs_along(structure: Structure, accounts: SettledFlows, axis: IntArray, size: int) -> dict[str, FloatArray]:
    """Return the parts of the cost along an axis of the assignments."""
    costs, whole = {part: np.zeros(size) for part in COST_PARTS}, 0.0
    for chosen in period_chunks(len(accounts.sent), 1, ROWS):
        for part in COST_PARTS:
            usd = arc_usd(structure, accounts, part, chosen)
            costs[part] += sums_by(axis[chosen], usd, size)
            whole += float(np.abs(usd).sum())
    return {f"{part}_usd": without_noise(usd, whole) for part, usd in costs.items()}


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


def limit_table(formulation: Formulation, flows: Flows, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per limit of one's own, and per hour of a limit on ``each``.

    Index ``limit`` and ``hours`` (the scope as given; empty for all). Columns: ``kind``, ``sense``, ``use`` and
    ``amount`` (of a share, shares; ``use`` is NaN for a share of nothing), ``unit`` (of the rent),
    ``rent_usd_per_unit`` (what the least cost falls by per unit by which the limit is relaxed, >= 0; of a share per
    Mtok, of a green share per MWh, as a certificate of origin is priced) and ``rent_usd`` (the rent times the limit, as
    it stands in the settlement: below 0 for a limit of at least an amount).
    """
    structure, limits = formulation.structure, [limit for limit in formulation.limits if limit.is_own]
    caps = slice(OWN_CAPS, OWN_CAPS + len(limits))
    used = [use_of(structure, limit, formulation.quantities, flows, accounts.served) for limit in limits]
    amount = np.array([limit.amount for limit in limits])
    labels = [[limit.name for limit in limits], [limit.hours for limit in limits]]
    table = {
        "kind": pd.Series([limit.kind for limit in limits], dtype=object),
        "sense": pd.Series([limit.sense for limit in limits], dtype=object),
        "use": without_noise(np.array(used, dtype=float), np.maximum(np.abs(amount), np.nan_to_num(np.abs(used)))),
        "amount": amount,
        "unit": pd.Series([in_currency(limit.unit, formulation.currency) for limit in limits], dtype=object),
        "rent_usd_per_unit": rents.limits[: len(limits)],
        "rent_usd": rents.limits[: len(limits)] * structure.cap_limit[caps] + 0.0,
    }
    return pd.DataFrame(table).set_index(pd.MultiIndex.from_arrays(labels, names=["limit", "hours"]))
