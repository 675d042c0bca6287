"""Links to hubs, per Mtok that they deliver."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.instance.pypsa_network.arcs import fingerprint, read_arcs
from placer.instance.pypsa_network.components import Components

HUBS = pd.Index(["Coast", "Inland"])


def read(network):
    found = []
    return read_arcs(Components(network), HUBS, found), [(each.row, each.column, each.problem) for each in found]


@pytest.mark.slow
def test_what_a_mtok_takes_and_costs(network):
    """Tests that power, accelerators, costs and limits of a link count per Mtok."""
    arcs, found = read(network)
    assert found == []
    assert arcs.name.tolist() == ["p-c", "p-i", "m-c"]
    assert arcs.takes["power"][:, 0].tolist() == [0.05, 0.05, 0.0]
    assert arcs.takes["accelerators"][:, 0].tolist() == [0.05, 0.05, 0.0]
    assert arcs.takes["tokens"][:, 0].tolist() == [0.0, 0.0, 1.0]
    assert arcs.usd[:, 0].tolist() == [0.2, 0.2, 0.5]
    assert arcs.most[:, 0].tolist() == [360.0, 1000.0, 1000.0]
    assert arcs.sites["power"].to_dict() == {"Plateau": "Plateau", "Metro": ""}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "row", "column", "problem"),
    [
        (("links", "m-c", "bus0", "Inland"), "m-c", "bus0", "takes from a bus with a load, which is a hub"),
        (("links", "p-c", "efficiency2", 1.0), "p-c", "efficiency2", "gives to a further bus"),
        (("links", "m-c", "efficiency", 0.0), "m-c", "efficiency", "an efficiency that is not above 0"),
        (("buses", "Metro", "carrier", "gas"), "m-c", "bus0", "a bus of a carrier that is not known"),
        (("links", "p-c", "bus2", "grid"), "p-c", "bus2", "takes power from two buses"),
    ],
)
def test_a_link_that_is_no_arc(network, change, row, column, problem):
    """Tests the defects of links to hubs."""
    table, name, attribute, value = change
    getattr(network, table).loc[name, attribute] = value
    assert (row, column, problem) in read(network)[1]


@pytest.mark.slow
def test_sites_that_share_accelerators(network):
    """Tests that accelerators belong to one site."""
    network.links.loc["m-c", "bus2"] = "gpus"
    network.links.loc["m-c", "efficiency2"] = -1.0
    assert ("gpus", "", "2 sites share these accelerators") in read(network)[1]


@pytest.mark.slow
def test_the_fingerprint_changes_with_the_arcs_alone(network):
    """Tests that what arcs take and cost counts, and what generators and loads say does not."""
    before = fingerprint(Components(network), HUBS)
    network.generators.loc["grid", "p_nom"] = 3.0
    network.loads.loc["a", "p_set"] = 3.0
    assert fingerprint(Components(network), HUBS) == before
    network.links.loc["p-c", "marginal_cost"] = 3.0
    assert fingerprint(Components(network), HUBS) != before
