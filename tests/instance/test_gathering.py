"""Input of every kind, gathered as tables and settings."""

from __future__ import annotations

import networkx as nx
import pandas as pd
import pytest

from placer.errors import InstanceError, Violation
from placer.instance.gathering import gather, gather_graph
from placer.instance.problem import Instance

TABLES = {
    "hubs": [{"hub": "A"}],
    "data_centres": [{"data_centre": "D"}],
    "links": [{"from": "A", "to": "D", "rtt_ms": 5}],
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0}],
    "demand": [{"workload": "w", "hub": "A", "mtok": 3}],
}
WORK = {name: TABLES[name] for name in ("workloads", "demand")}
SLIP = Violation("hubs.csv", "line 2", "", "3 cells", "2 cells")


def _graph():
    graph = nx.DiGraph()
    graph.add_node("A", kind="hub")
    graph.add_node("D", kind="data_centre")
    graph.add_edge("A", "D", kind="link", rtt_ms=5)
    return graph


def places(gathered):
    with pytest.raises(InstanceError) as caught:
        Instance.of(gathered)
    return [(each.table, each.column) for each in caught.value.violations]


def test_tables_and_graphs_come_to_the_same():
    """Tests that both kinds of input make the same instance, and only a graph says whether links lead one way."""
    tables, graph = gather(TABLES, {"directed": True}), gather_graph(_graph(), WORK, {})
    assert Instance.of(tables) == Instance.of(graph)
    assert graph.settings.directed


def test_violations_of_the_source_come_first_with_all_others():
    """Tests that a defect of a file does not hide those of other tables and of the settings."""
    bad = TABLES | {"demand": [{"workload": "w", "hub": "A", "mtok": -3}]}
    gathered = gather(bad, {"hour_length": 0}, found=[SLIP])
    assert places(gathered) == [("hubs.csv", ""), ("demand", "mtok"), ("settings", "hour_length")]


def test_nothing_is_said_of_what_follows_from_a_table_that_is_unknown():
    """Tests that links and demand of hubs that could not be read are left alone."""
    without = {name: rows for name, rows in TABLES.items() if name != "hubs"}
    assert places(gather(without, {}, found=[SLIP], unknown={("hubs", "")})) == [("hubs.csv", "")]


def test_a_profile_of_a_demand_that_could_not_be_read_is_left_alone():
    """Tests that the demand is not said to be missing beside its profile where its file has a defect."""
    tables = TABLES | {"demand_profile": pd.DataFrame({"workload": ["w"], "hour": [0], "share": [1.0]})}
    del tables["demand"]
    assert places(gather(tables, {}, found=[SLIP], unknown={("demand", "")})) == [("hubs.csv", "")]
    assert ("demand", "") in places(gather(tables, {}))


def test_notes_of_the_source_and_of_keys_are_kept():
    """Tests that a column ``name`` in place of the key is noted after what the source passed over."""
    named = gather(TABLES | {"hubs": [{"name": "A"}]}, {}, notes=["file x is ignored"])
    assert Instance.of(named).notes == ("file x is ignored", "column name of hubs is taken for its key hub")
