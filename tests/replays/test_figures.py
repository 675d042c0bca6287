"""Tests of the figures of a day by hand: 4 Mtok of the strict unserved, and late work that waits."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.replays.day import replay_day
from placer.replays.figures import day_figures, workload_figures
from placer.replays.optimum import Least
from placer.replays.rules import cheapest_rule


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
