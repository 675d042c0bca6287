"""Variants of a fleet. Each function takes a draft and returns another; they can be chained."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from .fleet import DEADLINE_HOURS, SWITCHING_MS, Draft, by_hour, hourly_use, links, names, usd_per_gb
from .network import rtt_ms
from .shortage import least_capacity

#: The three supplies of a site: limits as shares of its full-load power, price as a multiple, USD/MWh on top.
TIERS = {
    "cheap": ((0.1, 0.3), 0.3, 0.0),
    "grid": ((0.3, 0.6), 1.0, 0.0),
    "peak": ((0.15, 0.4), 1.8, 20.0),
}
#: Share of the sites that are copies of others, and relative difference of near copies.
COPIES, NEARNESS = 0.3, 1e-6
#: Largest share of demand of a hub where limits should bind in many places rather than one.
LARGEST_HUB = 0.05
#: Share of the work that is lost where some demand should stay unserved, if all capacity were in one place.
TOO_MUCH = 0.015
#: Cost of an unserved accelerator-hour there.
UNSERVED_USD = 20.0
SLACK = 1.5
#: Kilometres from the west at which the trunks from the coast meet.
CORE_KM = (1800.0, 1250.0)
COASTAL_TRUNKS, INLAND_TRUNKS = 3, 2
#: Latency limit from which a class may go from the coast inland.
PATIENT_MS = 80.0
#: Capacity of a coastal trunk as a share of the mean traffic that may go inland through it, and of the inland trunks
#: together as a share of the coastal ones.
COASTAL_SHARE, INLAND_SHARE = (0.6, 0.9), 0.85
#: Position of the cap between the minimum carbon (0) and the carbon of the cheapest sites (1).
CAP_SHARE = 0.75
GB_PER_GBPS_HOUR = 450.0


def tiers(draft: Draft) -> Draft:
    """Give every site three supplies of limited power and its own speed and water use; unequal energy per Mtok."""
    random = _random(draft, 1)
    centres = draft.tables["data_centres"]
    workloads = draft.tables["workloads"].copy()
    workloads["kwh_per_mtok"] = workloads["accelerator_hours_per_mtok"] * random.uniform(0.6, 1.6, len(workloads))
    centres = centres.assign(
        speed=random.uniform(0.7, 1.4, len(centres)), energy_factor=random.uniform(0.8, 1.25, len(centres))
    )
    price = _prices(draft)
    thirst = (workloads["kwh_per_mtok"] / workloads["accelerator_hours_per_mtok"]).max() / 1000
    full_mw = (centres["accelerators"] * centres["speed"] * centres["energy_factor"] * centres["pue"]) * thirst
    zones, supplies = [], []
    for tier, (shares, factor, adder) in TIERS.items():
        zone = [f"{tier}-{number}" for number in range(len(centres))]
        zones.append(pd.DataFrame({"power_zone": zone, "usd_per_mwh": by_hour(factor * price)}))
        limit_mw = full_mw * random.uniform(*shares, len(centres))
        supplies.append(
            pd.DataFrame(
                {
                    "power_zone": zone,
                    "data_centre": centres["data_centre"],
                    "limit_mw": limit_mw,
                    "usd_per_mwh_adder": adder,
                }
            )
        )
    return _with(
        draft,
        workloads=workloads,
        data_centres=centres,
        power_zones=pd.concat(zones, ignore_index=True),
        supplies=pd.concat(supplies, ignore_index=True),
    )


def trunks(draft: Draft) -> Draft:
    """Route traffic from the coast inland over a coastal and an inland trunk; coastal sites are reached directly."""
    random = _random(draft, 2)
    coastal = draft.hub_km[:, 0] >= CORE_KM[0]
    cluster = _parts(draft.hub_km[:, 1], COASTAL_TRUNKS)
    group = _parts(draft.centre_km[:, 1], INLAND_TRUNKS)
    coast_km = np.array([[2500.0, 2500 * (part + 0.5) / COASTAL_TRUNKS] for part in range(COASTAL_TRUNKS)])
    inland_km = np.array([[750.0, 2500 * (part + 0.5) / INLAND_TRUNKS] for part in range(INLAND_TRUNKS)])
    coast_gbps = random.uniform(*COASTAL_SHARE, COASTAL_TRUNKS) * _mobile_gbps(draft, coastal, cluster)
    size = np.bincount(group[draft.inland], draft.tables["data_centres"]["accelerators"][draft.inland], INLAND_TRUNKS)
    inland_gbps = INLAND_SHARE * coast_gbps.sum() * size / size.sum()
    hubs, sites = draft.tables["hubs"]["hub"].to_numpy(), draft.tables["data_centres"]["data_centre"].to_numpy()
    coast, inland = np.array(names("coast", COASTAL_TRUNKS)), np.array(names("inland", INLAND_TRUNKS))
    core = np.tile(CORE_KM, (COASTAL_TRUNKS, 1))
    parts = [
        links(draft.hub_km, draft.centre_km, ~(coastal[:, None] & draft.inland)),
        _hops(hubs[coastal], coast[cluster[coastal]], draft.hub_km[coastal], coast_km[cluster[coastal]]),
        _hops(coast, np.array(["core"] * COASTAL_TRUNKS), coast_km, core, coast_gbps),
        _hops(np.array(["core"] * INLAND_TRUNKS), inland, core[:INLAND_TRUNKS], inland_km, inland_gbps),
        _hops(
            inland[group[draft.inland]],
            sites[draft.inland],
            inland_km[group[draft.inland]],
            draft.centre_km[draft.inland],
        ),
    ]
    exchanges = pd.DataFrame({"exchange": [*coast, *inland, "core"]})
    directed = replace(draft, settings=draft.settings | {"directed": True})
    joined = pd.concat(parts, ignore_index=True).fillna({"capacity_gbps": math.inf})
    return _with(directed, links=joined, exchanges=exchanges)


def tied(draft: Draft) -> Draft:
    """Make sites exact copies of others and round all prices, so that many answers cost the same."""
    copied = _copies(draft)
    zones = copied.tables["power_zones"].assign(usd_per_mwh=by_hour(np.round(_prices(copied))))
    direct = copied.tables["links"]
    return _with(copied, power_zones=zones, links=direct.assign(usd_per_gb=direct["usd_per_gb"].round(2)))


def near(draft: Draft) -> Draft:
    """Make sites copies of others with relative differences of about a millionth."""
    random, copied = _random(draft, 4), _copies(draft)

    def nudged(values: np.ndarray) -> np.ndarray:
        return values * (1 + NEARNESS * random.standard_normal(values.shape))

    return _with(
        copied,
        power_zones=copied.tables["power_zones"].assign(usd_per_mwh=by_hour(nudged(_prices(copied)))),
        links=_nudged(copied.tables["links"], "usd_per_gb", nudged),
        data_centres=_nudged(copied.tables["data_centres"], "accelerators", nudged),
    )


def evened(draft: Draft) -> Draft:
    """Limit every hub to a twentieth of demand (or thrice the mean), so that limits bind in many places."""
    demand = draft.tables["demand"]
    share = demand.groupby("hub", sort=False)["mtok"].sum() / demand["mtok"].sum()
    evener = share.clip(upper=max(LARGEST_HUB, 3 / len(share)))
    factor = evener / evener.sum() / share
    return _with(draft, demand=demand.assign(mtok=demand["mtok"] * demand["hub"].map(factor)))


def short(draft: Draft) -> Draft:
    """Leave too few accelerators for all demand, even in one place; all unserved work costs the same."""
    workloads = draft.tables["workloads"]
    use = hourly_use(draft.tables)
    waiting = workloads["workload"][workloads["deadline_hours"] > 0]
    demand = draft.tables["demand"]
    batch = hourly_use(draft.tables | {"demand": demand[demand["workload"].isin(waiting)]})
    few = least_capacity(use - batch, batch, int(DEADLINE_HOURS), TOO_MUCH)
    fewer = _with_accelerators(draft, few / draft.tables["data_centres"]["accelerators"].sum())
    each = workloads["accelerator_hours_per_mtok"]
    return _with(fewer, workloads=workloads.assign(unserved_usd_per_mtok=UNSERVED_USD * each))


def slack(draft: Draft) -> Draft:
    """Give every site half as many accelerators again."""
    return _with_accelerators(draft, SLACK)


def online(draft: Draft) -> Draft:
    """Remove all deadlines, so that no work waits."""
    return _with(draft, workloads=draft.tables["workloads"].assign(deadline_hours=0.0))


def clipped(draft: Draft) -> Draft:
    """Require batch to be served by the end of the horizon."""
    return replace(draft, settings=draft.settings | {"cyclic": False})


def capped(draft: Draft) -> Draft:
    """Give power a carbon intensity, high where it is cheap, and cap the carbon of the horizon."""
    random = _random(draft, 5)
    shape = _prices(draft).shape
    base = np.where(draft.inland, 700.0, 350.0) * random.uniform(0.85, 1.15, len(draft.inland))
    carbon = base[:, None] * random.uniform(0.95, 1.05, shape)
    zones = draft.tables["power_zones"].assign(carbon_kg_per_mwh=by_hour(carbon))
    limit_kg = _carbon_cap_kg(draft, carbon)
    return _with(replace(draft, settings=draft.settings | {"carbon_limit_kg": limit_kg}), power_zones=zones)


def _random(draft: Draft, step: int) -> np.random.Generator:
    """Return the random generator of one step, independent of earlier steps."""
    return np.random.default_rng([draft.seed, step])


def _with(draft: Draft, **tables: pd.DataFrame) -> Draft:
    return replace(draft, tables=draft.tables | tables)


def _with_accelerators(draft: Draft, factor: float) -> Draft:
    centres = draft.tables["data_centres"]
    return _with(draft, data_centres=centres.assign(accelerators=factor * centres["accelerators"]))


def _prices(draft: Draft) -> np.ndarray:
    """Return USD/MWh of every zone and hour."""
    return np.array(draft.tables["power_zones"]["usd_per_mwh"].tolist())


def _parts(values: np.ndarray, count: int) -> np.ndarray:
    """Divide values into ``count`` parts of equal size, from the lowest up."""
    return values.argsort().argsort() * count // len(values)


def _mobile_gbps(draft: Draft, coastal: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return the mean traffic, by cluster, of coastal demand that may go inland."""
    workloads, demand = draft.tables["workloads"].set_index("workload"), draft.tables["demand"]
    patient = demand["workload"].map(workloads["latency_slo_ms"] >= PATIENT_MS)
    sent = demand["mtok"] * demand["workload"].map(workloads["gb_per_mtok"]) * patient
    by_hub = sent.groupby(demand["hub"], sort=False).sum().to_numpy() * coastal
    hours = demand["hour"].nunique()
    return np.bincount(cluster, by_hub, COASTAL_TRUNKS) / hours / GB_PER_GBPS_HOUR


def _hops(
    tails: np.ndarray,
    heads: np.ndarray,
    tail_km: np.ndarray,
    head_km: np.ndarray,
    capacity_gbps: np.ndarray | float = math.inf,
) -> pd.DataFrame:
    """Return chains of four links, each with its share of the switching delay and of the fixed cost."""
    distance = np.linalg.norm(tail_km - head_km, axis=1)
    return pd.DataFrame(
        {
            "from": tails,
            "to": heads,
            "rtt_ms": SWITCHING_MS / 4 + rtt_ms(distance),
            "usd_per_gb": usd_per_gb(distance) - 0.75 * usd_per_gb(np.zeros(1)),
            "capacity_gbps": capacity_gbps,
        }
    )


def _copies(draft: Draft) -> Draft:
    """Replace some sites by copies of others; the total of accelerators is unchanged."""
    count = len(draft.inland)
    order = _random(draft, 3).permutation(count)
    copies = max(1, round(COPIES * count))
    source = np.arange(count)
    source[order[:copies]] = order[copies + np.arange(copies) % (count - copies)]
    centres, zones = draft.tables["data_centres"], draft.tables["power_zones"]
    copied = centres.iloc[source].assign(data_centre=centres["data_centre"].to_numpy()).reset_index(drop=True)
    copied["accelerators"] *= centres["accelerators"].sum() / copied["accelerators"].sum()
    centre_km = draft.centre_km[source]
    return _with(
        replace(draft, centre_km=centre_km, inland=draft.inland[source]),
        data_centres=copied,
        power_zones=zones.assign(usd_per_mwh=by_hour(_prices(draft)[source])),
        links=links(draft.hub_km, centre_km, np.ones((len(draft.hub_km), count), dtype=bool)),
    )


def _carbon_cap_kg(draft: Draft, carbon: np.ndarray) -> float:
    """Return a cap between the minimum carbon and that of the cheapest sites, both without capacity limits."""
    workloads, demand = draft.tables["workloads"], draft.tables["demand"]
    pue = draft.tables["data_centres"]["pue"].to_numpy()
    shape = len(draft.hub_km), len(draft.inland)
    rtt, transit = (draft.tables["links"][name].to_numpy().reshape(shape) for name in ("rtt_ms", "usd_per_gb"))
    usd, kg = ((pue[:, None] * each).mean(axis=1) / 1000 for each in (_prices(draft), carbon))
    mtok = demand.groupby(["workload", "hub"], sort=False)["mtok"].sum().to_numpy().reshape(len(workloads), -1)
    least = cheapest = 0.0
    for place, row in enumerate(workloads.itertuples()):
        near_enough = rtt <= row.latency_slo_ms
        emitted = np.where(near_enough, row.kwh_per_mtok * kg, np.inf)
        cost = np.where(near_enough, row.kwh_per_mtok * usd + row.gb_per_mtok * transit, np.inf)
        best = np.take_along_axis(emitted, cost.argmin(axis=1)[:, None], axis=1)[:, 0]
        least += mtok[place] @ emitted.min(axis=1)
        cheapest += mtok[place] @ best
    return float(least + CAP_SHARE * (cheapest - least))


def _nudged(table: pd.DataFrame, column: str, nudged: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    return table.assign(**{column: nudged(table[column].to_numpy())})
