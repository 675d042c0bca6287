"""Marginal prices of tokens and their parts, from the duals of a proven solution.

The price of workload k at hub h in hour t is the dual of its demand row: the change of the least cost per Mtok of more
demand. On every arc that is used it equals the arc's own cost parts plus scarcity rents, as a nodal power price is
taken apart:

    price = accelerators + energy + carbon + transit + water
          + accelerator rent + power rent + link rent + carbon-cap rent + water-cap rent

Energy and carbon count at what a MWh costs on average at that data centre and hour; the power rent is what the
marginal MWh costs beyond that, limits of supplies and sites included. Parts are means over the arcs used, weighted by
what they carry. Where all of a demand is unserved, its price is the cost of not serving it. A demand of 0 Mtok has a
price but no parts (NaN), since nothing flows.

The latency rent of (k, h, t) is the price less what the cheapest of all data centres would cost at the same duals, the
inadmissible ones included: what latency and residency keep the hub from.

Settlement (strong duality): prices times demand = cost + penalty + rents times limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from placer.accounts import COST_PARTS, NEGLIGIBLE, Accounts, assignment_axes, average_usd_per_mwh, over_service
from placer.bound import least_ahead
from placer.formulation import CARBON_CAP, WATER_CAP
from placer.structure import links_along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.answer import Duals
    from placer.formulation import Formulation
    from placer.structure import Structure

#: The scarcity rents a price may hold, in the order they are reported.
RENTS = ("accelerator_rent", "power_rent", "link_rent", "carbon_cap_rent", "water_cap_rent")
#: Most prices of routes, or of demands at every data centre, that are held at a time.
_AT_A_TIME = 4_000_000


@dataclass(frozen=True)
class Rents:
    """The duals by what they price, all as USD per unit more of the limit (>= 0 but for the power price).

    Attributes
    ----------
    price : (demands,) array
        USD per Mtok.
    accelerator : (data centres, hours) array
        USD per accelerator-hour.
    power : (data centres, hours) array
        Marginal cost of a MWh at the meter, USD.
    site : (data centres, hours) array
        USD per MWh of the site's power limit.
    supply : (supplies, hours) array
        USD per MWh of the supply's limit.
    link : (links, hours) array
        USD per GB.
    carbon, water : float
        USD per kg and per litre of the caps.
    """

    price: np.ndarray
    accelerator: np.ndarray
    power: np.ndarray
    site: np.ndarray
    supply: np.ndarray
    link: np.ndarray
    carbon: float
    water: float


def read_rents(structure: Structure, duals: Duals) -> Rents:
    """Sort the duals of an answer by what they price."""
    carbon = float(duals.cap[CARBON_CAP])
    # Where nothing is drawn, the dual may be anything up to what the first MWh would cost, which is the price meant.
    power = np.maximum(duals.balance, _first_usd_per_mwh(structure, carbon))
    supply = np.where(np.isfinite(structure.tier_limit), np.maximum(-_reduced_tier_cost(structure, duals), 0.0), 0.0)
    return Rents(
        price=duals.demand,
        accelerator=duals.capacity,
        power=power,
        site=duals.intake,
        supply=supply,
        link=duals.link,
        carbon=carbon,
        water=float(duals.cap[WATER_CAP]),
    )


def _reduced_tier_cost(structure: Structure, duals: Duals) -> np.ndarray:
    """Return what a unit from each tier costs beyond what it is worth (tiers, periods), caps included."""
    worth = structure.tier_yield[:, None] * duals.balance[structure.tier_site]
    return structure.tier_cost - (worth - np.einsum("c,cst->st", duals.cap, structure.cap_tier))


def _first_usd_per_mwh(structure: Structure, carbon: float) -> np.ndarray:
    """Return what the first MWh at the meter costs (sites, periods), carbon cap included; -inf without power."""
    first = np.full(structure.capacity.shape, np.inf)
    usd = (structure.tier_cost + carbon * structure.cap_tier[CARBON_CAP]) / structure.tier_yield[:, None]
    np.minimum.at(first, structure.tier_site, np.where(structure.tier_limit > 0, usd, np.inf))
    return np.where(np.isfinite(first), first, -np.inf)


def price_table(formulation: Formulation, accounts: Accounts, rents: Rents) -> pd.DataFrame:
    """Return the price of every demand, its parts and its latency rent.

    Index ``workload``, ``hub``, ``hour``; columns ``usd_per_mtok``, one per cost part and rent,
    ``unserved_usd_per_mtok`` and ``latency_rent_usd_per_mtok``.
    """
    structure = formulation.structure
    unit = _unit_prices(formulation, accounts, rents)
    share, used = _shares(structure, accounts)
    klass, origin, site, period = assignment_axes(structure, accounts.demand, accounts.arc)
    on_arc = {
        "transit": structure.arc_cost[accounts.arc],
        "link_rent": structure.link_use[klass]
        * _rent_along(structure, rents.link, origin * structure.sites + site, period),
    }
    count = len(structure.demand_amount)
    anywhere, admissible = _cheapest(formulation, rents)
    # The dual of a demand of 0 Mtok may be anything up to what the first token would cost, which is the price meant.
    first = np.minimum(admissible, structure.unserved_cost[structure.demand_class])
    price = np.where(structure.demand_amount > 0, rents.price, first)
    columns = {"usd_per_mtok": price}
    for part in (*COST_PARTS, *RENTS):
        each = on_arc[part] if part in on_arc else unit[part][klass, site, period]
        columns[f"{part}_usd_per_mtok"] = np.bincount(accounts.demand, share * each, count)
    columns["unserved_usd_per_mtok"] = np.where(used, 0.0, price)
    for name in columns.keys() - {"usd_per_mtok"}:
        columns[name] = np.where(structure.demand_amount > 0, columns[name], np.nan)
    columns["latency_rent_usd_per_mtok"] = np.maximum(price - anywhere, 0.0)
    return pd.DataFrame(columns, index=demand_index(formulation))


def settlement(formulation: Formulation, rents: Rents, cost_usd: float, penalty_usd: float) -> pd.Series:
    """Return both sides of the settlement identity, in USD, and their difference."""
    structure = formulation.structure

    def worth(rent: np.ndarray, limit: np.ndarray) -> float:
        return float((rent * np.where(np.isfinite(limit), limit, 0.0)).sum())

    link_limit = np.broadcast_to(structure.link_capacity[:, None], rents.link.shape)
    caps = np.array([rents.carbon, rents.water])
    sides = {
        "payments": float((rents.price * structure.demand_amount).sum()),
        "cost": cost_usd,
        "penalty": penalty_usd,
        "accelerator_rent": worth(rents.accelerator, structure.capacity),
        "power_rent": worth(rents.supply, structure.tier_limit) + worth(rents.site, structure.intake),
        "link_rent": worth(rents.link, link_limit),
        "carbon_cap_rent": worth(caps[CARBON_CAP], structure.cap_limit[CARBON_CAP]),
        "water_cap_rent": worth(caps[WATER_CAP], structure.cap_limit[WATER_CAP]),
    }
    sides["difference"] = sides["payments"] - sum(value for name, value in sides.items() if name != "payments")
    return pd.Series(sides, name="usd")


def demand_index(formulation: Formulation) -> pd.MultiIndex:
    """Return the labels of the demand rows."""
    structure = formulation.structure
    return pd.MultiIndex.from_arrays(
        [
            formulation.workloads[structure.demand_class],
            formulation.hubs[structure.demand_origin],
            structure.demand_period + formulation.hours.start,
        ],
        names=["workload", "hub", "hour"],
    )


def _unit_prices(formulation: Formulation, accounts: Accounts, rents: Rents) -> dict[str, np.ndarray]:
    """Return the parts of the price of serving one Mtok (workloads, data centres, hours of arrival), but for links."""
    structure, waiting = formulation.structure, accounts.waiting
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    carbon_cap = average_usd_per_mwh(structure, rents.carbon * formulation.carbon_kg, accounts.bought, accounts.drawn)
    own = sum(
        average_usd_per_mwh(structure, usd, accounts.bought, accounts.drawn)
        for usd in (formulation.energy_usd, formulation.carbon_usd)
    )
    in_service = {
        "accelerator_rent": structure.use[:, :, None] * rents.accelerator[None],
        "power_rent": drawn * (rents.power + rents.site - own - carbon_cap)[None],
        "carbon_cap_rent": drawn * carbon_cap[None],
    }
    unit = {part: over_service(structure, waiting, figure) for part, figure in in_service.items()}
    water_cap = rents.water * structure.cap_work[WATER_CAP]
    unit["water_cap_rent"] = np.broadcast_to(water_cap[:, :, None], unit["power_rent"].shape)
    return unit | accounts.unit_cost


def _shares(structure: Structure, accounts: Accounts) -> tuple[np.ndarray, np.ndarray]:
    """Return each used assignment's share of what is served of its demand, and which demands have anything served."""
    demand, sent = accounts.demand, accounts.sent
    total = np.bincount(demand, sent, len(structure.demand_amount))
    used = total > NEGLIGIBLE * structure.demand_amount
    share = np.divide(sent, total[demand], out=np.zeros(len(demand)), where=used[demand])
    return share, used


def _scarce_links(structure: Structure, link: np.ndarray) -> tuple[csr_array, np.ndarray]:
    """Return which routes use the links that have a rent in some period, and the rents of those links."""
    scarce = np.flatnonzero(link.any(axis=1))
    return csr_array(structure.route_links[:, scarce]), link[scarce]


def _rent_along(structure: Structure, link: np.ndarray, route: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Return the rents along some routes, each in a period, USD per GB."""
    route_links, rent = _scarce_links(structure, link)
    which, passed = links_along(route_links, route)
    return np.bincount(which, rent[passed, period[which]], len(route))


def service_prices(structure: Structure, rents: Rents) -> np.ndarray:
    """Return the marginal price of serving one Mtok (workloads, data centres, hours of arrival), at the best hour.

    It is inf for work that needs what a data centre has none of: power, or accelerators.
    """
    drawn = structure.draw[:, :, None] * structure.overhead[None]
    price = structure.work_cost[:, :, None] + structure.use[:, :, None] * rents.accelerator[None]
    price = price + drawn * (rents.power + rents.site)[None]
    # Whatever the duals say of a limit of 0:
    power = np.zeros_like(structure.capacity)
    np.add.at(power, structure.tier_site, structure.tier_limit)
    dark = np.minimum(power, structure.intake) == 0
    price[(structure.draw > 0)[:, :, None] & dark[None]] = np.inf
    price[(structure.use > 0)[:, :, None] & (structure.capacity == 0)[None]] = np.inf
    price += (rents.water * structure.cap_work[WATER_CAP])[:, :, None]
    for klass in np.flatnonzero(structure.window > 0):
        price[klass] = least_ahead(price[klass], int(structure.window[klass]), cyclic=structure.cyclic)
    return price


def _cheapest(formulation: Formulation, rents: Rents) -> tuple[np.ndarray, np.ndarray]:
    """Return the cost of one more Mtok of each demand at the cheapest data centre: of all, and of admissible ones."""
    structure = formulation.structure
    service = service_prices(structure, rents)
    reachable = np.isfinite(formulation.latency_ms[0])  # (hubs, data centres): whether a route exists
    admissible = np.zeros((len(structure.window), *reachable.shape), dtype=bool)
    admissible[structure.arc_class, structure.arc_origin, structure.arc_site] = True
    route_links, rent = _scarce_links(structure, rents.link)
    anywhere, allowed = np.full((2, len(structure.demand_amount)), np.inf)
    for periods, by_class in _chunks(structure):
        links = (route_links @ rent[:, periods]).reshape(*reachable.shape, -1)
        for klass, chosen in by_class:
            origin, period = structure.demand_origin[chosen], structure.demand_period[chosen]
            price = links[origin, :, period - periods.start]
            price += formulation.transit_usd_per_gb[origin]
            price *= structure.link_use[klass]
            price += service[klass][:, period].T
            price[~reachable[origin]] = np.inf
            anywhere[chosen] = price.min(axis=1)
            price[~admissible[klass, origin]] = np.inf
            allowed[chosen] = price.min(axis=1)
    return anywhere, allowed


def _chunks(structure: Structure) -> Iterator[tuple[slice, list[tuple[int, np.ndarray]]]]:
    """Yield the demands by period and class, in chunks of periods over which few prices stand at a time."""
    classes = len(structure.window)
    length = max(1, _AT_A_TIME // max(1, structure.route_links.shape[0]))
    group = structure.demand_period // length * classes + structure.demand_class
    order = np.argsort(group, kind="stable")
    starts = range(0, structure.periods, length)
    bounds = np.searchsorted(group[order], np.arange(len(starts) * classes + 1))
    for chunk, start in enumerate(starts):
        first = bounds[chunk * classes :]
        by_class = [(klass, order[first[klass] : first[klass + 1]]) for klass in range(classes)]
        yield slice(start, start + length), by_class
