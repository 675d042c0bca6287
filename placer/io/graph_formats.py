"""Strict conversion of networkx graphs to and from node-link JSON and GraphML.

Graph readers ignore duplicate and missing entries: each is a violation here.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import ParseError

import networkx as nx

from placer.errors import InstanceError, PlacerError, Violation, refuse
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import show
from placer.io.table_files import NOT_XML
from placer.utils.reading import read_bytes

#: Attributes of the graph for the tables and settings that a network cannot hold.
TABLE_KEYS = (
    *("batteries", "contracts", "accelerator_pools", "workloads", "modes", "served_models", "demand"),
    *("demand_steps", "periods"),
    *("limits", "latency_value", "surcharges", "policies"),
)
SETTINGS_KEY = "settings"
#: Attributes that may hold one value per hour.
_HOURLY = {column.name for table in TABLES.values() for column in table.columns if column.kind is Kind.HOURLY}


def node_link_bytes(graph: nx.Graph) -> bytes:
    """Return a graph as node-link JSON."""
    data = nx.node_link_data(graph, edges="edges")
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1).encode()


def graphml_bytes(graph: nx.Graph) -> bytes:
    """Return a graph as GraphML, with lists and mappings as JSON text."""
    written = graph.__class__()
    written.graph.update({name: json.dumps(value, ensure_ascii=False) for name, value in graph.graph.items()})
    for node, attributes in graph.nodes(data=True):
        written.add_node(_xml_text(node, "node"))
        written.nodes[node].update(_scalars(attributes, f"node {node}"))
    for tail, head, key, attributes in graph.edges(keys=True, data=True):
        written.add_edge(tail, head, key)
        written.edges[tail, head, key].update(_scalars(attributes, f"edge {tail}-{head}"))
    for name, text in written.graph.items():
        _xml_text(text, name)
    stream = io.BytesIO()
    nx.write_graphml_xml(written, stream)
    return stream.getvalue()


def _scalars(attributes: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return attributes in GraphML types. GraphML has no empty text, so an empty attribute is not read back."""
    return {
        _xml_text(name, place): _xml_text(json.dumps(value, ensure_ascii=False), f"{place}.{name}")
        if isinstance(value, (list, dict))
        else _xml_text(value, f"{place}.{name}")
        for name, value in attributes.items()
    }


def _xml_text(value: Any, place: str) -> Any:
    """Return a value that XML can hold."""
    if isinstance(value, str) and (found := NOT_XML.search(value)):
        raise PlacerError(f"{place}: {show(value)} holds U+{ord(found[0]):04X}, which GraphML cannot; JSON can")
    return value


def node_link_graph(file: Path) -> nx.Graph:
    """Read a file of node-link JSON; a duplicate key of an object is a violation.

    Raises
    ------
    InstanceError
    """
    twice: list[str] = []
    content = read_bytes(file)
    try:
        data = json.loads(content, object_pairs_hook=lambda pairs: _unique(pairs, twice))
    except (ValueError, RecursionError) as error:
        raise _no_graph(file, str(error)) from error
    violations = [Violation(file.name, "", name, "key given twice", "once") for name in dict.fromkeys(twice)]
    violations += node_link_problems(data, file.name)
    refuse(violations)
    edges = "edges" if "edges" in data else "links"
    try:
        return nx.node_link_graph(data, edges=edges)
    except (nx.NetworkXError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise _no_graph(file, f"{type(error).__name__}: {error}") from error


def _unique(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    """Return an object of a JSON file, and add its duplicate keys to ``twice``."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice += [name for name, count in Counter(names).items() if count > 1]
    return dict(pairs)


def graphml_graph(file: Path) -> nx.Graph:
    """Read a GraphML file, apply the defaults that it declares, and parse its JSON texts.

    Raises
    ------
    InstanceError
    """
    content = read_bytes(file)
    try:
        violations = graphml_problems(content, file.name)
        graph = nx.read_graphml(io.BytesIO(content))
    except (nx.NetworkXError, ParseError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _no_graph(file, f"{type(error).__name__}: {error}") from error
    refuse(violations)
    for _, attributes in graph.nodes(data=True):
        _complete(attributes, graph.graph["node_default"])
    for *_, attributes in graph.edges(data=True):
        attributes.pop("id", None)  # the id of the edge in the file, not an attribute
        _complete(attributes, graph.graph["edge_default"])
    for name in (*TABLE_KEYS, SETTINGS_KEY):
        if name in graph.graph:
            graph.graph[name] = _from_json(graph.graph[name])
    return graph


def _complete(attributes: dict[str, Any], default: Mapping[str, Any]) -> None:
    """Fill in the defaults that the file declares, which networkx ignores, and parse values per hour."""
    for name, value in default.items():
        attributes.setdefault(name, value)
    for name in _HOURLY.intersection(attributes):
        attributes[name] = _from_json(attributes[name])


def _from_json(value: Any) -> Any:
    """Return the JSON value of a text, or the text itself, which validation reports."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value


def _no_graph(file: Path, problem: str) -> InstanceError:
    return InstanceError([Violation(file.name, "", "", problem, "a graph as node-link JSON or GraphML")])


_Name = TypeVar("_Name", bound="Hashable")


def node_link_problems(data: Any, file: str) -> list[Violation]:
    """Return the violations in the form of node-link JSON.

    Parameters
    ----------
    data : object
        Content of the file.
    file : str
        Its name, for the violations.
    """
    if not isinstance(data, dict) or "nodes" not in data or not ("edges" in data or "links" in data):
        return [_problem(file, "", "no nodes or no edges")]
    if "edges" in data and "links" in data:
        return [_problem(file, "links", "edges are given under two names", "edges or links, not both")]
    edges = "edges" if "edges" in data else "links"
    violations = [
        _problem(file, name, f"{show(data[name])} is not a list of mappings", "a list of mappings")
        for name in ("nodes", edges)
        if not (isinstance(data[name], list) and all(isinstance(row, dict) for row in data[name]))
    ]
    if not isinstance(data.get("graph", {}), dict):
        violations.append(_problem(file, "graph", f"{show(data['graph'])} is not a mapping", "attributes by name"))
    violations += [
        _problem(file, name, show(data[name]), "true or false")
        for name in ("directed", "multigraph")
        if not isinstance(data.get(name, False), bool)
    ]
    if violations:
        return violations
    nodes = (_hashable(row["id"]) for row in data["nodes"] if "id" in row)
    return [Violation(file, f"node {name}", "", "given twice", "once") for name in _repeated(nodes)] + _edge_problems(
        data[edges], data, file
    )


def _edge_problems(edges: Iterable[Mapping[str, Any]], data: Mapping[str, Any], file: str) -> list[Violation]:
    """Return violations for edges of which only the last would count: parallel edges of a simple graph, equal keys."""
    multigraph, directed = data.get("multigraph", True), data.get("directed", False)
    ends: list[tuple[Hashable, ...]] = []
    for row in edges:
        pair: tuple[Hashable, ...] = (_hashable(row.get("source")), _hashable(row.get("target")))
        if not directed:
            pair = tuple(sorted(pair, key=repr))
        if not multigraph:
            ends.append(pair)
        elif row.get("key") is not None:
            ends.append((*pair, _hashable(row["key"])))
    allowed = "different keys" if multigraph else '"multigraph": true, for parallel edges'
    return [Violation(file, f"edge {found[0]}-{found[1]}", "", "given twice", allowed) for found in _repeated(ends)]


def graphml_problems(content: bytes, file: str) -> list[Violation]:
    """Return the duplicates of a GraphML file: graphs, nodes, keys, and values of one node or edge.

    Raises
    ------
    xml.etree.ElementTree.ParseError, LookupError
        If the content is not XML, or its encoding is unknown.
    """
    graphs: list[str] = []
    keys: list[Hashable] = []
    nodes: list[Hashable] = []
    violations = []
    for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 - expat limits entities
        kind = element.tag.rpartition("}")[2]
        if kind == "graph":
            graphs.append(element.get("id", ""))
        elif kind == "key":
            keys.append(element.get("id"))
        elif kind == "node":
            nodes.append(element.get("id"))
        if kind in ("node", "edge", "graph"):
            values = [child.get("key") for child in element if child.tag.rpartition("}")[2] == "data"]
            place = f"{kind} {element.get('id') or '-'.join(filter(None, map(element.get, ('source', 'target'))))}"
            violations += [Violation(file, place, f"data {name}", "given twice", "once") for name in _repeated(values)]
    if len(graphs) > 1:
        violations.append(_problem(file, "graph", f"{len(graphs)} graphs", "one graph"))
    violations += [Violation(file, f"key {name}", "", "given twice", "once") for name in _repeated(keys)]
    return violations + [Violation(file, f"node {name}", "", "given twice", "once") for name in _repeated(nodes)]


def _problem(file: str, column: str, problem: str, allowed: str = "a graph as node-link JSON or GraphML") -> Violation:
    return Violation(file, "", column, problem, allowed)


def _hashable(value: Any) -> Hashable:
    return (
        tuple(map(_hashable, value))
        if isinstance(value, list)
        else value
        if not isinstance(value, dict)
        else repr(value)
    )


def _repeated(names: Iterable[_Name]) -> list[_Name]:
    return [name for name, count in Counter(names).items() if count > 1]
