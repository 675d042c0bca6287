"""The mathematics: golden LP files, one per family of rows, and the coefficients that lead to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.solve import to_program
from placer.solvers.pulp import write_program

GOLDEN = Path(__file__).parents[1] / "golden"

#: Two hours of an accelerator per Mtok and no energy; and the same with half a MWh.
WORK = {
    "workload": "w",
    "accelerator_hours_per_mtok": 2.0,
    "kwh_per_mtok": 0.0,
    "unserved_usd_per_mtok": 1000.0,
}
POWERED = WORK | {"kwh_per_mtok": 500.0}
THREE_HOURS = [
    {"workload": "w", "hub": hub, "hour": hour, "mtok": mtok}
    for hour, amounts in enumerate([(5.0, 3.0), (4.0, 2.0), (1.0, 6.0)])
    for hub, mtok in zip("AB", amounts, strict=True)
]
QUEUE = {
    "workloads": [WORK | {"deadline_hours": 1.0}],
    "demand": THREE_HOURS,
    "data_centres": [{"data_centre": "Y", "accelerator_usd_per_hour": 1.0, "accelerators": 15.0}],
    "links": [{"from": "A", "to": "Y", "rtt_ms": 1.0}, {"from": "B", "to": "Y", "rtt_ms": 1.0}],
    "supplies": [],
}

#: What each golden file holds. The small instance of ``conftest.py`` is under all of them.
CASES = {
    # Costs per Mtok: accelerator-hours / speed * USD per hour + transit * GB. v may take 25 ms, so B reaches only Y.
    "demand": {
        "workloads": [
            WORK,
            {
                "workload": "v",
                "accelerator_hours_per_mtok": 1.0,
                "kwh_per_mtok": 0.0,
                "gb_per_mtok": 4.0,
                "latency_slo_ms": 25.0,
                "unserved_usd_per_mtok": 500.0,
            },
        ],
        "demand": [
            {"workload": "w", "hub": "A", "mtok": 10.0},
            {"workload": "v", "hub": "A", "mtok": 4.0},
            {"workload": "v", "hub": "B", "mtok": 3.0},
        ],
        "data_centres": [
            {"data_centre": "X", "accelerator_usd_per_hour": 3.0},
            {"data_centre": "Y", "accelerator_usd_per_hour": 1.5, "speed": 2.0},
        ],
        "links": [
            {"from": "A", "to": "X", "rtt_ms": 10.0, "usd_per_gb": 0.25},
            {"from": "A", "to": "Y", "rtt_ms": 20.0, "usd_per_gb": 0.5},
            {"from": "B", "to": "Y", "rtt_ms": 10.0},
        ],
        "supplies": [],
    },
    # What arrives in the last hour may be served in it or in the first one.
    "queue_cyclic": QUEUE | {"cyclic": True},
    # What arrives in the last hour is served in it.
    "queue_clipped": QUEUE,
    # Steps of 4 hours: limits are 4 times the accelerators, and a deadline of 4 hours is one step.
    "accelerators": {
        "workloads": [WORK | {"deadline_hours": 4.0}, WORK | {"workload": "v", "accelerator_hours_per_mtok": 0.5}],
        "demand": [
            {"workload": workload, "hub": "A", "hour": hour, "mtok": mtok}
            for workload, hour, mtok in (("w", 0, 6.0), ("w", 1, 2.0), ("v", 1, 5.0))
        ],
        "data_centres": [
            {"data_centre": "X", "accelerators": 3.0},
            {"data_centre": "Y", "speed": 4.0, "accelerators": 1.0},
        ],
        "supplies": [],
        "hour_length": 4.0,
    },
    # Price: energy + adder + carbon. Draw: 0.5 MWh * energy factor * PUE. A loss of 0.25 leaves 0.75 of what is bought.
    "power_tiers": {
        "workloads": [POWERED],
        "data_centres": [
            {"data_centre": "X", "pue": 1.5},
            {"data_centre": "Y", "pue": 1.2, "energy_factor": 2.0},
        ],
        "power_zones": [
            {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 800.0},
            {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 100.0},
        ],
        "supplies": [
            {"power_zone": "zx", "data_centre": "X", "limit_mw": 2.0},
            {"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": 30.0},
            {"power_zone": "zy", "data_centre": "X", "loss": 0.25, "limit_mw": 4.0},
            {"power_zone": "zy", "data_centre": "Y", "loss": 0.1},
        ],
        "carbon_usd_per_kg": 0.05,
        "hour_length": 2.0,
    },
    # The limit is 3 MW for 2 hours, at the meter.
    "site_limit": {
        "workloads": [POWERED],
        "data_centres": [
            {"data_centre": "X", "pue": 1.5, "power_limit_mw": 3.0},
            {"data_centre": "Y", "pue": 1.2},
        ],
        "hour_length": 2.0,
    },
    # 2 Gbps carry 900 GB an hour, both directions together; only the routes A to Y and B to X use the link.
    "link": {
        "workloads": [WORK | {"gb_per_mtok": 90.0}],
        "supplies": [],
        "links": [
            {"from": "A", "to": "X", "rtt_ms": 10.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0},
            {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 2.0},
        ],
    },
    "carbon_cap": {
        "workloads": [POWERED],
        "power_zones": [
            {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0},
            {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 800.0},
        ],
        "carbon_limit_kg": 4000.0,
    },
    # Litres per Mtok: litres per kWh * 500 kWh * energy factor, without PUE.
    "water_cap": {
        "workloads": [POWERED],
        "data_centres": [
            {"data_centre": "X", "water_litres_per_kwh": 0.5, "pue": 1.5},
            {
                "data_centre": "Y",
                "water_litres_per_kwh": 2.0,
                "water_usd_per_litre": 0.01,
                "energy_factor": 1.5,
            },
        ],
        "water_limit_litres": 6000.0,
    },
    # At most half of the 16 Mtok at Y; at least 2 Mtok of A at X; half of the power green; 40 kg at most at X.
    "limits": {
        "workloads": [POWERED],
        "power_zones": [
            {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0},
            {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 800.0},
        ],
        "supplies": [
            {"power_zone": "zx", "data_centre": "X", "green": 1.0},
            {"power_zone": "zy", "data_centre": "Y", "loss": 0.5},
        ],
        "limits": [
            {"limit": "half", "kind": "share", "sense": "<=", "amount": 0.5, "workload": "w", "data_centre": "Y"},
            {"limit": "some", "kind": "tokens", "sense": ">=", "amount": 2.0, "hub": "A", "data_centre": "X"},
            {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.5},
            {"limit": "carbon", "kind": "carbon_kg", "sense": "<=", "amount": 40.0, "region": "east"},
        ],
    },
    # w may run in CN only, so it has no arc to Y.
    "jurisdiction": {
        "workloads": [WORK | {"jurisdictions": ("CN",)}, WORK | {"workload": "v"}],
        "data_centres": [{"data_centre": "X", "jurisdiction": "CN"}, {"data_centre": "Y"}],
        "supplies": [],
        "demand": [{"workload": workload, "hub": hub, "mtok": 1.0} for workload in "wv" for hub in "AB"],
    },
}


@pytest.mark.parametrize("name", CASES)
def test_golden_program(make_instance, tmp_path, name):
    """Tests that the program of each family of rows is the one in its file, term by term."""
    file = tmp_path / f"{name}.lp"
    write_program(to_program(make_instance(**CASES[name])), file)
    assert file.read_text() == (GOLDEN / f"{name}.lp").read_text()


def test_every_golden_file_is_read():
    """Tests that no golden file stands unused."""
    assert {file.stem for file in GOLDEN.glob("*.lp")} == CASES.keys()


def test_round_trips_and_server_time_make_the_latency(make_instance):
    """Tests that a task takes server_ms + (user + (1 - colocated) * tool round trips) * (access + route)."""
    workload = WORK | {"server_ms": 100.0, "user_round_trips": 2.0, "tool_round_trips": 8.0, "tools_colocated": 0.25}
    instance = make_instance(hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}], workloads=[workload])
    formulation = formulate(instance)
    np.testing.assert_allclose(formulation.rtt_ms, [[15, 45], [40, 10]])
    np.testing.assert_allclose(formulation.latency_ms[0], [[100 + 8 * 15, 100 + 8 * 45], [420, 180]])


@pytest.mark.parametrize(("slo", "arcs"), [(40.0, 3), (40.0 - 1e-12, 3), (40.0 - 1e-6, 2), (45.0, 4), (9.0, 0)])
def test_arc_at_exactly_its_limit_is_admissible(make_instance, slo, arcs):
    """Tests that an arc is admissible up to its limit, that limit included, whatever rounding does to the sum."""
    instance = make_instance(
        hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}], workloads=[WORK | {"latency_slo_ms": slo}]
    )
    assert len(formulate(instance).structure.arc_site) == arcs


def test_no_round_trip_needs_a_route_all_the_same(make_instance):
    """Tests that work that makes no round trip is as fast everywhere, but only where a route leads."""
    instance = make_instance(
        workloads=[WORK | {"user_round_trips": 0.0, "latency_slo_ms": 1.0}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "Y", "rtt_ms": 10.0}],
    )
    formulation = formulate(instance)
    assert formulation.structure.arc_site.tolist() == [0, 1]
    assert np.isinf(formulation.latency_ms[0, 0, 1])


def test_data_centre_without_jurisdiction_is_in_none(make_instance):
    """Tests that a workload bound to jurisdictions does not run where none is named."""
    instance = make_instance(
        workloads=[WORK | {"jurisdictions": ("CN", "EU")}],
        data_centres=[{"data_centre": "X", "jurisdiction": "EU"}, {"data_centre": "Y"}],
    )
    assert formulate(instance).allowed.tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("deadline", "hours", "window"), [(0, 1, 0), (0.9, 1, 0), (3, 1, 3), (0.3, 0.1, 3), (7, 4, 1), (8, 4, 2)]
)
def test_window_counts_whole_steps(make_instance, deadline, hours, window):
    """Tests that a deadline is rounded down to whole steps, and not below a whole number by rounding."""
    instance = make_instance(
        workloads=[WORK | {"deadline_hours": float(deadline)}], hour_length=float(hours), demand=THREE_HOURS
    )
    assert formulate(instance).structure.window.tolist() == [window]


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
