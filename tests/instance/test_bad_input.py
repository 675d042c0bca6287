"""Bad graphs, tables and settings: one InstanceError that names the place and what would be right, before any solver."""

# ruff: noqa: E501 - the tables of bad input read best with one case a line

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from placer.instance.attributes.columns import REQUIRED, Kind
from placer.instance.attributes.schema import MODES, TABLES
from placer.instance.problem import Instance
from tests.effort import tries
from tests.instance.bad_graphs import GRAPH
from tests.instance.spoiling import BASE, LIMIT, NUMBER, case, frame, rows, settings, tables

pytestmark = pytest.mark.usefixtures("no_solver")

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
    complex(5),
    np.datetime64("2026-01-01"),
    np.timedelta64(1, "s"),
    -(10**400),
    -1e300,
    [math.nan],
    ["5"],
]

OPTIONAL = {
    "batteries": [{"battery": "b", "data_centre": "D", "power_mw": 1.0, "energy_mwh": 1.0}],
    "contracts": [{"contract": "c", "power_zone": "Z", "data_centre": "D", "take_or_pay_mwh": 1.0}],
    "accelerator_pools": [{"data_centre": "D", "accelerator_type": "H100", "accelerators": 5.0}],
    "modes": [{"workload": "w", "mode": "m", **dict.fromkeys(MODES.names[3:], 1.0)}],
    "served_models": [{"model": "m", "workloads": "w", "replica_accelerators": 1.0}],
    "limits": [{"limit": "cap", "kind": "tokens", "sense": "<=", "amount": 5.0}],
    "demand_steps": [
        {name: row.get(name, 0) for name in ("workload", "hub", "hour")} | {"value_usd_per_mtok": 9.0, "share": 1.0}
        for row in BASE["demand"]
    ],
    "periods": [{"hour": 0, "weight": 1.0}],
    "latency_value": [{"workload": "w", "ms": 10.0, "share_lost": 0.5}],
    "surcharges": [{"hub_region": "east", "region": "west", "usd_per_mtok": 1.0}],
    "policies": [{"policy": "quota", "kind": "quota_mtok", "amount": 1.0}],
}


#: Workloads with a value that latency may lose.
VALUED = {"workloads": [dict(row) | {"value_usd_per_mtok": 9.0} for row in BASE["workloads"]]}


#: Every how many columns a value comes again: a value meets each sixth column, a column each sixth value.
STRIDE = tries(6, 1)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda part: part.name)
def test_no_column_takes_what_is_no_number(table, column, violations_when_solved):
    """Tests that every column of numbers refuses every kind of value that is none, by row, column and range."""
    for value in NEVER_NUMBERS[COLUMNS.index((table, column)) % STRIDE :: STRIDE]:
        given = value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
        hours = isinstance(value, list) and value != ["5"] and column.kind is Kind.HOURLY  # nothing, or what is missing
        if ((given or (hours and value)) and column.default is not REQUIRED) or (hours and not value):
            continue
        changed = [dict(row) for row in (BASE | OPTIONAL)[table.name]]
        changed[0][column.name] = value
        beside = VALUED if table.name == "latency_value" else {}
        found = violations_when_solved(lambda given=beside | {table.name: changed}: tables(**given))
        assert {(violation.table, violation.column) for violation in found} == {(table.name, column.name)}, value
        assert all(violation.allowed == column.allowed for violation in found)


def test_the_corpus_is_large():
    """Tests that the table of bad inputs stays as broad as it was meant to be."""
    assert len(GRAPH + ROWS + SETTINGS) >= 180
