"""Cases of the tests of export ceilings."""

from __future__ import annotations

import pytest

import placer


@pytest.fixture(scope="module")
def ceiling():
    """Return the ceiling of the dataset tiny."""
    return placer.export_ceiling(placer.load("tiny"))


@pytest.fixture
def valued():
    """Return tables in which 0.002 of a value of 100 USD is lost per ms.

    A in the east asks for 10 Mtok. X in the east is 10 ms away, Y (room for 4 Mtok) and Z in the west 40 and 90 ms.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "value_usd_per_mtok": 100.0}
    return {
        "demand": [{"workload": "w", "hub": "A", "mtok": 10.0}],
        "workloads": [work],
        "latency_value": [{"workload": "w", "ms": ms, "share_lost": 0.002 * ms} for ms in (0.0, 500.0)],
        "data_centres": [
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "accelerators": 4.0},
            {"data_centre": "Z", "region": "west"},
        ],
        "links": [{"from": "A", "to": site, "rtt_ms": ms} for site, ms in (("X", 10.0), ("Y", 40.0), ("Z", 90.0))],
        "power_zones": [],
        "supplies": [],
    }


@pytest.fixture
def uneven():
    """Return tables in which both hubs reach both data centres.

    The east asks for 100 Mtok, the west for 50; X serves 200, Y serves 60.
    """
    return {
        "exports": (("east", "west"),),
        "data_centres": [
            {"data_centre": "X", "region": "east", "accelerators": 200.0},
            {"data_centre": "Y", "region": "west", "accelerators": 60.0},
        ],
        "demand": [{"workload": "w", "hub": "A", "mtok": 100.0}, {"workload": "w", "hub": "B", "mtok": 50.0}],
    }
