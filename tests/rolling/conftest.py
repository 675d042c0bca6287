"""Four hours of which two are cheap."""

import pytest

#: One Mtok takes one hour and one MWh; ``late`` may wait two hours.
LATE = {
    "workload": "late",
    "accelerator_hours_per_mtok": 1.0,
    "kwh_per_mtok": 1000.0,
    "deadline_hours": 2.0,
    "gb_per_mtok": 1.0,
    "unserved_usd_per_mtok": 1000.0,
}


@pytest.fixture
def dear_first(make_instance):
    """Four hours at one data centre, cheap in hours 1 and 3 only; 10 Mtok arrive in 0 and in 2."""
    return make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[{"data_centre": "X", "region": "east"}],
        power_zones=[{"power_zone": "zx", "usd_per_mwh": [50.0, 20.0, 50.0, 20.0]}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0, "usd_per_gb": 1.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        workloads=[LATE],
        demand=[{"workload": "late", "hub": "A", "hour": hour, "mtok": 10.0 * (hour % 2 == 0)} for hour in range(4)],
    )
