"""Instances whose accounts are worked out by hand or hold every kind of row."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import placer
from tests.three_sites import three_sites

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


@pytest.fixture(scope="session")
def make_three_sites():
    """Return a function from a number of lands to the three sites in each of them."""
    return three_sites
