"""What a user would write without placer: the same program in PuLP, term by term, and routes by networkx."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import pulp

if TYPE_CHECKING:
    import placer


@dataclass(frozen=True)
class PlainData:
    """An instance of the fleet family as plain dictionaries, the way PuLP models are fed.

    Attributes
    ----------
    demand : mapping of (workload, hub, hour) to Mtok
    sites_of, hubs_of : mappings of (workload, hub) to sites and of (workload, site) to hubs
        Where the latency limit allows.
    transit : mapping of (workload, hub, site) to USD per Mtok
    accelerator_hours, mwh : mappings of workload, of (workload, site)
        Per Mtok; the energy at the meter.
    window : mapping of workload to hours it may wait
    accelerators : mapping of site
    power_usd : mapping of (site, hour) to USD per MWh
    unserved_usd : float
        Per Mtok.
    hours : int
    """

    demand: dict[tuple[str, str, int], float]
    sites_of: dict[tuple[str, str], list[str]]
    hubs_of: dict[tuple[str, str], list[str]]
    transit: dict[tuple[str, str, str], float]
    accelerator_hours: dict[str, float]
    mwh: dict[tuple[str, str], float]
    window: dict[str, int]
    accelerators: dict[str, float]
    power_usd: dict[tuple[str, int], float]
    unserved_usd: float
    hours: int


def plain_data(instance: placer.Instance, unserved_usd: float) -> PlainData:
    """Read a fleet instance into dictionaries. Its sites have no limit on power, its links none on traffic."""
    workloads, centres = instance.workloads.set_index("workload"), instance.data_centres.set_index("data_centre")
    rtt = pd.DataFrame(instance.routes.rtt_ms, instance.hubs["hub"], centres.index)
    usd_per_gb = pd.DataFrame(instance.routes.usd_per_gb, instance.hubs["hub"], centres.index)
    sites_of, hubs_of = {}, defaultdict(list)
    for workload, limit in workloads["latency_slo_ms"].items():
        for hub, row in rtt.iterrows():
            sites_of[workload, hub] = list(row.index[row <= limit])
            for site in sites_of[workload, hub]:
                hubs_of[workload, site].append(hub)
    zone_of = instance.supplies.set_index("data_centre")["power_zone"]
    price = instance.power_zones.set_index("power_zone")["usd_per_mwh"]
    return PlainData(
        demand=instance.demand.set_index(["workload", "hub", "hour"])["mtok"].to_dict(),
        sites_of=sites_of,
        hubs_of=dict(hubs_of),
        transit={
            (workload, hub, site): workloads["gb_per_mtok"][workload] * usd_per_gb.loc[hub, site]
            for (workload, hub), sites in sites_of.items()
            for site in sites
        },
        accelerator_hours=workloads["accelerator_hours_per_mtok"].to_dict(),
        mwh={
            (workload, site): kwh / 1000 * centres["pue"][site]
            for workload, kwh in workloads["kwh_per_mtok"].items()
            for site in centres.index
        },
        window=workloads["deadline_hours"].astype(int).to_dict(),
        accelerators=centres["accelerators"].to_dict(),
        power_usd={
            (site, hour): price[zone_of[site]][hour] for site in centres.index for hour in range(len(instance.hours))
        },
        unserved_usd=unserved_usd,
        hours=len(instance.hours),
    )


def pulp_model(data: PlainData) -> pulp.LpProblem:
    """Write the program of ``placer.formulation`` for a fleet: a variable a term, a comprehension a sum."""
    problem = pulp.LpProblem("fleet", pulp.LpMinimize)
    hours, waits = range(data.hours), {workload: hours_ > 0 for workload, hours_ in data.window.items()}
    sent = problem.add_variable_dicts(
        "x", [(k, h, j, t) for (k, h, t) in data.demand for j in data.sites_of[k, h]], lowBound=0
    )
    unserved = problem.add_variable_dicts("u", list(data.demand), lowBound=0)
    later = {
        (k, t): [(t + delay) % data.hours for delay in range(min(window, data.hours - 1) + 1)]
        for k, window in data.window.items()
        for t in hours
    }
    earlier = defaultdict(list)
    for (k, arrival), services in later.items():
        for service in services:
            earlier[k, service].append(arrival)
    queues = [(k, j, t) for k, j in data.hubs_of if waits[k] for t in hours]
    queued = problem.add_variable_dicts("f", [(k, j, t, s) for k, j, t in queues for s in later[k, t]], lowBound=0)
    bought = problem.add_variable_dicts("y", [(j, t) for j in data.accelerators for t in hours], lowBound=0)

    problem += (
        pulp.lpSum(data.transit[k, h, j] * sent[k, h, j, t] for k, h, j, t in sent)
        + pulp.lpSum(data.power_usd[key] * bought[key] for key in bought)
        + pulp.lpSum(data.unserved_usd * unserved[key] for key in unserved)
    )
    for (k, h, t), mtok in data.demand.items():
        problem += pulp.lpSum(sent[k, h, j, t] for j in data.sites_of[k, h]) + unserved[k, h, t] == mtok
    for k, j, t in queues:
        problem += pulp.lpSum(sent[k, h, j, t] for h in data.hubs_of[k, j]) == pulp.lpSum(
            queued[k, j, t, s] for s in later[k, t]
        )
    for j, accelerators in data.accelerators.items():
        here = [(k, hubs) for (k, site), hubs in data.hubs_of.items() if site == j]
        for t in hours:
            served = [(k, sent[k, h, j, t]) for k, hubs in here if not waits[k] for h in hubs]
            served += [(k, queued[k, j, s, t]) for k, _ in here if waits[k] for s in earlier[k, t]]
            problem += pulp.lpSum(data.accelerator_hours[k] * mtok for k, mtok in served) <= accelerators
            problem += pulp.lpSum(data.mwh[k, j] * mtok for k, mtok in served) == bought[j, t]
    return problem


def all_pairs(graph: nx.Graph) -> dict[str, dict[str, float]]:
    """Return the round trips between all nodes."""
    return dict(nx.all_pairs_dijkstra_path_length(graph, weight="rtt_ms"))


def from_hubs(graph: nx.Graph, hubs: list[str]) -> dict[str, dict[str, float]]:
    """Return the round trips from every hub to all nodes."""
    return {hub: nx.single_source_dijkstra_path_length(graph, hub, weight="rtt_ms") for hub in hubs}


def link_graph(instance: placer.Instance) -> nx.Graph:
    """Return the links of an instance as a simple graph."""
    return nx.from_pandas_edgelist(instance.links, "from", "to", edge_attr="rtt_ms")


def as_matrix(lengths: dict[str, dict[str, float]], hubs: list[str], centres: list[str]) -> np.ndarray:
    """Lay round trips out as ``placer.network.Routes`` does."""
    return np.array([[lengths[hub].get(centre, np.inf) for centre in centres] for hub in hubs])
