"""Instances whose accounts are worked out by hand or hold every kind of row."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import placer

#: Limits of each kind of coefficient: of work, of supplies, of assignments, and of a share of what flows.
LIMITS = [
    {"limit": "most", "kind": "energy_mwh", "sense": "<=", "amount": 60.0},
    {"limit": "here", "kind": "share", "sense": ">=", "amount": 0.2, "region": "w", "hub_region": "e"},
    {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.3},
]


@pytest.fixture(scope="session")
def scarce_cheap(make_instance):
    """Y, in the west, has 12 MW at 20 USD/MWh; the other 4 Mtok of 16 are made at X, in the east, at 50."""
    return make_instance(
        data_centres=[
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "power_limit_mw": 12.0},
        ]
    )


@pytest.fixture(scope="session")
def varied(make_random_instance):
    """Return a function from a seed to an instance of three districts with weights, blocks, routes and limits."""

    def make(seed):
        random = np.random.default_rng(seed)
        instance = make_random_instance(seed, routes=int(random.integers(1, 3)), cyclic=bool(random.integers(2)))
        periods = [
            {"hour": hour, "weight": float(1 + 2 * (hour > 2)), "block": "first" if hour <= 2 else "last"}
            for hour in range(5)
        ]
        supplies = instance.supplies.assign(green=[0.0] * 4 + [1.0] * 4)
        return instance.replace(
            hubs=instance.hubs.assign(district=["n", "s", "m"]),
            data_centres=instance.data_centres.assign(district=["n", "s", "m", "n"]),
            supplies=supplies,
            periods=periods if random.integers(2) else instance.periods,
            limits=[each for each in LIMITS if random.integers(2)],
        )

    return make


@pytest.fixture(scope="session")
def solved(varied):
    """Return a function from a seed to a placement of such an instance, or None where its limits cannot be met."""

    @cache
    def solve(seed):
        try:
            return placer.solve(varied(seed))
        except placer.NoSolutionError:
            return None

    return solve


#: Region, units and USD a unit of three sites.
SITES = {"A": ("north", 45.0, 6.0), "B": ("south", 85.0, 5.0), "W": ("west", 90.0, 4.0)}


@pytest.fixture(scope="session")
def make_three_sites():
    """Return a function from a number of lands to an instance with a hub and three sites in each of them.

    Voice (40 at each hub) runs at A or B only, chat (80) at B or W only; a Mtok takes one unit.
    """

    def make(lands):
        work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 500.0}
        columns = ("region", "accelerators", "accelerator_usd_per_hour")
        sites = [
            {"data_centre": f"{name}{land}", "jurisdiction": name, "land": f"land {land}"}
            | dict(zip(columns, values, strict=True))
            for land in range(lands)
            for name, values in SITES.items()
        ]
        hubs = [{"hub": f"H{land}", "region": "north", "land": f"land {land}"} for land in range(lands)]
        return placer.Instance.from_tables(
            {
                "hubs": hubs,
                "data_centres": sites,
                "links": [
                    {"from": hub["hub"], "to": site["data_centre"], "rtt_ms": 1.0} for hub in hubs for site in sites
                ],
                "workloads": [
                    {"workload": "voice", "jurisdictions": ("A", "B")} | work,
                    {"workload": "chat", "jurisdictions": ("B", "W")} | work,
                ],
                "demand": [
                    {"workload": workload, "hub": hub["hub"], "mtok": mtok}
                    for workload, mtok in (("voice", 40.0), ("chat", 80.0))
                    for hub in hubs
                ],
            }
        )

    return make
