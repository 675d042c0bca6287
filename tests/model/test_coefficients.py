"""Coefficients of work and power, by hand."""

from __future__ import annotations

import numpy as np

from placer.model.coefficients import power_coefficients, work_coefficients
from placer.model.formulation import formulate

#: Two hours of an accelerator per Mtok and no energy.
WORK = {
    "workload": "w",
    "accelerator_hours_per_mtok": 2.0,
    "kwh_per_mtok": 0.0,
    "unserved_usd_per_mtok": 1000.0,
}


def test_sunk_accelerators_cost_nothing_but_still_limit(make_instance):
    """Tests that 'sunk' drops the cost of accelerator-hours and keeps the row."""
    centres = [
        {"data_centre": "X", "accelerator_usd_per_hour": 3.0, "accelerators": 2.0},
        {"data_centre": "Y"},
    ]
    charged = formulate(make_instance(workloads=[WORK], data_centres=centres))
    sunk = formulate(make_instance(workloads=[WORK], data_centres=centres, accelerators="sunk"))
    assert charged.accelerator_usd[0, 0] == 6
    assert sunk.accelerator_usd[0, 0] == 0
    assert sunk.structure.capacity[0, 0] == charged.structure.capacity[0, 0] == 2


def test_hourly_values_follow_the_hours_of_the_demand(make_instance):
    """Tests that the first hourly value belongs to the first hour there is demand in, whatever its number."""
    instance = make_instance(
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (7, 8)],
        power_zones=[
            {"power_zone": "zx", "usd_per_mwh": [50.0, 60.0]},
            {"power_zone": "zy", "usd_per_mwh": 20.0},
        ],
    )
    formulation = formulate(instance)
    assert formulation.hours == range(7, 9)
    np.testing.assert_array_equal(formulation.energy_usd, [[50, 60], [20, 20]])
    assert formulation.structure.demand_period.tolist() == [0, 1]


def test_coefficients_of_work_by_hand(make_instance):
    """Tests a_kj, b_kj, e_kj, litres_kj and the parts of w_kj on one workload and two data centres."""
    workload = WORK | {"kwh_per_mtok": 500.0, "peak_accelerator_hours_per_mtok": 1.0}
    centre = {"speed": 4.0, "energy_factor": 0.5, "water_litres_per_kwh": 2.0, "water_usd_per_litre": 0.01}
    prices = {"accelerator_usd_per_hour": 3.0, "operations_usd_per_hour": 0.2}
    instance = make_instance(
        workloads=[workload], data_centres=[{"data_centre": "X"}, {"data_centre": "Y", **centre, **prices}]
    )
    work = work_coefficients(instance)
    np.testing.assert_allclose(work.accelerator_hours, [[2.0, 0.5]])
    np.testing.assert_allclose(work.peak_accelerator_hours, [[1.0, 0.25]])
    np.testing.assert_allclose(work.it_mwh, [[0.5, 0.25]])
    np.testing.assert_allclose(work.water_litres, [[0.0, 500.0]])
    np.testing.assert_allclose(work.accelerator_usd[:, :, 0], [[0.0, 1.5]])
    np.testing.assert_allclose(work.operations_usd, [[0.0, 0.1]])
    np.testing.assert_allclose(work.water_usd, [[0.0, 5.0]])
    np.testing.assert_allclose(work.dearest_usd, [[0.0, 6.6]])


def test_coefficients_of_power_by_hand(make_instance):
    """Tests price, adder, carbon and green part of a supply."""
    instance = make_instance(
        power_zones=[{"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 400.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": 5.0, "green": 0.25}],
        carbon_usd_per_kg=0.1,
    )
    power = power_coefficients(instance)
    np.testing.assert_allclose(power.energy_usd[:, 0], [55.0])
    np.testing.assert_allclose(power.carbon_kg[:, 0], [400.0])
    np.testing.assert_allclose(power.carbon_usd[:, 0], [40.0])
    np.testing.assert_allclose(power.green, [0.25])
