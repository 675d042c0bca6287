"""Typical sizes: worked out by hand, and moving with the units."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.proof.magnitudes import magnitudes


@pytest.fixture
def structure(make_instance):
    """Two hubs of 10 and 6, sites at 50 and 20 USD per MWh; a unit of work takes one hour and one MWh."""
    return formulate(make_instance()).structure


def test_sizes_without_any_limit(structure):
    """Tests that without limits sizes are those of a typical demand: 8 units of work, an hour and a MWh each."""
    typical = magnitudes(structure)
    assert typical.demand == typical.capacity == typical.supply == typical.tier == 8
    assert typical.take_capacity == typical.take_supply == 1
    assert typical.take_link == 0
    assert typical.supply_price == 35
    assert typical.price.tolist() == [35]


def test_limits_are_their_own_size(structure):
    """Tests that where there are limits, their median is typical, and 0 and inf are left out."""
    capacity = np.array([[4.0], [0.0]])
    limit = np.array([[math.inf], [30.0]])
    cap_limit = np.array([1000.0, math.inf])
    typical = magnitudes(replace(structure, capacity=capacity, intake=limit, tier_limit=limit, cap_limit=cap_limit))
    assert (typical.capacity, typical.supply, typical.tier, typical.cap[0]) == (4, 30, 30, 1000)


def test_cap_without_a_limit_takes_what_work_adds_to_it(structure):
    """Tests that a cap is measured by work, or by the supply that work draws, whichever adds more."""
    cap_work, cap_tier = (
        np.stack([0 * structure.work_cost, 3 + 0 * structure.work_cost]),
        np.full((2, *structure.tier_cost.shape), 2),
    )
    typical = magnitudes(replace(structure, cap_work=cap_work, cap_tier=cap_tier, cap_limit=np.zeros(2)))
    assert typical.take_cap.tolist() == [2, 3]
    assert typical.cap.tolist() == [16, 24]


def test_where_nothing_costs_the_penalty_is_the_price(structure):
    """Tests that with costs of 0 prices are measured by the cost of unserved demand, and supply by a unit of work."""
    typical = magnitudes(replace(structure, tier_cost=0 * structure.tier_cost, work_cost=0 * structure.work_cost))
    assert typical.price.tolist() == [1000]
    assert typical.supply_price == 1000


def test_where_nothing_has_a_size_it_is_1(structure):
    """Tests that a structure of zeros has sizes of 1, by which one can divide."""
    nothing = replace(
        structure,
        demand_amount=0 * structure.demand_amount,
        unserved_cost=0 * structure.unserved_cost,
        tier_cost=0 * structure.tier_cost,
        work_cost=0 * structure.work_cost,
        use=0 * structure.use,
        draw=0 * structure.draw,
    )
    typical = magnitudes(nothing)
    assert typical.demand == typical.capacity == typical.supply == typical.link == typical.tier == 1
    assert typical.cap.tolist() == [1, 1]
    assert typical.price.tolist() == [1]
    assert typical.supply_price == 1


def test_class_without_arcs_is_priced_by_its_penalty(structure):
    """Tests that a class that can run nowhere is measured by the cost of leaving it unserved."""
    none = np.zeros(0, dtype=int)
    typical = magnitudes(
        replace(structure, arc_class=none, arc_origin=none, arc_site=none, arc_rank=none, arc_cost=np.zeros(0))
    )
    assert typical.price.tolist() == [1000]
