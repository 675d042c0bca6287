"""Penalties: given, the value of a workload, or a multiple of the dearest way to serve it."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.model.penalties import UNSERVED_FACTOR
from tests.model.workloads import POWERED, WORK


def test_unserved_demand_costs_what_the_workload_says(make_instance):
    """Tests that a given penalty is taken, and an absent one is a multiple of the dearest way to serve anything."""
    workloads = [POWERED | {"gb_per_mtok": 2.0, "unserved_usd_per_mtok": None}, POWERED | {"workload": "v"}]
    instance = make_instance(
        workloads=workloads,
        data_centres=[{"data_centre": "X", "pue": 1.5, "accelerator_usd_per_hour": 4.0}, {"data_centre": "Y"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0, "usd_per_gb": 0.25},
            {"from": "B", "to": "Y", "rtt_ms": 10.0},
            {"from": "X", "to": "Y", "rtt_ms": 30.0, "usd_per_gb": 0.5},
        ],
    )
    dearest = 2 * 4 + 0.5 * 1.5 * 50 + 2 * 0.75
    np.testing.assert_allclose(formulate(instance).structure.unserved_cost, [UNSERVED_FACTOR * dearest, 1000])


def test_penalty_is_the_value_where_that_is_given(make_instance):
    """Tests that a value of 3 is the penalty, that a penalty that is given goes before it, and a value of 0 is none."""
    workloads = [
        POWERED | {"workload": name, "value_usd_per_mtok": value, "unserved_usd_per_mtok": penalty}
        for name, value, penalty in (("w", 3.0, None), ("v", 3.0, 7.0), ("u", 0.0, None))
    ]
    cost = formulate(make_instance(workloads=workloads)).structure.unserved_cost
    assert cost[:2].tolist() == [3, 7]
    assert cost[2] > UNSERVED_FACTOR


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_penalty_does_not_depend_on_what_is_charged(make_instance, value):
    """Tests that accelerators that are sunk leave the default penalty as it is: their full price counts in it."""
    workload = POWERED | {"unserved_usd_per_mtok": None, "value_usd_per_mtok": value}
    centres = [{"data_centre": name, "accelerator_usd_per_hour": 4.0} for name in "XY"]
    charged, sunk = (
        formulate(make_instance(workloads=[workload], data_centres=centres, accelerators=regime)).structure
        for regime in ("by_use", "sunk")
    )
    assert charged.unserved_cost.tolist() == sunk.unserved_cost.tolist()
    assert charged.work_cost.max() > sunk.work_cost.max() == 0


def test_unserved_demand_costs_something_where_serving_is_free(make_instance):
    """Tests that demand is worth serving even where nothing costs anything."""
    free = formulate(make_instance(workloads=[WORK | {"unserved_usd_per_mtok": None}], supplies=[]))
    assert free.structure.unserved_cost.tolist() == [1]
