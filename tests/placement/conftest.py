"""A placement that is worked out by hand."""

from __future__ import annotations

import pytest

from placer.solve import solve

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


@pytest.fixture(scope="module")
def placement(make_instance):
    """A at X for its latency: 10 Mtok at 50; B may take 3 Mtok at Y at 20, and leaves 3 unserved."""
    return solve(
        make_instance(
            workloads=[W | {"latency_slo_ms": 15.0}],
            data_centres=[
                {"data_centre": "X", "region": "west", "water_litres_per_kwh": 2.0},
                {"data_centre": "Y", "region": "west", "accelerators": 3.0},
            ],
            power_zones=[
                {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 400.0},
                {"power_zone": "zy", "usd_per_mwh": 20.0},
            ],
        )
    )
