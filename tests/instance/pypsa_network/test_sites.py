"""Accelerators of sites."""

from __future__ import annotations

import numpy as np
import pytest

from placer.instance.pypsa_network.arcs import read_arcs
from placer.instance.pypsa_network.components import Components
from placer.instance.pypsa_network.sites import places, site_accelerators
from tests.instance.pypsa_network.test_arcs import HUBS


def read(network):
    parts, found = Components(network), []
    answer = site_accelerators(parts, read_arcs(parts, HUBS, found), np.full(2, 600.0), found)
    return answer, [(each.row, each.problem) for each in found]


@pytest.mark.slow
def test_accelerators_or_tokens(network):
    """Tests that a site without accelerators has its tokens counted, with their cost."""
    (most, usd), found = read(network)
    assert found == []
    assert most.tolist() == [[12.0, 12.0], [150.0, 150.0]]
    assert usd.tolist() == [[2.0, 2.0], [6.0, 5.0]]


@pytest.mark.slow
def test_what_is_no_accelerator(network):
    """Tests two generators, and tokens that are limited beside accelerators."""
    network.add("Generator", "more gpus", bus="gpus", p_nom=3.0)
    assert read(network)[1] == [("gpus", "2 generators of accelerators")]
    network.generators.loc["more gpus", "active"] = False
    network.links.loc["m-c", "bus2"] = "gpus"
    network.links.loc["m-c", "efficiency2"] = -1.0
    assert ("Metro", "tokens that are limited or cost beside the accelerators of the site") in read(network)[1]


@pytest.mark.slow
def test_places(network):
    """Tests that coordinates of 0, 0 are none."""
    found = places(Components(network), network.buses.index[network.buses.index.isin(["Plateau", "Metro"])])
    assert found["lon"].dropna().tolist() == [7.0]
