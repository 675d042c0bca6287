"""Conversion between networkx graphs and tables."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import networkx as nx
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.attributes.columns import Table
from placer.instance.attributes.schema import EDGE_TABLES, NODE_TABLES, TABLES
from placer.instance.attributes.validation import show
from placer.instance.tables.cleaning import misnamed, tabulate


def read_graph(graph: nx.Graph) -> tuple[dict[str, pd.DataFrame], list[Violation], set[tuple[str, str]]]:
    """Turn a graph of any networkx class into the tables of an instance, and list the defects of the graph.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        Nodes and edges with the attributes of ``placer.instance.attributes.schema``. In a directed graph a link carries
        requests from its first to its second node only, and a supply runs from the power zone to the data centre.

    Returns
    -------
    tables, violations, unknown
        Tables ``hubs``, ``data_centres``, ``power_zones``, ``exchanges``, ``links`` and ``supplies``, with unknown
        attributes as further columns; the defects that only the graph shows; and the tables and columns that are
        incomplete because of them.
    """
    if not isinstance(graph, nx.Graph):
        raise InstanceError([Violation("graph", "", "", f"{show(graph)} is not a graph", "a networkx graph")])
    violations: list[Violation] = []
    unknown: set[tuple[str, str]] = set()
    rows: dict[str, list[dict[str, object]]] = defaultdict(list)
    kinds: dict[object, str] = {}
    for node, attributes in graph.nodes(data=True):
        kind = _kind(attributes, NODE_TABLES, f"node {node}", violations)
        if kind:
            kinds[node] = kind
            table = NODE_TABLES[kind]
            violations += _check_attributes(attributes, table, f"node {node}", unknown)
            rows[table.name].append({table.key[0]: node} | _without_kind(attributes))
    for tail, head, attributes in _in_order(graph, kinds):
        place = f"edge {tail}-{head}"
        kind = _kind(attributes, EDGE_TABLES, place, violations)
        if kind:
            table = EDGE_TABLES[kind]
            violations += _check_attributes(attributes, table, place, unknown)
            ends = _ends(kind, tail, head, kinds, violations, directed=graph.is_directed())
            if ends:
                rows[table.name].append(dict(zip(table.key, ends, strict=True)) | _without_kind(attributes))
    tables = {name: tabulate(rows[name], TABLES[name]) for name in (*_names(NODE_TABLES), *_names(EDGE_TABLES))}
    if len(kinds) < len(graph):
        unknown |= {(table.name, table.key[0]) for table in NODE_TABLES.values()}
    if len(rows["links"]) + len(rows["supplies"]) < graph.number_of_edges():
        unknown.add(("links", "from"))
    return tables, violations, unknown


def to_graph(tables: Mapping[str, pd.DataFrame], *, directed: bool) -> nx.MultiGraph | nx.MultiDiGraph:
    """Return the network of an instance as a networkx graph; ``read_graph`` restores the same tables.

    Links that did not come from a graph may change their order; undirected links may swap their ends.
    """
    graph = nx.MultiDiGraph() if directed else nx.MultiGraph()
    for kind, table in NODE_TABLES.items():
        for row in tables[table.name].to_dict("records"):
            node = row.pop(table.key[0])
            graph.add_node(node)
            graph.nodes[node].update(_given(row), kind=kind)
    for kind, table in EDGE_TABLES.items():
        for row in tables[table.name].to_dict("records"):
            tail, head = (row.pop(name) for name in table.key)
            key = graph.add_edge(tail, head)
            graph.edges[tail, head, key].update(_given(row), kind=kind)
    return graph


def _in_order(graph: nx.Graph, kinds: Mapping[object, str]) -> list[tuple[Any, Any, dict[str, object]]]:
    """List the edges by their first and second node, nodes in the order of their tables.

    A graph does not order its edges, and an undirected edge has no first node; this order survives ``to_graph``.
    """
    tables = list(NODE_TABLES)
    nodes = sorted(graph, key=lambda node: tables.index(kinds[node]) if node in kinds else len(tables))
    number = {node: place for place, node in enumerate(nodes)}
    edges = list(graph.edges(data=True))
    if not graph.is_directed():
        edges = [(*sorted(ends, key=number.__getitem__), attributes) for *ends, attributes in edges]
    return sorted(edges, key=lambda edge: (number[edge[0]], number[edge[1]]))


def _names(tables: Mapping[str, Table]) -> list[str]:
    return [table.name for table in tables.values()]


def _without_kind(attributes: Mapping[str, object]) -> dict[str, object]:
    return {str(name): value for name, value in attributes.items() if name != "kind"}


def _given(row: Mapping[Any, Any]) -> dict[str, object]:
    """Drop values that were not given (None, NaN), so that reading the graph back gives the same table."""
    return {
        str(name): value
        for name, value in row.items()
        if not (value is None or (isinstance(value, float) and math.isnan(value)))
    }


def _kind(
    attributes: Mapping[str, object], tables: Mapping[str, Table], place: str, violations: list[Violation]
) -> str | None:
    kind = attributes.get("kind")
    if isinstance(kind, str) and kind in tables:
        return kind
    problem = f"{show(kind)} is unknown" if "kind" in attributes else "missing"
    violations.append(Violation("graph", place, "kind", problem, ", ".join(tables)))
    return None


def _check_attributes(
    attributes: Mapping[str, object], table: Table, place: str, unknown: set[tuple[str, str]]
) -> list[Violation]:
    """Find attributes that are misspelt or on the wrong kind of node or edge, and add their columns to ``unknown``."""
    given = [str(name) for name in attributes if name != "kind"]
    said = [
        Violation("graph", place, name, "said by the graph itself", "no such attribute")
        for name in given
        if name in table.key
    ]
    found = misnamed((*given, *table.key), table, ("graph", place), "attribute")
    unknown.update((table.name, violation.column) for violation in found)
    return said + found


def _ends(
    kind: str,
    tail: object,
    head: object,
    kinds: Mapping[object, str],
    violations: list[Violation],
    *,
    directed: bool,
) -> tuple[object, object] | None:
    """Return the ends of an edge in the order of its table, or add a violation that says why they do not fit."""
    pair = (kinds.get(tail), kinds.get(head))
    if None in pair:
        return None  # the violation of the node says why
    place = f"edge {tail}-{head}"
    if tail == head:
        violations.append(Violation("graph", place, "", "leads from a node to itself", "two different nodes"))
        return None
    if kind == "link":
        if "power_zone" not in pair:
            return tail, head
        violations.append(Violation("graph", place, "", "a link at a power zone", "hub, exchange, data_centre"))
        return None
    if pair == ("power_zone", "data_centre"):
        return tail, head
    if pair == ("data_centre", "power_zone") and not directed:
        return head, tail
    found = f"a supply from {pair[0]} to {pair[1]}"
    violations.append(Violation("graph", place, "", found, "from power_zone to data_centre"))
    return None
