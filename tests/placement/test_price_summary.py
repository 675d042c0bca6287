"""Means and medians of prices, and what is paid at them."""

from __future__ import annotations

import numpy as np
import pytest

from placer.placement.accounts import COST_PARTS
from placer.placement.price_summary import mean_and_median, mean_of
from placer.placement.prices import RENTS
from placer.solve import solve
from tests.effort import tries

SEEDS = range(12)
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


def _part_names():
    return [f"{part}_usd_per_mtok" for part in (*COST_PARTS, *RENTS, "unserved")]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def placement(request, make_random_instance):
    return solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))


@pytest.fixture(scope="module")
def shared(make_instance):
    """X, which A alone may use for its latency, has 4 accelerators for A's 10 Mtok: 6 are unserved at 1000 USD."""
    centres = [{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y"}]
    return solve(make_instance(workloads=[W | {"latency_slo_ms": 15.0}], data_centres=centres))


def test_served_and_unserved_are_told_apart(shared):
    """Tests that B's price of 20 is the mean of what is served below the penalty, and A's 1000 stands beside it.

    A's 4 Mtok at X pay 1000, of which 50 are energy and 950 are rent of the 4 accelerators; its other 6 pay 1000 to
    stay unserved. Anywhere else, at Y, they would cost 20: latency rents of 980.
    """
    whole = shared.price_summary().loc["all"]
    assert whole[["served_mtok", "at_penalty_mtok", "unserved_mtok"]].tolist() == pytest.approx([10, 4, 6])
    assert whole[["mean_usd_per_mtok", "median_usd_per_mtok"]].tolist() == pytest.approx([20, 20])
    assert whole[["energy_usd_per_mtok", "accelerator_rent_usd_per_mtok"]].tolist() == pytest.approx([20, 0])
    payments = ["payments_usd", "at_penalty_payments_usd", "unserved_payments_usd"]
    assert whole[payments].tolist() == pytest.approx([120, 4000, 6000])
    rents = ["latency_rent_usd", "at_penalty_latency_rent_usd", "unserved_latency_rent_usd"]
    assert whole[rents].tolist() == pytest.approx([0, 4 * 980, 6 * 980])
    assert shared.prices["at_penalty"].tolist() == [True, False]
    assert shared.settlement[["payments_served", "payments_unserved"]].tolist() == pytest.approx([4120, 6000])
    hubs = shared.price_summary("hub")
    assert np.isnan(hubs.loc["A", "mean_usd_per_mtok"])
    assert np.isnan(shared.hubs.loc["A", "price_usd_per_mtok"])
    assert shared.hubs["at_penalty_mtok"].tolist() == pytest.approx([4, 0])
    assert shared.workloads.loc["w", ["price_usd_per_mtok", "median_price_usd_per_mtok"]].tolist() == [20, 20]


@pytest.mark.parametrize("by", [None, "workload", "hub", "hour"])
def test_summaries_pay_what_is_paid(placement, by):
    """Tests that payments of the three kinds of demand add up to those of the settlement, and tokens to the demand."""
    table = placement.price_summary(by)
    payments = table.filter(like="payments_usd").to_numpy().sum()
    assert payments == pytest.approx(placement.settlement["payments"], rel=1e-9)
    assert table["served_mtok"].sum() == pytest.approx(placement.served_mtok, rel=1e-9)
    assert table["unserved_mtok"].sum() == pytest.approx(placement.unserved_mtok, rel=1e-9, abs=1e-9)
    parts = table[[name for name in _part_names() if not name.startswith("unserved")]].sum(axis=1)
    known = table["mean_usd_per_mtok"].notna()
    np.testing.assert_allclose(parts[known], table.loc[known, "mean_usd_per_mtok"], rtol=1e-8, atol=1e-7)


@pytest.mark.parametrize("seed", range(tries(7, 20)))
def test_medians(seed):
    """Tests that means and medians by group are those of the prices repeated as often as they weigh."""
    random = np.random.default_rng(seed)
    price, weight = random.random(30), random.integers(0, 4, 30).astype(float)
    axis = random.integers(0, 5, 30)
    mean, median = mean_and_median(price, weight, axis, 6)
    np.testing.assert_array_equal(mean_of(price, weight, axis, 6), mean)
    for group in range(6):
        repeated = np.repeat(price[axis == group], weight[axis == group].astype(int))
        if repeated.size:
            assert median[group] == np.quantile(repeated, 0.5, method="inverted_cdf")
            assert mean[group] == pytest.approx(repeated.mean())
        else:
            assert np.isnan([mean[group], median[group]]).all()


def test_median_of_nothing_is_no_negative_zero():
    """Tests that a price of -0.0 is said as 0."""
    mean, median = mean_and_median(np.array([-0.0, -0.0]), np.ones(2), np.zeros(2, dtype=int), 1)
    assert not np.signbit([mean, median]).any()
