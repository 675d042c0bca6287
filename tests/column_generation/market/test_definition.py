"""The structure as a market."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.column_generation.market.definition import is_supply_scarce, market, market_at_cap_prices, typical
from placer.column_generation.market.merit_order import merit_order
from tests.column_generation.structures_with_modes import with_modes


def test_most_that_can_be_used(make_structure, two):
    """Tests that work that waits counts in every period it may be served in: 10 + 4 / 2, then 6 + 4 / 2."""
    whole = market(make_structure(**two))
    assert whole.most_used.tolist() == [[12.0, 12.0], [8.0, 8.0]]
    assert whole.most_drawn.tolist() == [[18.0, 18.0], [14.0, 14.0]]


def test_limits_that_cannot_be_reached_stand_as_twice_the_most(make_structure, two):
    """Tests capacities of inf, 11 and 9 where 12 and 8 are the most."""
    whole = market(make_structure(**two, capacity=[[11.0, 9.0], [np.inf, 3.0]]))
    assert whole.limit.tolist() == [[11.0, 24.0], [16.0, 3.0]]
    assert (whole.kinds, whole.supplied, whole.price_shape) == (1, False, (2, 2))


def test_supply_is_priced_where_the_first_tier_falls_short(make_structure, two):
    """Tests that a tier of 5 where 18 may be drawn is a limit, and one of 20 beside it is none."""
    whole = market(make_structure(**two, tier_limit=[[5.0, 20.0], [20.0, 20.0]]))
    assert whole.limit[:, 2:].tolist() == [[5.0, 36.0], [28.0, 28.0]]
    assert (whole.kinds, whole.tiers) == (2, ())


def test_further_tiers(make_structure, two):
    """Tests that a second tier is there with what it costs beyond the first, and as much as the intake leaves."""
    tiers = {
        "tier_site": [0, 0, 1],
        "tier_yield": [1.0, 1.0, 1.0],
        "tier_cost": [[50.0, 50.0], [80.0, 80.0], [20.0, 20.0]],
        "tier_limit": [[5.0, 5.0], [9.0, np.inf], [np.inf, np.inf]],
        "cap_tier": np.zeros((0, 3, 2)),
        "intake": [[12.0, np.inf], [np.inf, np.inf]],
    }
    ((amount, extra),) = market(make_structure(**two | tiers)).tiers
    assert amount.tolist() == [[7.0, 0.0], [28.0, 0.0]]
    assert extra.tolist() == [[30.0, 0.0], [30.0, 0.0]]


@pytest.mark.parametrize(("capacity", "scarce"), [(8.0, [0]), (10.0, []), (np.inf, [])])
def test_links_that_may_become_scarce(make_structure, capacity, scarce, two, linked):
    """Tests that the link is priced if it cannot carry the 10 units that may pass."""
    whole = market(make_structure(**two | linked | {"link_capacity": [capacity]}))
    assert whole.link.tolist() == scarce
    if scarce:
        assert whole.links[0].tolist() == [[1.0, 0.0], [1.0, 0.0]]
        assert whole.limit[:, -1].tolist() == [8.0, 8.0]


def test_weights_and_units(make_structure, two):
    """Tests that weights are relative to the median class, and units a price per typical coefficient."""
    whole = market(make_structure(**two, tier_limit=np.full((2, 2), 5.0)))
    assert [group.weight for group in whole.groups] == pytest.approx([1 / 0.75, 0.5 / 0.75])
    assert whole.unit.tolist() == pytest.approx([1 / 0.75] * 2 + [1 / 1.5] * 2)


def test_weight_of_a_class_that_only_draws(make_structure, two):
    """Tests that a class that uses no capacity is weighed by its power: 4 / 3 of the typical draw of 1.5 beside 1."""
    whole = market(make_structure(**two | {"use": [[1.0, 1.0], [0.0, 0.0]]}))
    assert [group.weight for group in whole.groups] == pytest.approx([1 / (7 / 6), (4 / 3) / (7 / 6)])


def test_never_is_beyond_what_power_below_zero_earns(make_structure, two):
    """Tests that with power at -50,000 USD no missing arc and no dead period looks cheaper than the penalty."""
    whole = market(make_structure(**two, tier_cost=[[-50_000.0, 50.0], [20.0, 20.0]]))
    lowest = min(float(group.base.min()) for group in whole.groups)
    assert whole.never + lowest > 1000.0


def test_prices_have_one_shape_whatever_the_caps(make_structure, two):
    """Tests that supply has prices if any tier could be first and fall short, since caps change the order."""
    caps = {
        "tier_site": [0, 0, 1],
        "tier_yield": [1.0, 1.0, 1.0],
        "tier_cost": [[50.0, 50.0], [60.0, 60.0], [20.0, 20.0]],
        "tier_limit": [[np.inf, np.inf], [3.0, 3.0], [np.inf, np.inf]],
        "cap_limit": [8.0],
        "cap_work": np.zeros((1, 2, 2)),
        "cap_tier": [[[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]],
    }
    structure = make_structure(**two | caps)
    assert market(structure).price_shape == market(structure, np.array([100.0])).price_shape == (2, 4)


@pytest.mark.parametrize("capped", [False, True])
def test_scarce_supply_can_be_told_beforehand(make_random_structure, capped):
    """Tests that the market has prices of supply exactly where it is said to have them."""
    structures = [make_random_structure(seed, capped=capped) for seed in range(40)]
    told = [is_supply_scarce(structure) for structure in structures]
    assert told == [market(structure).supplied for structure in structures]
    assert len(set(told)) == 2


def test_order_is_that_of_the_caps(make_random_structure):
    """Tests that the market holds the merit order at its prices of caps."""
    structure, prices = make_random_structure(3, capped=True), np.array([0.1, 2.0])
    expected = merit_order(structure, prices)
    assert np.array_equal(market(structure, prices).order.cost, expected.cost)


@pytest.mark.parametrize("seed", range(10))
def test_other_prices_of_caps_give_what_a_new_market_has(make_random_structure, seed):
    """Tests every array, to the last bit, of a market at other prices and of one whose caps have other limits."""
    structure = make_random_structure(seed, capped=True, zeros=True)
    structure = with_modes(structure, seed) if seed % 2 else structure
    moved = replace(structure, cap_limit=0.5 * structure.cap_limit)
    known, prices = market(structure), np.array([0.3, 1.7])
    found, new = market_at_cap_prices(known, moved, prices), market(moved, prices)
    assert len(found.groups) == len(new.groups)
    groups = list(zip(found.groups, new.groups, strict=True))
    lanes = [(one.lanes, two.lanes) for one, two in groups]
    for one, two in [(found, new), (found.order, new.order), *groups, *lanes]:
        for name in {each.name for each in fields(one)} - {"groups", "order", "lanes"}:
            assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_typical():
    """Tests the median of what is above 0."""
    assert typical(np.array([0.0, 3.0, -1.0, 1.0, 8.0])) == 3.0
    assert typical(np.zeros(3)) == 1.0
