"""Tests of the least cost of a day: never above the optimum of the whole day, and close to it."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.replays.optimum import least_cost
from placer.replays.outlook import outlook
from placer.solvers.highs import HiGHS
from tests.effort import tries


def optimum(network, amounts):
    """Return the least cost of the whole day by HiGHS."""
    return solve_structure(network.with_amounts(amounts), HiGHS())[1].objective


def test_two_sites_by_hand(two_sites, make_day):
    """Tests 22 USD."""
    network, hours, amounts = make_day(two_sites)
    found = least_cost(network, amounts, outlook(hours, amounts))
    assert found.usd == pytest.approx(22.0)
    assert found.unserved.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("seed", range(tries(12, 100)))
def test_the_bound_is_below_the_optimum_of_random_days(seed, make_random_history, make_day):
    """Tests the bound of days of 12 periods with random amounts; it is the optimum where no work waits."""
    instance, _ = make_random_history(seed)
    network, hours, amounts = make_day(instance, parts=3, late_usd=30.0)
    rng = np.random.default_rng(seed)
    came = np.repeat(amounts / 3, 3, axis=1) * rng.uniform(0.2, 1.8, (len(amounts), 12))
    found = least_cost(network, came, outlook(hours, came.reshape(len(came), 4, 3).sum(axis=2)))
    best = optimum(network, came)
    assert found.usd <= best * (1 + 1e-9)
    if not network.waits.any():
        assert found.usd >= best * (1 - 1e-9)


def test_rounding_is_no_unserved_demand(make_random_history, make_day):
    """Tests a day all of whose demand is served, in parts that sum to a little more than it."""
    instance, _ = make_random_history(15)
    network, hours, amounts = make_day(instance, parts=3, late_usd=30.0)
    came = np.repeat(amounts / 3, 3, axis=1) * np.random.default_rng(15).uniform(0.2, 1.8, (len(amounts), 12))
    found = least_cost(network, came, outlook(hours, came.reshape(len(came), 4, 3).sum(axis=2)))
    assert found.unserved.min() == 0.0
