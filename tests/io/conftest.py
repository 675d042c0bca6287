"""Graphs that the tests of graph files share."""

from __future__ import annotations

import math

import networkx as nx
import pytest


@pytest.fixture
def foreign():
    """Return a function that makes a graph as another program may hold it."""

    def make(graph_class=nx.Graph):
        """Return a graph as another program may hold it, and what belongs to it."""
        graph = graph_class(name="n")
        graph.add_node("coast", kind="hub", region="east", people=5)
        graph.add_node("inland", kind="data_centre", pue=1.25)
        graph.add_node("grid", kind="power_zone", usd_per_mwh=50)
        graph.add_edge("coast", "inland", kind="link", rtt_ms=30)
        graph.add_edge("grid", "inland", kind="supply", limit_mw=math.inf)
        workloads = [{"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 40}]
        return graph, workloads, [{"workload": "chat", "hub": "coast", "mtok": 100}]

    return make
