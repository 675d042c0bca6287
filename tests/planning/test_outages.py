"""Tests of outages as instances; ``test_states.py`` tests the states of them."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.planning.outages import is_lost, outages_of


def test_lost_zone_has_lost_its_supplies(make_instance):
    """Tests that the supplies of a lost zone have 0 MW, in a table with limits by hour as well."""
    supplies = [
        {"power_zone": "zx", "data_centre": "X", "limit_mw": [3.0]},
        {"power_zone": "zx", "data_centre": "Y"},
        {"power_zone": "zy", "data_centre": "Y"},
    ]
    found = outages_of(make_instance(supplies=supplies), "power_zones")
    instance, lost = found["zx"]
    assert instance.hourly("supplies", "limit_mw").ravel().tolist() == [0.0, 0.0, np.inf]
    assert lost == {("power_zones", "zx"), ("supplies", "zx|X"), ("supplies", "zx|Y")}
    assert is_lost("limit_mw", "zx|Y", lost)
    assert is_lost("limit_mw", "zx", lost)
    assert not is_lost("limit_mw", "zy|Y", lost)


def test_work_moves_where_something_is_lost(make_instance):
    """Tests by hand what an outage costs: at the small instance all 16 Mtok run at 20 USD in Y, or at 50 in X."""
    instance = make_instance()
    assert placer.solve(instance).cost_usd == 320
    assert placer.solve(outages_of(instance, "data_centres")["Y"][0]).cost_usd == 800
    assert placer.solve(outages_of(instance, "power_zones")["zy"][0]).cost_usd == 800


def test_a_link_without_a_way_round_it(make_instance):
    """Tests that a hub that is cut off is not served, and that work without bytes cannot be cut off so."""
    heavy = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "gb_per_mtok": 1.0}]
    instance = make_instance(workloads=heavy)
    found = outages_of(instance, "links")
    assert found["A|X"][0].links["capacity_gbps"].tolist() == [0.0, np.inf, np.inf]
    assert placer.solve(found["A|X"][0]).unserved_mtok == 10
    assert placer.solve(found["X|Y"][0]).cost_usd == 10 * 50 + 6 * 20
    with pytest.raises(placer.InstanceError, match="a hub has no other way, and 'w' sends nothing"):
        outages_of(make_instance(), "links")
