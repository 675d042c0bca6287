"""One model at two data centres by hand.

A Mtok takes an accelerator-hour. Replicas take 4 accelerators, of which 80 % may be busy: 3.2 Mtok in an hour. X has
10 accelerators at 1 USD, Y has 6 at 2 USD; 5 Mtok are asked for in hour 0, 1 Mtok in hour 1. The same replicas in both
hours: two at X, 16 USD. By hour: two at X, then one, 12 USD; each start of one takes 4 accelerators for 15 minutes.
"""

import pytest

import placer

TABLES = {
    "hubs": [{"hub": "A"}],
    "data_centres": [
        {"data_centre": "X", "accelerators": 10.0, "accelerator_usd_per_hour": 1.0, "max_utilisation": 0.8},
        {"data_centre": "Y", "accelerators": 6.0, "accelerator_usd_per_hour": 2.0, "max_utilisation": 0.8},
    ],
    "links": [{"from": "A", "to": "X", "rtt_ms": 5.0}, {"from": "A", "to": "Y", "rtt_ms": 5.0}],
    "workloads": [
        {
            "workload": "chat",
            "accelerator_hours_per_mtok": 1.0,
            "kwh_per_mtok": 0.0,
            "unserved_usd_per_mtok": 100.0,
        }
    ],
    "demand": [{"workload": "chat", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 5.0), (1, 1.0))],
    "served_models": [
        {"model": "large", "workloads": "chat", "replica_accelerators": 4.0, "cold_start_seconds": 900.0}
    ],
}


@pytest.fixture
def by_hand():
    """Return the instance by hand, with some tables or settings changed."""

    def make(**changes):
        tables = {name: changes.pop(name, table) for name, table in TABLES.items()}
        return placer.Instance.from_tables(tables, **changes)

    return make
