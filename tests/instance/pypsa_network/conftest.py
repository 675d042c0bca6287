"""A network of PyPSA written by hand, which the tests of its reading change."""

from __future__ import annotations

import warnings

import pytest


def solved(network):
    """Return the least cost of a network in PyPSA."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyPSA's own libraries
        status, condition = network.optimize(solver_name="highs", output_flag=False)
    assert (status, condition) == ("ok", "optimal")
    return network.objective + network.objective_constant


@pytest.fixture
def pypsa_cost():
    """Return a function that finds the least cost of a network in PyPSA."""
    return solved


@pytest.fixture
def network():
    """Return two hubs, a site with accelerators and a supply, and a site that sells tokens, over two snapshots."""
    pypsa = pytest.importorskip("pypsa", reason="PyPSA is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = pypsa.Network(snapshots=range(2))
        made.add("Carrier", "chat", latency_slo_ms=200.0)
        made.add("Bus", ["Coast", "Inland"], carrier="demand", region=["east", "west"])
        made.add("Load", ["a", "b", "c"], bus=["Coast", "Coast", "Inland"], carrier="chat", p_set=[300.0, 100.0, 200.0])
        lost = ["lost at Coast", "lost at Inland"]
        made.add("Generator", lost, bus=["Coast", "Inland"], p_nom=1e4, marginal_cost=9.0)
        made.add("Bus", ["grid", "Plateau", "gpus"], carrier=["AC", "power", "accelerators"], x=[0.0, 7.0, 0.0])
        made.add("Generator", "gpus", bus="gpus", p_nom=12.0, marginal_cost=2.0)
        made.add("Generator", "grid", bus="grid", p_nom=40.0, marginal_cost=[50.0, 80.0])
        made.add("Link", "line", bus0="grid", bus1="Plateau", p_nom=30.0, efficiency=0.9, marginal_cost=1.0)
        ends = {"bus0": "Plateau", "bus1": ["Coast", "Inland"], "bus2": "gpus", "efficiency2": -1.0}
        made.add("Link", ["p-c", "p-i"], **ends, efficiency=20.0, p_nom=[18.0, 50.0], marginal_cost=4.0, rtt_ms=30.0)
        made.add("Bus", "Metro", carrier="tokens")
        made.add("Generator", "Metro", bus="Metro", p_nom=150.0, marginal_cost=[6.0, 5.0])
        made.add("Link", "m-c", bus0="Metro", bus1="Coast", p_nom=1e3, marginal_cost=0.5, rtt_ms=5.0)
    return made
