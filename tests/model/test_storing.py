"""What stores do to the rest of a structure, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from placer.model.caps import CARBON_CAP
from placer.model.formulation import formulate_stored
from placer.model.storing import (
    before,
    capped_by_stores,
    charged_at_sites,
    following,
    gained,
    held_before,
    net_charge,
    storing_cost,
)
from placer.solve import solve
from tests.batteries_by_hand import powered

LOSSY = {"efficiency": 0.5, "usd_per_mwh_throughput": 3.0}
BLOCKS = [{"hour": hour, "block": block} for hour, block in enumerate("aabbb")]


def test_periods_beside_each_other():
    """Tests that a block is a circle."""
    structure = formulate_stored(powered((1.0,) * 5, periods=BLOCKS)).structure
    assert before(structure).tolist() == [1, 0, 4, 2, 3]
    assert following(structure).tolist() == [1, 0, 3, 4, 2]


@pytest.fixture
def at_site():
    """Return the structure of a lossy battery at a data centre, and flows: 4 MWh charged, 1 discharged."""
    return _with_flows(powered(battery=LOSSY))


def _with_flows(instance):
    placement = solve(instance)
    charged, discharged, content = np.array([[[4.0, 0.0]], [[0.0, 1.0]], [[2.0, 0.0]]])
    flows = replace(placement.answer.point, charged=charged, discharged=discharged, content=content)
    return placement.formulation.structure, flows


def test_a_store_of_a_site(at_site):
    """Tests what it charges, gains and holds; it costs its wear alone, since its site buys for it."""
    structure, flows = at_site
    assert net_charge(flows).tolist() == [[4.0, -1.0]]
    assert charged_at_sites(structure, flows).tolist() == [[4.0, -1.0]]
    assert gained(structure.stores, flows).tolist() == [[2.0, -2.0]]
    assert held_before(structure, flows).tolist() == [[0.0, 2.0]]
    assert storing_cost(structure, flows) == 3.0
    assert capped_by_stores(structure, flows)[CARBON_CAP] == 0.0


def test_a_store_of_a_source():
    """Tests that it pays the price of the source, carbon included, and counts towards the cap on carbon."""
    zones = [{"power_zone": "Z", "usd_per_mwh": [20.0, 100.0], "carbon_kg_per_mwh": 10.0}]
    structure, flows = _with_flows(powered(battery=LOSSY, at="Z", power_zones=zones, carbon_usd_per_kg=0.1))
    assert charged_at_sites(structure, flows).tolist() == [[0.0, 0.0]]
    assert storing_cost(structure, flows) == pytest.approx(4 * 21 - 101 + 3)
    assert capped_by_stores(structure, flows)[CARBON_CAP] == pytest.approx(30)


def test_without_stores():
    """Tests that nothing is charged, paid or counted."""
    placement = solve(powered())
    structure, flows = placement.formulation.structure, placement.answer.point
    assert not charged_at_sites(structure, flows).any()
    assert not capped_by_stores(structure, flows).any()
    assert storing_cost(structure, flows) == 0.0
