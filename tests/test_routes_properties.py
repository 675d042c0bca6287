"""Several routes over random networks: more of them, enough of them, prices, names and order."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.analysis import baselines
from placer.instance.problem import Instance
from placer.solve import solve
from tests.route_networks import GB, LIGHT, build, few, network, seeds, total


@pytest.mark.slow
@few
@given(seeds)
def test_more_routes_never_cost_more(seed):
    """Tests that cost and penalty never rise with the number of routes, and that routes beyond all change nothing."""
    costs = [total(solve(build(seed, routes))) for routes in (1, 2, 3, 50, 60)]
    assert all(after <= before * (1 + 1e-8) for before, after in itertools.pairwise(costs))
    assert costs[-1] == pytest.approx(costs[-2], rel=1e-8)


@pytest.mark.slow
@few
@given(seeds)
def test_enough_routes_are_a_flow_of_least_cost(seed):
    """Tests one workload with whole figures against networkx's network simplex on the network itself."""
    random = np.random.default_rng(seed)
    nodes = [*("H0", "H1", "D0", "D1"), *(f"E{place}" for place in range(3))]
    arcs = {}
    for _ in range(16):
        tail, head = random.choice(nodes, 2, replace=False)
        arcs[tail, head] = int(random.integers(1, 6)), int(random.integers(0, 9))
    asked, room = random.integers(1, 9, 2), random.integers(1, 9, 2)
    flow = nx.DiGraph()
    flow.add_node("sink", demand=int(asked.sum()))
    for place in range(2):
        flow.add_node(f"H{place}", demand=-int(asked[place]))
        flow.add_edge(f"H{place}", "sink", weight=1000)
        flow.add_edge(f"D{place}", "sink", capacity=int(room[place]), weight=0)
    for (tail, head), (most, usd) in arcs.items():
        flow.add_edge(tail, head, capacity=most, weight=usd)
    least = nx.min_cost_flow_cost(flow)
    reach = nx.DiGraph(list(arcs))
    reach.add_nodes_from(nodes)
    if not all(any(nx.has_path(reach, f"H{hub}", f"D{site}") for site in range(2)) for hub in range(2)):
        return
    instance = Instance.from_tables(
        {
            "hubs": [{"hub": f"H{place}"} for place in range(2)],
            "data_centres": [{"data_centre": f"D{place}", "accelerators": float(room[place])} for place in range(2)],
            "exchanges": [{"exchange": f"E{place}"} for place in range(3)],
            "links": [
                {"from": tail, "to": head, "rtt_ms": 1.0, "usd_per_gb": usd, "capacity_gbps": most / GB}
                for (tail, head), (most, usd) in arcs.items()
            ],
            "workloads": [{"workload": "w"} | LIGHT | {"unserved_usd_per_mtok": 1000.0}],
            "demand": [{"workload": "w", "hub": f"H{place}", "mtok": float(asked[place])} for place in range(2)],
        },
        directed=True,
        routes=500,
    )
    assert total(solve(instance)) == pytest.approx(least, rel=1e-9)


@pytest.mark.slow
@few
@given(seeds)
def test_prices_settle(seed):
    """Tests with three routes that payments equal cost, penalty and rents, and that a price is the sum of its parts."""
    placement = solve(build(seed, 3))
    assert placement.certificate.proven
    assert abs(placement.settlement["difference"]) <= 1e-6 * abs(placement.settlement["payments"])
    served = placement.prices[(placement.prices["served_mtok"] > 1e-9) & ~placement.prices["at_penalty"]]
    parts = [name for name in served if name.endswith("_usd_per_mtok") and "latency" not in name]
    assert served[parts].sum(axis=1).to_numpy() == pytest.approx(served["usd_per_mtok"].to_numpy(), rel=1e-6, abs=1e-6)
    assert placement.flows["transit_usd"].sum() == pytest.approx(placement.cost_parts_usd["transit"])
    for rule in (baselines.nearest(placement.instance), baselines.cheapest(placement.instance)):
        assert rule.cost_and_penalty_usd >= total(placement) * (1 - 1e-8)


@pytest.mark.slow
@few
@given(seeds, st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(seed, random):
    """Tests that the cost over all routes is the same under other names and orders of nodes and links."""
    tables = network(seed)
    names = [row[key] for key, name in _NODES for row in tables[name]]
    others = random.sample(range(len(names)), len(names))
    to = {name: f"n{number}" for name, number in zip(names, others, strict=True)}
    renamed = {
        table: [{key: to.get(value, value) if key in _NAMES else value for key, value in row.items()} for row in rows]
        for table, rows in tables.items()
    }
    for table in ("hubs", "data_centres", "links", "demand"):
        random.shuffle(renamed[table])
    other = Instance.from_tables(renamed, routes=50)
    assert total(solve(other)) == pytest.approx(total(solve(build(seed, 50))), rel=1e-8)


_NODES = (("hub", "hubs"), ("data_centre", "data_centres"), ("exchange", "exchanges"))
_NAMES = ("hub", "data_centre", "exchange", "from", "to")
