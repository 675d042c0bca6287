"""networkx: routes by Dijkstra's and Yen's algorithms in Python."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    import placer


def all_pairs(graph: nx.Graph) -> dict[str, dict[str, float]]:
    """Return the round trips between all nodes."""
    return dict(nx.all_pairs_dijkstra_path_length(graph, weight="rtt_ms"))


def from_hubs(graph: nx.Graph, hubs: list[str]) -> dict[str, dict[str, float]]:
    """Return the round trips from every hub to all nodes."""
    return {hub: nx.single_source_dijkstra_path_length(graph, hub, weight="rtt_ms") for hub in hubs}


def next_lengths(graph: nx.Graph, hubs: list[str], centres: list[str], most: int) -> np.ndarray:
    """Return the round trips of up to ``most`` simple paths of every pair, hub by hub, in one row."""
    lengths = [
        nx.path_weight(graph, path, "rtt_ms")
        for hub, centre in itertools.product(hubs, centres)
        for path in itertools.islice(nx.shortest_simple_paths(graph, hub, centre, weight="rtt_ms"), most)
    ]
    return np.array(lengths)


def link_graph(instance: placer.Instance) -> nx.Graph:
    """Return the links of an instance as a simple graph."""
    return nx.from_pandas_edgelist(instance.links, "from", "to", edge_attr="rtt_ms")


def as_matrix(lengths: dict[str, dict[str, float]], hubs: list[str], centres: list[str]) -> np.ndarray:
    """Return round trips in the layout of ``placer.instance.network.routes.Routes``."""
    return np.array([[lengths[hub].get(centre, np.inf) for centre in centres] for hub in hubs])
