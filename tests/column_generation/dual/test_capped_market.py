"""The market of a path with caps: what they count, in which scale, and prices there and back."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.capped_market import capped_market
from placer.column_generation.market.definition import market
from placer.model.cap_rows import CapRows

#: Units of one class cost 10 at the first site, where a unit counts as 2, or 30 at the second, as 0; 8 may count.
WATER = {
    "demand_class": [0, 0],
    "demand_origin": [0, 0],
    "demand_period": [0, 1],
    "demand_amount": [6.0, 4.0],
    "arc_class": [0, 0],
    "arc_origin": [0, 0],
    "arc_site": [0, 1],
    "arc_cost": [0.0, 0.0],
    "route_links": np.zeros((2, 0)),
    "tier_cost": [[0.0, 0.0], [0.0, 0.0]],
    "work_cost": [[10.0, 30.0]],
    "cap_limit": [np.inf, 8.0],
    "cap_work": [[[9.0, 9.0]], [[2.0, 0.0]]],
    "cap_tier": np.zeros((2, 2, 2)),
}
#: Two tiers at one site, of which a cap counts the first.
TIERS = WATER | {
    "tier_site": [0, 0],
    "tier_cost": [[10.0, 10.0], [30.0, 30.0]],
    "arc_class": [0],
    "arc_origin": [0],
    "arc_site": [0],
    "arc_cost": [0.0],
    "cap_limit": [4.0],
    "cap_work": np.zeros((1, 1, 2)),
    "cap_tier": [[[1.0, 1.0], [0.0, 0.0]]],
}


def test_scale_by_hand(make_structure):
    """Tests that a cap without a limit is left out, and that the other is counted in its coefficient of 2."""
    capped = capped_market(make_structure(**WATER))
    assert capped.caps.tolist() == [1]
    assert capped.scale.tolist() == [2.0]
    assert capped.limit.tolist() == [4.0]
    (only,) = capped.classes
    assert only.by_period(np.array([0])).tolist() == [[[1.0, 0.0]], [[1.0, 0.0]]]
    assert only.counted(1).toarray().tolist() == [[1.0, 0.0, 1.0, 0.0]]


def test_single_tier_is_part_of_service(make_structure):
    """Tests that what the only tier of a site counts is counted of service, by what a unit draws."""
    structure = make_structure(**WATER | {"cap_work": np.zeros((2, 1, 2)), "cap_tier": np.ones((2, 2, 2))})
    capped = capped_market(structure)
    assert not capped.floor.any()
    assert (capped.classes[0].by_period(np.array([0])) == 1.0).all()
    assert capped.scale == pytest.approx([structure.draw[0, 0]])


def test_cap_of_nothing_leaves_a_millionth(make_structure):
    """Tests that a limit of 0 becomes a millionth of what would count, so that its price on the path is finite."""
    capped = capped_market(make_structure(**WATER | {"cap_limit": [np.inf, 0.0]}))
    assert capped.limit == pytest.approx(1e-6 * capped.size)
    assert capped.size[0] > 0


def test_counted_tiers_are_soft(make_structure):
    """Tests that of two tiers that a cap tells apart both are steps above a floor, and the first is no limit."""
    capped = capped_market(make_structure(**TIERS))
    sites = capped.market.sites
    assert (capped.floor[:, 0] > 0).all()
    assert not capped.market.limit[:, sites].any()
    (first, base), (second, extra) = capped.market.tiers
    assert (first[:, 0] > 0).all()
    assert (second[:, 0] > 0).all()
    assert base[:, 0] == pytest.approx(capped.floor[:, 0])
    assert extra[:, 0] == pytest.approx(capped.floor[:, 0] + 20.0)
    assert [counted[0, 0] for counted in capped.tiers] == [1.0, 0.0]


@pytest.mark.parametrize("price", [0.0, 5.0, 30.0])
@pytest.mark.parametrize("form", [WATER, TIERS], ids=["water", "tiers"])
def test_prices_there_and_back(make_structure, form, price):
    """Tests that prices of a market at a cap price, laid and read again, are the same."""
    structure = make_structure(**form)
    caps = np.full(len(structure.cap_limit), price) * np.isfinite(structure.cap_limit)
    there, capped = market(structure, caps), capped_market(structure)
    prices = np.arange(1.0, 1 + there.limit.size).reshape(there.price_shape)
    again, found, found_caps = capped.plain(capped.laid(there, prices, caps))
    assert found == pytest.approx(prices)
    assert found_caps == pytest.approx(caps)
    assert again.order.base == pytest.approx(there.order.base)


def test_arcs_are_counted(make_structure):
    """Tests that what an assignment counts is told of the arcs of its class, in the scale of the cap."""
    send = {"cap_send": [[0.0], [3.0]], "cap_route": [[0.0, 0.0], [0.0, 2.0]], "cap_arrival": np.ones((2, 2))}
    capped = capped_market(make_structure(**WATER | send | {"cap_work": np.zeros((2, 1, 2))}))
    (only,) = capped.classes
    assert only.arc.tolist() == [0]
    assert capped.scale.tolist() == [6.0]
    assert only.sent[0].ravel().tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("counted", "limit", "is_left"), [(2.0, 3.0, False), (1.0, 3.0, True), (2.0, 3.1, True)])
def test_capacity_that_caps_imply_has_no_limit(make_structure, counted, limit, is_left):
    """Tests a site of capacity 6 of which a unit uses 4, beside two caps of its first period that count 2 each.

    Limits of 3 each imply the capacity; not where one of them counts 1, nor where they are 3.1.
    """
    work = np.zeros((2, 1, 2, 2))
    work[:, 0, 0, 0] = [2.0, counted]
    scarce = {"use": [[4.0, 4.0]], "capacity": [[6.0, 6.0], [np.inf, np.inf]]}
    caps = {"cap_limit": [limit, limit], "cap_work": CapRows.of(work)}
    structure = make_structure(**WATER | scarce | caps)
    found = capped_market(structure).market
    expected = market(structure).limit.copy()
    expected[0, 0] = expected[0, 0] if is_left else 2 * found.most_used[0, 0]
    assert found.limit.tolist() == expected.tolist()
