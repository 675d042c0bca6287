"""Tests of the least cost of a day: never above the optimum of the whole day, and close to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.replays.day import replay_day
from placer.replays.optimum import Least, day_figures, least_cost, workload_figures
from placer.replays.outlook import outlook
from placer.replays.rules import cheapest_rule
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


def test_the_higher_one_of_two_bounds(one_queue, make_day):
    """Tests that the bound of the hours, which is the optimum, stands where the worth of waiting work is unknown."""
    network, hours, amounts = make_day(one_queue)
    hindsight = outlook(hours, amounts)
    unknown = replace(hindsight, worth=np.zeros_like(hindsight.worth))
    assert least_cost(network, amounts, replace(unknown, bound_usd=0.0)).usd < hindsight.bound_usd - 1
    assert least_cost(network, amounts, unknown).usd == hindsight.bound_usd


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


def test_costs_and_shares(two_sites, make_brief):
    """Tests 14 Mtok together at A and B: 40/7 of 8 and 30/7 of 6 at A, 16/7 at B, 12/7 unserved at 10 USD."""
    brief = make_brief(two_sites)
    flows = replay_day(brief.network, brief.forecast, cheapest_rule(brief))
    found = day_figures(formulate(two_sites), brief.network, flows, Least(22.0, np.array([0.0, 1.0])))
    assert found["cost_usd"] == pytest.approx(10 + 3 * 16 / 7)
    assert found["penalty_usd"] == pytest.approx(10 * 12 / 7)
    assert found["regret_share"] == pytest.approx((10 + 48 / 7 + 120 / 7) / 22 - 1)
    assert found["unserved_share"] == pytest.approx(12 / 7 / 14)
    rows = workload_figures(formulate(two_sites), flows, Least(22.0, np.array([0.0, 1.0])))
    assert [row["least_unserved_mtok"] for row in rows] == [0.0, 1.0]
    assert rows[1]["unserved_mtok"] == pytest.approx(12 / 7)


def test_a_least_cost_of_rounding_has_no_regret_to_state(two_sites, make_brief):
    """Tests that a cost beside a least one of 1e-12 USD, which may be 0, is no finite multiple of it."""
    brief = make_brief(two_sites)
    flows = replay_day(brief.network, brief.forecast, cheapest_rule(brief))
    found = day_figures(formulate(two_sites), brief.network, flows, Least(1e-12, np.zeros(2)))
    assert found["regret_share"] == np.inf


def test_late_work_counts_for_its_workload(one_queue, make_brief):
    """Tests 22 Mtok of one workload, of which the last 4 arrive too late for the day."""
    brief = make_brief(one_queue, late_usd=0.25)
    flows = replay_day(brief.network, brief.forecast, cheapest_rule(brief))
    (row,) = workload_figures(formulate(one_queue), flows, Least(1.0, np.zeros(2)))
    assert (row["demand_mtok"], row["unserved_mtok"], row["waiting_mtok"]) == (22.0, 0.0, 0.0)


def test_charges_that_a_region_is_paid(two_sites, make_brief):
    """Tests a tariff of 2 on what B serves: the 16/7 Mtok there cost 3 each, and 2 of transfers, in the regret too."""
    home = two_sites.replace(hubs=two_sites.hubs.assign(region="home"))
    abroad = home.replace(data_centres=home.data_centres.assign(region=["home", "abroad"]))
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 2.0, "paid_to": "importer"}
    charged = abroad.replace(policies=[tariff])
    brief = make_brief(charged)
    flows = replay_day(brief.network, brief.forecast, cheapest_rule(brief))
    found = day_figures(formulate(charged), brief.network, flows, Least(22.0, np.array([0.0, 1.0])))
    assert found["cost_usd"] == pytest.approx(10 + 3 * 16 / 7)
    assert found["transfers_usd"] == pytest.approx(2 * 16 / 7)
    assert found["cost_and_penalty_usd"] == pytest.approx(10 + 48 / 7 + 120 / 7)
    assert found["regret_share"] == pytest.approx((10 + 80 / 7 + 120 / 7) / 22 - 1)
