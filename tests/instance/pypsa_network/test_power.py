"""Supplies of sites: generators and links of power."""

from __future__ import annotations

import pytest

from placer.instance.pypsa_network.components import Components
from placer.instance.pypsa_network.power import read_power
from tests.instance.pypsa_network.test_arcs import HUBS, read_arcs


def read(network):
    parts, found = Components(network), []
    power = read_power(parts, read_arcs(parts, HUBS, found), HUBS, found)
    return power, [(each.row, each.column, each.problem) for each in found]


@pytest.mark.slow
def test_a_supply_and_a_generator_at_the_site(network):
    """Tests a link from a generator's bus, and a generator at the bus itself, which has no loss."""
    network.add("Carrier", "gas", co2_emissions=0.2)
    network.add("Generator", "turbine", bus="Plateau", p_nom=5.0, marginal_cost=90.0, carrier="gas", efficiency=0.5)
    power, found = read(network)
    assert found == []
    assert power.supplies.to_dict("list") == {
        "power_zone": ["turbine", "grid"],
        "data_centre": ["Plateau", "Plateau"],
        "loss": [0.0, pytest.approx(0.1)],
    }
    assert power.zone_usd.tolist() == [[90.0, 90.0], [50.0, 80.0]]
    assert power.zone_carbon_kg.tolist() == [[400.0, 400.0], [0.0, 0.0]]
    assert power.supply_limit[1].tolist() == [30.0, 30.0]


@pytest.mark.slow
def test_a_limit_behind_the_supplies(network):
    """Tests that a lossless link behind the supplies is the limit of the site."""
    network.add("Bus", "meter", carrier="power")
    network.links.loc["line", "bus1"] = "meter"
    network.add("Link", "fuse", bus0="meter", bus1="Plateau", p_nom=9.0, p_max_pu=[1.0, 0.5])
    power, found = read(network)
    assert found == []
    assert power.site_limit["Plateau"].tolist() == [9.0, 4.5]
    assert power.supplies["power_zone"].tolist() == ["grid"]
    network.links.loc["fuse", "efficiency"] = 0.9
    assert ("fuse", "efficiency", "a loss or a cost on the way behind the supplies of a site") in read(network)[1]


@pytest.mark.slow
def test_power_from_elsewhere(network):
    """Tests links that take power from a hub or from accelerators, or lead to a further bus."""
    for bus in ("Coast", "gpus"):
        network.links.loc["line", "bus0"] = bus
        assert ("line", "bus0", "power from a bus of a hub or of accelerators") in read(network)[1]
    network.links.loc["line", ["bus0", "bus2"]] = ["grid", "Coast"]
    assert read(network)[1] == [("line", "bus2", "a further bus of a link to no hub")]


@pytest.mark.slow
def test_what_is_no_supply(network):
    """Tests generators that share a limited link, efficiencies that are no loss, and power over several links."""
    network.add("Generator", "coal", bus="grid", p_nom=5.0)
    assert read(network)[1] == [("line", "p_nom", "2 generators share the limit of this link")]
    network.generators.loc["coal", "active"] = False
    network.links.loc["line", "efficiency"] = 1.2
    assert read(network)[1] == [("line", "efficiency", "no loss of a supply")]
    network.links.loc["line", "efficiency"] = 1.0
    network.add("Bus", "far", carrier="AC")
    network.add("Link", "far line", bus0="far", bus1="grid", p_nom=1.0)
    network.add("Generator", "near", bus="Plateau", p_nom=1.0)
    assert ("line", "bus0", "power on its way over several links") in read(network)[1]
