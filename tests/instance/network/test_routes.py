"""The routes of least round trip, and the next ones, against networkx."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from placer.instance.attributes.schema import LINKS
from placer.instance.network.routes import find_routes, nodes_along
from placer.instance.tables.cleaning import clean


def links(*rows):
    """Return a table of links from (from, to, rtt_ms[, usd_per_gb])."""
    records = [dict(zip(("from", "to", "rtt_ms", "usd_per_gb"), row, strict=False)) for row in rows]
    frame, violations = clean(
        pd.DataFrame(records, columns=["from", "to", "rtt_ms", "usd_per_gb"]).fillna({"usd_per_gb": 0.0}), LINKS
    )
    assert not violations
    return frame


def route(table, *, directed=False):
    """Return round trip, transit and link numbers of the one route from A to D."""
    routes = find_routes(table, ["A"], ["D"], directed=directed)
    return routes.rtt_ms[0, 0], routes.usd_per_gb[0, 0], routes.links[[0], :].nonzero()[1].tolist()


def test_links_of_zero_round_trip_count():
    """Tests that a link that takes no time is a link."""
    assert route(links(("A", "E", 0), ("E", "D", 0), ("A", "D", 1)))[0] == 0
    assert route(links(("A", "D", 0)))[2] == [0]


def test_of_parallel_links_the_least_is_taken():
    """Tests that parallel links are not added up: the least round trip is taken, of equal ones the cheaper."""
    assert route(links(("A", "D", 5), ("D", "A", 3), ("A", "D", 4))) == (3, 0, [1])
    assert route(links(("A", "D", 3, 2), ("A", "D", 3, 1), ("A", "D", 9, 0))) == (3, 1, [1])
    assert route(links(("A", "D", 5), ("D", "A", 3), ("A", "D", 4)), directed=True) == (4, 0, [2])


def test_ties_go_to_the_cheaper_path():
    """Tests that of two paths of equal round trip the cheaper is the route, however the links are ordered."""
    rows = [("A", "E", 1, 3), ("E", "D", 2, 0), ("A", "F", 2, 1), ("F", "D", 1, 1)]
    for turn in range(4):
        turned = rows[turn:] + rows[:turn]
        rtt_ms, usd_per_gb, used = route(links(*turned))
        assert (rtt_ms, usd_per_gb) == (3, 2)
        assert {turned[link] for link in used} == set(rows[2:])


def test_a_shorter_path_wins_whatever_it_costs():
    """Tests that the round trip decides, and cost only between equals."""
    assert route(links(("A", "D", 3, 1e6), ("A", "E", 1, 0), ("E", "D", 2.0001, 0)))[:2] == (3, 1e6)


def test_routes_pass_hubs_and_data_centres():
    """Tests that a path may lead through any node links meet at."""
    routes = find_routes(links(("A", "B", 1), ("B", "C", 2), ("C", "D", 4)), ["A", "B"], ["C", "D"], directed=False)
    assert routes.rtt_ms.tolist() == [[3, 7], [2, 6]]


def test_direction():
    """Tests that a directed link is taken one way only."""
    table = links(("D", "A", 1), ("A", "E", 5), ("E", "D", 5))
    assert route(table)[0] == 1
    assert route(table, directed=True) == (10, 0, [1, 2])
    assert route(links(("D", "A", 1)), directed=True) == (math.inf, 0, [])


def test_no_path():
    """Tests that a pair without a path has an infinite round trip, no cost and no links, even with no links at all."""
    assert route(links(("A", "E", 1), ("F", "D", 1))) == (math.inf, 0, [])
    assert route(links()) == (math.inf, 0, [])


def random_links(seed):
    """Return random links between few nodes: zero weights, parallel links, parts that do not meet, exact ties."""
    random = np.random.default_rng(seed)
    nodes = [f"n{place}" for place in range(random.integers(3, 9))]
    rows = []
    for _ in range(random.integers(0, 3 * len(nodes))):
        tail, head = random.choice(nodes, 2, replace=False)
        rows.append((tail, head, float(random.integers(0, 5)), float(random.integers(0, 4))))
    return nodes, links(*rows)


@pytest.mark.slow
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("start", range(0, 150, 30))
def test_routes_are_the_shortest_paths(start, directed):
    """Tests 30 random networks at a time against networkx: round trip, and of equal paths the cheapest."""
    for seed in range(start, start + 30):
        nodes, table = random_links(seed)
        graph = (nx.MultiDiGraph if directed else nx.MultiGraph)()
        graph.add_nodes_from(nodes)
        for tail, head, rtt_ms, usd_per_gb in table[["from", "to", "rtt_ms", "usd_per_gb"]].itertuples(index=False):
            graph.add_edge(tail, head, weight=rtt_ms * 1000 + usd_per_gb)
        hubs, centres = nodes[:2], nodes[2:]
        routes = find_routes(table, hubs, centres, directed=directed)
        for row, hub in enumerate(hubs):
            reached = nx.single_source_dijkstra_path_length(graph, hub)
            for column, centre in enumerate(centres):
                least = reached.get(centre, math.inf)
                rtt_ms, usd_per_gb = routes.rtt_ms[row, column], routes.usd_per_gb[row, column]
                assert rtt_ms * 1000 + usd_per_gb == least, (seed, hub, centre)
                used = table.iloc[routes.links[[row * len(centres) + column], :].nonzero()[1]]
                assert used["rtt_ms"].sum() == (rtt_ms if math.isfinite(rtt_ms) else 0)
                assert used["usd_per_gb"].sum() == usd_per_gb
                path = nx.Graph(list(zip(used["from"], used["to"], strict=True)))
                assert len(used) == 0 if math.isinf(least) else nx.has_path(path, hub, centre)
                assert path.number_of_edges() == len(used) == max(path.number_of_nodes() - 1, 0)


def every_path(table, hub, centre, *, directed):
    """Return round trip and transit of every simple path, parallel links told apart, in order."""
    graph = (nx.MultiDiGraph if directed else nx.MultiGraph)()
    graph.add_nodes_from([hub, centre])
    for link, (tail, head) in enumerate(zip(table["from"], table["to"], strict=True)):
        graph.add_edge(tail, head, link)
    paths = nx.all_simple_edge_paths(graph, hub, centre)
    used = [[link for *_, link in path] for path in paths]
    return sorted((table["rtt_ms"].to_numpy()[one].sum(), table["usd_per_gb"].to_numpy()[one].sum()) for one in used)


@pytest.mark.slow
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("most", [2, 3, 1000])
def test_the_next_routes_are_the_next_shortest_paths(most, directed):
    """Tests 25 random networks against the list of all simple paths: round trips and transit, in their order."""
    for seed in range(25):
        nodes, table = random_links(seed)
        table = table.head(14)
        hubs, centres = nodes[:2], nodes[2:]
        routes = find_routes(table, hubs, centres, directed=directed, most=most)
        found = []
        for (row, hub), (column, centre) in itertools.product(enumerate(hubs), enumerate(centres)):
            ways = slice(column * routes.per_pair, (column + 1) * routes.per_pair)
            rtt_ms = routes.rtt_ms[row, ways]
            there = np.isfinite(rtt_ms)
            known = every_path(table, hub, centre, directed=directed)[:most]
            pairs = list(zip(rtt_ms[there].tolist(), routes.usd_per_gb[row, ways][there].tolist(), strict=True))
            assert pairs == known, (seed, hub, centre)
            assert not there[len(known) :].any()
            found.append(len(known))
        assert routes.per_pair == max(1, *found)


@pytest.mark.parametrize("directed", [False, True])
def test_the_first_route_is_the_same_however_many_follow(directed):
    """Tests that round trip, transit and links of the first route do not depend on the number of routes."""
    for seed in range(25):
        nodes, table = random_links(seed)
        one = find_routes(table, nodes[:2], nodes[2:], directed=directed)
        more = find_routes(table, nodes[:2], nodes[2:], directed=directed, most=4)
        first = slice(None, None, more.per_pair)
        assert one.rtt_ms.tolist() == more.rtt_ms[:, first].tolist()
        assert one.usd_per_gb.tolist() == more.usd_per_gb[:, first].tolist()
        assert (one.links != more.links[first]).nnz == 0


def test_no_two_routes_are_the_same():
    """Tests that every route of a pair takes other links than the others, and walks from the hub to the data centre."""
    for seed in range(25):
        nodes, table = random_links(seed)
        tail, head = table["from"].tolist(), table["to"].tolist()
        routes = find_routes(table, nodes[:1], nodes[1:], directed=False, most=6)
        for centre, name in enumerate(nodes[1:]):
            ways = [
                tuple(routes.links[[centre * routes.per_pair + rank], :].nonzero()[1].tolist())
                for rank in range(routes.per_pair)
                if math.isfinite(routes.rtt_ms[0, centre * routes.per_pair + rank])
            ]
            assert len(set(ways)) == len(ways)
            for way in ways:
                along = nodes_along(tail, head, way, nodes[0])
                assert (along[0], along[-1], len(along)) == (nodes[0], name, len(way) + 1)


def test_parallel_links_are_routes_of_their_own():
    """Tests that the second of two parallel links is the second route."""
    routes = find_routes(links(("A", "D", 5), ("D", "A", 3)), ["A"], ["D"], directed=False, most=3)
    assert routes.per_pair == 2
    assert routes.rtt_ms.tolist() == [[3, 5]]
    assert routes.links.toarray().tolist() == [[0, 1], [1, 0]]


def test_a_tree_has_one_route():
    """Tests that no way is made for routes that are not there."""
    routes = find_routes(links(("A", "E", 1), ("E", "D", 2), ("E", "F", 3)), ["A"], ["D", "F"], directed=False, most=9)
    assert routes.per_pair == 1
    assert routes.rtt_ms.tolist() == [[3, 4]]
