"""Supply in merit order."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.merit_order import cheapest_first, merit_order

#: Three tiers at the first site, dearest first, and one at the second.
TIERS = {
    "tier_site": [0, 1, 0, 0],
    "tier_yield": [0.8, 1.0, 0.5, 1.0],
    "tier_cost": [[60.0, 60.0], [20.0, 20.0], [25.0, 25.0], [-10.0, 70.0]],
    "tier_limit": [[10.0, 10.0], [np.inf, np.inf], [12.0, 12.0], [3.0, 3.0]],
    "overhead": [[1.0, 2.0], [1.0, 1.0]],
    "cap_tier": np.zeros((0, 4, 2)),
}
NONE = {"tier_site": np.zeros(0, int), "tier_yield": np.zeros(0), "cap_tier": np.zeros((0, 0, 2))} | {
    name: np.zeros((0, 2)) for name in ("tier_cost", "tier_limit")
}


def _order(structure):
    return merit_order(structure, np.zeros(len(structure.cap_limit)))


def test_tiers_are_sorted_by_cost_per_unit_drawn(make_structure):
    """Tests the order in both periods: 60 / 0.8 = 75, 25 / 0.5 = 50, and -10 or 70; twice at twice the overhead."""
    order = _order(make_structure(**TIERS))
    assert order.tier[:, 0, 0].tolist() == [3, 2, 0]
    assert order.cost[:, 0, 0].tolist() == [-10.0, 50.0, 75.0]
    assert order.tier[:, 1, 0].tolist() == [2, 3, 0]
    assert order.cost[:, 1, 0].tolist() == [100.0, 140.0, 150.0]
    assert order.amount[:, 0, 0].tolist() == [3.0, 6.0, 8.0]
    assert order.amount[:, 1, 0].tolist() == [3.0, 1.5, 4.0]
    assert order.base.tolist() == [[-10.0, 20.0], [100.0, 20.0]]
    assert order.extra[:, 0, 0].tolist() == [0.0, 60.0, 85.0]


def test_shorter_sites_end_with_nothing(make_structure):
    """Tests that a site of one tier has one, and past it none, at an infinite cost."""
    order = _order(make_structure(**TIERS))
    assert order.count.tolist() == [[3, 1], [3, 1]]
    assert order.tier[:, 0, 1].tolist() == [1, -1, -1]
    assert order.cost[1:, 0, 1].tolist() == [np.inf, np.inf]
    assert order.amount[1:, 0, 1].tolist() == [0.0, 0.0]


def test_intake_cuts_the_order_short(make_structure):
    """Tests that 3 and 6 units are left of 3, 6 and 8 by an intake of 7, after the overhead, as 3 and 4."""
    order = _order(make_structure(**TIERS, intake=[[7.0, 5.0], [np.inf, np.inf]]))
    assert order.within[:, 0, 0].tolist() == [3.0, 4.0, 0.0]
    assert order.intake[:, 0].tolist() == [7.0, 2.5]
    assert order.within[:, 1, 0].tolist() == [2.5, 0.0, 0.0]
    assert order.extra[:, 0, 0].tolist() == [0.0, 60.0, 0.0]


def test_nothing_follows_a_tier_without_limit(make_structure):
    """Tests that past a tier that never ends there is nothing within an intake, limited or not."""
    tiers = TIERS | {"tier_limit": [[10.0, 10.0], [1.0, 1.0], [np.inf, np.inf], [3.0, 3.0]]}
    assert _order(make_structure(**tiers)).within[:, 0, 0].tolist() == [3.0, np.inf, 0.0]
    limited = _order(make_structure(**tiers, intake=[[9.0, 9.0], [np.inf, np.inf]]))
    assert limited.within[:, 0, 0].tolist() == [3.0, 6.0, 0.0]


def test_tier_of_nothing_is_no_tier(make_structure):
    """Tests that a tier with a limit of 0 in one period is not there in that one, and is in the other."""
    order = _order(make_structure(**TIERS | {"tier_limit": [[10.0, 10.0], [0.0, 1.0], [12.0, 12.0], [0.0, 3.0]]}))
    assert order.tier[:, 0, 0].tolist() == [2, 0, -1]
    assert order.count.tolist() == [[2, 0], [3, 1]]
    assert order.base[:, 1].tolist() == [np.inf, 20.0]


@pytest.mark.parametrize("change", [NONE, {"intake": np.zeros((2, 2))}], ids=["no tiers", "no intake"])
def test_no_supply_at_all(make_structure, change):
    """Tests that sites without tiers, or that may take in nothing, have no first unit."""
    order = _order(make_structure(**change))
    assert np.isinf(order.base).all()
    assert not order.within.any()
    assert not order.extra.any()


def test_caps_are_part_of_costs(make_structure):
    """Tests that a price of 3 on a cap that counts 0, 1, 2, 20 a unit taken turns the order round."""
    counted = np.repeat(np.array([0.0, 1.0, 2.0, 20.0])[:, None], 2, axis=1)[None]
    caps = {"cap_limit": [1.0], "cap_work": np.zeros((1, 1, 2)), "cap_tier": counted}
    order = merit_order(make_structure(**TIERS | caps), np.array([3.0]))
    assert order.cost[:, 0, 0].tolist() == [50.0, 62.0, 75.0]
    assert order.tier[:, 0, 0].tolist() == [3, 2, 0]
    assert order.cost[0, :, 1].tolist() == [23.0, 23.0]


def test_cheapest_is_taken_first(make_structure):
    """Tests that 8 units drawn come as 3 and 5, and what exceeds all tiers is nowhere."""
    order = _order(make_structure(**TIERS))
    assert cheapest_first(order, np.array([[8.0, 2.0], [0.0, 0.0]]))[:, 0].tolist() == [[3.0, 2.0], [5.0, 0.0], [0, 0]]
    assert cheapest_first(order, np.array([[50.0, 0.0], [0.0, 0.0]]))[:, 0, 0].tolist() == [3.0, 6.0, 8.0]
