"""Cases of the tests of export ceilings."""

from __future__ import annotations

import numpy as np
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


@pytest.fixture(scope="session")
def make_sites():
    """Return a function from a seed to an instance like A1: two hubs, five sites of random size, three workloads.

    All is served and little strands, so that the secure ceiling is one program.
    """

    def make(seed):
        random = np.random.default_rng(seed)
        sites = [f"S{place}" for place in range(5)]
        reach = ((0, 1, 2), (1, 2, 3, 4), (0, 3, 4))
        return placer.Instance.from_tables(
            {
                "hubs": [{"hub": hub, "region": "north"} for hub in "HI"],
                "data_centres": [
                    {
                        "data_centre": site,
                        "region": "north" if place < 2 else "west",
                        "accelerators": float(random.integers(30, 60)),
                        "jurisdiction": site,
                    }
                    for place, site in enumerate(sites)
                ],
                "power_zones": [{"power_zone": f"Z{site}", "usd_per_mwh": 1.0} for site in sites],
                "supplies": [{"power_zone": f"Z{site}", "data_centre": site} for site in sites],
                "links": [{"from": hub, "to": site, "rtt_ms": 1.0} for hub in "HI" for site in sites],
                "workloads": [
                    {
                        "workload": f"w{number}",
                        "jurisdictions": tuple(sites[place] for place in places),
                        "latency_slo_ms": 1.0,
                        "user_round_trips": 1.0,
                        "accelerator_hours_per_mtok": float(random.choice([0.5, 1.0, 2.0])),
                        "kwh_per_mtok": 1.0,
                    }
                    for number, places in enumerate(reach)
                ],
                "demand": [
                    {"workload": f"w{number}", "hub": hub, "mtok": float(random.integers(15, 30))}
                    for number in range(3)
                    for hub in "HI"
                ],
            }
        )

    return make


@pytest.fixture
def agents(make_instance):
    """Return the small instance with an agent at A: X is 10 ms away at home, Y 40 ms and abroad.

    It takes 100 ms at the server and 200 ms at most, with one user and four tool round trips.
    """
    agent = {"workload": "agent", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    agent |= {"latency_slo_ms": 200.0, "server_ms": 100.0, "tool_round_trips": 4.0}
    return make_instance(workloads=[agent], demand=[{"workload": "agent", "hub": "A", "mtok": 10.0}])
