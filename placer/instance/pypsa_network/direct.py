"""An instance of a link for every arc: each bus with loads is a hub, linked to the sites that its arcs come from.

What an arc takes must be a product of a figure of the workload and one of the site, since that is how an instance
states it: ``accelerator_hours_per_mtok / speed`` and ``kwh_per_mtok energy_factor pue_t``. Links are directed, so that
no route leads on from a site. The cost of an arc is that of the GB of its workload, 1 GB a Mtok where no carrier says.
A site without a bus of accelerators has all it needs. Where only some sites take power, the others have it free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from placer.errors import Violation
from placer.instance.pypsa_network.arcs import ACCELERATORS, BANDWIDTH, TOKENS, Arcs
from placer.instance.pypsa_network.components import OF_WORKLOADS, Components
from placer.instance.pypsa_network.loads import Hubs, Snapshots
from placer.instance.pypsa_network.power import Power
from placer.instance.pypsa_network.sites import places
from placer.utils.arrays import NOISE, BoolArray, FloatArray, IntArray, NameArray

#: GB an hour of one Gbps.
GB_PER_GBPS = 450.0


@dataclass(frozen=True, eq=False)
class ArcEnds:
    """The workload, hub and site of every arc, by position; the names of workloads and sites."""

    workload: IntArray
    hub: IntArray
    site: IntArray
    workloads: pd.Index
    sites: pd.Index


def direct_tables(
    parts: Components,
    hubs: Hubs,
    arcs: Arcs,
    accelerators: tuple[FloatArray, FloatArray],
    power: Power,
    snapshots: Snapshots,
    found: list[Violation],
) -> dict[str, pd.DataFrame]:
    """Return the tables of an instance; append what cannot be carried to ``found``."""
    for bus in dict.fromkeys(arcs.bus[BANDWIDTH][arcs.bus[BANDWIDTH] != ""]):
        problem = "a limit that several links share, read only where their links are as placer wrote them"
        found.append(Violation("buses", str(bus), "", problem, "p_nom of each link"))
    if not len(arcs.name):
        found.append(Violation("links", "", "", "no link leads to a bus with a load", "links from sites to hubs"))
    workloads, sites = pd.Index(hubs.workload.unique(), dtype=object), pd.Index(arcs.sites.index, dtype=object)
    hub = hubs.bus.get_indexer(pd.Index(arcs.hub))
    served = ArcEnds(
        workloads.get_indexer(hubs.workload.to_numpy()[hub]), hub, sites.get_indexer(arcs.site), workloads, sites
    )
    counted = (arcs.bus[ACCELERATORS] != "") | (arcs.bus[TOKENS] != "")
    use, inverse_speed = _factors(arcs, _used(arcs, found), counted, served, "accelerator-hours", found)
    base = arcs.takes["power"].min(axis=1)
    mwh, energy = _factors(arcs, base, arcs.bus["power"] != "", served, "MWh", found)
    work = _workloads(parts, hubs, workloads)
    gb = _gb(work, arcs, hubs, served)
    figures: dict[str, Any] = {"accelerator_hours_per_mtok": use, "kwh_per_mtok": 1000 * mwh, "gb_per_mtok": gb}
    shape: dict[str, Any] = {
        "speed": 1 / inverse_speed,
        "energy_factor": energy,
        "pue": by_hour(_pue(arcs, base, served, found)),
    }
    return {
        "hubs": places(parts, hubs.bus).assign(hub=hubs.bus.to_numpy()),
        "data_centres": _centres(parts, arcs, accelerators, power).assign(**shape),
        "workloads": work.assign(**figures),
        "links": _links(arcs, hubs, served, gb, found),
        "demand": demand_rows(hubs, snapshots, hubs.bus.to_numpy(), hubs.workload.to_numpy()),
        "periods": snapshots.periods,
    } | _with_free_power(power_tables(power), arcs)


def demand_rows(hubs: Hubs, snapshots: Snapshots, hub: Any, workload: Any) -> pd.DataFrame:
    """Return the table ``demand`` of the loads, given the hub and the workload of every bus."""
    count = len(snapshots.hours)
    return pd.DataFrame(
        {
            "workload": np.repeat(workload, count),
            "hub": np.repeat(hub, count),
            "hour": snapshots.hours * len(hubs.bus),
            "mtok": (snapshots.hour_length * hubs.mtok).ravel(),
        }
    )


def power_tables(power: Power) -> dict[str, pd.DataFrame]:
    """Return the tables ``power_zones`` and ``supplies``."""
    return {
        "power_zones": power.zones.assign(
            usd_per_mwh=by_hour(power.zone_usd),
            limit_mw=by_hour(power.zone_limit),
            carbon_kg_per_mwh=by_hour(power.zone_carbon_kg),
        ),
        "supplies": power.supplies.assign(
            limit_mw=by_hour(power.supply_limit), usd_per_mwh_adder=by_hour(power.supply_usd)
        ),
    }


def _with_free_power(tables: dict[str, pd.DataFrame], arcs: Arcs) -> dict[str, pd.DataFrame]:
    """Return the tables of power with a free power zone for each site without power, where others have some."""
    without = arcs.sites.index[arcs.sites["power"] == ""]
    if len(without) in (0, len(arcs.sites)):
        return tables
    ends = pd.DataFrame({"power_zone": [f"{site} without power" for site in without], "data_centre": without})
    zones = ends[["power_zone"]].assign(usd_per_mwh=0.0)
    return {
        "power_zones": pd.concat([tables["power_zones"], zones], ignore_index=True),
        "supplies": pd.concat([tables["supplies"], ends], ignore_index=True),
    }


def by_hour(values: FloatArray) -> pd.Series:
    """Return a column of an array (rows, hours): a number where all hours of all rows are alike, else one each."""
    if not values.size or (values == values[:, :1]).all():
        return pd.Series(values[:, 0] if values.size else np.zeros(len(values)))
    return pd.Series([tuple(row) for row in values.tolist()], dtype=object)


def _used(arcs: Arcs, found: list[Violation]) -> FloatArray:
    """Return the accelerator-hours of a Mtok of each arc: where a site has none, its tokens count."""
    hourly = np.where((arcs.bus[ACCELERATORS] != "")[:, None], arcs.takes[ACCELERATORS], arcs.takes[TOKENS])
    problem, varies = "accelerator-hours of a Mtok by snapshot", (hourly != hourly[:, :1]).any(axis=1)
    found += [Violation("links", str(name), "", problem, "one number") for name in arcs.name[varies]]
    return np.asarray(hourly[:, 0])


def of_carriers(parts: Components, workloads: pd.Index) -> dict[str, NameArray]:
    """Return the attributes of workloads that their carriers state."""
    carriers = parts.rows("Carrier").reindex(workloads)
    return {name: carriers[name].to_numpy(object) for name in OF_WORKLOADS if name in carriers}


def _workloads(parts: Components, hubs: Hubs, workloads: pd.Index) -> pd.DataFrame:
    penalty = [hubs.unserved_usd.get(name) for name in workloads]
    return pd.DataFrame({"workload": workloads, **of_carriers(parts, workloads), "unserved_usd_per_mtok": penalty})


def _centres(parts: Components, arcs: Arcs, accelerators: tuple[FloatArray, FloatArray], power: Power) -> pd.DataFrame:
    start = pd.Series(parts.links["bus0"].loc[pd.Index(arcs.name)].to_numpy(), index=pd.Index(arcs.site))
    sites = arcs.sites.index
    open_ = np.full(accelerators[0].shape[1], np.inf)
    limit = np.array([power.site_limit.get(site, open_) for site in sites]).reshape(accelerators[0].shape)
    return places(parts, pd.Index(start.groupby(level=0, sort=False).first().reindex(sites))).assign(
        data_centre=sites.to_numpy(),
        accelerators=by_hour(accelerators[0]),
        accelerator_usd_per_hour=by_hour(accelerators[1]),
        power_limit_mw=by_hour(limit),
    )


def _links(arcs: Arcs, hubs: Hubs, served: ArcEnds, gb: FloatArray, found: list[Violation]) -> pd.DataFrame:
    """Return a directed link for every arc; append costs that an instance cannot carry to ``found``."""
    usd, of = arcs.usd, gb[served.workload]
    uneven = np.asarray((usd != usd[:, :1]).any(axis=1) | (usd < 0).any(axis=1))
    found += [
        Violation(
            "links", str(name), "marginal_cost", "a cost by snapshot, or below 0, of a link to a hub", "one number >= 0"
        )
        for name in arcs.name[uneven]
    ]
    binds = np.asarray((arcs.most < hubs.mtok[served.hub]).any(axis=1))
    gb_an_hour = np.where(binds[:, None], arcs.most, 0.0) * of[:, None]
    return pd.DataFrame(
        {
            "from": arcs.hub,
            "to": arcs.site,
            "rtt_ms": arcs.rtt_ms,
            "usd_per_gb": usd[:, 0] / np.where(of > 0, of, 1.0),
            "capacity_gbps": by_hour(np.where(binds[:, None], gb_an_hour / GB_PER_GBPS, np.inf)),
        }
    )


def _gb(work: pd.DataFrame, arcs: Arcs, hubs: Hubs, served: ArcEnds) -> FloatArray:
    """Return the GB of a Mtok of each workload: those of its carrier, else 1 where its arcs cost or are limited."""
    given = work["gb_per_mtok"].astype(float).fillna(0.0) if "gb_per_mtok" in work else pd.Series(0.0, work.index)
    needs = (arcs.usd != 0).any(axis=1) | (arcs.most < hubs.mtok[served.hub]).any(axis=1)
    counted = np.isin(np.arange(len(work)), served.workload[needs])
    return np.where(counted & (given <= 0), 1.0, given)


def _pue(arcs: Arcs, base: FloatArray, served: ArcEnds, found: list[Violation]) -> FloatArray:
    """Return how the power that a Mtok takes at each site varies, as a multiple of its least (sites, snapshots)."""
    shape = arcs.takes["power"] / np.where(base > 0, base, 1.0)[:, None]
    shape[base <= 0] = 1.0
    pue = np.ones((len(served.sites), shape.shape[1]))
    pue[served.site[base > 0]] = shape[base > 0]
    odd = (base <= 0) & (arcs.takes["power"] > 0).any(axis=1)
    odd |= (base > 0) & ~np.isclose(shape, pue[served.site], rtol=NOISE, atol=0).all(axis=1)
    problem = "power by snapshot in another shape than that of the site"
    found += [Violation("links", str(name), "", problem, "one pue by snapshot a site") for name in arcs.name[odd]]
    return pue


def _factors(
    arcs: Arcs, amount: FloatArray, counted: BoolArray, served: ArcEnds, what: str, found: list[Violation]
) -> tuple[FloatArray, FloatArray]:
    """Return a figure of every workload and one of every site whose products are the amounts of the arcs that count.

    The first site of each part of the network has the figure 1. A workload that takes nothing has 0.
    """
    of_workload, of_site = np.zeros(len(served.workloads)), np.ones(len(served.sites))
    takes = np.flatnonzero(amount > 0)
    first = takes[np.unique(served.workload[takes] * len(served.sites) + served.site[takes], return_index=True)[1]]
    size = len(of_workload) + len(of_site)
    ends = served.workload[first], len(of_workload) + served.site[first]
    value = dict(zip(zip(*(end.tolist() for end in ends), strict=True), amount[first].tolist(), strict=True))
    joined = coo_array((np.ones(len(first)), ends), shape=(size, size)).tocsr()
    seen = np.zeros(size, dtype=bool)
    for start in np.unique(ends[1]).tolist():
        if not seen[start]:
            order, before = breadth_first_order(joined, start, directed=False)
            seen[order] = True
            for node in order[1:].tolist():
                last = int(before[node])
                if node < len(of_workload):
                    of_workload[node] = value[node, last] / of_site[last - len(of_workload)]
                else:
                    of_site[node - len(of_workload)] = value[last, node] / of_workload[last]
    product = of_workload[served.workload] * of_site[served.site]
    odd = counted & ~np.isclose(product, amount, rtol=NOISE, atol=0)
    problem = f"{what} of a Mtok that are no product of one figure of the workload and one of the site"
    found += [
        Violation("links", str(name), "", problem, "the same ratio of workloads at all sites")
        for name in arcs.name[odd]
    ]
    return of_workload, of_site
