"""Bad input of every kind: one InstanceError that names the place and what would be right, before any solver."""

# ruff: noqa: E501 - the tables of bad input read best with one case a line

from __future__ import annotations

import math
import random
import shutil
from decimal import Decimal
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError, SolverError
from placer.instance.problem import Instance
from placer.instance.schema import REQUIRED, TABLES, Kind

NUMBER = "number, >= 0, finite"
LIMIT = "number, >= 0, finite or inf"

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


@pytest.fixture(autouse=True)
def no_solver(monkeypatch):
    """Fail a test in which bad input reaches a solver."""

    def reached(*_arguments):
        pytest.fail("bad input reached a solver")

    monkeypatch.setattr(placer.HiGHS, "solve", reached)


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


GRAPH = [
    case(node, "A", access_ms=-1, at="hubs[A].access_ms", problem="-1 is out of range", allowed=NUMBER),
    case(node, "A", access_ms=math.inf, at="hubs[A].access_ms", problem="inf is out of range", allowed=NUMBER),
    case(node, "A", access_ms="5", at="hubs[A].access_ms", problem="'5' is text", allowed=NUMBER),
    case(node, "A", access_ms=True, at="hubs[A].access_ms", problem="True is a truth value", allowed=NUMBER),
    case(node, "A", access_ms=5j, at="hubs[A].access_ms", problem="5j is not a number", allowed=NUMBER),
    case(node, "A", access_ms=[5], at="hubs[A].access_ms", problem="[5] is not a number", allowed=NUMBER),
    case(node, "A", access_ms={}, at="hubs[A].access_ms", problem="{} is not a number", allowed=NUMBER),
    case(node, "A", access_ms=Decimal(5), at="hubs[A].access_ms", problem="Decimal('5') is not a number"),
    case(node, "A", access_ms=np.array(5.0), at="hubs[A].access_ms", problem="array(5.) is not a number"),
    case(node, "A", access_ms=np.timedelta64(5, "ms"), at="hubs[A].access_ms", problem="is not a number"),
    case(node, "A", access_ms=10**400, at="hubs[A].access_ms", problem="is out of range", name="10**400"),
    case(node, "A", access_ms=1e308, at="hubs[A].access_ms", problem="1e+308 is taken for nothing or infinity"),
    case(node, "A", access_ms=1e-300, at="hubs[A].access_ms", problem="1e-300 is taken for nothing or infinity"),
    case(node, "A", access_ms=1e15, at="hubs[A].access_ms", problem="1e+15 is taken for nothing or infinity"),
    case(node, "A", lat=91, at="hubs[A].lat", problem="91 is out of range", allowed="number, >= -90, <= 90, finite"),
    case(node, "A", lon="east", at="hubs[A].lon", problem="'east' is text", allowed="number, >= -180, <= 180, finite"),
    case(node, "A", utc_offset_hours=15, at="hubs[A].utc_offset_hours", problem="15 is out", allowed=">= -12, <= 14"),
    case(node, "A", region=5.5, at="hubs[A].region", problem="5.5 is not text", allowed="text"),
    case(node, "A", region="", at="hubs[A].region", problem="empty", allowed="text"),
    case(node, "A", region=["east"], at="hubs[A].region", problem="['east'] is not text", allowed="text"),
    case(node, "A", region=" east", at="hubs[A].region", problem="starts or ends with a blank", allowed="text"),
    case(node, "A", region="ea\tst", at="hubs[A].region", problem="holds a control character", allowed="text"),
    case(node, "A", acess_ms=5, at="graph[node A].acess_ms", problem="unknown attribute", allowed="perhaps access_ms"),
    case(node, "B2", kind="hub", Region="e", at="graph[node B2].Region", problem="unknown", allowed="perhaps region"),
    case(node, "A", access=5, at="graph[node A].access", problem="unknown attribute", allowed="perhaps access_ms"),
    case(node, "A", accelerators=5, at="graph[node A].accelerators", problem="does not belong", allowed="data_centre"),
    case(node, "A", usd_per_mwh=5, at="graph[node A].usd_per_mwh", problem="does not belong", allowed="power_zone"),
    case(node, "A", hub="B", at="graph[node A].hub", problem="said by the graph itself", allowed="no such attribute"),
    case(node, "D", accelerators=-1, at="data_centres[D].accelerators", problem="-1 is out of range", allowed=LIMIT),
    case(node, "D", accelerators=-math.inf, at="data_centres[D].accelerators", problem="-inf is out", allowed=LIMIT),
    case(node, "D", accelerators=10**400, at="data_centres[D].accelerators", problem="out of range", allowed=LIMIT, name="x"),
    case(node, "D", pue=0.9, at="data_centres[D].pue", problem="0.9 is out of range", allowed=">= 1, <= 10, finite"),
    case(node, "D", pue=11, at="data_centres[D].pue", problem="11 is out of range", allowed=">= 1, <= 10, finite"),
    case(node, "D", pue=[1.1], at="data_centres[D].pue", problem="1 hourly values for 2 hours", allowed="one per hour"),
    case(node, "D", pue=[1.1] * 3, at="data_centres[D].pue", problem="3 hourly values for 2 hours", allowed="one per hour"),
    case(node, "D", pue=[], at="data_centres[D].pue", problem="0 hourly values for 2 hours", allowed="one per hour"),
    case(node, "D", pue=[1.1, 0.5], at="data_centres[D, hour 1].pue", problem="0.5 is out", allowed=">= 1, <= 10"),
    case(node, "D", pue={0: 1.1}, at="data_centres[D].pue", problem="{0: 1.1} is not a number", allowed="one per hour"),
    case(node, "D", pue="1.1", at="data_centres[D].pue", problem="'1.1' is text", allowed="number, or one per hour"),
    case(node, "D", pue=[[1.1, 1.2]], at="data_centres[D, hour 0].pue", problem="is not a number", allowed="one per hour"),
    case(node, "D", speed=0, at="data_centres[D].speed", problem="0 is out of range", allowed="number, > 0, finite"),
    case(node, "D", energy_factor=0, at="data_centres[D].energy_factor", problem="0 is out", allowed="> 0, finite"),
    case(node, "D", water_litres_per_kwh=-2, at="data_centres[D].water_litres_per_kwh", problem="-2 is", allowed=NUMBER),
    case(node, "D", jurisdiction=5.0, at="data_centres[D].jurisdiction", problem="5.0 is not text", allowed="text"),
    case(node, "Z", usd_per_mwh=math.inf, at="power_zones[Z].usd_per_mwh", problem="inf is out", allowed="finite"),
    case(node, "Z", usd_per_mwh=[1, math.nan], at="power_zones[Z, hour 1].usd_per_mwh", problem="NaN", allowed="finite"),
    case(node, "Z", usd_per_mwh=[1e-8, 1e3], at="power_zones[Z, hour 0].usd_per_mwh", problem="too far apart", allowed="1e+09"),
    case(node, "Z", carbon_kg_per_mwh=-1, at="power_zones[Z].carbon_kg_per_mwh", problem="-1 is out", allowed=">= 0"),
    case(node, "Y", kind="power_zone", at="power_zones[Y].usd_per_mwh", problem="missing", allowed="number, or one per"),
    case(node, "N", at="graph[node N].kind", problem="missing", allowed="hub, data_centre, power_zone, exchange"),
    case(node, "N", kind="datacentre", at="graph[node N].kind", problem="'datacentre' is unknown", allowed="data_centre"),
    case(node, "N", kind=5, at="graph[node N].kind", problem="5 is unknown", allowed="hub, data_centre"),
    case(node, "", kind="hub", at="hubs[row 3].hub", problem="empty", allowed="text"),
    case(node, " N", kind="hub", at="hubs[row 3].hub", problem="starts or ends with a blank", allowed="text"),
    case(node, "N\x00", kind="hub", at="hubs[row 3].hub", problem="holds a control character", allowed="text"),
    case(node, "N\nM", kind="exchange", at="exchanges[row 2].exchange", problem="holds a control", allowed="text"),
    case(node, "N\ud800", kind="hub", at="hubs[row 3].hub", problem="half a character", allowed="text", name="half"),
    case(node, ("N", 1), kind="hub", at="hubs[row 3].hub", problem="('N', 1) is not text", allowed="text"),
    case(node, 1.5, kind="hub", at="hubs[1.5].hub", problem="1.5 is not text", allowed="text"),
    case(node, b"N", kind="hub", at="hubs[row 3].hub", problem="b'N' is not text", allowed="text"),
    case(edge, "A", "D", kind="link", at="links[A|D].rtt_ms", problem="missing", allowed=NUMBER),
    case(edge, "A", "D", kind="link", rtt_ms=-1, at="links[A|D].rtt_ms", problem="-1 is out of range", allowed=NUMBER),
    case(edge, "A", "D", kind="link", rtt_ms=math.inf, at="links[A|D].rtt_ms", problem="inf is out", allowed=NUMBER),
    case(edge, "A", "D", kind="link", rtt_ms="3", at="links[A|D].rtt_ms", problem="'3' is text", allowed=NUMBER),
    case(edge, "A", "D", kind="link", rtt_ms=1e10, at="links", problem="too far apart", allowed="a ratio of at most 1e+09"),
    case(edge, "A", "D", kind="link", rtt=3, at="graph[edge A-D].rtt", problem="unknown", allowed="perhaps rtt_ms"),
    case(edge, "A", "D", kind="link", rtt_ms=3, capacity=1, at="graph[edge A-D].capacity", problem="unknown", allowed="capacity_gbps"),
    case(edge, "A", "D", kind="link", rtt_ms=3, capacity_gbps=-1, at="links[A|D].capacity_gbps", problem="-1", allowed=LIMIT),
    case(edge, "A", "D", kind="link", rtt_ms=3, usd_per_gb=-1, at="links[A|D].usd_per_gb", problem="-1", allowed=NUMBER),
    case(edge, "A", "D", kind="link", rtt_ms=3, loss=0.1, at="graph[edge A-D].loss", problem="does not", allowed="supply"),
    case(edge, "A", "D", rtt_ms=3, at="graph[edge A-D].kind", problem="missing", allowed="link, supply"),
    case(edge, "A", "D", kind="fibre", at="graph[edge A-D].kind", problem="'fibre' is unknown", allowed="link, supply"),
    case(edge, "A", "A", kind="link", rtt_ms=3, at="graph[edge A-A]", problem="to itself", allowed="two different nodes"),
    case(edge, "A", "Z", kind="link", rtt_ms=3, at="graph[edge A-Z]", problem="a link at a power zone", allowed="hub, exch"),
    case(edge, "A", "Z", kind="supply", at="graph[edge A-Z]", problem="a supply from hub to power_zone", allowed="power_zone to"),
    case(edge, "A", "D", kind="supply", at="graph[edge A-D]", problem="a supply from hub", allowed="from power_zone to data_centre"),
    case(edge, "D", "Z", nx.DiGraph, kind="supply", at="graph[edge D-Z]", problem="from data_centre to power_zone", allowed="to data"),
    case(edge, "Z", "D", kind="supply", loss=1, at="supplies[Z|D].loss", problem="1 is out", allowed=">= 0, < 1, finite"),
    case(edge, "Z", "D", kind="supply", limit_mw=-5, at="supplies[Z|D].limit_mw", problem="-5 is out", allowed=LIMIT),
    case(edge, "Z", "D", kind="supply", usd_per_mwh_adder=math.inf, at="supplies[Z|D].usd_per_mwh_adder", problem="inf", allowed="finite"),
    case(edge, "Z", "D", kind="supply", limit=5, at="graph[edge D-Z].limit", problem="unknown", allowed="limit_mw"),
    case(edge, "A", "nowhere", kind="link", rtt_ms=3, at="graph[node nowhere].kind", problem="missing", allowed="hub"),
    case(from_graph, nx.Graph(), at="hubs", problem="table empty", allowed="at least one row", name="empty graph"),
    case(from_graph, "graph", at="graph", problem="'graph' is not a graph", allowed="a networkx graph"),
    case(from_graph, None, at="graph", problem="None is not a graph", allowed="a networkx graph"),
    case(from_graph, nx.DiGraph([("A", "B")]), at="graph[node A].kind", problem="missing", allowed="hub", name="bare graph"),
    case(from_graph, base_graph(nx.MultiDiGraph).reverse(), at="graph[edge D-Z]", problem="from data_centre", allowed="to data", name="reversed"),
]  # fmt: skip

ROWS = [
    case(rows, "hubs", {"hub": "B"}, {}, at="hubs[B]", problem="given twice", allowed="once"),
    case(rows, "hubs", {}, {"hub": "D"}, at="data_centres[D]", problem="name also in hubs", allowed="one node a name"),
    case(rows, "exchanges", {"exchange": "Z"}, at="exchanges[Z]", problem="name also in power_zones", allowed="one node"),
    case(rows, "hubs", {"hub": None}, {}, at="hubs[row 1].hub", problem="missing", allowed="text"),
    case(rows, "hubs", {"hub": True}, {}, at="hubs[row 1].hub", problem="True is not text", allowed="text"),
    case(rows, "links", {"from": "X"}, {}, {}, at="links[X|E].from", problem="'X' is unknown", allowed="a hub, data centre or"),
    case(rows, "links", {"to": "Z"}, {}, {}, at="links[A|Z].to", problem="'Z' is unknown", allowed="a hub, data centre or"),
    case(rows, "links", {"to": "A"}, {}, {}, at="links[A|A].to", problem="leads to itself", allowed="another node"),
    case(rows, "links", {"to": "e"}, {}, {}, at="links[A|e].to", problem="'e' is unknown", allowed="the name of"),
    case(rows, "links", {"rtt_ms": 1e308}, {}, {}, at="links[A|E].rtt_ms", problem="taken for nothing or infinity", allowed=NUMBER),
    case(rows, "links", {}, {}, at="hubs[A]", problem="no path to any data centre", allowed="a path", name="no link to D"),
    case(rows, "links", {"to": "B"}, {"to": "A"}, {}, at="hubs[B]", problem="no path", allowed="a path", name="an island"),
    case(rows, "links", {}, {}, {"from": "D", "to": "E"}, directed=True, at="hubs[A]", problem="no path", allowed="a path"),
    case(rows, "supplies", {"power_zone": "X"}, at="supplies[X|D].power_zone", problem="'X' is unknown", allowed="a power zone"),
    case(rows, "supplies", {"data_centre": "A"}, at="supplies[Z|A].data_centre", problem="'A' is unknown", allowed="a data centre"),
    case(rows, "supplies", {"loss": 1.0}, at="supplies[Z|D].loss", problem="1 is out of range", allowed=">= 0, < 1"),
    case(rows, "supplies", {"loss": 5}, at="supplies[Z|D].loss", problem="5 is out of range", allowed=">= 0, < 1"),
    case(rows, "workloads", {"workload": ""}, at="workloads[row 1].workload", problem="empty", allowed="text"),
    case(rows, "workloads", {}, {"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1}, at="workloads[w]", problem="given twice", allowed="once", name="twice"),
    case(rows, "workloads", {"kwh_per_mtok": None}, at="workloads[w].kwh_per_mtok", problem="missing", allowed=NUMBER),
    case(rows, "workloads", {"kwh_per_mtok": -1}, at="workloads[w].kwh_per_mtok", problem="-1 is out", allowed=NUMBER),
    case(rows, "workloads", {"kwh_per_mtok": math.inf}, at="workloads[w].kwh_per_mtok", problem="inf is out", allowed=NUMBER),
    case(rows, "workloads", {"kwh_per_mtok": 1e-10}, at="workloads[w].kwh_per_mtok", problem="taken for nothing", allowed=NUMBER),
    case(rows, "workloads", {"accelerator_hours_per_mtok": "1"}, at="workloads[w].accelerator_hours_per_mtok", problem="'1' is text", allowed=NUMBER),
    case(rows, "workloads", {"latency_slo_ms": 0}, at="workloads[w].latency_slo_ms", problem="0 is out", allowed="> 0, finite or inf"),
    case(rows, "workloads", {"latency_slo_ms": -5}, at="workloads[w].latency_slo_ms", problem="-5 is out", allowed="> 0"),
    case(rows, "workloads", {"latency_slo": 5}, at="workloads.latency_slo", problem="unknown column", allowed="latency_slo_ms"),
    case(rows, "workloads", {"latency_slo_ms": 5}, {"workload": "v", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1, "latency_slo": 5}, at="workloads[row 2].latency_slo", problem="unknown column", allowed="latency_slo_ms", name="slip in one row"),
    case(rows, "workloads", {"server_ms": math.inf}, at="workloads[w].server_ms", problem="inf is out", allowed=NUMBER),
    case(rows, "workloads", {"user_round_trips": -1}, at="workloads[w].user_round_trips", problem="-1 is out", allowed=NUMBER),
    case(rows, "workloads", {"tools_colocated": 1.5}, at="workloads[w].tools_colocated", problem="1.5 is out", allowed=">= 0, <= 1"),
    case(rows, "workloads", {"deadline_hours": -1}, at="workloads[w].deadline_hours", problem="-1 is out", allowed=">= 0, <= 1e+06"),
    case(rows, "workloads", {"deadline_hours": math.inf}, at="workloads[w].deadline_hours", problem="inf is out", allowed=">= 0, <= 1e+06, finite"),
    case(rows, "workloads", {"jurisdictions": ""}, at="workloads[w].jurisdictions", problem="empty", allowed="names"),
    case(rows, "workloads", {"jurisdictions": []}, at="workloads[w].jurisdictions", problem="empty: nothing is allowed", allowed="names"),
    case(rows, "workloads", {"jurisdictions": 5}, at="workloads[w].jurisdictions", problem="5 is not a collection", allowed="names"),
    case(rows, "workloads", {"jurisdictions": ["CN", None]}, at="workloads[w].jurisdictions", problem="missing", allowed="names"),
    case(rows, "workloads", {"jurisdictions": ["CN|EU"]}, at="workloads[w].jurisdictions", problem="'CN|EU' holds '|'", allowed="names"),
    case(rows, "workloads", {"unserved_usd_per_mtok": 0}, at="workloads[w].unserved_usd_per_mtok", problem="0 is out", allowed="> 0"),
    case(rows, "workloads", {"unserved_usd_per_mtok": "high"}, at="workloads[w].unserved_usd_per_mtok", problem="'high' is text", allowed="> 0"),
    case(rows, "workloads", {"value_usd_per_mtok": -1}, at="workloads[w].value_usd_per_mtok", problem="-1 is out", allowed=NUMBER),
    case(rows, "demand", {"mtok": -1}, {}, {}, at="demand[w|A|0].mtok", problem="-1 is out of range", allowed=NUMBER),
    case(rows, "demand", {"mtok": math.inf}, {}, {}, at="demand[w|A|0].mtok", problem="inf is out of range", allowed=NUMBER),
    case(rows, "demand", {"mtok": math.nan}, {}, {}, at="demand[w|A|0].mtok", problem="NaN", allowed=NUMBER),
    case(rows, "demand", {"mtok": None}, {}, {}, at="demand[w|A|0].mtok", problem="missing", allowed=NUMBER),
    case(rows, "demand", {"mtok": [3]}, {}, {}, at="demand[w|A|0].mtok", problem="[3] is not a number", allowed=NUMBER),
    case(rows, "demand", {"mtok": 1e-8}, {"mtok": 1e3}, {}, at="demand[w|A|0].mtok", problem="too far apart", allowed="1e+09"),
    case(rows, "demand", *[{"mtok": 0}] * 3, at="demand.mtok", problem="no demand at all", allowed="a sum > 0"),
    case(rows, "demand", {"workload": "x"}, {}, {}, at="demand[x|A|0].workload", problem="'x' is unknown", allowed="a workload"),
    case(rows, "demand", {"hub": "D"}, {}, {}, at="demand[w|D|0].hub", problem="'D' is unknown", allowed="a hub"),
    case(rows, "demand", {"hub": "a"}, {}, {}, at="demand[w|a|0].hub", problem="'a' is unknown", allowed="a hub"),
    case(rows, "demand", {"hub": "B"}, {}, {}, at="demand[w|B|0]", problem="given twice", allowed="once"),
    case(rows, "demand", {}, {}, {"hour": 2}, at="demand.hour", problem="gaps: no demand at 1", allowed="every hour from 0 to 2"),
    case(rows, "demand", {}, {}, {"hour": 1_000_001}, at="demand[w|A|1000001].hour", problem="out of range", allowed="<= 1e+06"),
    case(rows, "demand", {}, {}, {"hour": -1}, at="demand[w|A|-1].hour", problem="-1 is out", allowed="whole number, >= 0"),
    case(rows, "demand", {}, {}, {"hour": 0.5}, at="demand[w|A|0.5].hour", problem="0.5 is not whole", allowed="whole number"),
    case(rows, "demand", {}, {}, {"hour": "1"}, at="demand[w|A|1].hour", problem="'1' is text", allowed="whole number"),
    case(rows, "demand", {}, {}, {"hour": pd.Timestamp(0)}, at="demand[row 3].hour", problem="is not a number", allowed="whole"),
    case(frame, "hubs", acess_ms=1, at="hubs.acess_ms", problem="unknown column", allowed="perhaps access_ms"),
    case(frame, "hubs", access_ms=pd.to_timedelta([1, 2], unit="ms"), at="hubs[A].access_ms", problem="not a number", allowed=NUMBER, name="timedelta"),
    case(frame, "hubs", access_ms=pd.Series([1, 2], dtype="complex"), at="hubs[A].access_ms", problem="not a number", allowed=NUMBER, name="complex"),
    case(frame, "hubs", access_ms=[True, False], at="hubs[A].access_ms", problem="a truth value", allowed=NUMBER),
    case(frame, "hubs", access_ms=pd.Series(["1", "2"], dtype="category"), at="hubs[A].access_ms", problem="'1' is text", allowed=NUMBER, name="category"),
    case(frame, "hubs", **{"": 1}, at="hubs.''", problem="a column without a name", allowed="a name"),
    case(tables, hubs=pd.DataFrame([["A", "B"]], columns=["hub", "hub"]), at="hubs.hub", problem="column given twice", allowed="once", name="hub twice"),
    case(tables, hubs=pd.DataFrame([["A", 1, 2]], columns=["hub", "x", "x"]), at="hubs.x", problem="column given twice", allowed="once", name="unknown column twice"),
    case(tables, links=pd.DataFrame({"from": ["A"], "to": ["D"], "RTT_ms": [5]}), at="links.RTT_ms", problem="unknown column", allowed="perhaps rtt_ms", name="case"),
    case(tables, workloads=[], at="workloads", problem="table empty", allowed="at least one row"),
    case(tables, hubs=[], at="hubs", problem="table empty", allowed="at least one row"),
    case(tables, data_centres=[], at="data_centres", problem="table empty", allowed="at least one row"),
    case(tables, demand=[], at="demand", problem="table empty", allowed="at least one row"),
    case(tables, demand=pd.DataFrame(), at="demand.mtok", problem="column missing", allowed=NUMBER, name="bare DataFrame"),
    case(tables, ("hubs",), at="hubs", problem="table missing", allowed="present"),
    case(tables, ("demand",), at="demand", problem="table missing", allowed="present"),
    case(tables, supply=[], at="supply", problem="unknown table", allowed="supplies"),
    case(tables, hubs=None, at="hubs", problem="None is not a table", allowed="DataFrame or list of mappings"),
    case(tables, hubs="hubs.csv", at="hubs", problem="'hubs.csv' is not a table", allowed="DataFrame or list of mappings"),
    case(tables, hubs=[["A"]], at="hubs", problem="[['A']] is not a table", allowed="DataFrame or list of mappings"),
    case(tables, hubs={"hub": ["A"]}, at="hubs", problem="{'hub': ['A']} is not a table", allowed="DataFrame or list"),
    case(tables, hubs=np.ones((2, 2)), at="hubs", problem="is not a table", allowed="DataFrame or list", name="array"),
    case(Instance.from_tables, 5, at="tables", problem="5 is not a mapping", allowed="tables by name"),
    case(Instance.from_tables, {}, at="hubs", problem="table missing", allowed="present"),
]  # fmt: skip

PAIRS = "between_regions or pairs (hub region, data-centre region)"
SETTINGS = [
    case(settings, carbon_usd_per_kg=-1, at="settings.carbon_usd_per_kg", problem="-1 is out of range", allowed=NUMBER),
    case(settings, carbon_usd_per_kg=math.nan, at="settings.carbon_usd_per_kg", problem="NaN", allowed=NUMBER),
    case(settings, carbon_usd_per_kg=math.inf, at="settings.carbon_usd_per_kg", problem="inf is out", allowed=NUMBER),
    case(settings, carbon_usd_per_kg="1", at="settings.carbon_usd_per_kg", problem="'1' is text", allowed=NUMBER),
    case(settings, carbon_usd_per_kg=None, at="settings.carbon_usd_per_kg", problem="missing", allowed=NUMBER),
    case(settings, carbon_usd_per_kg=1e-300, at="settings.carbon_usd_per_kg", problem="taken for nothing", allowed=NUMBER),
    case(settings, carbon_limit_kg=-1, at="settings.carbon_limit_kg", problem="-1 is out", allowed=LIMIT),
    case(settings, carbon_limit_kg=None, at="settings.carbon_limit_kg", problem="missing", allowed=LIMIT),
    case(settings, carbon_limit_kg=1e15, at="settings.carbon_limit_kg", problem="taken for nothing or inf", allowed=LIMIT),
    case(settings, carbon_limit_kg=[5], at="settings.carbon_limit_kg", problem="[5] is not a number", allowed=LIMIT),
    case(settings, water_limit_litres=-math.inf, at="settings.water_limit_litres", problem="-inf is out", allowed=LIMIT),
    case(settings, water_limit_litres=True, at="settings.water_limit_litres", problem="truth value", allowed=LIMIT),
    case(settings, water_limit_litres=1j, at="settings.water_limit_litres", problem="1j is not a number", allowed=LIMIT),
    case(settings, water_limit_litres=10**400, at="settings.water_limit_litres", problem="is out of range", allowed=LIMIT, name="10**400"),
    case(settings, hour_length=0, at="settings.hour_length", problem="0 is out of range", allowed="number, > 0, finite"),
    case(settings, hour_length=-1, at="settings.hour_length", problem="-1 is out of range", allowed="number, > 0, finite"),
    case(settings, hour_length=math.inf, at="settings.hour_length", problem="inf is out", allowed="number, > 0, finite"),
    case(settings, hour_length="1h", at="settings.hour_length", problem="'1h' is text", allowed="number, > 0, finite"),
    case(settings, hour_length=pd.Timedelta(1, "h"), at="settings.hour_length", problem="is not a number", allowed="> 0"),
    case(settings, hour_length=1e-10, at="settings.hour_length", problem="taken for nothing", allowed="> 0, finite"),
    case(settings, cyclic="yes", at="settings.cyclic", problem="'yes'", allowed="true or false"),
    case(settings, cyclic=1, at="settings.cyclic", problem="1", allowed="true or false"),
    case(settings, cyclic=None, at="settings.cyclic", problem="None", allowed="true or false"),
    case(settings, directed="no", at="settings.directed", problem="'no'", allowed="true or false"),
    case(settings, directed=0, at="settings.directed", problem="0", allowed="true or false"),
    case(settings, accelerators="free", at="settings.accelerators", problem="'free'", allowed="by_use or sunk"),
    case(settings, accelerators=None, at="settings.accelerators", problem="None", allowed="by_use or sunk"),
    case(settings, accelerators=np.array([1, 2]), at="settings.accelerators", problem="array([1, 2])", allowed="by_use"),
    case(settings, accelerators=pd.NA, at="settings.accelerators", problem="<NA>", allowed="by_use or sunk"),
    case(settings, exports="all", at="settings.exports", problem="'all'", allowed=PAIRS),
    case(settings, exports=None, at="settings.exports", problem="None", allowed=PAIRS),
    case(settings, exports=np.array([1, 2]), at="settings.exports", problem="array([1, 2])", allowed=PAIRS),
    case(settings, exports=["east"], at="settings.exports", problem="['east']", allowed=PAIRS),
    case(settings, exports=[("east", "west", "north")], at="settings.exports", problem="[('east'", allowed=PAIRS),
    case(settings, exports=[("east", None)], at="settings.exports", problem="[('east', None)]", allowed=PAIRS),
    case(settings, exports=[("east", "")], at="settings.exports", problem="[('east', '')]", allowed=PAIRS),
    case(settings, exports=[("east", "north")], at="settings.exports", problem="'north' is no region of data_centres", allowed="a region"),
    case(settings, exports=[("north", "west")], at="settings.exports", problem="'north' is no region of hubs", allowed="a region"),
    case(settings, cyclical=True, at="settings.cyclical", problem="unknown", allowed="cyclic"),
    case(settings, carbon_price=5, at="settings.carbon_price", problem="unknown", allowed="carbon_usd_per_kg"),
    case(lambda **given: settings().replace(**given), nodes=[], at="replace.nodes", problem="no such table or setting", allowed="hubs"),
    case(lambda **given: settings().replace(**given), hubs=[], at="hubs", problem="table empty", allowed="at least one row"),
    case(lambda **given: settings().replace(**given), demand=5, at="demand", problem="5 is not a table", allowed="DataFrame"),
    case(lambda **given: settings().replace(**given), cyclic="no", at="settings.cyclic", problem="'no'", allowed="true or"),
]  # fmt: skip


def violations_of(build):
    """Return what is wrong; any other exception, and none at all, fails the test."""
    with pytest.raises(InstanceError) as caught:
        placer.solve(build())
    assert caught.value.violations
    str(caught.value).encode("ascii", "backslashreplace")
    return caught.value.violations


def assert_named(violations, at, problem, allowed):
    """Assert that one of the violations names the place, the problem and what would be right."""
    texts = [str(violation) for violation in violations]
    named = [violation for violation in violations if str(violation).startswith(at) and problem in violation.problem]
    assert named, texts
    assert any(allowed in violation.allowed for violation in named), texts


@pytest.mark.parametrize(("build", "at", "problem", "allowed"), GRAPH + ROWS + SETTINGS)
def test_bad_input_is_named(build, at, problem, allowed):
    """Tests that bad graphs, tables and settings are an InstanceError that names the place and what is allowed."""
    assert_named(violations_of(build), at, problem, allowed)


COLUMNS = [
    (table, column)
    for table in TABLES.values()
    for column in table.columns
    if column.kind in (Kind.NUMBER, Kind.WHOLE, Kind.HOURLY)
]
NEVER_NUMBERS = ["5", "", b"5", True, np.False_, 1j, [], {}, object(), math.nan, -math.inf, None, pd.NA, pd.NaT]
NEVER_NUMBERS += [
    Decimal(5),
    np.datetime64("2026-01-01"),
    np.timedelta64(1, "s"),
    -(10**400),
    -1e300,
    [math.nan],
    ["5"],
]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda part: part.name)
def test_no_column_takes_what_is_no_number(table, column):
    """Tests that every column of numbers refuses every kind of value that is none, by row, column and range."""
    for value in NEVER_NUMBERS:
        given = value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
        hours = isinstance(value, list) and value != ["5"] and column.kind is Kind.HOURLY  # nothing, or what is missing
        if ((given or (hours and value)) and column.default is not REQUIRED) or (hours and not value):
            continue
        changed = [dict(row) for row in BASE[table.name]]
        changed[0][column.name] = value
        found = violations_of(lambda changed=changed: tables(**{table.name: changed}))
        assert {(violation.table, violation.column) for violation in found} == {(table.name, column.name)}, value
        assert all(violation.allowed == column.allowed for violation in found)


@pytest.fixture
def tiny_copy(tmp_path):
    """A copy of the tiny dataset to spoil."""
    return shutil.copytree(placer.datasets.describe("tiny").folder, tmp_path / "copy")


def put(file, content):
    """Write a file anew."""

    def spoil(folder):
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def swap(file, old, new):
    """Replace a piece of a file, which must be there."""

    def spoil(folder):
        text = (folder / file).read_bytes()
        before, after = (part if isinstance(part, bytes) else part.encode() for part in (old, new))
        assert before in text
        (folder / file).write_bytes(text.replace(before, after, 1))

    return spoil


def add(file, content):
    """Add text at the end of a file."""

    def spoil(folder):
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(content)

    return spoil


def gone(file):
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


def recoded(file, encoding):
    """Write a file, with a letter beyond ASCII, in another encoding."""

    def spoil(folder):
        text = (folder / file).read_text(encoding="utf-8").replace("Coast", "Küste").replace("tiny", "tïny")
        (folder / file).write_bytes(text.encode(encoding))

    return spoil


def profile(text, demand="workload,hub,mtok\nvoice,Coast,5\n"):
    """Give demand by profile, one hour less of it than prices need being no matter."""

    def spoil(folder):
        (folder / "power_zone_hours.csv").unlink()
        (folder / "power_zones.csv").write_text("power_zone,usd_per_mwh\nCoast grid,90\nPlateau wind,30\n")
        (folder / "demand.csv").write_text(demand)
        (folder / "demand_profile.csv").write_text(text)

    return spoil


def scenario(*lines, **files):
    """Add a scenario named s, and files it uses."""

    def spoil(folder):
        with (folder / "dataset.toml").open("a") as stream:
            stream.write("\n".join(["", "[scenarios.s]", *lines, ""]))
        for name, content in files.items():
            (folder / f"{name}.csv").write_text(content)

    return spoil


COLUMNS_OF_S = "[scenarios.s.columns]"
TABLES_OF_S = "[scenarios.s.tables]"
FILES = [
    (gone("hubs.csv"), "hubs", "table missing", "present"),
    (gone("demand.csv"), "demand", "table missing", "present"),
    (gone("workloads.csv"), "workloads", "table missing", "present"),
    (gone("links.csv"), "hubs[Coast]", "no path to any data centre", "a path"),
    (gone("exchanges.csv"), "links[Coast|East exchange].to", "'East exchange' is unknown", "a hub, data centre or exchange"),
    (gone("power_zones.csv"), "power_zones", "table missing beside power_zone_hours", "present"),
    (gone("power_zone_hours.csv"), "power_zones.usd_per_mwh", "column missing", "number, or one per hour"),
    (gone("dataset.toml"), "dataset", "is a folder without a dataset.toml", "which may be empty"),
    (put("hubs.csv", ""), "hubs.csv", "file empty", "a header row"),
    (put("hubs.csv", "\n\n"), "hubs.csv", "file empty", "a header row"),
    (put("hubs.csv", "hub,region,access_ms\n"), "hubs", "table empty", "at least one row"),
    (put("demand.csv", "workload,hub,hour,mtok\n"), "demand", "table empty", "at least one row"),
    (put("hubs.csv", "hub;region;access_ms\nCoast;east;10,5\nDelta;east;8.5\n"), "hubs.csv", "decimal comma and with a point, such as '8.5'", "one decimal sign"),
    (put("hubs.csv", "hub\tregion\nCoast\teast\n"), "hubs.csv[line 1]", "cells stand between tabs", "commas between"),
    (put("hubs.csv", b"\x00\x01\x02\xff"), "hubs.csv", "byte 3 is not UTF-8", "text in UTF-8"),
    (put("hubs.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00!\x00\xdf"), "hubs.csv", "is not UTF-8", "text in UTF-8"),
    (recoded("hubs.csv", "latin-1"), "hubs.csv", "is not UTF-8", "text in UTF-8"),
    (recoded("hubs.csv", "utf-16"), "hubs.csv", "byte 0 is not UTF-8", "text in UTF-8"),
    (recoded("hubs.csv", "utf-16-le"), "hubs.csv", "is not UTF-8", "text in UTF-8"),
    (recoded("dataset.toml", "latin-1"), "dataset.toml", "is not UTF-8", "text in UTF-8"),
    (recoded("dataset.toml", "utf-16"), "dataset.toml", "byte 0 is not UTF-8", "text in UTF-8"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east"), "hubs.csv[line 2]", "2 cells", "3 cells, as in the header"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,10,5"), "hubs.csv[line 2]", "4 cells", "3 cells, as in the header"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,1,5"), "hubs.csv[line 2]", "4 cells", "3 cells"),
    (swap("hubs.csv", "Coast,east,10", 'Coast,east,"1,5"'), "hubs[Coast].access_ms", "'1,5' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", 'Coast,"east,10'), "hubs.csv[line 4]", "unexpected end of data", "CSV with commas"),
    (swap("hubs.csv", "Coast,east", 'Coast,"ea"st'), "hubs.csv[line 2]", "',' expected after '\"'", "CSV with commas"),
    (swap("hubs.csv", "access_ms", "hub"), "hubs.csv.hub", "column given twice", "once"),
    (swap("hubs.csv", "access_ms", ""), "hubs.csv[column 3]", "has no name", "a name"),
    (swap("hubs.csv", "access_ms", "acces_ms"), "hubs.acces_ms", "unknown column", "perhaps access_ms"),
    (swap("hubs.csv", "access_ms", " access_ms"), "hubs. access_ms", "unknown column", "perhaps access_ms"),
    (swap("hubs.csv", "hub,", "site_name,"), "hubs.hub", "column missing: write the name of the hub", "text"),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,-10"), "hubs[Coast].access_ms", "-10 is out of range", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,nan"), "hubs[Coast].access_ms", "'nan' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,inf"), "hubs[Coast].access_ms", "inf is out of range", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,ten"), "hubs[Coast].access_ms", "'ten' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,10 ms"), "hubs[Coast].access_ms", "'10 ms' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,1_0"), "hubs[Coast].access_ms", "'1_0' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,1e999"), "hubs[Coast].access_ms", "'1e999' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,TRUE"), "hubs[Coast].access_ms", "'TRUE' is text", NUMBER),
    (swap("hubs.csv", "Coast,east,10", "Coast,east,#REF!"), "hubs[Coast].access_ms", "'#REF!' is text", NUMBER),
    (swap("hubs.csv", "Coast,east", "Coast, east"), "hubs[Coast].region", "' east' starts or ends with a blank", "text"),
    (swap("hubs.csv", "Coast,east", "Coast,ea\x07st"), "hubs[Coast].region", "holds a control character", "text"),
    (swap("hubs.csv", "Coast,east", ",east"), "hubs[row 1].hub", "empty", "text"),
    (swap("hubs.csv", "Coast", "Delta"), "hubs[Delta]", "given twice", "once"),
    (swap("hubs.csv", "Coast", "Metro"), "data_centres[Metro]", "name also in hubs", "one node a name"),
    (swap("data_centres.csv", "Metro,east,45", "Metro,east,1e999"), "data_centres[Metro].accelerators", "'1e999' is text", LIMIT),
    (swap("data_centres.csv", "1.2,east", "0.2,east"), "data_centres[Metro].pue", "0.2 is out of range", ">= 1, <= 10"),
    (swap("data_centres.csv", "accelerators,", "accelerator,"), "data_centres.accelerator", "unknown column", "perhaps acc"),
    (swap("links.csv", "Coast,East exchange,5", "Coast,East exchange,"), "links[Coast|East exchange].rtt_ms", "missing", NUMBER),
    (swap("links.csv", "Coast,East", "Coats,East"), "links[Coats|East exchange].from", "'Coats' is unknown", "the name of a hub"),
    (swap("links.csv", "Coast,East exchange", "Coast,Coast"), "links[Coast|Coast].to", "leads to itself", "another node"),
    (swap("links.csv", "Coast,East exchange", "Coast,Coast grid"), "links[Coast|Coast grid].to", "'Coast grid' is unknown", "a hub"),
    (swap("supplies.csv", "Coast grid,Metro", "Metro,Coast grid"), "supplies[Metro|Coast grid].power_zone", "'Metro' is", "a power zone"),
    (swap("workloads.csv", "voice,1,1,1,200", "voice,1,1,1,0"), "workloads[voice].latency_slo_ms", "0 is out", "> 0"),
    (swap("workloads.csv", "voice,1,", "voice,,"), "workloads[voice].accelerator_hours_per_mtok", "missing", NUMBER),
    (swap("workloads.csv", "kwh_per_mtok", "kwh"), "workloads.kwh", "unknown column", "perhaps kwh_per_mtok"),
    (swap("workloads.csv", "voice", "song"), "demand[voice|Coast|0].workload", "'voice' is unknown", "the name of a workload"),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,"), "demand[voice|Coast|0].mtok", "missing", NUMBER),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,-30"), "demand[voice|Coast|0].mtok", "-30 is out of range", NUMBER),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,3e-10"), "demand[voice|Coast|0].mtok", "taken for nothing", NUMBER),
    (swap("demand.csv", "voice,Coast,0,30", "voice,Coast,0,3e12"), "demand", "too far apart", "1e+09"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,0.5"), "demand[voice|Coast|0.5].hour", "0.5 is not whole", "whole number"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,-1"), "demand[voice|Coast|-1].hour", "-1 is out of range", "whole number, >= 0"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,9"), "demand.hour", "hours have gaps: no demand at 2", "every hour from 0 to 9"),
    (swap("demand.csv", "voice,Coast,0", "voice,Coast,00:00"), "demand[voice|Coast|00:00].hour", "'00:00' is text", "whole number"),
    (add("demand.csv", "voice,Coast,0,30\n"), "demand[voice|Coast|0]", "given twice", "once"),
    (add("demand.csv", "voice,Coast,2,30\n"), "power_zones[Coast grid].usd_per_mwh", "2 hourly values for 3 hours", "one per hour"),
    (add("power_zone_hours.csv", "Coast grid,2,5\n"), "power_zones[Coast grid].usd_per_mwh", "3 hourly values for 2", "one per hour"),
    (add("power_zone_hours.csv", "Coast grid,5,5\n"), "power_zone_hours[Coast grid].hour", "hours have gaps", "every hour once, from 0"),
    (add("power_zone_hours.csv", "Coast grid,1,5\n"), "power_zone_hours[Coast grid|1]", "given twice", "once"),
    (add("power_zone_hours.csv", "Moon grid,0,5\n"), "power_zone_hours[Moon grid].power_zone", "'Moon grid' is unknown", "a row of power_zones"),
    (swap("power_zone_hours.csv", "Coast grid,0,100", "Coast grid,0,"), "power_zone_hours[Coast grid|0].usd_per_mwh", "missing: write the price", "finite"),
    (swap("power_zone_hours.csv", "Coast grid,0,100", "Coast grid,0,cheap"), "power_zone_hours[Coast grid|0].usd_per_mwh", "'cheap' is text", "finite"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,0.5"), "power_zone_hours[Coast grid|0.5].hour", "0.5 is not whole", "whole number"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,-1"), "power_zone_hours[Coast grid|-1].hour", "-1 is out of range", "whole number"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,noon"), "power_zone_hours[Coast grid|noon].hour", "'noon' is text", "whole number"),
    (swap("power_zone_hours.csv", "Coast grid,0", "Coast grid,"), "power_zone_hours[row 1].hour", "missing", "whole number"),
    (swap("power_zone_hours.csv", "usd_per_mwh", "price"), "power_zone_hours.price", "unknown column", "usd_per_mwh"),
    (swap("power_zone_hours.csv", "hour", "time"), "power_zone_hours.hour", "column missing", "whole number"),
    (swap("power_zones.csv", "power_zone,", "zone,"), "power_zones.power_zone", "column missing", "text"),
    (put("power_zones.csv", "power_zone,usd_per_mwh\nCoast grid,50\nPlateau wind,\n"), "power_zones[Coast grid].usd_per_mwh", "given here and in power_zone_hours", "only one of the two"),
    (put("data_centre_hours.csv", "data_centre,hour,pue\nMetro,0,1.1\nMetro,1,1.1\n"), "data_centres[Metro].pue", "given here and in data_centre_hours", "only one of the two"),
    (lambda folder: (folder / "supplies.csv").rename(folder / "Supplies.csv"), "Supplies.csv", "unknown file", "perhaps supplies.csv"),
    (put("demand_profile.csv", "workload,hour,share\n"), "demand.hour", "given beside demand_profile", "only one of the two"),
    (profile("workload,hour,share\nvoice,0,0.4\nvoice,1,0.4\n"), "demand_profile[voice].share", "shares sum to 0.8", "1"),
    (profile("workload,hour,share\nchat,0,1\n"), "demand_profile[voice]", "workload has no profile", "one share an hour"),
    (profile("workload,hour,share\n"), "demand_profile[voice]", "workload has no profile", "one share an hour"),
    (profile("workload,hour,part\nvoice,0,1\n"), "demand_profile.share", "column missing", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,-1\nvoice,1,2\n"), "demand_profile[voice|0].share", "-1 is out of range", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,half\n"), "demand_profile[voice|0].share", "'half' is text", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,nan\n"), "demand_profile[voice|0].share", "'nan' is text", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0,\n"), "demand_profile[voice|0].share", "missing", ">= 0, <= 1"),
    (profile("workload,hour,share\nvoice,0.5,1\n"), "demand_profile[voice|0.5].hour", "0.5 is not whole", "whole number"),
    (profile("workload,hour,share\nvoice,0,0.5\nvoice,0,0.5\n"), "demand_profile[voice|0]", "given twice", "once"),
    (profile("workload,hour,share\nvoice,0,0.5\nvoice,2,0.5\n"), "demand.hour", "hours have gaps: no demand at 1", "every hour from 0 to 2"),
    (profile("workload,hour,share\nvoice,0,1\n", "workload,hub,mtok\nvoice,Coast,\n"), "demand[voice|Coast].mtok", "missing", NUMBER),
    (profile("workload,hour,share\nvoice,0,1\n", "workload,hub,mtok\nvoice,Coast,5\nvoice,Coast,5\n"), "demand[voice|Coast|0]", "given twice", "once"),
    (profile("workload,hour,share\nvoice,0,1\n", "workload,hub\nvoice,Coast\n"), "demand.mtok", "column missing", NUMBER),
    (put("dataset.toml", "name = "), "dataset.toml", "Invalid value", "TOML"),
    (put("dataset.toml", "name = 'a'\nname = 'b'"), "dataset.toml", "Cannot overwrite a value", "TOML"),
    (put("dataset.toml", "x = " + "[" * 100_000), "dataset.toml", "", "TOML"),
    (put("dataset.toml", "x = " + "1" * 5000), "dataset.toml", "Exceeds the limit", "TOML"),
    (put("dataset.toml", "{}"), "dataset.toml", "Invalid", "TOML"),
    (put("dataset.toml", "nmae = 'x'"), "dataset.toml.nmae", "unknown key", "name"),
    (put("dataset.toml", "name = 5"), "dataset.toml.name", "5", "text"),
    (put("dataset.toml", "description = ['x']"), "dataset.toml.description", "['x']", "text"),
    (put("dataset.toml", "currency = 'EUR'"), "dataset.toml.currency", "'EUR'", "USD"),
    (put("dataset.toml", "sources = 'x'"), "dataset.toml.sources", "'x'", "a list of texts"),
    (put("dataset.toml", "sources = [1]"), "dataset.toml.sources", "[1]", "a list of texts"),
    (put("dataset.toml", "settings = 5"), "dataset.toml.settings", "5", "a table"),
    (put("dataset.toml", "scenarios = 5"), "dataset.toml.scenarios", "5", "tables [scenarios.NAME]"),
    (put("dataset.toml", "[scenarios]\ns = 5"), "dataset.toml.scenarios.s", "5", "a table"),
    (put("dataset.toml", "[settings]\ncarbon = 5"), "dataset.toml.settings.carbon", "unknown setting", "carbon_usd_per_kg"),
    (put("dataset.toml", "[settings]\nhour_length = nan"), "settings.hour_length", "NaN", "number, > 0, finite"),
    (put("dataset.toml", "[settings]\nhour_length = '1'"), "settings.hour_length", "'1' is text", "number, > 0, finite"),
    (put("dataset.toml", "[settings]\nhour_length = 2026-01-01"), "settings.hour_length", "is not a number", "number, > 0"),
    (put("dataset.toml", "[settings]\ncyclic = 'false'"), "settings.cyclic", "'false'", "true or false"),
    (put("dataset.toml", "[settings]\ncarbon_limit_kg = -1"), "settings.carbon_limit_kg", "-1 is out of range", LIMIT),
    (put("dataset.toml", "[settings]\naccelerators = 'owned'"), "settings.accelerators", "'owned'", "by_use or sunk"),
    (put("dataset.toml", "[settings]\nexports = [['east']]"), "settings.exports", "[['east']]", "pairs"),
    (put("dataset.toml", "[settings]\nexports = [['east', 'moon']]"), "settings.exports", "'moon' is no region", "a region"),
    (put("dataset.toml", "[settings.exports]\neast = 'west'"), "settings.exports", "{'east': 'west'}", "pairs"),
]  # fmt: skip
SCENARIOS = [
    (scenario("price = 5"), "dataset.toml.scenarios.s.price", "unknown key", "columns, description, factors, settings, tables"),
    (scenario("description = 5"), "dataset.toml.scenarios.s.description", "5", "text"),
    (scenario("settings = 5"), "dataset.toml.scenarios.s.settings", "5", "a table"),
    (scenario("tables = 'x.csv'"), "dataset.toml.scenarios.s.tables", "'x.csv'", "a table"),
    (scenario("columns = ['x']"), "dataset.toml.scenarios.s.columns", "['x']", "a table"),
    (scenario("[scenarios.s.settings]", "cyclik = true"), "dataset.toml.scenarios.s.settings.cyclik", "unknown setting", "cyclic"),
    (scenario("[scenarios.s.settings]", "cyclic = 1"), "settings.cyclic", "1", "true or false"),
    (scenario(TABLES_OF_S, "demands = 'x.csv'"), "dataset.toml.scenarios.s.tables.demands", "unknown", "demand"),
    (scenario(TABLES_OF_S, "demand = 5"), "dataset.toml.scenarios.s.tables.demand", "5", "the name of a CSV file"),
    (scenario(TABLES_OF_S, "demand = 'none.csv'"), "dataset.toml.scenarios.s", "'none.csv' is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, "demand = 'demand'"), "dataset.toml.scenarios.s", "'demand' is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, "demand = '../copy.csv'"), "dataset.toml.scenarios.s", "'../copy.csv' is not there", "in the dataset"),
    (scenario(TABLES_OF_S, "demand = '/etc/passwd'"), "dataset.toml.scenarios.s", "'/etc/passwd' is not there", "in the dataset"),
    (scenario(TABLES_OF_S, 'demand = "x\\u0000.csv"'), "dataset.toml.scenarios.s", "is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, f"demand = '{'x' * 5000}.csv'"), "dataset.toml.scenarios.s", "is not there", "a CSV file in the"),
    (scenario(TABLES_OF_S, "demand = 'd.csv'", d=""), "d.csv", "file empty", "a header row"),
    (scenario(TABLES_OF_S, "demand = 'd.csv'", d="workload,hub,mtok\nvoice,Moon,5\n"), "demand[voice|Moon|0].hub", "'Moon' is unknown", "a hub"),
    (scenario(COLUMNS_OF_S, "'hubs' = 5"), "dataset.toml.scenarios.s.columns.hubs", "unknown", "then a dot and a column"),
    (scenario(COLUMNS_OF_S, "'hub.access_ms' = 5"), "dataset.toml.scenarios.s.columns.hub.access_ms", "unknown", "hubs"),
    (scenario(COLUMNS_OF_S, "'hubs.acess_ms' = 5"), "dataset.toml.scenarios.s.columns.hubs.acess_ms", "unknown", "access_ms"),
    (scenario(COLUMNS_OF_S, "hubs.access_ms = 5"), "dataset.toml.scenarios.s.columns.hubs", "unknown", "then a dot"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = [5]"), "dataset.toml.scenarios.s.columns.hubs.access_ms", "[5]", "a value, or the name"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = -5"), "hubs[Coast].access_ms", "-5 is out of range", NUMBER),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = true"), "hubs[Coast].access_ms", "'True' is text", NUMBER),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = nan"), "hubs[Coast].access_ms", "'nan' is text", NUMBER),
    (scenario(COLUMNS_OF_S, "'hubs.hub' = 'x'"), "hubs[x]", "given twice", "once"),
    (scenario(COLUMNS_OF_S, "'demand_profile.share' = 1"), "dataset.toml.scenarios.s.columns.demand_profile.share", "no such table", "a table of the dataset"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'none.csv'"), "dataset.toml.scenarios.s", "'none.csv' is not there", "a CSV file"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access\nCoast,5\n"), "a.csv.access_ms", "column missing", "the key and the column"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="access_ms\n5\n"), "a.csv.hub", "column missing", "the key and the column"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access_ms\nMoon,5\n"), "a.csv[Moon]", "no such row in hubs", "a row of the table"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access_ms\nCoast,5\nCoast,6\n"), "a.csv[Coast]", "given twice", "once"),
    (scenario(COLUMNS_OF_S, "'hubs.access_ms' = 'a.csv'", a="hub,access_ms\nCoast,x\n"), "hubs[Coast].access_ms", "'x' is text", NUMBER),
    (scenario(COLUMNS_OF_S, "'links.rtt_ms' = 'a.csv'", a="from,to,rtt_ms\nEast exchange,Coast,5\n"), "a.csv[East exchange|Coast]", "no such row in links", "a row"),
]  # fmt: skip


def place_and_problem(entry):
    """Name a spoilt dataset by what is found in it."""
    return f"{entry[1]}: {entry[2]}"[:90]


@pytest.mark.parametrize("entry", FILES, ids=place_and_problem)
def test_bad_dataset_is_named(tiny_copy, entry):
    """Tests that a spoilt dataset is an InstanceError that names file or table, line or row, and what is allowed."""
    spoil, *expected = entry
    spoil(tiny_copy)
    assert_named(violations_of(lambda: placer.load(tiny_copy)), *expected)


@pytest.mark.parametrize("entry", SCENARIOS, ids=place_and_problem)
def test_bad_scenario_is_named(tiny_copy, entry):
    """Tests that a scenario that does not fit its dataset is an InstanceError in the same way."""
    spoil, *expected = entry
    spoil(tiny_copy)
    assert_named(violations_of(lambda: placer.load(tiny_copy, ["s"])), *expected)


@pytest.mark.parametrize("dataset", ["nowhere", "tiny/hubs.csv", "a\0b", "x" * 5000, "/dev/null"])
def test_no_such_dataset(dataset):
    """Tests that a name that is no dataset is answered with those there are."""
    assert_named(violations_of(lambda: placer.load(dataset)), "dataset", "is neither a dataset nor a folder", "tiny")


@pytest.mark.parametrize("scenarios", [["x"], "x", [""], [None], ["dispatch", "x"], ["Dispatch"]])
def test_no_such_scenario(scenarios):
    """Tests that a name that is no scenario is answered with those there are."""
    assert_named(violations_of(lambda: placer.load("tiny", scenarios)), "scenarios", "is unknown", "dispatch, patient")


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: placer.HiGHS("simplx"), "simplx"),
        (lambda: placer.HiGHS("hipo"), "hipo"),
        (lambda: placer.HiGHS(None), "None"),
        (lambda: placer.HiGHS(time_limit_seconds=0), "0"),
        (lambda: placer.HiGHS(time_limit_seconds=-1), "-1"),
        (lambda: placer.HiGHS(time_limit_seconds=math.nan), "nan"),
        (lambda: placer.HiGHS(time_limit_seconds="60"), "'60'"),
        (lambda: placer.HiGHS(time_limit_seconds=True), "True"),
        (lambda: placer.HiGHS(time_limit_seconds=None), "None"),
        (lambda: placer.HiGHS(options={"presolv": "on"}), "presolv"),
        (lambda: placer.HiGHS(options={"presolve": 5}), "presolve"),
        (lambda: placer.HiGHS(options={"threads": 1}), "threads"),
        (lambda: placer.HiGHS(options={"time_limit": 5.0}), "time_limit"),
        (lambda: placer.HiGHS(options={"simplex_iteration_limit": "many"}), "simplex_iteration_limit"),
        (lambda: placer.PuLP("NO_SUCH_SOLVER"), "NO_SUCH_SOLVER"),
        (lambda: placer.PuLP("PULP_CBC_CMD", time_limit_seconds=-1), "-1"),
        (lambda: placer.PuLP("HiGHS", time_limit_seconds="x"), "'x'"),
    ],
    ids=range(17),
)  # fmt: skip
def test_bad_solver_options(build, problem):
    """Tests that what a solver would ignore or misread is refused when the solver is made, and named."""
    with pytest.raises(SolverError) as caught:
        build()
    assert problem in str(caught.value)


def test_the_corpus_is_large():
    """Tests that the table of bad inputs stays as broad as it was meant to be."""
    assert len(GRAPH + ROWS + SETTINGS + FILES + SCENARIOS) >= 300


NASTY = [
    "",
    " ",
    "-1",
    "0",
    "1e-300",
    "1e308",
    "1e999",
    "inf",
    "-inf",
    "nan",
    "1,5",
    "0x1",
    "True",
    "None",
    "x" * 200,
    "Coast",
]
NASTY += [
    '"',
    "'",
    "|",
    "a|b",
    "\x00",
    "\x1b[31m",
    "\ufeff",
    "\u202e",
    "é",
    "0.5",
    "1000000",
    "999999999999999999999",
    "[1, 2]",
    "=1+1",
]


def mutate(data, chance):
    """Return the bytes of a file with a few random defects."""
    for _ in range(chance.choice([1, 1, 2, 4])):
        lines = data.split(b"\n")
        place = chance.randrange(len(lines))
        kind = chance.choice(["cell", "cell", "cell", "drop", "double", "flip", "insert", "cut", "swap"])
        if kind == "cell":
            cells = lines[place].split(b",")
            cells[chance.randrange(len(cells))] = chance.choice(NASTY).encode()
            lines[place] = b",".join(cells)
        elif kind == "drop":
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "swap":
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        data = b"\n".join(lines)
        if kind == "flip" and data:
            spot = chance.randrange(len(data))
            data = data[:spot] + bytes([data[spot] ^ (1 << chance.randrange(8))]) + data[spot + 1 :]
        elif kind == "insert":
            spot = chance.randrange(len(data) + 1)
            data = data[:spot] + chance.randbytes(chance.choice([1, 2, 8])) + data[spot:]
        elif kind == "cut":
            data = data[: chance.randrange(len(data) + 1)]
    return data


def outcome(folder, scenarios):
    """Return the instance of a folder, or the violations for which it is refused; nothing else may happen."""
    try:
        return placer.load(folder, scenarios)
    except InstanceError as error:
        return error.violations


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_mutated_datasets_load_or_are_refused(tiny_copy, start):
    """Tests 100 random mutations at a time: the outcome is an instance that is valid, or an InstanceError."""
    files = sorted(file for file in tiny_copy.rglob("*") if file.is_file() and file.name != "sources.csv")
    good = {file: file.read_bytes() for file in files}
    refused = 0
    for seed in range(start, start + 100):
        chance = random.Random(seed)  # noqa: S311 - not a secret
        file = chance.choice(files)
        file.write_bytes(mutate(good[file], chance))
        found = outcome(tiny_copy, chance.choice([[], ["patient"], ["dispatch", "patient"]]))
        if isinstance(found, Instance):
            assert found == found.replace(), seed
            assert np.isfinite(found.demand["mtok"]).all(), seed
        else:
            refused += 1
            assert found, seed
            assert all(str(violation).isprintable() for violation in found), (seed, found)
        file.write_bytes(good[file])
    assert 40 <= refused < 100
