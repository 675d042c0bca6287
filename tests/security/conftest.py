"""The instance A1, to check by hand, and variations of it."""

from __future__ import annotations

import pytest

from placer.instance.problem import Instance


@pytest.fixture(scope="session")
def make_a1():
    """Return a function that builds A1 with some tables and settings replaced.

    One hub in the north. Sites A (north, 45 units, 6 USD), B (south, 85, 5), W (west, 90, 4). Voice 40 at A or B only,
    chat 80 at B or W only; one Mtok takes one unit.
    """

    def make(**changes):
        workloads = [
            {"workload": "voice", "jurisdictions": ("a", "b"), "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0},
            {"workload": "chat", "jurisdictions": ("b", "w"), "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0},
        ]
        sites = {"A": ("north", 45.0, 6.0, "a"), "B": ("south", 85.0, 5.0, "b"), "W": ("west", 90.0, 4.0, "w")}
        columns = ("region", "accelerators", "accelerator_usd_per_hour", "jurisdiction")
        tables = {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name} | dict(zip(columns, values, strict=True)) for name, values in sites.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": workloads,
            "demand": [
                {"workload": "voice", "hub": "H", "mtok": 40.0},
                {"workload": "chat", "hub": "H", "mtok": 80.0},
            ],
        }
        settings = {name: value for name, value in changes.items() if name not in tables and name not in _OPTIONAL}
        optional = {name: value for name, value in changes.items() if name in _OPTIONAL}
        given = {name: changes.get(name, table) for name, table in tables.items()}
        return Instance.from_tables(given | optional, **settings)

    return make


_OPTIONAL = ("power_zones", "supplies", "exchanges", "limits", "periods")


@pytest.fixture(scope="session")
def a1(make_a1):
    """Return A1 itself."""
    return make_a1()
