"""Loads as demand, and snapshots as hours."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.instance.pypsa_network.components import Components
from placer.instance.pypsa_network.loads import read_hubs, read_snapshots


def read(network):
    found = []
    return read_hubs(Components(network), found), [(each.row, each.column, each.problem) for each in found]


@pytest.mark.slow
def test_loads_of_a_bus_add_up(network):
    """Tests the demand of two loads at a bus, and the penalty of the generators there."""
    hubs, found = read(network)
    assert found == []
    assert hubs.mtok.tolist() == [[400.0, 400.0], [200.0, 200.0]]
    assert hubs.unserved_usd == {"chat": 9.0}


@pytest.mark.slow
def test_loads_without_a_carrier(network):
    """Tests that their workload is called tokens."""
    network.loads["carrier"] = ""
    assert read(network)[0].workload.tolist() == ["tokens", "tokens"]


@pytest.mark.slow
def test_what_is_no_demand(network):
    """Tests several workloads at a bus, a limit on unserved demand, and penalties that differ."""
    network.loads.loc["a", "carrier"] = "voice"
    assert ("Coast", "carrier", "loads of several carriers at a bus") in read(network)[1]
    network.loads.loc["a", "carrier"] = "chat"
    network.generators.loc["lost at Coast", "p_nom"] = 10.0
    assert [found[:2] for found in read(network)[1]] == [("lost at Coast", "p_nom")]
    network.generators.loc["lost at Coast", ["p_nom", "marginal_cost"]] = [1e4, 8.0]
    assert [found[:2] for found in read(network)[1]] == [("lost at Coast", "marginal_cost")]


@pytest.mark.slow
def test_timestamps(network):
    """Tests steps of three hours with a gap: their length, the weights and the blocks."""
    network.set_snapshots(
        pd.to_datetime(["2030-01-01 00:00", "2030-01-01 03:00", "2030-07-01 00:00", "2030-07-01 03:00"])
    )
    network.snapshot_weightings["objective"] = [3.0, 3.0, 6.0, 6.0]
    read = read_snapshots(network)
    assert read.hour_length == 3.0
    assert read.periods["weight"].tolist() == [1.0, 1.0, 2.0, 2.0]
    assert read.periods["block"].tolist() == ["0", "0", "1", "1"]


@pytest.mark.slow
def test_other_labels_are_numbered(network):
    """Tests that texts become positions, and that a note says so."""
    network.set_snapshots(["morning", "noon"])
    read = read_snapshots(network)
    assert read.hours == [0, 1]
    assert "numbered from 0 on" in read.note
