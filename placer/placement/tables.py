"""The tables of a placement. Each is made from the accounts and duals alone; none is needed to make another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from placer.placement.accounts import COST_PARTS, NEGLIGIBLE, Accounts, assignment_axes, carrying, without_noise
from placer.placement.price_summary import demand_axis, mean_and_median
from placer.placement.prices import at_penalty, served_of, unserved_of

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.model.formulation import Formulation
    from placer.placement.rents import Rents


def flow_table(formulation: Formulation, accounts: Accounts) -> pd.DataFrame:
    """One row per workload, hub, data centre and hour of arrival that carries anything.

    Columns: ``mtok``; ``rtt_ms`` (access and links), ``latency_ms`` (of a task); ``exported``; ``accelerators_usd``,
    ``energy_usd``, ``carbon_usd``, ``transit_usd``, ``water_usd`` and their sum ``cost_usd``.
    """
    structure = formulation.structure
    kept = np.flatnonzero(carrying(structure, accounts))
    klass, origin, site, period = assignment_axes(structure, accounts.demand[kept], accounts.arc[kept])
    index = pd.MultiIndex.from_arrays(
        [
            formulation.workloads[klass],
            formulation.hubs[origin],
            formulation.data_centres[site],
            period + formulation.hours.start,
        ],
        names=["workload", "hub", "data_centre", "hour"],
    )
    costs = {f"{part}_usd": accounts.arc_cost[part][kept] for part in COST_PARTS}
    return pd.DataFrame(
        {
            "mtok": accounts.sent[kept],
            "rtt_ms": formulation.rtt_ms[origin, site],
            "latency_ms": formulation.latency_ms[klass, origin, site],
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
            flows.arrival[kept] + formulation.hours.start,
            flows.service[kept] + formulation.hours.start,
        ],
        names=["workload", "data_centre", "arrival_hour", "service_hour"],
    )
    return pd.DataFrame({"mtok": accounts.waiting[kept]}, index=index)


def demand_summary(
    formulation: Formulation, accounts: Accounts, price: np.ndarray, not_worth: np.ndarray, by: str
) -> pd.DataFrame:
    """One row per workload, hub or hour (``by``): what it asks, gets, exports, costs and pays.

    Columns: those of ``demand_quantities``; ``not_worth_serving_mtok`` and ``cannot_be_served_mtok``, which add up to
    what is unserved (``placer.placement.unserved``); ``price_usd_per_mtok`` and ``median_price_usd_per_mtok``, the mean
    and the median over what is served at prices below the penalty; ``at_penalty_mtok``, what is served at the penalty
    (see ``placer.placement.prices``). NaN where there is nothing to take a mean of.

    Parameters
    ----------
    formulation : Formulation
    accounts : Accounts
    price : (demands,) array
        The dual of every demand, USD per Mtok.
    not_worth : (demands,) bool array
        Whether what is unserved of the demand costs more to serve than its penalty.
    by : str
    """
    structure = formulation.structure
    axis, labels = demand_axis(formulation, by)
    table = demand_quantities(formulation, accounts, by)
    served, dear = served_of(structure, accounts), at_penalty(structure, accounts, price)
    turned_away = np.bincount(axis, np.where(not_worth, unserved_of(structure, accounts), 0.0), len(labels))
    left = table["unserved_mtok"].to_numpy() - turned_away
    mean, median = mean_and_median(price, np.where(dear, 0.0, served), axis, len(labels))
    return table.assign(
        not_worth_serving_mtok=turned_away,
        cannot_be_served_mtok=without_noise(left, structure.total_demand),
        price_usd_per_mtok=mean,
        median_price_usd_per_mtok=median,
        at_penalty_mtok=np.bincount(axis, np.where(dear, served, 0.0), len(labels)),
    )


def demand_quantities(formulation: Formulation, accounts: Accounts, by: str) -> pd.DataFrame:
    """One row per workload, hub or hour (``by``): what it asks, gets, exports and costs.

    Columns: ``demand_mtok``, ``served_mtok``, ``unserved_mtok``, ``exported_mtok``, ``export_share`` (of demand),
    ``rtt_ms`` (mean over what is served), the cost parts, ``cost_usd`` and ``cost_usd_per_mtok`` (of what is served).
    NaN where there is nothing to take a mean of.
    """
    structure = formulation.structure
    axis, labels = demand_axis(formulation, by)
    _, origin, site, _ = assignment_axes(structure, accounts.demand, accounts.arc)
    sent, axis_of_used, size = accounts.sent, axis[accounts.demand], len(labels)
    asked = structure.total_demand

    def per_arc(values: np.ndarray) -> np.ndarray:
        return np.bincount(axis_of_used, values, size)

    demand = np.bincount(axis, structure.demand_amount, size)
    served = without_noise(per_arc(sent), asked)
    exported = without_noise(per_arc(sent * formulation.exported[origin, site]), asked)
    costs = _costs(accounts, axis_of_used, size)
    cost = np.sum(list(costs.values()), axis=0)
    table = {
        "demand_mtok": demand,
        "served_mtok": served,
        "unserved_mtok": np.bincount(axis, unserved_of(structure, accounts), size),
        "exported_mtok": exported,
        "export_share": ratio(exported, demand),
        "rtt_ms": ratio(per_arc(sent * formulation.rtt_ms[origin, site]), served),
        **costs,
        "cost_usd": cost,
        "cost_usd_per_mtok": ratio(cost, served),
    }
    return pd.DataFrame(table, index=labels)


def _costs(accounts: Accounts, axis: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Return the parts of the cost along an axis of the assignments."""
    costs = {f"{part}_usd": np.bincount(axis, accounts.arc_cost[part], size) for part in COST_PARTS}
    whole = sum(float(np.abs(usd).sum()) for usd in accounts.arc_cost.values())
    return {name: without_noise(usd, whole) for name, usd in costs.items()}


def data_centre_table(formulation: Formulation, accounts: Accounts, rents: Rents) -> pd.DataFrame:
    """One row per data centre, over the whole horizon.

    Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (mean, of all accelerators of the site, whatever its
    ``max_utilisation``; NaN without a limit), ``peak_utilisation``,
    ``mwh``, ``carbon_kg``, ``water_litres``, the cost parts, ``cost_usd``, and the shadow prices
    ``accelerator_rent_usd`` and ``power_rent_usd``: what one accelerator and one MW more would save over the horizon.
    """
    structure = formulation.structure
    hours = data_centre_hour_table(formulation, accounts, rents)
    summed = hours.groupby(level="data_centre", sort=False).sum()
    site = structure.arc_site[accounts.arc]
    costs = _costs(accounts, site, structure.sites)
    length = formulation.hour_length
    table = {
        "mtok": summed["mtok"],
        "accelerator_hours": summed["accelerator_hours"],
        "utilisation": hours["utilisation"].groupby(level="data_centre", sort=False).mean(),
        "peak_utilisation": hours["utilisation"].groupby(level="data_centre", sort=False).max(),
        "mwh": summed["mwh"],
        "carbon_kg": summed["carbon_kg"],
        "water_litres": summed["water_litres"],
        **costs,
        "cost_usd": np.sum(list(costs.values()), axis=0),
        "accelerator_rent_usd": length * formulation.max_utilisation * rents.accelerator.sum(axis=1),
        "power_rent_usd": length * rents.site.sum(axis=1),
    }
    return pd.DataFrame(table, index=pd.Index(formulation.data_centres, name="data_centre"))


def data_centre_hour_table(formulation: Formulation, accounts: Accounts, rents: Rents) -> pd.DataFrame:
    """One row per data centre and hour of service.

    Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (NaN without a limit), ``mwh``, ``carbon_kg``,
    ``water_litres``, and the shadow prices ``accelerator_rent_usd_per_hour``, ``power_usd_per_mwh`` (marginal cost of
    a MWh at the meter, limits of supplies and site included) and ``power_rent_usd_per_mwh`` (of the site's own limit).
    """
    structure = formulation.structure
    busy = np.einsum("kj,kjt->jt", structure.use, accounts.served)
    worked = np.einsum("kj,kjt->jt", formulation.accelerator_hours, accounts.served)
    water = np.einsum("kj,kjt->jt", formulation.water_litres, accounts.served)
    carbon = structure.at_sites(formulation.carbon_kg * accounts.bought)
    mtok = without_noise(accounts.served.sum(axis=0), structure.total_demand)
    worked = without_noise(worked, float(worked.sum()))
    table = {
        "mtok": mtok,
        "accelerator_hours": worked,
        "utilisation": ratio(without_noise(busy, float(busy.sum())), _installed_hours(formulation)),
        "mwh": without_noise(accounts.drawn, float(np.abs(accounts.drawn).sum())),
        "carbon_kg": without_noise(carbon, float(np.abs(carbon).sum())),
        "water_litres": without_noise(water, float(np.abs(water).sum())),
        "accelerator_rent_usd_per_hour": rents.accelerator,
        "power_usd_per_mwh": rents.power + rents.site,
        "power_rent_usd_per_mwh": rents.site,
    }
    index = pd.MultiIndex.from_product([formulation.data_centres, formulation.hours], names=["data_centre", "hour"])
    return pd.DataFrame({name: values.ravel() for name, values in table.items()}, index=index)


def supply_table(instance: Instance, formulation: Formulation, accounts: Accounts, rents: Rents) -> pd.DataFrame:
    """One row per supply and hour.

    Columns: ``mwh`` bought, ``limit_mwh``, ``usd_per_mwh`` (energy and carbon), ``rent_usd_per_mwh`` of the limit, and
    of it ``inframarginal_rent_usd_per_mwh`` (what the supply saves over the marginal one, which sets the price) and
    ``power_rent_usd_per_mwh`` (scarcity: all supplies of the data centre are at their limits). See
    ``placer.placement.rents``. Index ``supply`` (position in ``instance.supplies``), ``power_zone``, ``data_centre``,
    ``hour``.
    """
    supplies = instance.supplies
    table = {
        "mwh": without_noise(accounts.bought, float(np.abs(accounts.bought).sum())),
        "limit_mwh": formulation.structure.tier_limit,
        "usd_per_mwh": formulation.structure.tier_cost,
        "rent_usd_per_mwh": rents.supply,
        "inframarginal_rent_usd_per_mwh": rents.inframarginal,
        "power_rent_usd_per_mwh": rents.supply - rents.inframarginal,
    }
    names = ["supply", "power_zone", "data_centre", "hour"]
    labels = [np.arange(len(supplies)), supplies["power_zone"].to_numpy(), supplies["data_centre"].to_numpy()]
    return _hourly(table, labels, formulation.hours, names)


def link_table(instance: Instance, formulation: Formulation, accounts: Accounts, rents: Rents) -> pd.DataFrame:
    """One row per link and hour: ``gb``, ``limit_gb``, ``utilisation`` (NaN without a limit), ``rent_usd_per_gb``.

    Index ``link`` (position in ``instance.links``), ``from``, ``to``, ``hour``.
    """
    structure = formulation.structure
    klass, origin, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    shape = (structure.route_links.shape[0], structure.periods)
    route = structure.route(origin, site)
    sent_gb = csr_array(coo_array((structure.link_use[klass] * accounts.sent, (route, period)), shape=shape))
    carried = (structure.route_links.T @ sent_gb).toarray()
    carried = without_noise(carried, float(np.abs(sent_gb.data).sum()))
    limit = np.broadcast_to(structure.link_capacity[:, None], carried.shape)
    table = {
        "gb": carried,
        "limit_gb": limit,
        "utilisation": ratio(carried, np.where(np.isfinite(limit), limit, np.nan)),
        "rent_usd_per_gb": rents.link,
    }
    links = instance.links
    labels = [np.arange(len(links)), links["from"].to_numpy(), links["to"].to_numpy()]
    return _hourly(table, labels, formulation.hours, ["link", "from", "to", "hour"])


def scarcity_table(instance: Instance, formulation: Formulation, rents: Rents) -> pd.DataFrame:
    """One row per limit that is scarce in any hour, the dearest first.

    Index ``limit`` (accelerators, site power, supply, link, carbon cap, water cap) and ``name``; columns ``hours`` in
    which it is scarce and ``rent_usd``, its shadow price times the limit, over the horizon. A supply is scarce only
    where all supplies of its data centre are at their limits: inframarginal rents stand in the table of supplies.
    """
    structure = formulation.structure
    supplies, links = instance.supplies, instance.links
    scarce_supply = rents.supply - rents.inframarginal
    hourly = (
        ("accelerators", formulation.data_centres, rents.accelerator, structure.capacity),
        ("site power", formulation.data_centres, rents.site, structure.intake),
        ("supply", supplies["power_zone"] + " - " + supplies["data_centre"], scarce_supply, structure.tier_limit),
        ("link", links["from"] + " - " + links["to"], rents.link, structure.link_capacity[:, None]),
    )
    rows = []
    for limit, names, rent, size in hourly:
        worth = rent * np.where(np.isfinite(size), size, 0.0)
        scarce = rent > NEGLIGIBLE * rent.max(initial=0.0)
        rows += [
            (limit, name, int(hours), float(usd))
            for name, hours, usd in zip(names, scarce.sum(axis=1), worth.sum(axis=1), strict=True)
            if hours
        ]
    caps = zip(("carbon cap", "water cap"), (rents.carbon, rents.water), structure.cap_limit, strict=True)
    rows += [(name, "", len(formulation.hours), float(rent * size)) for name, rent, size in caps if rent > 0]
    table = pd.DataFrame(rows, columns=["limit", "name", "hours", "rent_usd"])
    return table.sort_values("rent_usd", ascending=False, kind="stable").set_index(["limit", "name"])


def _installed_hours(formulation: Formulation) -> np.ndarray:
    """Return the accelerator-hours of all accelerators (data centres, hours); NaN where they are unlimited."""
    capacity = formulation.structure.capacity
    return np.where(np.isfinite(capacity), capacity, np.nan) / formulation.max_utilisation[:, None]


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, NaN where the whole is 0 or unknown."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=~(np.isnan(whole) | (whole == 0)))


def _hourly(table: dict[str, np.ndarray], labels: list[np.ndarray], hours: range, names: list[str]) -> pd.DataFrame:
    """Label (things, hours) arrays. Only the things' own labels are sorted, which repeating them keeps."""
    things, steps = pd.MultiIndex.from_arrays(labels), len(hours)
    levels: list[Any] = [*things.levels, np.array(hours)]
    codes: list[Any] = [*(np.repeat(each, steps) for each in things.codes), np.tile(np.arange(steps), len(things))]
    index = pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)
    return pd.DataFrame({name: np.ravel(values) for name, values in table.items()}, index)
