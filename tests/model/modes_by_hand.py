"""Answers of 100 tokens within 4 s over three round trips, in three modes, near at 2.2 and far at 1 USD an hour.

A mode of v tokens a second to each user and c to each accelerator answers in 100,000 / v ms and takes
1e6 / (3600 c) accelerator-hours per Mtok. 36 Mtok in an hour are 10,000 tokens a second: 10,000 / c accelerators.
"""

import placer


def mode(per_user, per_accelerator, **cells):
    """Return the row of a mode, by tokens a second."""
    hours = 1e6 / 3600 / per_accelerator
    row = {"workload": "chat", "mode": f"{per_user} a second", "server_ms": 1e5 / per_user}
    return row | {"accelerator_hours_per_mtok": hours, "kwh_per_mtok": hours} | cells


SLOW, MIDDLE, FAST = mode(20, 1000), mode(40, 800), mode(80, 400)


def tables(rtt_ms=600.0):
    """Return the tables of a hub with a data centre beside it and one at some round trip."""
    return {
        "hubs": [{"hub": "users", "region": "near"}],
        "data_centres": [
            {"data_centre": "near", "region": "near", "accelerators": 100.0, "accelerator_usd_per_hour": 2.2},
            {"data_centre": "far", "region": "far", "accelerators": 100.0, "accelerator_usd_per_hour": 1.0},
        ],
        "links": [
            {"from": "users", "to": "near", "rtt_ms": 0.0},
            {"from": "users", "to": "far", "rtt_ms": rtt_ms},
        ],
        "power_zones": [{"power_zone": "grid", "usd_per_mwh": 0.0}],
        "supplies": [{"power_zone": "grid", "data_centre": name} for name in ("near", "far")],
        "workloads": [
            {
                "workload": "chat",
                "accelerator_hours_per_mtok": 1e6 / 3600 / 1000,
                "kwh_per_mtok": 1e6 / 3600 / 1000,
                "latency_slo_ms": 4000.0,
                "user_round_trips": 3,
                "unserved_usd_per_mtok": 100.0,
            }
        ],
        "modes": [SLOW, MIDDLE, FAST],
        "demand": [{"workload": "chat", "hub": "users", "mtok": 36.0}],
    }


def modes(rows, rtt_ms=600.0, **changes):
    """Return the instance with these modes."""
    return placer.Instance.from_tables(tables(rtt_ms) | {"modes": rows} | changes)


def near_and_far():
    """Return the placement of 36 Mtok with ten accelerators far away: 14.4 there in the fast mode, 21.6 near."""
    near, far = tables()["data_centres"]
    return placer.solve(modes([SLOW, MIDDLE, FAST], data_centres=[near, far | {"accelerators": 10.0}]))


def modes_abroad(rows, rtt_ms=600.0, chips=12.5, **changes):
    """Return the same with few accelerators far away: 12.5 serve all demand at 40 a second, and half of it at 80."""
    near, far = tables()["data_centres"]
    return modes(rows, rtt_ms, data_centres=[near, far | {"accelerators": chips}], **changes)
