"""Hourly values that carry their hours: aligned by them, and refused where they do not match."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import placer
from placer.errors import InstanceError
from placer.instance.attributes.schema import TABLES as SCHEMA
from placer.instance.hours.by_hour import align, index_problem
from placer.instance.problem import Instance

HOURS = (6, 7, 8)
TABLES = {
    "hubs": [{"hub": "A"}],
    "data_centres": [{"data_centre": "D"}],
    "links": [{"from": "A", "to": "D", "rtt_ms": 5}],
    "supplies": [{"power_zone": "Z", "data_centre": "D"}],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 0, "kwh_per_mtok": 1000}],
    "demand": [{"workload": "w", "hub": "A", "hour": hour, "mtok": hour} for hour in HOURS],
}


def with_price(price, **attributes):
    return Instance.from_tables(TABLES | {"power_zones": [{"power_zone": "Z", "usd_per_mwh": price, **attributes}]})


def violations_of(price, **attributes):
    with pytest.raises(InstanceError) as caught:
        with_price(price, **attributes)
    return caught.value.violations


@pytest.mark.slow
def test_a_reversed_series_costs_what_the_series_costs():
    """Tests by hand: 6, 7 and 8 MWh at 10, 20 and 40 USD are 520 USD, however the series is sorted; a list is not."""
    price = pd.Series([10, 20, 40], index=list(HOURS))
    for given_price in (price, price[::-1], dict(price[::-1]), price.astype(float).set_axis([6.0, 7.0, 8.0])):
        assert placer.solve(with_price(given_price)).cost_usd == pytest.approx(520)
    assert placer.solve(with_price([40, 20, 10])).cost_usd == pytest.approx(6 * 40 + 7 * 20 + 8 * 10)


def test_series_on_the_nodes_of_a_graph_are_aligned():
    """Tests that attributes of nodes and replaced tables are aligned as tables are."""
    graph = nx.Graph()
    graph.add_node("A", kind="hub")
    graph.add_node("D", kind="data_centre", pue={8: 1.3, 6: 1.1, 7: 1.2})
    graph.add_node("Z", kind="power_zone", usd_per_mwh=pd.Series([40, 20, 10], [8, 7, 6]))
    graph.add_edge("A", "D", kind="link", rtt_ms=1)
    graph.add_edge("Z", "D", kind="supply")
    instance = Instance.from_graph(graph, TABLES["workloads"], TABLES["demand"])
    assert instance.power_zones["usd_per_mwh"].tolist() == [(10.0, 20.0, 40.0)]
    assert instance.data_centres["pue"].tolist() == [(1.1, 1.2, 1.3)]
    price = pd.Series([pd.Series([3, 2, 1], [8, 7, 6])], dtype=object)
    changed = instance.replace(power_zones=instance.power_zones.assign(usd_per_mwh=price))
    assert changed.power_zones["usd_per_mwh"].tolist() == [(1.0, 2.0, 3.0)]


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ([0, 1, 2], "hours 6, 7, 8 are missing, hours 0, 1, 2 are not in the demand"),
        ([6, 7], "hour 8 is missing"),
        ([6, 7, 8, 9], "hour 9 is not in the demand"),
        ([6, 7, 8, 8], "hour 8 is given twice"),
        (["6", "7", "8"], "'6' is no hour"),
        ([6, 7, 8.5], "8.5 is no hour"),
        ([False, 7, 8], "False is no hour"),
        (pd.date_range("2026-01-01", periods=3, freq="h"), "is no hour"),
        (list(range(6, 20)), "hours 9, 10, 11 and 8 more are not in the demand"),
    ],
    ids=str,
)
def test_an_index_that_does_not_match_is_one_violation(index, said):
    """Tests that each cell with another index than the demand's hours is named once, with what to do."""
    price = pd.Series(1.0, index=pd.Index(index, dtype=object))
    violations = violations_of(price, carbon_kg_per_mwh=price)
    assert [(each.table, each.row, each.column) for each in violations] == [
        ("power_zones", "Z", "usd_per_mwh"),
        ("power_zones", "Z", "carbon_kg_per_mwh"),
    ]
    assert violations[0].problem.startswith("the index does not match the hours of the demand: ")
    assert said in violations[0].problem
    assert violations[0].allowed == "the hours 6 to 8 in the index, each once; a list is taken by position"


def test_values_with_defects_are_named_by_their_hour_and_nothing_follows():
    """Tests that a bad value is told with the hour it carries, and its index is not complained of too."""
    violations = violations_of({7: "dear", 6: 1})
    assert [(each.row, each.column) for each in violations] == [("Z, hour 7", "usd_per_mwh")]


def test_nothing_is_said_of_an_index_where_the_hours_of_the_demand_are_unknown():
    """Tests that demand without sound hours is the only violation."""
    tables = TABLES | {
        "power_zones": [{"power_zone": "Z", "usd_per_mwh": {6: 1}}],
        "demand": [row | {"hour": -1} for row in TABLES["demand"]],
    }
    with pytest.raises(InstanceError) as caught:
        Instance.from_tables(tables)
    assert {(each.table, each.column) for each in caught.value.violations} == {("demand", "hour")}


@pytest.mark.slow
@given(st.permutations(range(5)), st.integers(0, 9))
def test_alignment_undoes_any_order(order, start):
    """Tests that values come out in the order of the hours, whatever theirs."""
    hours = range(start, start + 5)
    frames = {name: pd.DataFrame(columns=list(table.names)) for name, table in SCHEMA.items()}
    frames["power_zones"] = pd.DataFrame({"power_zone": ["Z"], "carbon_kg_per_mwh": [1.0], "limit_mw": [9.0]}).assign(
        usd_per_mwh=pd.Series([pd.Series(np.array(order, float), [start + place for place in order])], dtype=object)
    )
    aligned, violations = align(frames, hours, ())
    assert not violations
    assert aligned["power_zones"]["usd_per_mwh"].tolist() == [(0.0, 1.0, 2.0, 3.0, 4.0)]
    assert not index_problem(pd.Index([start + place for place in order]), hours)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "+05:30", "offsets"])
def test_prices_of_another_time_zone_are_compared_as_instants(zone):
    """Tests cells and hourly tables around the end of daylight saving, where the offsets of a text change too."""
    hours = pd.date_range("2026-10-25", periods=5, freq="h", tz="Europe/Berlin")
    there = [hour.isoformat() for hour in hours] if zone == "offsets" else list(hours.tz_convert(zone))
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1} for hour in hours]
    prices = pd.Series([10.0, 20.0, 30.0, 40.0, 50.0], there)
    cell = [{"power_zone": "Z", "usd_per_mwh": prices[::-1]}]
    rows = [{"power_zone": "Z", "hour": hour, "usd_per_mwh": price} for hour, price in prices.items()]
    in_cells = Instance.from_tables(TABLES | {"demand": demand, "power_zones": cell})
    in_rows = Instance.from_tables(
        TABLES | {"demand": demand, "power_zones": [{"power_zone": "Z"}], "power_zone_hours": rows[::-1]}
    )
    assert in_cells == in_rows
    assert in_cells.power_zones["usd_per_mwh"].tolist() == [(10, 20, 30, 40, 50)]
    assert list(in_cells.hours) == list(hours)


@pytest.mark.parametrize(
    ("given", "zone", "said"),
    [
        (None, "UTC", "it has no time zone, and the demand the time zone UTC; pandas' tz_localize gives it its own"),
        ("UTC", None, "it has the time zone UTC, and the demand none; give the demand one"),
        ("Europe/Berlin", "UTC", "hour 2025-12-31 23:00+00:00 is not in the demand"),
    ],
)
def test_prices_that_may_be_of_any_zone_are_refused(given, zone, said):
    """Tests that nothing is guessed where one side has no zone, and that hours that are others are named."""
    hours = pd.date_range("2026-01-01", periods=2, freq="h", tz=zone)
    assert said in index_problem(pd.date_range("2026-01-01", periods=2, freq="h", tz=given), hours)
