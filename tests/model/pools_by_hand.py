"""15 Mtok of chat at a hall with two pools: ten old accelerators at 1 USD an hour, and a hundred new ones at 2.

A Mtok takes an hour of either. So the old ones are full, and the new ones do the rest: 10 + 2 * 5 = 20 USD. A Mtok more
costs 2 USD, and an old accelerator more saves 1.
"""

import placer

OLD, NEW = "old", "new"


def mode(kind, **cells):
    """Return the row of a mode for a type of accelerators."""
    row = {"workload": "chat", "mode": f"on {kind}", "accelerator_type": kind, "server_ms": 0.0}
    return row | {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0} | cells


def tables():
    """Return the tables of the instance."""
    chat = {"workload": "chat", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "unserved_usd_per_mtok": 100.0}
    return {
        "hubs": [{"hub": "users", "region": "east"}],
        "data_centres": [{"data_centre": "hall", "region": "west", "accelerator_usd_per_hour": 2.0}],
        "links": [{"from": "users", "to": "hall", "rtt_ms": 10.0}],
        "power_zones": [{"power_zone": "grid", "usd_per_mwh": 0.0}],
        "supplies": [{"power_zone": "grid", "data_centre": "hall"}],
        "accelerator_pools": [
            {
                "data_centre": "hall",
                "accelerator_type": OLD,
                "accelerators": 10.0,
                "accelerator_usd_per_hour": 1.0,
            },
            {"data_centre": "hall", "accelerator_type": NEW, "accelerators": 100.0},
        ],
        "workloads": [chat],
        "modes": [mode(OLD), mode(NEW)],
        "demand": [{"workload": "chat", "hub": "users", "mtok": 15.0}],
    }


def pooled(**changes):
    """Return the instance, with some tables or settings changed."""
    return placer.Instance.from_tables(tables() | {name: each for name, each in changes.items() if name in tables()})


def any_pool(**changes):
    """Return the instance with chat that runs on any accelerators."""
    return pooled(modes=[], **changes)
