"""Coarse markets: merged origins, against figures by hand and totals of random markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.solvers.column_generation.market.coarse import coarse_market
from placer.solvers.column_generation.market.definition import market

#: Four origins, which two sites tell apart; the first site is far from the second and the last.
COST = np.array([[1.0, 9.0, 3.0, 11.0], [5.0, 5.0, 5.0, 5.0]])
AMOUNT = np.array([[1.0, 1.0, 3.0, 2.0], [1.0, 1.0, 1.0, 4.0]])


def _market(whole, cost):
    """Return a market of one group with four origins; arcs of the cost ``never`` are none."""
    arc = np.where(cost < whole.never, np.arange(8).reshape(2, 4), -1)
    group = replace(whole.groups[0], origins=np.arange(4), amount=AMOUNT, arc_cost=cost, arc=arc)
    return replace(whole, groups=(group,))


def test_by_hand(make_structure):
    """Tests that origins 0 and 2 are one, and 1 and 3: amounts added, costs in the mean, at the larger's place."""
    found = coarse_market(_market(market(make_structure()), COST), 2)
    (group,), (places,) = found.market.groups, found.places
    assert group.amount.tolist() == [[4.0, 3.0], [2.0, 5.0]]
    assert group.arc_cost == pytest.approx(np.array([[14 / 6, 10.5], [5.0, 5.0]]))
    assert places.tolist() == group.origins.tolist() == [2, 3]
    assert (group.arc >= 0).all()


def test_arcs_that_are_missing(make_structure):
    """Tests that the smaller part without an arc does not count, and that there is none where it is the larger."""
    whole = market(make_structure())
    cost = COST.copy()
    cost[1, [0, 3]] = whole.never
    (group,) = coarse_market(_market(whole, cost), 1).market.groups
    assert group.arc_cost[0] == pytest.approx((1 * 2 + 9 * 2 + 3 * 4 + 11 * 6) / 14)
    assert group.arc_cost[1].tolist() == [whole.never]
    assert (group.arc[:, 0] >= 0).tolist() == [True, False]
    cost[1] = [whole.never, 5.0, 5.0, 5.0]
    (group,) = coarse_market(_market(whole, cost), 1).market.groups
    assert group.arc_cost[1].tolist() == pytest.approx([5.0])


def test_few_origins_stay_as_they_are(make_structure):
    """Tests that a market with no more origins than wanted keeps amounts and costs, in some order."""
    whole = _market(market(make_structure()), COST)
    (group,), (places,) = (found := coarse_market(whole, 64)).market.groups, found.places
    assert sorted(places.tolist()) == [0, 1, 2, 3]
    assert group.amount.tolist() == AMOUNT[:, places].tolist()
    assert group.arc_cost.tolist() == COST[:, places].tolist()


@pytest.mark.parametrize("seed", range(8))
def test_totals_stay(make_random_structure, seed):
    """Tests the number of origins, and the amount of every class in every period."""
    whole = market(make_random_structure(seed, zeros=bool(seed % 2)))
    for before, after in zip(whole.groups, coarse_market(whole, 2).market.groups, strict=True):
        assert len(after.origins) <= 2
        assert after.amount.sum(axis=1) == pytest.approx(before.amount.sum(axis=1))
        assert ((after.arc >= 0) == (after.arc_cost < whole.never)).all()
