"""An instance as plain arrays and dictionaries, the usual data of users of modelling languages."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.model.formulation import formulate

if TYPE_CHECKING:
    import placer

GB_PER_GBPS_HOUR = 450.0


@dataclass(frozen=True)
class Arrays:
    """An instance as dense arrays.

    Axes: k workloads, h hubs, j sites, t hours, s supplies, l links of limited capacity.

    Attributes
    ----------
    workloads, hubs, sites : lists of str
    hours : int
    demand : (k, h, t) array
        Mtok.
    admitted : (k, h, j) bool array
        Whether the latency limit allows it.
    transit : (k, h, j) array
        USD per Mtok.
    accelerator_hours, mwh : (k, j), (k, j, t) arrays
        Per Mtok; the energy at the meter.
    window : (k,) int array
        Hours that work may wait.
    cyclic : bool
    accelerators : (j,) array
    supply_site, supply_yield : (s,) arrays
    supply_usd, supply_limit, supply_kg : (s, t), (s,), (s, t) arrays
        USD per MWh, MW, kg of carbon per MWh.
    crosses : (l, h, j) bool array
        Whether the route uses the link.
    link_gb, gb : (l,), (k,) arrays
        Capacity per hour; per Mtok.
    carbon_limit : float
        kg.
    unserved_usd : (k,) array
        Per Mtok.
    """

    workloads: list[str]
    hubs: list[str]
    sites: list[str]
    hours: int
    demand: np.ndarray
    admitted: np.ndarray
    transit: np.ndarray
    accelerator_hours: np.ndarray
    mwh: np.ndarray
    window: np.ndarray
    cyclic: bool
    accelerators: np.ndarray
    supply_site: np.ndarray
    supply_yield: np.ndarray
    supply_usd: np.ndarray
    supply_limit: np.ndarray
    supply_kg: np.ndarray
    crosses: np.ndarray
    link_gb: np.ndarray
    gb: np.ndarray
    carbon_limit: float
    unserved_usd: np.ndarray

    def served_in(self, place: int, hour: int) -> list[int]:
        """Return the hours in which work that arrives in an hour may be served, for a workload by position."""
        last = self.hours - 1 if self.cyclic else self.hours - 1 - hour
        return [(hour + delay) % self.hours for delay in range(min(int(self.window[place]), last) + 1)]


def lacks(instance: placer.Instance) -> str:
    """Return the features of an instance that ``Arrays`` lacks; no benchmark family has them."""
    centres, settings = instance.data_centres, instance.settings
    found = {
        "limits on the power of sites": np.isfinite(centres["power_limit_mw"]).any(),
        "rented accelerators": (centres["accelerator_usd_per_hour"] > 0).any(),
        "a cost of operations": (centres["operations_usd_per_hour"] > 0).any(),
        "accelerators held back": (centres["max_utilisation"] < 1).any(),
        "peak throughput": instance.workloads["peak_accelerator_hours_per_mtok"].notna().any(),
        "water": math.isfinite(settings.water_limit_litres) or (centres["water_usd_per_litre"] > 0).any(),
        "a price of carbon": settings.carbon_usd_per_kg > 0,
        "hours of another length": settings.hour_length != 1,
        "jurisdictions": instance.workloads["jurisdictions"].notna().any(),
        "time at the server or the hub": (instance.workloads["server_ms"] > 0).any()
        or (instance.hubs["access_ms"] > 0).any(),
        "round trips of agents": (instance.workloads["tool_round_trips"] > 0).any()
        or (instance.workloads["user_round_trips"] != 1).any(),
        "demand in some hours only": len(instance.demand)
        != len(instance.workloads) * len(instance.hubs) * len(instance.hours),
    }
    return ", ".join(name for name, there in found.items() if there)


def arrays_of(instance: placer.Instance) -> Arrays:
    """Read an instance into arrays, with placer's penalty for unserved demand."""
    workloads, centres, supplies = instance.workloads, instance.data_centres, instance.supplies
    names = [instance.tables[table][column].tolist() for table, column in _NAMES]
    hours = len(instance.hours)
    demand = instance.demand
    mtok = np.zeros((len(names[0]), len(names[1]), hours))
    place = demand["workload"].map(_places(names[0])), demand["hub"].map(_places(names[1]))
    mtok[(*place, demand["hour"] - instance.hours.start)] = demand["mtok"]
    rtt, limit = instance.routes.rtt_ms, workloads["latency_slo_ms"].to_numpy()
    kwh = workloads["kwh_per_mtok"].to_numpy()[:, None] * centres["energy_factor"].to_numpy()
    zone = supplies["power_zone"].map(_places(instance.power_zones["power_zone"]))
    adder = supplies["usd_per_mwh_adder"].to_numpy()
    capacity = instance.links["capacity_gbps"].to_numpy()
    limited = np.flatnonzero(np.isfinite(capacity))
    return Arrays(
        *names,
        hours=hours,
        demand=mtok,
        admitted=(rtt <= limit[:, None, None]) & np.isfinite(rtt),
        transit=workloads["gb_per_mtok"].to_numpy()[:, None, None] * instance.routes.usd_per_gb,
        accelerator_hours=workloads["accelerator_hours_per_mtok"].to_numpy()[:, None] / centres["speed"].to_numpy(),
        mwh=kwh[:, :, None] / 1000 * instance.hourly("data_centres", "pue"),
        window=workloads["deadline_hours"].to_numpy().astype(int),
        cyclic=instance.settings.cyclic,
        accelerators=centres["accelerators"].to_numpy(),
        supply_site=supplies["data_centre"].map(_places(names[2])).to_numpy(),
        supply_yield=1 - supplies["loss"].to_numpy(),
        supply_usd=instance.hourly("power_zones", "usd_per_mwh")[zone] + adder[:, None],
        supply_limit=supplies["limit_mw"].to_numpy(),
        supply_kg=instance.hourly("power_zones", "carbon_kg_per_mwh")[zone],
        crosses=np.asarray(instance.routes.links[:, limited].todense()).T.reshape(len(limited), *rtt.shape) > 0,
        link_gb=GB_PER_GBPS_HOUR * capacity[limited],
        gb=workloads["gb_per_mtok"].to_numpy(),
        carbon_limit=instance.settings.carbon_limit_kg,
        unserved_usd=formulate(instance).structure.unserved_cost,
    )


_NAMES = (("workloads", "workload"), ("hubs", "hub"), ("data_centres", "data_centre"))


@dataclass(frozen=True)
class PlainData:
    """An instance as dictionaries, the input of models written term by term.

    Attributes
    ----------
    demand : mapping of (workload, hub, hour) to Mtok
    sites_of, hubs_of : mappings of (workload, hub) to sites and of (workload, site) to hubs
        Where the latency limit allows.
    transit : mapping of (workload, hub, site) to USD per Mtok
    accelerator_hours, mwh : mappings of (workload, site), (workload, site, hour)
        Per Mtok; the energy at the meter.
    served_in : mapping of (workload, hour) to hours
        Hours in which work that arrives then may be served; for workloads that may wait.
    accelerators : mapping of site
    supplies_of : mapping of site to supplies
    supply_yield, supply_limit : mappings of supply
        MWh at the site per MWh bought; MW.
    supply_usd, supply_kg : mappings of (supply, hour)
        USD and kg of carbon per MWh.
    links_of : mapping of (hub, site) to links of limited capacity
    link_gb, gb : mappings of link and workload
        GB per hour, GB per Mtok.
    carbon_limit : float
        kg over all hours.
    unserved_usd : mapping of workload
        Per Mtok.
    """

    demand: dict[tuple[str, str, int], float]
    sites_of: dict[tuple[str, str], list[str]]
    hubs_of: dict[tuple[str, str], list[str]]
    transit: dict[tuple[str, str, str], float]
    accelerator_hours: dict[tuple[str, str], float]
    mwh: dict[tuple[str, str, int], float]
    served_in: dict[tuple[str, int], list[int]]
    accelerators: dict[str, float]
    supplies_of: dict[str, list[int]]
    supply_yield: dict[int, float]
    supply_limit: dict[int, float]
    supply_usd: dict[tuple[int, int], float]
    supply_kg: dict[tuple[int, int], float]
    links_of: dict[tuple[str, str], list[int]]
    link_gb: dict[int, float]
    gb: dict[str, float]
    carbon_limit: float
    unserved_usd: dict[str, float]


def plain_data(instance: placer.Instance) -> PlainData:
    """Read an instance into dictionaries."""
    data = arrays_of(instance)
    sites_of: dict[tuple[str, str], list[str]] = {(k, h): [] for k in data.workloads for h in data.hubs}
    hubs_of = defaultdict(list)
    transit = {}
    for k, h, j in np.argwhere(data.admitted).tolist():
        workload, hub, site = data.workloads[k], data.hubs[h], data.sites[j]
        sites_of[workload, hub].append(site)
        hubs_of[workload, site].append(hub)
        transit[workload, hub, site] = float(data.transit[k, h, j])
    supplies_of: dict[str, list[int]] = {site: [] for site in data.sites}
    for supply, place in enumerate(data.supply_site.tolist()):
        supplies_of[data.sites[place]].append(supply)
    links_of = defaultdict(list)
    for link, h, j in np.argwhere(data.crosses).tolist():
        links_of[data.hubs[h], data.sites[j]].append(link)
    hours = range(data.hours)
    return PlainData(
        demand=_keyed(data.demand, data.workloads, data.hubs, hours),
        sites_of=sites_of,
        hubs_of=dict(hubs_of),
        transit=transit,
        accelerator_hours=_keyed(data.accelerator_hours, data.workloads, data.sites),
        mwh=_keyed(data.mwh, data.workloads, data.sites, hours),
        served_in={
            (workload, hour): data.served_in(place, hour)
            for place, workload in enumerate(data.workloads)
            if data.window[place]
            for hour in hours
        },
        accelerators=_keyed(data.accelerators, data.sites),
        supplies_of=supplies_of,
        supply_yield=dict(enumerate(data.supply_yield.tolist())),
        supply_limit=dict(enumerate(data.supply_limit.tolist())),
        supply_usd=_keyed(data.supply_usd, range(len(data.supply_site)), hours),
        supply_kg=_keyed(data.supply_kg, range(len(data.supply_site)), hours),
        links_of=dict(links_of),
        link_gb=dict(enumerate(data.link_gb.tolist())),
        gb=_keyed(data.gb, data.workloads),
        carbon_limit=data.carbon_limit,
        unserved_usd=_keyed(data.unserved_usd, data.workloads),
    )


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _keyed(values: np.ndarray, *axes: Any) -> dict[Any, float]:
    """Return an array as a dictionary by the names along its axes."""
    keys = axes[0] if len(axes) == 1 else product(*axes)
    return dict(zip(keys, values.ravel().tolist(), strict=True))
