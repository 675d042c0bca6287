"""Two countries by hand: home makes 40 Mtok an hour at 3 USD, abroad makes at 1 USD and 0.5 for transit."""

import placer


def home_and_abroad(demand, abroad=100, workload=None, **rest):
    """Return an instance whose users are at home.

    ``demand`` has the rows of the demand without workload and hub, ``abroad`` the accelerators there, ``workload``
    columns of the one workload, which needs one accelerator-hour a Mtok, and ``rest`` other tables and settings.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "gb_per_mtok": 1}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "users", "region": "home"}],
            "data_centres": [
                {"data_centre": "own", "region": "home", "accelerators": 40, "accelerator_usd_per_hour": 3},
                {"data_centre": "far", "region": "abroad", "accelerators": abroad, "accelerator_usd_per_hour": 1},
            ],
            "links": [
                {"from": "users", "to": "own", "rtt_ms": 1},
                {"from": "users", "to": "far", "rtt_ms": 1, "usd_per_gb": 0.5},
            ],
            "workloads": [work | (workload or {})],
            "demand": [{"workload": "w", "hub": "users", **row} for row in demand],
        }
    )
    return instance.replace(**rest) if rest else instance
