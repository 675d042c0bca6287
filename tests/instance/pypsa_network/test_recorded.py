"""The record of an instance in the network that was written from it."""

from __future__ import annotations

import warnings

import pytest

import placer
from placer.io.pypsa import to_pypsa
from tests.conftest import SMALL

LINKS = [*SMALL["links"][:2], SMALL["links"][2] | {"capacity_gbps": 0.02}]
SUPPLIES = [*SMALL["supplies"], SMALL["supplies"][0] | {"limit_mw": 3.0, "usd_per_mwh_adder": -20.0}]


@pytest.fixture
def wrote(make_instance):
    """Return an instance with a limited link and two supplies of a site, and its network."""
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    heavy = [SMALL["workloads"][0] | {"gb_per_mtok": 1.0, "latency_slo_ms": 500.0}]
    instance = make_instance(links=LINKS, supplies=SUPPLIES, workloads=heavy, carbon_usd_per_kg=0.1)
    instance = instance.replace(power_zones=instance.power_zones.assign(carbon_kg_per_mwh=300.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyPSA's own libraries
        return instance, to_pypsa(instance)


@pytest.mark.slow
def test_an_untouched_network_is_the_instance(wrote):
    """Tests that all tables and settings come back."""
    instance, network = wrote
    assert placer.Instance.from_pypsa(network) == instance


@pytest.mark.slow
def test_edits_reach_their_table(wrote):
    """Tests price, limits, capacity, demand and weight, each read from its component."""
    instance, network = wrote
    network.generators_t.marginal_cost["zone zx"] += 5.0
    network.generators.loc[["zone zy", "accelerators X"], "p_nom"] = [4.0, 7.0]
    network.generators.loc[network.generators["bus"].str.startswith("bandwidth"), "p_nom"] = 4.5
    network.loads_t.p_set *= 2
    network.snapshot_weightings["objective"] = 3.0
    read = placer.Instance.from_pypsa(network)
    assert read.power_zones["usd_per_mwh"].tolist() == pytest.approx([55.0, 20.0])
    assert read.power_zones["limit_mw"].tolist() == [float("inf"), 4.0]
    assert read.data_centres["accelerators"].tolist() == [7.0, float("inf")]
    assert read.links["capacity_gbps"].tolist() == [float("inf"), float("inf"), pytest.approx(0.01)]
    assert read.demand["mtok"].tolist() == (2 * instance.demand["mtok"]).tolist()
    assert read.weights.tolist() == [3.0]


@pytest.mark.slow
def test_attributes_of_carriers(wrote):
    """Tests that a workload takes its latency limit from its carrier, and that carbon of carriers undoes the record."""
    _, network = wrote
    network.carriers.loc["w", "latency_slo_ms"] = 25.0
    assert placer.Instance.from_pypsa(network).workloads["latency_slo_ms"].tolist() == [25.0]
    network.carriers.loc["power", "co2_emissions"] = 0.5
    network.links.loc[network.links["bus4"] != "", "active"] = False
    assert placer.Instance.from_pypsa(network).power_zones["carbon_kg_per_mwh"].tolist() == [500.0, 500.0]


@pytest.mark.slow
def test_a_supply_that_is_gone(wrote):
    """Tests that a supply that the network no longer has is not taken from the record."""
    instance, network = wrote
    network.links.loc["supply 2", "active"] = False
    assert placer.Instance.from_pypsa(network) == instance.replace(supplies=SUPPLIES[:2])


@pytest.mark.slow
def test_changed_links_replace_the_record(wrote):
    """Tests that dearer arcs are read as links by themselves, and that a note says so."""
    _, network = wrote
    network.links.loc[network.links["bus4"] != "", "active"] = False
    network.links["marginal_cost"] += 1.0
    read = placer.Instance.from_pypsa(network)
    assert read.hubs["hub"].tolist() == ["demand w A", "demand w B"]
    assert "the links have changed since placer wrote the network" in read.notes[-1]
