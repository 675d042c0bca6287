"""Tests of what latency is worth."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ceiling.exports import ceiling_curve
from placer.ceiling.latency_value import cost_of_latency
from placer.errors import InstanceError
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad
from tests.paid_and_unpaid import paid_and_unpaid


def test_by_hand(make_instance):
    """Tests the return by hand: from 10 to 40 ms A's 10 Mtok move from 50 to 20 USD each, of 16 Mtok in all.

    300 USD saved over 16 Mtok and 30 ms: 0.625 USD per Mtok and ms.
    """
    table = cost_of_latency(make_instance(), [40.0, 10.0])
    assert table["rtt_limit_ms"].tolist() == [10, 40]
    assert table["cost_usd"].to_numpy() == pytest.approx([620, 320])
    assert table["return_usd_per_mtok_ms"].iloc[0] == pytest.approx(300 / 16 / 30)
    assert np.isnan(table["return_usd_per_mtok_ms"].iloc[1])


@pytest.mark.slow
def test_a_limit_that_allows_nothing_is_all_penalty(make_instance):
    """Tests that below every round trip nothing is served: 16 Mtok at a penalty of 1000."""
    table = cost_of_latency(make_instance(), [5.0])
    assert table["cost_usd"].iloc[0] == 0
    assert table["penalty_usd"].iloc[0] == pytest.approx(16000)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["rtt", "slo"])
@pytest.mark.parametrize("seed", range(3))
def test_cost_falls_along_the_curve(make_random_instance, seed, by):
    """Tests that cost and penalty together never rise with the limit, and end at those of the instance itself."""
    instance = make_random_instance(seed)
    corners = ceiling_curve(instance, by).limits[:: tries(3, 1)]
    table = cost_of_latency(instance, [*corners, 1.0 if by == "slo" else 1e6], by)
    whole = (table["cost_usd"] + table["penalty_usd"]).to_numpy()
    assert (np.diff(whole) <= 1e-7 * np.abs(whole[1:]) + 1e-7).all()
    placement = placer.solve(instance)
    at_home = table[table.iloc[:, 0] == 1.0] if by == "slo" else table.tail(1)
    assert (at_home["cost_usd"] + at_home["penalty_usd"]).iloc[0] == pytest.approx(
        placement.cost_usd + placement.penalty_usd, rel=1e-8
    )


@pytest.mark.parametrize("limits", [[], [-1.0], [float("nan")]])
def test_bad_limits_are_refused(make_instance, limits):
    """Tests that limits must be numbers of at least 0, and one at least."""
    with pytest.raises(InstanceError, match="limits"):
        cost_of_latency(make_instance(), limits)


def test_charges_that_a_region_is_paid_by_hand():
    """Tests 60 Mtok at a tariff of 1.4: at 0.5 ms none is served, at 1 ms all is imported, for 90 and 84 USD."""
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 1.4, "to_region": "home", "paid_to": "importer"}
    workload = {"unserved_usd_per_mtok": 6}
    instance = home_and_abroad([{"mtok": 60.0}], workload=workload, policies=[tariff])
    table = cost_of_latency(instance, [0.5, 1.0])
    assert table["cost_usd"].tolist() == pytest.approx([0, 90])
    assert table["transfers_usd"].tolist() == pytest.approx([0, 84])
    assert table["penalty_usd"].tolist() == pytest.approx([360, 0])
    assert table["saving_usd_per_mtok"].iloc[0] == pytest.approx((360 - 174) / 60)


@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_charges_that_a_region_is_paid_cost_as_much_as_those_that_nobody_is(seed):
    """Tests that what a limit saves is the same as under premia that nobody is paid."""
    paid, unpaid = (cost_of_latency(each, [0.0, 1.0, 0.5], "slo") for each in paid_and_unpaid(seed))
    parts = ["cost_usd", "transfers_usd", "penalty_usd"]
    assert paid[parts].sum(axis=1).to_numpy() == pytest.approx(unpaid[parts].sum(axis=1).to_numpy())
    assert paid["saving_usd_per_mtok"].to_numpy() == pytest.approx(
        unpaid["saving_usd_per_mtok"].to_numpy(), nan_ok=True
    )


def test_modes_by_hand():
    """Tests that far away costs 25 USD at 80 a second, and half of it once 100 ms less allow 40; near costs 27.5."""
    instance = modes_abroad([SLOW, MIDDLE, FAST], chips=100.0)
    assert cost_of_latency(instance, [0, 100], "shorten")["cost_usd"].tolist() == pytest.approx([25.0, 12.5])
    assert cost_of_latency(instance, [0, 600])["cost_usd"].tolist() == pytest.approx([27.5, 25.0])
    assert cost_of_latency(instance, [0.8, 1.1], "slo")["cost_usd"].tolist() == pytest.approx([25.0, 12.5])
