"""Two countries by hand: home makes at 3 USD, abroad at 1 USD and 0.5 for transit."""

from __future__ import annotations

import pytest

import placer


@pytest.fixture(scope="session")
def two():
    """Return 60 Mtok of users at home, worth 4 USD for 50 of them and 2 USD for 10, and 45 accelerators abroad."""
    users = {"workload": "w", "hub": "users"}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "users", "region": "home"}],
            "data_centres": [
                {"data_centre": "own", "region": "home", "accelerators": 40, "accelerator_usd_per_hour": 3},
                {"data_centre": "far", "region": "abroad", "accelerators": 45, "accelerator_usd_per_hour": 1},
            ],
            "links": [
                {"from": "users", "to": "own", "rtt_ms": 1},
                {"from": "users", "to": "far", "rtt_ms": 1, "usd_per_gb": 0.5},
            ],
            "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "gb_per_mtok": 1}],
            "demand": [
                {**users, "mtok": 50, "value_usd_per_mtok": 4},
                {**users, "mtok": 10, "value_usd_per_mtok": 2},
            ],
        }
    )
