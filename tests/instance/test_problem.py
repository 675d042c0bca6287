"""The instance: built from a graph or tables, frozen, compared, replaced, checked."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import FrozenInstanceError

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.settings import Settings
from placer.instance.problem import Instance
from placer.instance.remarks import check

WORKLOADS = [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 2, "jurisdictions": ["CN"]}]


DEMAND = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 3.0} for hour in (4, 5)]


@pytest.fixture(scope="module")
def tiny():
    """The shipped instance of three hubs and three data centres."""
    return placer.load("tiny")


def network(cls=nx.Graph):
    graph = cls()
    graph.add_node("E", kind="exchange", note="x")
    graph.add_node("D", kind="data_centre", region="west", jurisdiction="CN", pue=[1.1, 1.2])
    graph.add_node("A", kind="hub", region="east")
    graph.add_node("Z", kind="power_zone", usd_per_mwh=50)
    graph.add_edge("E", "D", kind="link", rtt_ms=20)
    graph.add_edge("A", "E", kind="link", rtt_ms=5)
    graph.add_edge("Z", "D", kind="supply")
    if graph.is_directed():
        graph.add_edge("D", "E", kind="link", rtt_ms=21)
    return graph


def violations_of(build):
    with pytest.raises(InstanceError) as caught:
        build()
    return [str(violation) for violation in caught.value.violations]


@pytest.mark.parametrize("cls", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_graph_instance_graph_instance(cls):
    """Tests that an instance's own graph, of any class, makes an equal instance."""
    instance = Instance.from_graph(network(cls), WORKLOADS, DEMAND, cyclic=True)
    assert instance.settings.directed == cls().is_directed()
    assert instance.routes.rtt_ms.item() == 25
    graph = instance.to_graph()
    assert graph.is_directed() == cls().is_directed()
    assert Instance.from_graph(graph, instance.workloads, instance.demand, cyclic=True) == instance


@pytest.mark.parametrize("seed", range(5))
def test_tables_graph_tables(make_random_instance, seed):
    """Tests that the way through a graph loses nothing but the order of links and of undirected ends."""
    instance = make_random_instance(seed)
    graph = instance.to_graph()
    again = Instance.from_graph(graph, instance.workloads, instance.demand)
    for name in ("hubs", "data_centres", "power_zones", "exchanges"):
        pd.testing.assert_frame_equal(again.tables[name], instance.tables[name])
    np.testing.assert_array_equal(again.routes.rtt_ms, instance.routes.rtt_ms)
    assert len(again.links) == len(instance.links)
    assert Instance.from_graph(again.to_graph(), instance.workloads, instance.demand) == again


def test_from_tables_takes_frames_and_rows(make_instance):
    """Tests that tables may be DataFrames or lists of mappings, and those that may be empty may be absent."""
    instance = make_instance()
    frames = {name: instance.tables[name] for name in TABLES if name != "exchanges"}
    assert Instance.from_tables(frames) == instance
    assert len(instance.exchanges) == 0


def test_power_is_not_needed():
    """Tests that an instance may have no power zones and supplies."""
    tables = {
        "hubs": [{"hub": "A"}],
        "data_centres": [{"data_centre": "D"}],
        "links": [{"from": "A", "to": "D", "rtt_ms": 1}],
        "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0}],
        "demand": [{"workload": "w", "hub": "A", "mtok": 1}],
    }
    assert Instance.from_tables(tables).supplies.empty


def test_hours_begin_where_demand_does():
    """Tests that the horizon runs from the first to the last hour of demand."""
    instance = Instance.from_graph(network(), WORKLOADS, DEMAND)
    assert instance.hours == range(4, 6)
    assert instance.hourly("data_centres", "pue").tolist() == [[1.1, 1.2]]
    assert instance.hourly("power_zones", "usd_per_mwh").tolist() == [[50, 50]]


def test_a_mistake_in_one_row_is_found():
    """Tests that a name misspelt in some rows only is named by row."""
    rows = [WORKLOADS[0] | {"latency_slo_ms": 100}, WORKLOADS[0] | {"workload": "v", "latency_slo": 100}]
    expected = "workloads[row 2].latency_slo: unknown column (allowed: perhaps latency_slo_ms)"
    assert violations_of(lambda: Instance.from_graph(network(), rows, DEMAND)) == [expected]


def test_all_violations_come_at_once():
    """Tests that defects of graph, tables and settings are listed together."""
    graph = network()
    graph.nodes["A"]["access_ms"] = -1
    graph.nodes["E"]["kind"] = "router"
    found = violations_of(
        lambda: Instance.from_graph(graph, WORKLOADS, [DEMAND[0] | {"mtok": "3"}], hour_length=0, foo=1)
    )
    assert [text.split(":")[0] for text in found] == [
        "graph[node E].kind",
        "settings.foo",
        "hubs[A].access_ms",
        "demand[w|A|4].mtok",
        "settings.hour_length",
        "data_centres[D].pue",
    ]


def test_given_tables_are_left_alone():
    """Tests that an instance shares no memory with the tables it was made from."""
    demand = pd.DataFrame(DEMAND)
    instance = Instance.from_graph(network(), WORKLOADS, demand)
    demand.loc[0, "mtok"] = 99.0
    assert instance.demand.loc[0, "mtok"] == 3.0


def test_nothing_can_be_set(tiny):
    """Tests that an instance and its settings are frozen."""
    with pytest.raises(FrozenInstanceError):
        tiny.settings = Settings()
    with pytest.raises(FrozenInstanceError):
        tiny.settings.cyclic = True
    with pytest.raises(TypeError):
        tiny.tables["demand"] = tiny.demand


def test_pickle(tiny):
    """Tests that an instance arrives equal in another process, and can be used there."""
    for again in (pickle.loads(pickle.dumps(tiny)), copy.deepcopy(tiny)):  # noqa: S301
        assert again == tiny
        assert hash(again) == hash(tiny)
        np.testing.assert_array_equal(again.routes.rtt_ms, tiny.routes.rtt_ms)
        assert again.hours == tiny.hours
        assert again.replace(cyclic=True) != tiny


def test_equality_is_by_value(tiny):
    """Tests that instances are equal where all tables and settings are, unknown columns aside."""
    assert tiny == placer.load("tiny")
    assert hash(tiny) == hash(placer.load("tiny"))
    assert tiny == tiny.replace(hubs=tiny.hubs.assign(note="x"))
    assert tiny != tiny.replace(cyclic=True)
    assert tiny != tiny.replace(demand=tiny.demand.assign(mtok=tiny.demand["mtok"] + 1))
    assert tiny != tiny.replace(demand=tiny.demand.iloc[::-1])
    assert tiny != "tiny"
    assert len({tiny, placer.load("tiny")}) == 1


def test_replace_changes_only_what_it_names(tiny):
    """Tests that a replaced instance is a new one, with all else as it was."""
    changed = tiny.replace(demand=tiny.demand.assign(mtok=1.0), accelerators="sunk", carbon_usd_per_kg=1)
    assert changed.demand["mtok"].eq(1).all()
    assert changed.settings == Settings(accelerators="sunk", carbon_usd_per_kg=1.0)
    assert changed.links.equals(tiny.links)
    assert tiny.settings == Settings()
    assert changed.replace(demand=tiny.demand, accelerators="by_use", carbon_usd_per_kg=0) == tiny


def test_replace_finds_routes_anew(tiny):
    """Tests that other links make other routes."""
    faster = tiny.replace(links=tiny.links.assign(rtt_ms=tiny.links["rtt_ms"] / 2))
    np.testing.assert_allclose(faster.routes.rtt_ms, tiny.routes.rtt_ms / 2)


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("demand", True),
        ("workloads", True),
        ("supplies", True),
        ("hubs", False),
        ("data_centres", False),
        ("links", False),
    ],
)
def test_replace_keeps_routes_where_their_tables_stay(tiny, name, stays):
    """Tests that routes are found anew only where nodes or links are replaced, by whatever."""
    assert (tiny.replace(**{name: tiny.tables[name]}).routes is tiny.routes) == stays


def test_replace_checks_that_new_demand_has_a_path(make_instance):
    """Tests a hub without links, which may ask for nothing: routes are kept, and looked at again."""
    instance = make_instance(hubs=[{"hub": "A"}, {"hub": "B"}, {"hub": "apart"}])
    demand = instance.demand.assign(hub=["apart", *instance.demand["hub"][1:]])
    assert violations_of(lambda: instance.replace(demand=demand)) == [
        "hubs[apart]: has demand but no path to any data centre (allowed: a path)"
    ]


def test_replace_finds_routes_for_other_settings(tiny):
    """Tests that directions and the number of routes make other routes."""
    assert tiny.replace(routes=2).routes.per_pair == 2
    links = tiny.links.assign(**{"from": tiny.links["to"], "to": tiny.links["from"]})
    with pytest.raises(InstanceError, match="no path to any data centre"):
        tiny.replace(links=links).replace(directed=True)


def test_replace_validates(tiny):
    """Tests that a change is checked like any input, against all the rest of the instance."""
    assert violations_of(lambda: tiny.replace(demand=tiny.demand.replace({"hub": {"Coast": "Nowhere"}})))[0].startswith(
        "demand[voice|Nowhere|0].hub: 'Nowhere' is unknown"
    )
    assert violations_of(lambda: tiny.replace(demnd=tiny.demand))[0].startswith(
        "replace.demnd: no such table or setting"
    )
    assert violations_of(lambda: tiny.replace(demand=None))[0].startswith("demand: None is not a table")
    assert violations_of(lambda: tiny.replace(hour_length=-1)) == [
        "settings.hour_length: -1 is out of range (allowed: number, > 0, finite)"
    ]


def test_exports_must_name_regions():
    """Tests that a pair of exports whose region no hub or data centre has is refused."""
    found = violations_of(lambda: Instance.from_graph(network(), WORKLOADS, DEMAND, exports=[("west", "north")]))
    assert found == [
        "settings.exports: 'west' is no region of hubs (allowed: a region)",
        "settings.exports: 'north' is no region of data_centres (allowed: a region)",
    ]


def test_repr(tiny):
    """Tests that an instance shows its size in a line."""
    nodes = "3 hubs, 3 data centres, 2 power zones, 2 exchanges"
    assert repr(tiny) == f"<Instance: {nodes}, 8 links, 3 supplies, 3 workloads, 2 hours, 240 Mtok>"


def test_check_has_nothing_to_say_of_a_plain_instance(tiny):
    """Tests that nothing is remarked where nothing is odd."""
    assert check(tiny) == []


def test_check_remarks(tiny):
    """Tests that each thing that is allowed but probably not meant is a remark."""
    workloads = tiny.workloads.assign(jurisdictions=[("east", "Mars"), None, None])
    demand = tiny.demand[(tiny.demand["workload"] != "chat") & (tiny.demand["hub"] != "Inland")]
    odd = tiny.replace(
        workloads=workloads,
        demand=demand,
        supplies=tiny.supplies[tiny.supplies["data_centre"] != "Port"],
        links=tiny.links.assign(usd_per_gb=[0, 0, 0, 0, 1e-7, 0, 0, 1]),
    )
    assert check(odd) == [
        "links.usd_per_gb of East exchange - Port is 0.0000001 USD per GB, below the typical 0.00001",
        "data centre Port has no supply, so only workloads that need no energy can run there",
        "workload voice may run in Mars, where no data centre is",
        "hub Inland has no demand",
        "workload chat has no demand",
        "links.usd_per_gb ranges from 0.0000001 to 1: units mixed up?",
    ]


def test_unlimited_values(tiny):
    """Tests that inf stands where a limit may be left out, in columns of floats as in any other."""
    again = tiny.replace(
        links=tiny.links.assign(capacity_gbps=math.inf),
        data_centres=tiny.data_centres.assign(accelerators=math.inf, power_limit_mw=math.inf),
        workloads=tiny.workloads.assign(latency_slo_ms=math.inf),
    )
    assert np.isinf(again.links["capacity_gbps"]).all()


def test_half_a_character_in_an_unknown_column_is_kept():
    """Tests a text that Arrow's strings cannot hold, where they are installed."""
    tiny = placer.load("tiny")
    rows = tiny.workloads.assign(note=None).to_dict("records")
    rows[0]["note"] = "\ud800"
    assert tiny.replace(workloads=rows).workloads["note"].iloc[0] == "\ud800"
