"""The mathematics: golden LP files, one per family of rows, and the coefficients that lead to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from placer.solve import to_program
from placer.solvers.pulp import write_program
from tests.model.workloads import POWERED, WORK

GOLDEN = Path(__file__).parents[1] / "golden"

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
    # 3 MW for 2 hours on both sides of a supply: b at the site, c at the zone, which pays the price of the zone alone.
    "batteries": {
        "workloads": [POWERED],
        "power_zones": [{"power_zone": "z", "usd_per_mwh": [50.0, 80.0], "limit_mw": 9.0}],
        "supplies": [{"power_zone": "z", "data_centre": "X", "loss": 0.25, "usd_per_mwh_adder": 5.0}],
        "batteries": [
            {"battery": "b", "data_centre": "X", "power_mw": 3.0, "energy_mwh": 7.0, "efficiency": 0.8},
            {"battery": "c", "power_zone": "z", "power_mw": 3.0, "energy_mwh": 4.0, "usd_per_mwh_throughput": 2.0},
        ],
        "demand": [{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in (0, 1)],
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
