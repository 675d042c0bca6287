"""What is read of a network has the optimum of the network in PyPSA, or one error says what cannot be carried."""

from __future__ import annotations

import math
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given

import placer
from placer.errors import ArgumentError, InstanceError, PlacerError
from placer.io.pypsa import to_pypsa
from placer.model.formulation import formulate
from tests.random_cases import cases, few


def ours(instance):
    return placer.solve(instance, tie_break=None).cost_and_penalty_usd


def exported(instance):
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyPSA's own libraries
        return to_pypsa(instance)


def expressible(case):
    """Return an instance of a random case without what PyPSA has no component for."""
    served_at_once = case.changed(lambda _, row: row | {"deadline_hours": 0.0} if "deadline_hours" in row else row)
    return served_at_once.changed(
        lambda _, row: row, carbon_limit_kg=math.inf, water_limit_litres=math.inf, cyclic=False
    ).build()


@pytest.mark.slow
@few
@given(cases())
def test_networks_that_we_wrote(case):
    """Tests that an exported network has the optimum of its instance, with the record of the instance and without."""
    instance = expressible(case)
    network = exported(instance)
    read = placer.Instance.from_pypsa(network)
    assert ours(read) == pytest.approx(ours(instance), rel=1e-9, abs=1e-9)
    assert read.links.equals(instance.links)
    del network.meta["placer"]
    if alone(instance):
        read = placer.Instance.from_pypsa(network)
        assert ours(read) == pytest.approx(ours(instance), rel=1e-9, abs=1e-9)


def alone(instance):
    """Whether a network says all of its instance: no arcs share a link of limited capacity, and every hub has one."""
    structure = formulate(instance).structure
    shares = structure.route_links[structure.arc_route][:, np.isfinite(structure.link_capacity[:, 0])].sum() > 0
    return not shares and np.isin(structure.demand_pair, structure.arc_pair).all()


@pytest.mark.slow
def test_a_network_by_hand(network, pypsa_cost):
    """Tests a network with supplies, accelerators, tokens for sale, unserved demand and a limited link."""
    network.snapshot_weightings["objective"] = [1.0, 2.5]
    read = placer.Instance.from_pypsa(network)
    assert ours(read) == pytest.approx(pypsa_cost(network), rel=1e-9)
    assert read.hubs["region"].tolist() == ["east", "west"]
    assert read.workloads["latency_slo_ms"].tolist() == [200.0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        lambda network: network.loads_t.p_set.__imul__(1.7),
        lambda network: network.generators_t.marginal_cost.__iadd__(30.0),
        lambda network: network.generators.__setitem__("p_nom", network.generators["p_nom"] * 0.4),
        lambda network: network.links.__setitem__("marginal_cost", 3.0 * (network.links["carrier"] == "tokens")),
        lambda network: network.links.__setitem__("p_nom", network.links["p_nom"].clip(upper=4.0)),
    ],
    ids=["loads", "power prices", "generators", "costs of links", "limits of links"],
)
def test_an_edited_network_is_the_edited_problem(make_instance, pypsa_cost, edit):
    """Tests that each edit of an exported network changes both optima alike."""
    instance = make_instance(
        power_zones=[{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    )
    hourly = [{"workload": "w", "hub": hub, "hour": hour, "mtok": 5.0 + hour} for hub in "AB" for hour in (0, 1)]
    centres = instance.data_centres.assign(accelerators=[6.0, 7.0], power_limit_mw=[math.inf, 6.0])
    zones = instance.power_zones.assign(usd_per_mwh=[(50.0, 40.0), (20.0, 70.0)])
    network = exported(instance.replace(data_centres=centres, power_zones=zones, demand=hourly))
    before = ours(placer.Instance.from_pypsa(network))
    edit(network)
    after = ours(placer.Instance.from_pypsa(network))
    unserved = network.generators.index.str.startswith("unserved")
    network.generators.loc[unserved, "p_nom"] = 1e4
    assert after != pytest.approx(before, rel=1e-3)
    assert after == pytest.approx(pypsa_cost(network), rel=1e-9)


@pytest.mark.slow
def test_a_file_between(make_instance, tmp_path):
    """Tests that the record survives PyPSA's own file."""
    pypsa = pytest.importorskip("pypsa", reason="PyPSA is not installed")
    instance = make_instance()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        to_pypsa(instance).export_to_netcdf(tmp_path / "x.nc")
        network = pypsa.Network(tmp_path / "x.nc")
    assert placer.Instance.from_pypsa(network) == instance


@pytest.mark.slow
def test_everything_that_cannot_be_carried_is_listed(network):
    """Tests that one error names components and attributes, by name."""
    network.add("StorageUnit", "battery", bus="grid", p_nom=1.0)
    network.add("Line", "ac line", bus0="grid", bus1="Plateau", x=0.1, r=0.1)
    network.add("GlobalConstraint", "co2", constant=1.0)
    network.generators.loc["grid", ["ramp_limit_up", "committable"]] = [0.5, True]
    network.links.loc["p-c", "p_nom_extendable"] = True
    with pytest.raises(InstanceError) as caught:
        placer.Instance.from_pypsa(network)
    assert {(each.table, each.row, each.column) for each in caught.value.violations} == {
        ("storage_units", "battery", ""),
        ("lines", "ac line", ""),
        ("global_constraints", "co2", ""),
        ("generators", "grid", "ramp_limit_up"),
        ("generators", "grid", "committable"),
        ("links", "p-c", "p_nom_extendable"),
    }


@pytest.mark.slow
def test_what_reaches_no_hub_is_told(network):
    """Tests that a generator and a link that nothing draws on are no part of the instance, and that notes say so."""
    network.add("Bus", "island", carrier="AC")
    network.add("Generator", "diesel", bus="island", p_nom=1.0)
    network.add("Link", "to the island", bus0="grid", bus1="island", p_nom=1.0)
    notes = placer.Instance.from_pypsa(network).notes
    assert notes == ("generator diesel reaches no hub", "link to the island reaches no hub")


def test_no_network():
    """Tests that the error says what to give."""
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    with pytest.raises(ArgumentError, match=r"expected a network of PyPSA, not 'x\.nc'"):
        placer.Instance.from_pypsa("x.nc")


def test_without_pypsa(monkeypatch):
    """Tests that the error says what to install."""
    monkeypatch.setitem(sys.modules, "pypsa", None)
    with pytest.raises(PlacerError, match=r"pip install 'token-placer\[pypsa\]'"):
        placer.Instance.from_pypsa(None)
