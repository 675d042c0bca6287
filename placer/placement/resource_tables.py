"""The tables of a placement by resource: data centres, supplies, links, and the scarce limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from placer.instance.problem import Instance
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation
from placer.placement.accounts import ROWS, SettledFlows, assignment_axes
from placer.placement.pools import mean_rent
from placer.placement.rents import Rents
from placer.placement.tables import costs_along
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, IntArray, NameArray, period_chunks, ratio, without_noise


def data_centre_table(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per data centre, over the whole horizon.

    Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (mean, relative to all accelerators of the site and not to
    ``max_utilisation``; NaN without a limit), ``peak_utilisation``,
    ``mwh``, ``carbon_kg``, ``water_litres``, the cost parts, ``cost_usd``, and the shadow prices
    ``accelerator_rent_usd`` and ``power_rent_usd``: what one accelerator and one MW more would save over the horizon.
    Where a data centre has several pools, its rent of accelerators is the mean over them, by their numbers.
    """
    structure = formulation.structure
    hours = data_centre_hour_table(formulation, accounts, rents)
    summed = hours.groupby(level="data_centre", sort=False).sum()
    site = structure.arc_site[accounts.arc]
    costs = costs_along(structure, accounts, site, structure.sites)
    length = formulation.period_hours
    table = {
        "mtok": summed["mtok"],
        "accelerator_hours": summed["accelerator_hours"],
        "utilisation": np.average(hours["utilisation"].to_numpy().reshape(-1, len(length)), axis=1, weights=length),
        "peak_utilisation": hours["utilisation"].groupby(level="data_centre", sort=False).max(),
        "mwh": summed["mwh"],
        "carbon_kg": summed["carbon_kg"],
        "water_litres": summed["water_litres"],
        **costs,
        "cost_usd": np.sum(list(costs.values()), axis=0),
        "accelerator_rent_usd": formulation.max_utilisation * (mean_rent(formulation, rents) @ length),
        "power_rent_usd": rents.site @ length,
    }
    return pd.DataFrame(table, index=pd.Index(formulation.data_centres, name="data_centre"))


def data_centre_hour_table(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per data centre and hour of service.

    Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (NaN without a limit), ``mwh``, ``carbon_kg``,
    ``water_litres``, and the shadow prices ``accelerator_rent_usd_per_hour``, ``power_usd_per_mwh`` (marginal cost of
    a MWh at the meter, limits of supplies and site included) and ``power_rent_usd_per_mwh`` (of the site's own limit).
    """
    structure = formulation.structure
    busy = np.einsum("kj,kjt->jt", structure.use, accounts.served)
    worked = np.einsum("kj,kjt->jt", formulation.accelerator_hours, accounts.served)
    water = np.einsum("kj,kjt->jt", formulation.water_litres, accounts.served)
    carbon = structure.at_sites(accounts.carbon_kg * accounts.bought)
    mtok = without_noise(accounts.served.sum(axis=0), structure.total_demand)
    worked = without_noise(worked, float(worked.sum()))
    finite = np.where(np.isfinite(structure.capacity), structure.capacity, np.nan)
    installed = finite / formulation.max_utilisation[:, None]  # of all accelerators; NaN where they are unlimited
    table = {
        "mtok": mtok,
        "accelerator_hours": worked,
        "utilisation": ratio(without_noise(busy, float(busy.sum())), installed),
        "mwh": without_noise(accounts.drawn, float(np.abs(accounts.drawn).sum())),
        "carbon_kg": without_noise(carbon, float(np.abs(carbon).sum())),
        "water_litres": without_noise(water, float(np.abs(water).sum())),
        "accelerator_rent_usd_per_hour": mean_rent(formulation, rents),
        "power_usd_per_mwh": rents.power + rents.site,
        "power_rent_usd_per_mwh": rents.site,
    }
    index = pd.MultiIndex.from_product(
        [formulation.data_centres, formulation.hour_labels], names=["data_centre", "hour"]
    )
    return pd.DataFrame({name: values.ravel() for name, values in table.items()}, index=index)


def spilt_mwh(formulation: Formulation, bought: FloatArray) -> FloatArray:
    """Return the energy of limited supplies that costs 0 or less and is not taken (supplies, hours), MWh.

    What is left of a contract over the horizon is of no hour: ``placer.placement.contracts`` has it.
    """
    structure, contracts = formulation.structure, formulation.contracts
    given_away = np.isfinite(structure.tier_limit) & (structure.tier_cost <= 0)
    given_away[contracts.supply[~contracts.by_hour]] = False
    left = np.where(given_away, structure.tier_limit - bought, 0.0)
    return without_noise(np.maximum(left, 0.0), float(np.where(given_away, structure.tier_limit, 0.0).sum()))


def supply_table(instance: Instance, formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per supply and hour.

    Columns: ``mwh`` bought, ``spilt_mwh`` (left over where a supply has a limit and costs 0 or less), ``limit_mwh``,
    ``usd_per_mwh`` (energy and carbon), ``rent_usd_per_mwh`` of the limit, and of it
    ``inframarginal_rent_usd_per_mwh`` (what the supply saves over the marginal one, which sets the price) and
    ``power_rent_usd_per_mwh`` (scarcity: all supplies of the data centre are at their limits). See
    ``placer.placement.rents``. Index ``supply`` (position in ``instance.supplies``), ``power_zone``, ``data_centre``,
    ``hour``.
    """
    supplies = instance.supplies
    table = {
        "mwh": without_noise(accounts.bought, float(np.abs(accounts.bought).sum())),
        "spilt_mwh": spilt_mwh(formulation, accounts.bought),
        "limit_mwh": formulation.structure.tier_limit,
        "usd_per_mwh": formulation.structure.tier_cost,
        "rent_usd_per_mwh": rents.supply,
        "inframarginal_rent_usd_per_mwh": rents.inframarginal,
        "power_rent_usd_per_mwh": rents.supply - rents.inframarginal,
    }
    names = ["supply", "power_zone", "data_centre", "hour"]
    labels = [np.arange(len(supplies)), supplies["power_zone"].to_numpy(), supplies["data_centre"].to_numpy()]
    return _over_hours(table, labels, formulation.hour_labels, names)


def zone_table(instance: Instance, formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per power zone and hour.

    Columns: ``mwh`` bought over all supplies and by the batteries of the zone, ``limit_mwh`` (``limit_mw`` over the
    hour, as often as its weight; inf if unlimited), ``rent_usd_per_mwh`` of the limit.
    """
    names = instance.power_zones["power_zone"]
    bought, rent = np.zeros((2, len(names), formulation.structure.periods))
    zone = pd.Index(names).get_indexer(pd.Index(instance.supplies["power_zone"]))
    np.add.at(bought, zone, accounts.bought)
    if (stores := formulation.structure.stores) is not None:
        bought[pd.Index(names).get_indexer(pd.Index(formulation.battery_zones))] += stores.at_sources(
            accounts.net_charge
        )
    place = {str(name): number for number, name in enumerate(names)}
    for limit, usd in zip(formulation.limits, rents.limits.tolist(), strict=True):
        if limit.zone:
            rent[place[limit.zone], limit.hour] = usd
    table = {
        "mwh": without_noise(bought, float(np.abs(bought).sum())),
        "limit_mwh": instance.hourly("power_zones", "limit_mw") * formulation.period_hours,
        "rent_usd_per_mwh": rent,
    }
    return _over_hours(table, [names.to_numpy()], formulation.hour_labels, ["power_zone", "hour"])


def link_table(instance: Instance, formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per link and hour: ``gb``, ``limit_gb``, ``utilisation`` (NaN without a limit), ``rent_usd_per_gb``.

    Index ``link`` (position in ``instance.links``), ``from``, ``to``, ``hour``.
    """
    structure = formulation.structure
    carried, sent_gb = np.zeros(structure.link_capacity.shape), 0.0
    shape = (structure.route_links.shape[0], structure.periods)
    for chosen in period_chunks(len(accounts.sent), 1, ROWS):
        arc = accounts.arc[chosen]
        klass, _, _, period = assignment_axes(structure, accounts.demand[chosen], arc)
        gb, shape = (
            structure.link_use[klass] * accounts.sent[chosen],
            (structure.route_links.shape[0], structure.periods),
        )
        by_route = csr_array(coo_array((gb, (structure.arc_route[arc], period)), shape=shape))
        carried += (structure.route_links.T @ by_route).toarray()
        sent_gb += float(np.abs(gb).sum())
    carried = without_noise(carried, sent_gb)
    limit = structure.link_capacity
    table = {
        "gb": carried,
        "limit_gb": limit,
        "utilisation": ratio(carried, np.where(np.isfinite(limit), limit, np.nan)),
        "rent_usd_per_gb": rents.link,
    }
    links = instance.links
    labels = [np.arange(len(links)), links["from"].to_numpy(), links["to"].to_numpy()]
    return _over_hours(table, labels, formulation.hour_labels, ["link", "from", "to", "hour"])


def scarcity_table(instance: Instance, formulation: Formulation, rents: Rents) -> pd.DataFrame:
    """One row per limit that is scarce in any hour, the dearest first.

    Index ``limit`` (accelerators, site power, supply, power zone, link, carbon cap, water cap or limit) and ``name``;
    columns ``hours`` in which it is scarce (of a limit, the hours in its scope), each as often as its weight, and
    ``rent_usd``, its shadow price times the limit, over the horizon. A supply is scarce only where all supplies of its
    data centre are at their limits: inframarginal rents stand in the table of supplies.
    """
    structure = formulation.structure
    supplies, links = instance.supplies, instance.links
    scarce_supply = rents.supply - rents.inframarginal
    hourly = (
        ("accelerators", formulation.data_centres, rents.accelerator, structure.capacity),
        ("site power", formulation.data_centres, rents.site, structure.intake),
        ("supply", supplies["power_zone"] + " - " + supplies["data_centre"], scarce_supply, structure.tier_limit),
        ("link", links["from"] + " - " + links["to"], rents.link, structure.link_capacity),
    )
    rows, times = [], formulation.period_hours / formulation.hour_length
    for limit, names, rent, size in hourly:
        worth = rent * np.where(np.isfinite(size), size, 0.0)
        scarce = rent > SOLVER * rent.max(initial=0.0)
        rows += [
            (limit, name, _counted(hours), float(usd))
            for name, hours, usd in zip(names, scarce @ times, worth.sum(axis=1), strict=True)
            if hours
        ]
    caps = zip(("carbon cap", "water cap"), (rents.carbon, rents.water), structure.cap_limit[:OWN_CAPS], strict=True)
    rows += [(name, "", _counted(times.sum()), float(rent * size)) for name, rent, size in caps if rent > 0]
    rows += _scarce_limits(formulation, rents)
    table = pd.DataFrame(rows, columns=["limit", "name", "hours", "rent_usd"])
    return table.sort_values("rent_usd", ascending=False, kind="stable").set_index(["limit", "name"])


def _scarce_limits(formulation: Formulation, rents: Rents) -> list[tuple[str, str, float, float]]:
    """Return limit, name, hours and rent of the limits of one's own with a rent, of power zones and of pools."""
    rows, others = [], dict[tuple[str, str], tuple[float, float]]()
    times, sizes = formulation.period_hours / formulation.hour_length, formulation.structure.cap_limit[OWN_CAPS:]
    of_limits = (rents.limits + rents.pools).tolist()
    for each, rent, size in zip(formulation.limits, of_limits, sizes.tolist(), strict=True):
        hours, usd = float(times[each.hour].sum()), rent * size
        if rent > 0 and each.is_own:
            rows.append(("limit", each.title, _counted(hours), usd))
        elif rent > 0 and not each.content:
            key = ("power zone", each.zone) if each.zone else ("accelerators", each.name)
            before = others.get(key, (0.0, 0.0))
            others[key] = before[0] + hours, before[1] + usd
    return rows + [(*key, _counted(hours), usd) for key, (hours, usd) in others.items()]


def _counted(hours: float) -> float:
    """Return a number of hours as a whole number, where it is one."""
    return int(hours) if hours == int(hours) else float(hours)


def _over_hours(
    table: dict[str, FloatArray], labels: list[IntArray | NameArray], hours: pd.Index, names: list[str]
) -> pd.DataFrame:
    """Label (things, hours) arrays. Only the things' own labels are sorted, which repeating them keeps."""
    things, steps = pd.MultiIndex.from_arrays(labels), len(hours)
    levels: list[Any] = [*things.levels, hours]
    codes: list[Any] = [*(np.repeat(each, steps) for each in things.codes), np.tile(np.arange(steps), len(things))]
    index = pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)
    return pd.DataFrame({name: np.ravel(values) for name, values in table.items()}, index)
