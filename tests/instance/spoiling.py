"""A sound input, and functions that spoil it as a graph, as tables and in its settings."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pandas as pd
import pytest

from placer.instance.problem import Instance

NUMBER = ">= 0, finite"
LIMIT = ">= 0, finite or inf"

BASE: dict[str, list[dict[str, Any]]] = {
    "hubs": [{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}],
    "data_centres": [{"data_centre": "D", "region": "west"}],
    "power_zones": [{"power_zone": "Z", "usd_per_mwh": 50}],
    "exchanges": [{"exchange": "E"}],
    "links": [
        {"from": "A", "to": "E", "rtt_ms": 5},
        {"from": "B", "to": "E", "rtt_ms": 5},
        {"from": "E", "to": "D", "rtt_ms": 5},
    ],
    "supplies": [{"power_zone": "Z", "data_centre": "D"}],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1}],
    "demand": [
        {"workload": "w", "hub": "A", "hour": 0, "mtok": 3},
        {"workload": "w", "hub": "B", "hour": 0, "mtok": 2},
        {"workload": "w", "hub": "A", "hour": 1, "mtok": 3},
    ],
}

KINDS = {"hubs": "hub", "data_centres": "data_centre", "power_zones": "power_zone", "exchanges": "exchange"}


def base_graph(cls=nx.MultiGraph):
    """Return the network of BASE as a graph."""
    graph = cls()
    for table, kind in KINDS.items():
        for row in BASE[table]:
            graph.add_node(row[kind], kind=kind, **{name: value for name, value in row.items() if name != kind})
    for row in BASE["links"]:
        graph.add_edge(row["from"], row["to"], kind="link", rtt_ms=row["rtt_ms"])
    graph.add_edge("Z", "D", kind="supply")
    return graph


def from_graph(graph, **settings):
    return Instance.from_graph(graph, BASE["workloads"], BASE["demand"], **settings)


def node(name, cls=nx.MultiGraph, **attributes):
    """Set attributes of a node, which is added if it is not there."""
    graph = base_graph(cls)
    graph.add_node(name, **attributes)
    return from_graph(graph)


def edge(tail, head, cls=nx.MultiGraph, **attributes):
    """Add an edge."""
    graph = base_graph(cls)
    graph.add_edge(tail, head, **attributes)
    return from_graph(graph)


def rows(table, *changes, **settings):
    """Replace a table: the first rows of BASE with changes, or whole rows where there are no more."""
    old = BASE[table] + [{}] * len(changes)
    changed = [row | change for row, change in zip(old, changes, strict=False)]
    return Instance.from_tables(BASE | {table: changed}, **settings)


def frame(table, **columns):
    """Set columns of a table given as a DataFrame."""
    return Instance.from_tables(BASE | {table: pd.DataFrame(BASE[table]).assign(**columns)})


def tables(without=(), **changes):
    """Replace or leave out whole tables."""
    return Instance.from_tables({name: value for name, value in (BASE | changes).items() if name not in without})


def settings(**given):
    return Instance.from_tables(BASE, **given)


def case(build, *arguments, at, problem, allowed="", name=None, **keywords):
    """Describe one bad input: how it is made, and the place, problem and allowed range that must be named."""
    label = name or ", ".join(map(str, arguments)) + "".join(f" {key}={value!r}" for key, value in keywords.items())
    return pytest.param(
        lambda: build(*arguments, **keywords), at, problem, allowed, id=f"{build.__name__}: {label}"[:90]
    )
