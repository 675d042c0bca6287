"""Graphs to tables and back."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.attributes.schema import TABLES
from placer.instance.network.routes import find_routes
from placer.instance.tables.cleaning import clean
from placer.instance.tables.graph import read_graph, to_graph

CLASSES = [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]


def example(cls):
    """Return a graph with every kind of node and edge, its nodes added in an order of no table."""
    graph = cls()
    graph.add_node("E", kind="exchange")
    graph.add_node("D", kind="data_centre", region="west", pue=[1.1, 1.2], accelerators=7)
    graph.add_node("Z", kind="power_zone", usd_per_mwh=50, carbon_kg_per_mwh=(400, 500))
    graph.add_node("A", kind="hub", region="east", access_ms=5, lat=30.0, population=9)
    graph.add_node("B", kind="hub")
    graph.add_edge("B", "E", kind="link", rtt_ms=7, length_km=500)
    graph.add_edge("A", "E", kind="link", rtt_ms=0, usd_per_gb=0.5)
    graph.add_edge("E", "D", kind="link", rtt_ms=20, capacity_gbps=3)
    graph.add_edge("Z", "D", kind="supply", loss=0.05)
    return graph


def cleaned(tables):
    """Return the tables of a graph, checked."""
    result = {}
    for name, table in tables.items():
        result[name], violations = clean(table, TABLES[name])
        assert not violations
    return result


def violations_of(graph):
    """Return what is wrong with a graph as text."""
    return [str(violation) for violation in read_graph(graph)[1]]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_of_graph_is_read(cls):
    """Tests that nodes and edges of all four networkx classes fill the tables they belong to."""
    tables, violations, _ = read_graph(example(cls))
    assert not violations
    assert tables["hubs"]["hub"].tolist() == ["A", "B"]
    assert tables["data_centres"].loc[0, "pue"] == [1.1, 1.2]
    assert tables["exchanges"]["exchange"].tolist() == ["E"]
    assert tables["supplies"][["power_zone", "data_centre", "loss"]].to_numpy().tolist() == [["Z", "D", 0.05]]
    assert len(tables["links"]) == 3


def test_links_of_a_directed_graph_keep_their_direction():
    """Tests that ``from`` and ``to`` are the ends of a directed edge in its own order."""
    tables, *_ = read_graph(example(nx.DiGraph))
    assert set(zip(tables["links"]["from"], tables["links"]["to"], strict=True)) == {("A", "E"), ("B", "E"), ("E", "D")}


def test_a_supply_may_be_drawn_either_way():
    """Tests that in an undirected graph a supply runs from the power zone whichever node comes first."""
    graph = example(nx.Graph)
    graph.remove_edge("Z", "D")
    graph.add_edge("D", "Z", kind="supply")
    tables, violations, _ = read_graph(graph)
    assert not violations
    assert tables["supplies"].loc[0, ["power_zone", "data_centre"]].tolist() == ["Z", "D"]


def test_parallel_edges_are_all_kept():
    """Tests that parallel links and supplies become a row each."""
    graph = example(nx.MultiGraph)
    graph.add_edge("Z", "D", kind="supply", usd_per_mwh_adder=5)
    graph.add_edge("A", "E", kind="link", rtt_ms=3)
    tables, violations, _ = read_graph(graph)
    assert not violations
    assert tables["supplies"]["usd_per_mwh_adder"].tolist() == [None, 5]
    assert len(tables["links"]) == 4


def test_unknown_attributes_are_kept():
    """Tests that attributes of other programs come along as further columns, and lead back into the graph."""
    graph = example(nx.Graph)
    graph.nodes["A"]["pos"] = np.array([1.0, 2.0])
    tables, violations, _ = read_graph(graph)
    assert not violations
    assert tables["hubs"]["population"].tolist() == [9, None]
    again = to_graph(cleaned(tables), directed=False)
    assert again.nodes["A"]["population"] == 9
    assert again.nodes["A"]["pos"].tolist() == [1.0, 2.0]
    assert "population" not in again.nodes["B"]
    assert [data["length_km"] for _, _, data in again.edges(data=True) if "length_km" in data] == [500]


@pytest.mark.parametrize("name", ["kind", "key", "node_for_adding", "u_for_edge", "self"])
def test_unknown_columns_of_any_name_lead_into_a_graph(name):
    """Tests that a further column whose name networkx uses itself does no harm."""
    tables = cleaned(read_graph(example(nx.Graph))[0])
    for table in ("hubs", "links"):
        tables[table][name] = "x"
    again = to_graph(tables, directed=False)
    assert again.nodes["A"]["kind"] == "hub"
    assert again.number_of_edges() == 4
    assert not read_graph(again)[1]


@pytest.mark.parametrize("cls", CLASSES)
def test_graph_tables_graph_tables(cls):
    """Tests that the graph made from tables gives the same tables again, parallel edges in their order."""
    graph = example(cls)
    if graph.is_multigraph():
        graph.add_edge("Z", "D", kind="supply", usd_per_mwh_adder=5)
        graph.add_edge("A", "E", kind="link", rtt_ms=3)
    tables = cleaned(read_graph(graph)[0])
    again = cleaned(read_graph(to_graph(tables, directed=graph.is_directed()))[0])
    for name, table in tables.items():
        pd.testing.assert_frame_equal(again[name][table.columns], table)


def test_names_that_are_whole_numbers():
    """Tests that the numbers networkx generators use as nodes become names."""
    graph = nx.relabel_nodes(example(nx.Graph), {"A": 1, "E": 2})
    tables = cleaned(read_graph(graph)[0])
    assert tables["hubs"]["hub"].tolist() == ["1", "B"]
    assert find_routes(tables["links"], ["1"], ["D"], directed=False).rtt_ms.item() == 20


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda g: g.add_node("N"), "graph[node N].kind: missing (allowed: hub, data_centre, power_zone, exchange)"),
        (
            lambda g: g.add_node("N", kind="Hub"),
            "graph[node N].kind: 'Hub' is unknown (allowed: hub, data_centre, power_zone, exchange)",
        ),
        (
            lambda g: g.add_node("N", kind=["hub"]),
            "graph[node N].kind: ['hub'] is unknown (allowed: hub, data_centre, power_zone, exchange)",
        ),
        (lambda g: g.add_edge("A", "D"), "graph[edge A-D].kind: missing (allowed: link, supply)"),
        (
            lambda g: g.add_node("N", kind="hub", acess_ms=3),
            "graph[node N].acess_ms: unknown attribute (allowed: perhaps access_ms)",
        ),
        (
            lambda g: g.add_edge("A", "D", kind="link", rtt=3),
            "graph[edge A-D].rtt: unknown attribute (allowed: perhaps rtt_ms)",
        ),
        (
            lambda g: g.add_node("N", kind="hub", pue=2),
            "graph[node N].pue: does not belong here (allowed: on a data_centre only)",
        ),
        (
            lambda g: g.add_edge("A", "D", kind="link", rtt_ms=3, loss=0),
            "graph[edge A-D].loss: does not belong here (allowed: on a supply only)",
        ),
        (
            lambda g: g.add_node("N", kind="hub", hub="M"),
            "graph[node N].hub: said by the graph itself (allowed: no such attribute)",
        ),
        (
            lambda g: g.add_edge("A", "A", kind="link", rtt_ms=3),
            "graph[edge A-A]: leads from a node to itself (allowed: two different nodes)",
        ),
        (
            lambda g: g.add_edge("A", "Z", kind="link", rtt_ms=3),
            "graph[edge A-Z]: a link at a power zone (allowed: hub, exchange, data_centre)",
        ),
        (
            lambda g: g.add_edge("A", "D", kind="supply"),
            "graph[edge A-D]: a supply from hub to data_centre (allowed: from power_zone to data_centre)",
        ),
        (
            lambda g: g.add_edge("E", "Z", kind="supply"),
            "graph[edge Z-E]: a supply from power_zone to exchange (allowed: from power_zone to data_centre)",
        ),
    ],
)
def test_what_does_not_fit_is_named(change, expected):
    """Tests that each node or edge that does not fit is one violation."""
    graph = example(nx.Graph)
    change(graph)
    assert violations_of(graph) == [expected]


def test_a_directed_supply_must_run_to_the_data_centre():
    """Tests that power cannot flow from a data centre."""
    graph = example(nx.DiGraph)
    graph.add_edge("D", "Z", kind="supply")
    assert violations_of(graph) == [
        "graph[edge D-Z]: a supply from data_centre to power_zone (allowed: from power_zone to data_centre)"
    ]


def test_attributes_that_say_where_a_node_is_may_stand_anywhere():
    """Tests that places, regions and names are harmless on every node."""
    graph = example(nx.Graph)
    graph.nodes["E"].update(lat=1.0, lon=2.0, region="east", name="Exchange")
    assert violations_of(graph) == []


@pytest.mark.parametrize("graph", [None, 5, "graph", {"A": ["B"]}, nx.Graph])
def test_what_is_no_graph(graph):
    """Tests that anything but a networkx graph is refused as such."""
    with pytest.raises(InstanceError, match="is not a graph"):
        read_graph(graph)
