"""Networks in which routes have to be found."""

from __future__ import annotations

import math
from typing import TypeVar

import networkx as nx
import numpy as np

import placer

#: Kilometres light travels in fibre in a millisecond, and how much longer a cable is than the straight line.
FIBRE_KM_PER_MS, DETOUR = 200.0, 1.5

Distance = TypeVar("Distance", float, np.ndarray)


def network(size: tuple[int, ...], seed: int) -> placer.Instance:
    """Build a random geometric network of ``size`` nodes: a tenth hubs, a fiftieth data centres, the rest exchanges."""
    (nodes,) = size
    random = np.random.default_rng(seed)
    place = random.uniform(0, 3000, (nodes, 2))
    hubs, centres = nodes // 10, max(nodes // 50, 2)
    graph = nx.random_geometric_graph(nodes, 3000 * math.sqrt(12 / (math.pi * nodes)), pos=dict(enumerate(place)))
    _connect(graph, place)
    # Nodes have random positions in the order of their numbers, so the first ones serve as hubs and data centres.
    graph = nx.relabel_nodes(graph, {node: f"node-{node}" for node in graph}, copy=False)
    for number, attributes in enumerate(graph.nodes.values()):
        attributes.clear()
        attributes["kind"] = "hub" if number < hubs else "data_centre" if number < hubs + centres else "exchange"
    for tail, head, attributes in graph.edges(data=True):
        ends = [place[int(node.removeprefix("node-"))] for node in (tail, head)]
        distance = float(np.linalg.norm(ends[0] - ends[1]))
        attributes |= {"kind": "link", "rtt_ms": rtt_ms(distance), "usd_per_gb": 0.01 + 1e-4 * distance}
    workloads = [{"workload": "chat", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}]
    demand = [{"workload": "chat", "hub": f"node-{number}", "mtok": 1.0} for number in range(hubs)]
    return placer.Instance.from_graph(graph, workloads, demand)


def rtt_ms(distance_km: Distance) -> Distance:
    """Return the round trip of light over a cable between places at a given distance."""
    return 2 * DETOUR / FIBRE_KM_PER_MS * distance_km


def _connect(graph: nx.Graph, place: np.ndarray) -> None:
    """Connect the components of a graph by a link from each to the nearest node of the largest."""
    largest, *others = sorted(nx.connected_components(graph), key=len, reverse=True)
    main = np.array(sorted(largest))
    for part in others:
        node = min(part)
        graph.add_edge(node, int(main[np.linalg.norm(place[main] - place[node], axis=1).argmin()]))
