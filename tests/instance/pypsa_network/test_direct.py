"""Arcs as links of an instance."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError


@pytest.mark.slow
def test_figures_of_workloads_and_sites(network):
    """Tests speeds, energy and the limit of a link, which is what it delivers in GB."""
    read = placer.Instance.from_pypsa(network)
    hours = read.workloads["accelerator_hours_per_mtok"].to_numpy()[0] / read.data_centres["speed"].to_numpy()
    assert hours == pytest.approx([0.05, 1.0])
    assert read.workloads["kwh_per_mtok"].tolist() == pytest.approx([50.0])
    assert (read.links["capacity_gbps"] * 450).tolist() == pytest.approx([360.0, float("inf"), float("inf")])
    assert read.links["usd_per_gb"].tolist() == pytest.approx([0.2, 0.2, 0.5])
    assert read.power_zones["power_zone"].tolist() == ["grid", "Metro without power"]


@pytest.mark.slow
def test_power_that_varies(network):
    """Tests that power by snapshot is the pue of the site."""
    network.links.loc[["p-c", "p-i"], "marginal_cost"] = 0.0
    network.links_t.efficiency["p-c"] = network.links_t.efficiency["p-i"] = [20.0, 16.0]
    network.links_t.efficiency2["p-c"] = network.links_t.efficiency2["p-i"] = [-1.0, -0.8]
    assert placer.Instance.from_pypsa(network).data_centres["pue"][0] == pytest.approx((1.0, 1.25))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("marginal_cost", -1.0, "a cost by snapshot, or below 0, of a link to a hub"),
        ("efficiency2", -2.0, "accelerator-hours of a Mtok that are no product"),
        ("efficiency", 10.0, "MWh of a Mtok that are no product"),
    ],
)
def test_what_links_cannot_carry(network, column, value, problem):
    """Tests costs below 0, and figures that differ between the links of a site."""
    network.links.loc["p-c", column] = value
    with pytest.raises(InstanceError, match=problem):
        placer.Instance.from_pypsa(network)


@pytest.mark.slow
def test_no_links_to_hubs(network):
    """Tests that a network without any says so."""
    network.links.loc[["p-c", "p-i", "m-c"], "active"] = False
    with pytest.raises(InstanceError, match="no link leads to a bus with a load"):
        placer.Instance.from_pypsa(network)


@pytest.mark.slow
def test_links_side_by_side(network, pypsa_cost):
    """Tests that a second link from a site to a hub is a second route."""
    network.links.loc["m-c", "p_nom"] = 10.0
    network.add("Link", "m-c dear", bus0="Metro", bus1="Coast", p_nom=1e3, marginal_cost=0.75)
    read = placer.Instance.from_pypsa(network)
    assert read.settings.routes == 2
    assert placer.solve(read).cost_and_penalty_usd == pytest.approx(pypsa_cost(network), rel=1e-9)
