"""Batteries in networks of PyPSA: what is written comes back, and what is no battery of ours is refused."""

from __future__ import annotations

import warnings

import pytest

import placer
from placer.io.pypsa import to_pypsa
from tests.batteries_by_hand import powered


@pytest.fixture(params=["D", "Z"])
def wrote(request):
    """Return an instance with a battery with losses and wear, at a data centre or a power zone, and its network."""
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    lossy = {"efficiency": 0.9, "usd_per_mwh_throughput": 2.7}
    instance = powered(battery=lossy, at=request.param, periods=[{"hour": hour, "weight": 3.0} for hour in (0, 1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyPSA's own libraries
        return instance, to_pypsa(instance)


@pytest.mark.slow
def test_an_untouched_network_is_the_instance(wrote):
    """Tests that the table comes back, also where figures of the network round."""
    instance, network = wrote
    assert placer.Instance.from_pypsa(network) == instance


@pytest.mark.slow
def test_edits_reach_the_table(wrote):
    """Tests power, energy and wear, and that a battery that is gone stays so."""
    _, network = wrote
    network.generators.loc["charger B", "p_nom"] = 5.0
    network.stores.loc["battery B", "e_nom"] = 7.0
    network.links.loc["discharge B", "marginal_cost"] = 4.5
    read = placer.Instance.from_pypsa(network).batteries
    assert read[["power_mw", "energy_mwh", "usd_per_mwh_throughput"]].to_numpy().tolist() == [[5.0, 7.0, 5.0]]
    for table in (network.generators, network.links, network.stores):
        table.loc[table["battery"] == "B", "active"] = False
    assert placer.Instance.from_pypsa(network).batteries.empty


@pytest.mark.slow
def test_other_arcs_keep_batteries(wrote):
    """Tests that a network whose links have changed, and which is read as it stands, has the battery and its place."""
    instance, network = wrote
    network.links.loc[network.links["bus1"].str.startswith("demand"), "marginal_cost"] += 1.0
    network.links.loc[network.links["battery"] == "B", "rtt_ms"] = 0.0
    read = placer.Instance.from_pypsa(network)
    places = ["data_centre", "power_zone"]
    assert read.batteries[places].to_dict() == instance.batteries[places].to_dict()
    assert placer.solve(read).cost_usd == pytest.approx(placer.solve(instance).cost_usd + 3 * 20)


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        lambda network: network.stores.__setitem__("e_cyclic", False),
        lambda network: network.links.__setitem__("efficiency2", -0.8),
        lambda network: network.links.loc.__setitem__(("charge B", "active"), False),
        lambda network: network.generators.loc.__setitem__(("charger B", "active"), False),
        lambda network: network.links.__setitem__("battery", ""),
        lambda network: network.stores.__setitem__("battery", ""),
        lambda network: network.generators_t.p_max_pu.__setitem__("charger B", [0.5, 1.0]),
        lambda network: network.stores.__setitem__("active", False),
        lambda network: network.snapshot_weightings.__setitem__("stores", 3.0),
        lambda network: network.snapshot_weightings.__setitem__("objective", [3.0, 1.0]),
        lambda network: network.links.loc.__setitem__(("charge B", "p_nom"), 1.0),
        lambda network: network.links.loc.__setitem__(("charge B", "marginal_cost"), 1.0),
        lambda network: network.links.loc.__setitem__((["charge B", "discharge B"], "bus2"), "battery B"),
    ],
)
def test_other_storage_is_refused(wrote, edit):
    """Tests stores that are not cyclic, whose parts are not there, or whose snapshots do not count alike."""
    network = wrote[1]
    edit(network)
    with pytest.raises(placer.InstanceError, match=r"batter|snapshots"):
        placer.Instance.from_pypsa(network)
