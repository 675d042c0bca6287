"""Tests of the ranges of prices."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.analysis.price_ranges import price_ranges
from placer.proof.near import Surpluses


def test_price_range_at_a_kink(make_instance):
    """Tests a price that is not unique: Y is exactly full with A's 10 Mtok and B's 6.

    One Mtok less saves 20 USD at Y; one more must go to X for 50.
    """
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "accelerators": 16.0},
    ]
    ranges = price_ranges(placer.solve(make_instance(data_centres=centres)), [0])
    assert ranges.to_numpy().ravel() == pytest.approx([20, 50])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_prices_lie_in_their_ranges(make_random_instance, seed):
    """Tests that every price lies between its left and right values, and that those are slopes of the cost."""
    instance = make_random_instance(seed)
    placement = placer.solve(instance)
    chosen = [0, 7, 23, 41]
    ranges = price_ranges(placement, chosen)
    price = placement.prices["usd_per_mtok"].to_numpy()[chosen]
    assert (ranges["low_usd_per_mtok"] <= price + 1e-6 * (1 + abs(price))).all()
    assert (ranges["high_usd_per_mtok"] >= price - 1e-6 * (1 + abs(price))).all()
    demand = instance.demand
    step = 1e-3
    for position, high in zip(chosen, ranges["high_usd_per_mtok"], strict=True):
        more = demand.assign(mtok=demand["mtok"] + step * (np.arange(len(demand)) == position))
        grown = placer.solve(instance.replace(demand=more))
        slope = (grown.cost_usd + grown.penalty_usd - placement.cost_usd - placement.penalty_usd) / step
        assert slope == pytest.approx(high, rel=1e-5, abs=1e-4)


def test_labels_do_as_positions_do(make_instance):
    """Tests that a demand can be named by workload, hub and hour, and that others are refused with an example."""
    placement = placer.solve(make_instance())
    by_label = price_ranges(placement, [("w", "B", 0)])
    assert by_label.equals(price_ranges(placement, [1]))
    with pytest.raises(placer.InstanceError, match="a label such as"):
        price_ranges(placement, [("w", "C", 0), 7])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_columns_come_on_demand(make_random_instance, monkeypatch, seed):
    """Tests that starting from few columns gives the ranges of starting from all of them."""
    placement = placer.solve(make_random_instance(seed))
    few = price_ranges(placement, range(0, 60, 7)).to_numpy()
    near = Surpluses.near
    monkeypatch.setattr(Surpluses, "near", lambda surpluses, _: near(surpluses, np.inf))
    every = price_ranges(placement, range(0, 60, 7)).to_numpy()
    assert few == pytest.approx(every, rel=1e-7, abs=1e-7)
