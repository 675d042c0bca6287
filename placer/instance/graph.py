"""Conversion between networkx graphs and tables, and the shortest round-trip routes from hubs to data centres."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, csr_matrix
from scipy.sparse.csgraph import dijkstra

from placer.errors import InstanceError, Violation
from placer.instance.cleaning import misnamed, tabulate
from placer.instance.schema import EDGE_TABLES, NODE_TABLES, TABLES, Table
from placer.instance.validation import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from placer.utils.arrays import FloatArray, IntArray

#: Of paths with equal round trips the cheaper one wins. In comparisons the dearest link adds this many ms to its round
#: trip: far below anything measurable, and far above the rounding of a sum of milliseconds (1e-14).
_TIE_MS = 1e-11

_NO_NODE = -9999  # scipy's mark for 'no predecessor'


@dataclass(frozen=True, eq=False)
class Routes:
    """The shortest round-trip path from every hub to every data centre.

    Attributes
    ----------
    rtt_ms : (hubs, data centres) array
        Round trip over the links of the path, without the hub's access; inf where there is no path.
    usd_per_gb : (hubs, data centres) array
        Transit cost of the path; 0 where there is no path.
    links : (hubs * data centres, links) sparse array
        1 where the path of pair ``hub * data centres + data centre`` uses the link.
    """

    rtt_ms: FloatArray
    usd_per_gb: FloatArray
    links: csr_array


def read_graph(graph: nx.Graph) -> tuple[dict[str, pd.DataFrame], list[Violation], set[tuple[str, str]]]:
    """Turn a graph of any networkx class into the tables of an instance, and list the defects of the graph.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        Nodes and edges with the attributes of ``placer.instance.schema``. In a directed graph a link carries requests
        from its first to its second node only, and a supply runs from the power zone to the data centre.

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


def find_routes(links: pd.DataFrame, hubs: Iterable[str], data_centres: Iterable[str], *, directed: bool) -> Routes:
    """Find the shortest round-trip path over links from every hub to every data centre.

    Of parallel links the one with the shortest round trip is taken. Links of zero round trip count. Of paths with equal
    round trips (to 1e-9 ms) the cheaper one is taken. Dijkstra's algorithm starts from the hubs or the data centres,
    whichever are fewer.

    Parameters
    ----------
    links : DataFrame
        Columns ``from``, ``to``, ``rtt_ms``, ``usd_per_gb``.
    hubs, data_centres : iterable of str
        Names, in the order of the result's axes.
    directed : bool
        Whether a link leads from its first to its second node only.
    """
    hub_names, centre_names = list(hubs), list(data_centres)
    names = dict.fromkeys([*hub_names, *centre_names, *links["from"], *links["to"]])
    number = {name: position for position, name in enumerate(names)}
    steps = _least_steps(links, number, directed=directed)
    source = np.array([number[name] for name in hub_names], dtype=np.intp)
    target = np.array([number[name] for name in centre_names], dtype=np.intp)
    if len(target) < len(source):
        used, reached = _search(steps.weights.T.tocsr(), target, source, steps.link_of.T.tocsr(), links=len(links))
        order = np.arange(len(target) * len(source)).reshape(len(target), len(source)).T.ravel()
        used, reached = used[order], reached.T
    else:
        used, reached = _search(steps.weights, source, target, steps.link_of, links=len(links))
    shape = (len(source), len(target))
    rtt_ms = (used @ links["rtt_ms"].to_numpy(float)).reshape(shape)
    usd_per_gb = (used @ links["usd_per_gb"].to_numpy(float)).reshape(shape)
    return Routes(np.where(reached, rtt_ms, math.inf), np.where(reached, usd_per_gb, 0.0), used)


@dataclass(frozen=True)
class _Steps:
    """The shortest link of every ordered pair of nodes: as weights for the search, and by number (plus 1)."""

    weights: csr_matrix
    link_of: csr_matrix


def _least_steps(links: pd.DataFrame, number: Mapping[str, int], *, directed: bool) -> _Steps:
    tail = links["from"].map(number).to_numpy(np.int64)
    head = links["to"].map(number).to_numpy(np.int64)
    rtt, cost = links["rtt_ms"].to_numpy(float), links["usd_per_gb"].to_numpy(float)
    link: IntArray = np.arange(len(links))
    if not directed:
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        rtt, cost, link = np.tile(rtt, 2), np.tile(cost, 2), np.tile(link, 2)
    order = np.lexsort((link, cost, rtt, head, tail))
    tail, head, rtt, cost, link = (values[order] for values in (tail, head, rtt, cost, link))
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    dearest = cost.max(initial=0.0) or 1.0
    compared = rtt + _TIE_MS * (cost / dearest)
    shape = (len(number), len(number))
    start = np.searchsorted(tail[first], np.arange(len(number) + 1))
    # Built from its parts to keep links of zero round trip.
    weights = csr_matrix((compared[first], head[first], start), shape=shape)
    return _Steps(weights, csr_matrix((link[first] + 1, head[first], start), shape=shape))


def _search(
    weights: csr_matrix, source: IntArray, target: IntArray, link_of: csr_matrix, *, links: int
) -> tuple[csr_array, IntArray]:
    """Return the links of the shortest path of every pair, and whether there is a path."""
    _, before = dijkstra(weights, indices=source, return_predecessors=True)
    reached = (before[:, target] != _NO_NODE) | (source[:, None] == target[None, :])
    return _walk_back(before, source, target, link_of, links=links), reached


def _walk_back(before: IntArray, source: IntArray, target: IntArray, link_of: csr_matrix, *, links: int) -> csr_array:
    """Collect the links of every path: walk all paths back from their targets, one step at a time."""
    pair = np.arange(len(source) * len(target))
    row = np.repeat(np.arange(len(source)), len(target))
    node = np.tile(target, len(source))
    pairs, used = [], []
    while True:
        previous = before[row, node]
        going = previous != _NO_NODE
        pair, row, node, previous = pair[going], row[going], node[going], previous[going]
        if not pair.size:
            break
        pairs.append(pair)
        used.append(np.asarray(link_of[previous, node]).ravel() - 1)
        node = previous
    rows = np.concatenate(pairs) if pairs else np.empty(0, dtype=np.intp)
    columns = np.concatenate(used) if used else np.empty(0, dtype=np.intp)
    shape = (len(source) * len(target), links)
    return csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=shape))


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
