"""Ten MWh in each of two hours, at 20 and 100 USD from the grid; a farm of 12 and 6 MW at 40 USD a MWh.

Half of the farm, sold at 15 USD where it is left over: 6 and 3 MWh are paid for, 360 USD. All are used, since the grid
costs more than 15: the grid sells 4 and 7 MWh, 780 USD. So the day costs 1,140 USD, against 1,200 without a contract.
At 30 USD the first hour sells its 6 MWh instead, 180 USD, and buys 10: 360 - 180 + 200 + 700 = 1,080.

Take or pay of 5 MWh: 200 USD, all used in the dear hour: 200 + 200 + 500 = 900.
"""

import placer

WORK = {"accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


def contract(**terms):
    """Return the row of a contract with the farm."""
    return {"contract": "farm", "power_zone": "wind", "data_centre": "hall"} | terms


def tables(*contracts):
    """Return the tables of the instance."""
    return {
        "hubs": [{"hub": "town", "region": "east"}],
        "data_centres": [{"data_centre": "hall", "region": "west"}],
        "links": [{"from": "town", "to": "hall", "rtt_ms": 10.0}],
        "power_zones": [
            {"power_zone": "grid", "usd_per_mwh": (20.0, 100.0)},
            {"power_zone": "wind", "usd_per_mwh": 40.0, "limit_mw": (12.0, 6.0)},
        ],
        "supplies": [
            {"power_zone": "grid", "data_centre": "hall"},
            {"power_zone": "wind", "data_centre": "hall", "green": 1.0},
        ],
        "contracts": list(contracts),
        "workloads": [{"workload": "chat"} | WORK],
        "demand": [{"workload": "chat", "hub": "town", "hour": hour, "mtok": 10.0} for hour in (0, 1)],
    }


def contracted(*contracts, **changes):
    """Return the instance with some contracts; other tables and settings may change."""
    given = tables(*contracts)
    own = {name: each for name, each in changes.items() if name in given or name in ("limits", "periods")}
    settings = {name: each for name, each in changes.items() if name not in own}
    return placer.Instance.from_tables(given | own, **settings)
