"""Classes of a market as dense arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.column_generation.market.definition import market
from placer.column_generation.market.groups import costs_at, group_at


def test_groups(make_structure, two):
    """Tests amounts, positions and costs of both groups against figures by hand."""
    whole = market(make_structure(**two))
    first, second = whole.groups
    assert first.amount.tolist() == [[10.0, 0.0], [0.0, 6.0]]
    assert first.demand.tolist() == [[0, -1], [-1, 1]]
    assert first.arc.tolist() == [[0, -1], [1, 2]]
    assert first.arc_cost.tolist() == [[1.0, whole.never], [3.0, 1.0]]
    assert first.base.tolist() == [[55.0, 26.0], [55.0, 26.0]]
    assert second.origins.tolist() == [1]
    assert second.arc_cost.tolist() == [[2.0], [4.0]]
    assert second.base.tolist() == [[107.0, 48.0], [107.0, 48.0]]
    assert (second.window, second.unserved, second.link_use) == (1, 500.0, 0.0)


def test_work_that_cannot_be_served_costs_never(make_structure, two):
    """Tests that no capacity stops work that uses it, no supply work that draws, and neither what needs neither."""
    dead = {"capacity": [[0.0, 9.0], [9.0, 9.0]], "tier_limit": [[np.inf, np.inf], [np.inf, 0.0]]}
    whole = market(make_structure(**two, **dead))
    assert [(group.base == whole.never).tolist() for group in whole.groups] == [[[True, False], [False, True]]] * 2
    idle = market(make_structure(**two | {"use": np.zeros((2, 2)), "draw": np.zeros((2, 2))}, **dead))
    assert not any((group.base == idle.never).any() for group in idle.groups)


def test_closed_link_closes_arcs_of_what_uses_it(make_structure, two, linked):
    """Tests that no capacity on the first origin's link shuts its arcs for the class that uses links, for no other."""
    shut = two | linked | {"demand_origin": [0, 1, 0], "arc_origin": [0, 0, 1, 0, 0], "link_capacity": [0.0]}
    whole = market(make_structure(**shut))
    assert whole.groups[0].arc.tolist() == [[-1, -1], [-1, 2]]
    assert whole.groups[1].arc.tolist() == [[3], [4]]
    assert whole.link.tolist() == []


def test_nobody_asks(make_structure, two):
    """Tests that a class without any demand, or only such of nothing, has no group."""
    whole = market(make_structure(**two | {"demand_amount": [10.0, 0.0, 0.0]}))
    assert [group.klass for group in whole.groups] == [0]
    assert whole.groups[0].origins.tolist() == [0]


def test_without_arcs_costs_are_never_at_any_prices(make_structure, two):
    """Tests that a group of a structure that no arc serves is the same at prices of caps: nothing can be reached."""
    structure = make_structure(**two)
    whole = market(structure)
    costs = replace(costs_at(structure, np.zeros(len(structure.cap_limit))), arc=np.zeros(0))
    alone = replace(whole.groups[0], arc=np.full_like(whole.groups[0].arc, -1))
    found = group_at(structure, alone, costs, whole.order.base, whole.never)
    assert (found.arc_cost == whole.never).all()


def test_prices_of_caps_are_costs(make_structure, two):
    """Tests that a price of 2 on what counts 3 a unit of work adds 6."""
    caps = {"cap_limit": [1.0], "cap_work": np.full((1, 2, 2), 3.0), "cap_tier": np.zeros((1, 2, 2))}
    structure = make_structure(**two | caps)
    with_price, without = market(structure, np.array([2.0])), market(structure)
    assert (with_price.groups[0].base - without.groups[0].base == 6.0).all()
