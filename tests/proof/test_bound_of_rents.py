"""The dual bound where few rents or limits count: rents that cannot be, limits of 0, links of some periods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.answer import Duals
from placer.model.formulation import formulate
from placer.proof.bound import bound_of, bound_prices, cheapest_arcs, worth


def test_rents_that_cannot_be_count_as_nothing(make_instance):
    """Tests that rents below 0, or of limits that are not there, do not enter prices."""
    structure = replace(formulate(make_instance()).structure, capacity=np.array([[5.0], [np.inf]]))
    duals = Duals(
        np.zeros(2),
        np.zeros((1, 2, 1)),
        np.array([[50.0], [20.0]]),
        np.array([[-3.0], [4.0]]),
        np.full((2, 1), 9.0),
        np.full((len(structure.link_capacity), 1), 2.0),
        np.full(2, 5.0),
    )
    prices = bound_prices(structure, duals)
    assert prices.service.tolist() == [[[50], [20]]]
    assert (len(prices.links), prices.cap.tolist()) == (0, [0, 0])


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": np.array([[5.0], [0.0]])},
        {"intake": np.array([[5.0], [0.0]])},
        {"tier_limit": np.array([[5.0], [0.0]])},
    ],
    ids=["capacity", "intake", "supply"],
)
def test_limits_of_0_close_a_site_whatever_the_duals(make_instance, change):
    """Tests that work a site can never do costs inf there, and only there."""
    structure = replace(formulate(make_instance()).structure, **change)
    duals = Duals(
        np.zeros(2),
        *np.zeros((1, 1, 2, 1)),
        *np.zeros((3, 2, 1)),
        np.zeros((len(structure.link_capacity), 1)),
        np.zeros(2),
    )
    assert np.isposinf(bound_prices(structure, duals).service).ravel().tolist() == [False, True]
    idle = replace(structure, use=np.zeros((1, 2)), draw=np.zeros((1, 2)))
    assert np.isfinite(bound_prices(idle, duals).service).all()


def test_links_of_capacity_0_carry_nothing(make_instance):
    """Tests that a route through such a link costs inf for work that takes any of it, and nothing for other work."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 2.0}
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0, "capacity_gbps": 0.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
    ]
    structure = formulate(make_instance(workloads=[workload], links=links, supplies=[])).structure
    count = len(structure.link_capacity)
    duals = Duals(np.zeros(2), *np.zeros((1, 1, 2, 1)), *np.zeros((3, 2, 1)), np.zeros((count, 1)), np.zeros(2))
    prices = bound_prices(structure, duals)
    assert cheapest_arcs(structure, prices, prices.service).tolist() == [np.inf, 0]
    assert bound_of(structure, prices, np.array([np.inf, 0.0])) == 10 * structure.unserved_cost[0]
    weightless = replace(structure, link_use=np.zeros(1))
    assert cheapest_arcs(weightless, prices, prices.service).tolist() == [0, 0]


def test_rents_of_links_with_a_limit_in_some_periods(make_instance):
    """Tests that rents count in the periods with a limit, here none, 0 and 3, and nowhere else."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(3)]
    structure = formulate(make_instance(demand=demand)).structure
    limit = np.full(structure.link_capacity.shape, np.inf)
    limit[0] = [np.inf, 0.0, 3.0]
    structure = replace(structure, link_capacity=limit)
    zero = np.zeros((2, 3))
    duals = Duals(np.zeros(3), np.zeros((1, 2, 3)), zero, zero, zero, np.full(limit.shape, 2.0), np.zeros(2))
    prices = bound_prices(structure, duals)
    assert prices.links.tolist() == [0]
    assert prices.link.tolist() == [[0.0, np.inf, 2.0]]
    nothing = replace(duals, link=np.zeros(limit.shape))
    at_no_cost = [bound_of(structure, bound_prices(structure, each), np.zeros(3)) for each in (nothing, duals)]
    assert at_no_cost == [0, -3.0 * 2.0]


def test_rents_of_small_links_count_too(make_instance):
    """Tests that a rent of 1/2 for half a unit of capacity takes 1/4 from the bound, beside a link of capacity 0."""
    structure = formulate(make_instance()).structure
    capacity = np.full(structure.link_capacity.shape, np.inf)
    capacity[:2, 0] = 0.5, 0.0
    structure = replace(structure, link_capacity=capacity)
    rents = np.full((len(capacity), 1), 0.5)
    nothing = Duals(np.zeros(2), *np.zeros((1, 1, 2, 1)), *np.zeros((3, 2, 1)), np.zeros_like(rents), np.zeros(2))
    bounds = [
        bound_of(structure, bound_prices(structure, replace(nothing, link=link)), np.array([20.0, 20.0]))
        for link in (np.zeros_like(rents), rents)
    ]
    assert bounds == [320, 319.75]


def test_worth_is_of_the_limits_that_are_there():
    """Tests that 2 for each of 5 is 10, and that a rent of 3 for a limit that is not there is worth nothing."""
    assert worth(np.array([2.0, 3.0]), np.array([5.0, np.inf])) == 10
