"""An instance whose flexibility is worked out by hand."""

import pytest

import placer


@pytest.fixture(scope="session")
def evening():
    """Home draws 10 MW in hour 0: batch of 2 may wait at +10 a MWh, chat of 6 move at +35, voice of 2 neither."""
    price = [20.0, 30.0]
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H"}],
            "data_centres": [{"data_centre": "near"}, {"data_centre": "far"}],
            "links": [
                {"from": "H", "to": "near", "rtt_ms": 5.0},
                {"from": "H", "to": "far", "rtt_ms": 40.0},
            ],
            "power_zones": [{"power_zone": "home", "usd_per_mwh": price}, {"power_zone": "away", "usd_per_mwh": 55.0}],
            "supplies": [
                {"power_zone": "home", "data_centre": "near"},
                {"power_zone": "away", "data_centre": "far"},
            ],
            "workloads": [
                {"workload": "batch", "deadline_hours": 1.0, "latency_slo_ms": 10.0, "unserved_usd_per_mtok": 5000.0}
                | work,
                {"workload": "chat", "unserved_usd_per_mtok": 5000.0} | work,
                {"workload": "voice", "latency_slo_ms": 10.0, "unserved_usd_per_mtok": 1020.0} | work,
            ],
            "demand": [
                {"workload": "batch", "hub": "H", "hour": 0, "mtok": 2.0},
                {"workload": "chat", "hub": "H", "hour": 0, "mtok": 6.0},
                {"workload": "voice", "hub": "H", "hour": 0, "mtok": 2.0},
                {"workload": "voice", "hub": "H", "hour": 1, "mtok": 1.0},
            ],
        }
    )
