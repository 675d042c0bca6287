"""Duplicate and missing entries of graph files, which graph readers ignore: one violation each."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree import ElementTree as ET

from placer.errors import Violation
from placer.instance.attributes.validation import show

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

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
