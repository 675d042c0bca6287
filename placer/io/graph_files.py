"""A whole instance in one graph file: networkx node-link JSON or GraphML, which most graph programs read.

Nodes and edges carry the attributes of ``placer.instance.attributes.schema``. Workloads, demand, periods and settings
are attributes of the graph: lists of rows and a mapping in JSON, and JSON text in GraphML, which has no lists. Values
per hour are lists, or JSON text in GraphML. Values that are not given or unlimited are left out, since they equal the
default of the attribute. The edge attribute ``placer_row`` holds the row of the edge in its table; ``placer_from``
holds its first node, if an undirected graph would turn it round. So ``load_graph`` restores what ``save_graph`` wrote,
rows in order. Files of other programs need neither, and workloads and demand may be given separately.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from placer.errors import PlacerError, Violation
from placer.instance.arguments import need_instance
from placer.instance.attributes.schema import EDGE_TABLES, NODE_TABLES, OPTIONAL_TABLES
from placer.instance.attributes.settings import changed_settings
from placer.instance.attributes.validation import show
from placer.instance.gathering import gather_graph
from placer.instance.problem import Instance
from placer.instance.tables.given import TableLike
from placer.instance.tables.plain_rows import plain, plain_records
from placer.io.graph_formats import (
    SETTINGS_KEY,
    TABLE_KEYS,
    graphml_bytes,
    graphml_graph,
    node_link_bytes,
    node_link_graph,
)
from placer.utils.atomic import whole
from placer.utils.reading import with_home

#: Endings of the names of graph files.
ENDINGS = (".json", ".graphml")

#: Edge attributes that preserve the rows of a table.
ROW, FROM = "placer_row", "placer_from"


def save_graph(instance: Instance, file: str | os.PathLike[str]) -> Path:
    """Write an instance as one graph file, replace any file there, and return its path.

    Parameters
    ----------
    instance : Instance
    file : str or path
        Ends in ``.json`` (node-link, as of ``networkx.node_link_data``) or ``.graphml``.

    Raises
    ------
    PlacerError
        If the name ends otherwise, or the format cannot represent the value of an unknown attribute.

    Examples
    --------
    >>> import placer, tempfile, pathlib
    >>> tiny = placer.load("tiny")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     placer.load(placer.save_graph(tiny, pathlib.Path(place) / "tiny.graphml")) == tiny
    True
    """
    need_instance(instance)
    target = with_home(file)
    write = _by_ending(target, {".json": node_link_bytes, ".graphml": graphml_bytes})
    content = write(_whole_graph(instance))
    with whole(target) as draft:
        draft.write_bytes(content)
    return target


def load_graph(
    file: str | os.PathLike[str], workloads: TableLike | None = None, demand: TableLike | None = None, **settings: Any
) -> Instance:
    """Read an instance from a graph file, by ``save_graph`` or by any program that writes a format of networkx.

    Parameters
    ----------
    file : str or path
        Ends in ``.json`` (node-link; edges under ``edges`` or, in older files, ``links``) or ``.graphml``.
    workloads, demand : DataFrame or sequence of mappings, optional
        Replace those of the file, which must hold them otherwise.
    **settings
        Fields of ``Settings``; they replace those of the file.

    Raises
    ------
    InstanceError
        Listing every violation; also if the file cannot be read, has another format, or holds duplicates of which only
        one would count. So is a file of more than 1 GB; ``PLACER_MAX_FILE_BYTES`` sets another limit.
    PlacerError
        If the name ends otherwise.
    """
    source = with_home(file)
    graph = _by_ending(source, {".json": node_link_graph, ".graphml": graphml_graph})(source)
    own, violations = _own_attributes(graph, source.name)
    spoilt = {violation.column for violation in violations}
    tables = {"workloads": workloads, "demand": demand} | {name: None for name in TABLE_KEYS if name in OPTIONAL_TABLES}
    absent = {name for name, table in tables.items() if table is None and name not in own}
    missing = absent - set(OPTIONAL_TABLES)
    violations += [
        Violation(source.name, "", name, "not in the file", f"in the file, or given as {name}=")
        for name in tables
        if name in missing - spoilt
    ]
    given = {name: own[name] if table is None else table for name, table in tables.items() if name not in absent}
    unknown = {(name, "") for name in missing}
    settings = own.get(SETTINGS_KEY, {}) | settings
    return _in_order(Instance.of(gather_graph(graph, given, settings, found=violations, unknown=unknown)))


def _own_attributes(graph: nx.Graph, file: str) -> tuple[dict[str, Any], list[Violation]]:
    """Return the tables and settings that a graph holds, and the violations of those that have another type."""
    kinds: dict[str, tuple[type, str, str]] = dict.fromkeys(TABLE_KEYS, (list, "table", "a list of rows"))
    kinds[SETTINGS_KEY] = dict, "mapping", "settings by name"
    own = {name: graph.graph[name] for name in kinds if name in graph.graph}
    violations = [
        Violation(file, "", name, f"{show(own.pop(name))} is not a {what}", allowed)
        for name, (kind, what, allowed) in kinds.items()
        if not isinstance(own.get(name, kind()), kind)
    ]
    return own, violations


def _in_order(instance: Instance) -> Instance:
    """Return an instance whose edges have the order of rows and ends that ``save_graph`` recorded."""
    ordered = {table.name: _as_it_was(instance.tables[table.name], *table.key) for table in EDGE_TABLES.values()}
    changed = {name: frame for name, frame in ordered.items() if frame is not None}
    return instance.replace(**changed) if changed else instance


def _by_ending(file: Path, known: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], Any]:
    if file.suffix.lower() not in known:
        raise PlacerError(f"{file} ends in neither {' nor '.join(known)}")
    return known[file.suffix.lower()]


def _whole_graph(instance: Instance) -> nx.MultiGraph | nx.MultiDiGraph:
    """Return the network with all other data as attributes of the graph, in JSON values only."""
    directed = instance.settings.directed
    graph = nx.MultiDiGraph() if directed else nx.MultiGraph()
    for kind, table in NODE_TABLES.items():
        for node, attributes in plain_records(instance.tables[table.name], table.key, table.name):
            graph.add_node(*node, kind=kind)
            graph.nodes[node[0]].update(attributes)
    place = {node: position for position, node in enumerate(graph)}
    for kind, table in EDGE_TABLES.items():
        for row, (ends, attributes) in enumerate(plain_records(instance.tables[table.name], table.key, table.name)):
            turned = kind == "link" and not directed and place[ends[0]] > place[ends[1]]
            own = {"kind": kind, ROW: row} | ({FROM: ends[0]} if turned else {})
            key = graph.number_of_edges()
            graph.add_edge(*ends, key)
            graph.edges[*ends, key].update(attributes | own)
    for name in TABLE_KEYS:
        if name not in OPTIONAL_TABLES or len(instance.tables[name]):
            graph.graph[name] = [row for _, row in plain_records(instance.tables[name], (), name)]
    graph.graph[SETTINGS_KEY] = {
        name: plain(value, "settings")
        for name, value in changed_settings(instance.settings).items()
        if name != "directed"
    }
    return graph


def _as_it_was(frame: pd.DataFrame, tail: str, head: str) -> pd.DataFrame | None:
    """Return a table of edges with its rows and ends in the recorded order; None if the order is not recorded."""
    if ROW not in frame and FROM not in frame:
        return None
    if ROW in frame:
        frame = frame.sort_values(ROW, kind="stable", key=lambda rows: pd.to_numeric(rows, errors="coerce"))
    if FROM in frame:
        turned = (frame[FROM] == frame[head]).to_numpy()
        ends = frame[[tail, head]].to_numpy(object, copy=True)
        ends[turned] = ends[turned][:, ::-1]
        frame = frame.assign(**{tail: ends[:, 0], head: ends[:, 1]})
    return frame.drop(columns=[name for name in (ROW, FROM) if name in frame]).reset_index(drop=True)
