"""Bad graphs, tables and settings: one InstanceError that names the place and what would be right, before any solver."""

# ruff: noqa: E501 - the tables of bad input read best with one case a line

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from placer.instance.columns import REQUIRED, Kind
from placer.instance.problem import Instance
from placer.instance.schema import TABLES

pytestmark = pytest.mark.usefixtures("no_solver")

NUMBER = ">= 0, finite"


LIMIT = ">= 0, finite or inf"


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
    case(node, "D", pue={0: 1.1}, at="data_centres[D].pue", problem="hour 1 is missing", allowed="the hours 0 to 1 in the index"),
    case(node, "D", pue={0: 1.1, 1: 0.5}, at="data_centres[D, hour 1].pue", problem="0.5 is out", allowed=">= 1, <= 10"),
    case(node, "D", pue={0: 1.1, "1": 1.2}, at="data_centres[D].pue", problem="'1' is no hour", allowed="by position"),
    case(node, "D", pue=pd.Series([1.1, 1.2, 1.3]), at="data_centres[D].pue", problem="hour 2 is not in the demand", allowed="by position"),
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
    case(rows, "demand", {}, {}, {"hour": pd.Timestamp(0)}, at="demand[w|A|0].hour", problem="0 is no timestamp", allowed="whole number, >= 0, <= 1e+06, finite, or a timestamp"),
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


@pytest.mark.parametrize(("build", "at", "problem", "allowed"), GRAPH + ROWS + SETTINGS)
def test_bad_input_is_named(build, at, problem, allowed, violations_when_solved, assert_named):
    """Tests that bad graphs, tables and settings are an InstanceError that names the place and what is allowed."""
    assert_named(violations_when_solved(build), at, problem, allowed)


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


OPTIONAL = {
    "limits": [{"limit": "cap", "kind": "tokens", "sense": "<=", "amount": 5.0}],
    "periods": [{"hour": 0, "weight": 1.0}],
}


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda part: part.name)
def test_no_column_takes_what_is_no_number(table, column, violations_when_solved):
    """Tests that every column of numbers refuses every kind of value that is none, by row, column and range."""
    for value in NEVER_NUMBERS:
        given = value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
        hours = isinstance(value, list) and value != ["5"] and column.kind is Kind.HOURLY  # nothing, or what is missing
        if ((given or (hours and value)) and column.default is not REQUIRED) or (hours and not value):
            continue
        changed = [dict(row) for row in (BASE | OPTIONAL)[table.name]]
        changed[0][column.name] = value
        found = violations_when_solved(lambda changed=changed: tables(**{table.name: changed}))
        assert {(violation.table, violation.column) for violation in found} == {(table.name, column.name)}, value
        assert all(violation.allowed == column.allowed for violation in found)


def test_the_corpus_is_large():
    """Tests that the table of bad inputs stays as broad as it was meant to be."""
    assert len(GRAPH + ROWS + SETTINGS) >= 180
