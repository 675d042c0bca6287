"""Seeded families of instances, by name, for every benchmark. Building one is never part of what is timed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

import placer

#: Kilometres light travels in fibre in a millisecond, and how much longer a cable is than the straight line.
FIBRE_KM_PER_MS, DETOUR = 200.0, 1.5
SWITCHING_MS = 4.0
#: The limits of the classes of a fleet; every third class is batch and has a deadline instead.
SLO_MS = (15.0, 25.0, 40.0, 80.0, 120.0, 200.0, 400.0, math.inf)
DEADLINE_HOURS = 8.0


@dataclass(frozen=True)
class Family:
    """A family of instances.

    Attributes
    ----------
    name : str
    build : callable
        Makes the instance of a size (a tuple of int) and a seed.
    sizes : dict of str to tuple of int
        The sizes measured, smallest first. ``smoke`` is the one tests run.
    """

    name: str
    build: Callable[[tuple[int, ...], int], placer.Instance]
    sizes: dict[str, tuple[int, ...]]


def build(family: str, size: str, seed: int = 0) -> placer.Instance:
    """Build an instance of a family by the names of the family and the size."""
    chosen = FAMILIES[family]
    return chosen.build(chosen.sizes[size], seed)


def fleet(size: tuple[int, ...], seed: int) -> placer.Instance:
    """Data centres x hubs x workloads x hours: users on the coast, half of the sites inland, where power is cheap.

    Every third workload is batch and may wait eight hours. Accelerators are 15 % more than the busiest hour needs.
    """
    centres, hubs, workloads, hours = size
    random = np.random.default_rng(seed)
    hub_km = np.stack(
        [
            np.where(random.random(hubs) < 0.75, random.normal(2600, 250, hubs), random.uniform(0, 2400, hubs)),
            random.uniform(0, 2500, hubs),
        ],
        axis=1,
    )
    inland = np.arange(centres) % 2 == 0
    centre_km = np.stack(
        [
            np.where(inland, random.uniform(0, 1500, centres), random.normal(2500, 200, centres)),
            random.uniform(0, 2500, centres),
        ],
        axis=1,
    )
    tables = {
        "hubs": pd.DataFrame({"hub": _names("hub", hubs), "region": np.where(hub_km[:, 0] < 1800, "inland", "coast")}),
        "workloads": _workloads(workloads, random),
    }
    tables["demand"] = _demand(tables["workloads"], tables["hubs"], hours, random)
    tables["data_centres"] = _data_centres(tables, inland, random)
    tables["power_zones"], tables["supplies"] = _power(inland, hours, random)
    tables["links"] = _links(hub_km, centre_km)
    return placer.Instance.from_tables(tables, cyclic=True)


def network(size: tuple[int, ...], seed: int) -> placer.Instance:
    """A random geometric network of as many nodes: a tenth are hubs, a fiftieth data centres, the rest exchanges."""
    (nodes,) = size
    random = np.random.default_rng(seed)
    place = random.uniform(0, 3000, (nodes, 2))
    hubs, centres = nodes // 10, max(nodes // 50, 2)
    graph = nx.random_geometric_graph(nodes, 3000 * math.sqrt(12 / (math.pi * nodes)), pos=dict(enumerate(place)))
    _connect(graph, place)
    # Node numbers are places in the plane already drawn at random, so the first ones serve as hubs and data centres.
    graph = nx.relabel_nodes(graph, {node: f"node-{node}" for node in graph}, copy=False)
    for number, attributes in enumerate(graph.nodes.values()):
        attributes.clear()
        attributes["kind"] = "hub" if number < hubs else "data_centre" if number < hubs + centres else "exchange"
    for tail, head, attributes in graph.edges(data=True):
        ends = [place[int(node.removeprefix("node-"))] for node in (tail, head)]
        distance = float(np.linalg.norm(ends[0] - ends[1]))
        attributes |= {"kind": "link", "rtt_ms": _rtt_ms(distance), "usd_per_gb": 0.01 + 1e-4 * distance}
    workloads = [{"workload": "chat", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}]
    demand = [{"workload": "chat", "hub": f"node-{number}", "mtok": 1.0} for number in range(hubs)]
    return placer.Instance.from_graph(graph, workloads, demand)


FAMILIES = {
    family.name: family
    for family in (
        Family("fleet", fleet, {"smoke": (5, 20, 3, 6), "medium": (10, 50, 4, 24), "large": (20, 100, 6, 24)}),
        Family("network", network, {"smoke": (100,), "large": (2000,)}),
    )
}


def _names(kind: str, count: int) -> list[str]:
    return [f"{kind}-{number}" for number in range(count)]


def _rtt_ms(distance_km: float | np.ndarray) -> float | np.ndarray:
    return 2 * DETOUR / FIBRE_KM_PER_MS * distance_km


def _workloads(count: int, random: np.random.Generator) -> pd.DataFrame:
    waits = np.arange(count) % 3 == 2
    accelerator_hours = random.uniform(0.5, 3, count)
    return pd.DataFrame(
        {
            "workload": _names("workload", count),
            "accelerator_hours_per_mtok": accelerator_hours,
            "kwh_per_mtok": accelerator_hours * random.uniform(0.9, 1.1, count),
            "gb_per_mtok": 0.01,
            "latency_slo_ms": np.where(waits, math.inf, np.resize(SLO_MS, count)),
            "deadline_hours": np.where(waits, DEADLINE_HOURS, 0.0),
        }
    )


def _demand(workloads: pd.DataFrame, hubs: pd.DataFrame, hours: int, random: np.random.Generator) -> pd.DataFrame:
    population = random.pareto(1.2, len(hubs)) + 0.2
    share = random.dirichlet(np.full(len(workloads), 3.0))
    day = 1 + 0.6 * np.sin((np.arange(hours) % 24 - 8) / 24 * 2 * np.pi)
    mtok = 1e6 * share[:, None, None] * (population / population.sum())[:, None] * day
    mtok *= random.uniform(0.9, 1.1, mtok.shape)
    index = pd.MultiIndex.from_product(
        [workloads["workload"], hubs["hub"], range(hours)], names=["workload", "hub", "hour"]
    )
    return pd.DataFrame({"mtok": mtok.ravel()}, index=index).reset_index()


def _data_centres(tables: dict[str, pd.DataFrame], inland: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    each = tables["workloads"].set_index("workload")["accelerator_hours_per_mtok"]
    demand = tables["demand"]
    busiest = (demand["mtok"] * demand["workload"].map(each)).groupby(demand["hour"]).sum().max()
    part = random.uniform(0.5, 1.5, len(inland))
    return pd.DataFrame(
        {
            "data_centre": _names("site", len(inland)),
            "region": np.where(inland, "inland", "coast"),
            "accelerators": 1.15 * busiest * part / part.sum(),
            "pue": np.where(inland, 1.2, 1.35),
        }
    )


def _power(inland: np.ndarray, hours: int, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    base = np.where(inland, 45.0, 95.0) * random.uniform(0.85, 1.15, len(inland))
    day = 1 + 0.35 * np.sin((np.arange(hours) % 24 - 9) / 24 * 2 * np.pi)
    price = base[:, None] * day * random.uniform(0.95, 1.05, (len(inland), hours))
    zones = _names("zone", len(inland))
    return (
        pd.DataFrame({"power_zone": zones, "usd_per_mwh": pd.Series([tuple(row) for row in price], dtype=object)}),
        pd.DataFrame({"power_zone": zones, "data_centre": _names("site", len(inland))}),
    )


def _links(hub_km: np.ndarray, centre_km: np.ndarray) -> pd.DataFrame:
    """One link from every hub to every data centre; the nearest is always near enough for the strictest class."""
    distance = np.linalg.norm(hub_km[:, None] - centre_km[None], axis=2)
    rtt = SWITCHING_MS + _rtt_ms(distance)
    nearest = np.arange(len(hub_km)), rtt.argmin(axis=1)
    rtt[nearest] = np.minimum(rtt[nearest], SLO_MS[0])
    index = pd.MultiIndex.from_product([_names("hub", len(hub_km)), _names("site", len(centre_km))])
    return pd.DataFrame(
        {
            "from": index.get_level_values(0),
            "to": index.get_level_values(1),
            "rtt_ms": rtt.ravel(),
            "usd_per_gb": (0.01 + 2e-4 * distance).ravel(),
        }
    )


def _connect(graph: nx.Graph, place: np.ndarray) -> None:
    """Join the parts of a graph by a link from each to the nearest node of the largest."""
    largest, *others = sorted(nx.connected_components(graph), key=len, reverse=True)
    main = np.array(sorted(largest))
    for part in others:
        node = min(part)
        graph.add_edge(node, int(main[np.linalg.norm(place[main] - place[node], axis=1).argmin()]))
