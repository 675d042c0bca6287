"""Feasible flows from points of the path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.dual.path import cost_spread
from placer.column_generation.dual.smoothed_dual import SmoothedDual
from placer.column_generation.early_point import duals_there, early_point
from placer.column_generation.market.definition import market
from placer.column_generation.soft_flows import soft_flows
from placer.column_generation.solver import ColumnGeneration
from placer.model.answer import Answer
from placer.model.loads import loads
from placer.proof.answer_certificate import certify_answer
from placer.termination import Reason, Termination
from tests.column_generation.structures_with_modes import with_modes

#: Seeds of structures whose classes run in several modes.
IN_MODES = range(120, 126)


def _certificate(structure, flows, duals):
    return certify_answer(structure, Answer(Termination(Reason.OPTIMAL, ""), flows, duals), gap=1e-6)


@pytest.mark.parametrize("seed", [*range(100, 112), *IN_MODES])
@pytest.mark.parametrize(("factor", "capped"), [(1.0, False), (0.6, False), (1.0, True)])
def test_flows_keep_every_limit(make_random_structure, solve_whole, seed, factor, capped):
    """Tests random structures with windows, links, supply and caps, with plenty and with little capacity."""
    structure = make_random_structure(seed, capped=capped)
    structure = with_modes(structure, seed) if seed in IN_MODES else structure
    structure = replace(structure, capacity=factor * structure.capacity)
    _, start = early_point(structure, None, ColumnGeneration())
    flows = soft_flows(structure, start.market, start.prices, start.width)
    certificate = _certificate(structure, flows, duals_there(structure, start)[0])
    assert certificate.feasible
    assert certificate.objective >= solve_whole(structure)[1] * (1 - 1e-9)


@pytest.mark.parametrize("seed", [*range(100, 108), *IN_MODES])
def test_flows_are_those_of_the_smoothed_dual(make_random_structure, some_prices, seed):
    """Tests that with capacity, supply and links for everything, sites are used as the gradient of the dual says."""
    structure = make_random_structure(seed)
    structure = with_modes(structure, seed) if seed in IN_MODES else structure
    plenty = {name: 1e3 + 1e3 * getattr(structure, name) for name in ("capacity", "tier_limit", "link_capacity")}
    structure = replace(structure, **plenty, intake=np.full_like(structure.intake, np.inf))
    here = market(structure)
    prices, width = some_prices(here, seed), cost_spread(here)
    taken = SmoothedDual(here).evaluate(prices, width).gradient + here.limit
    used = loads(structure, soft_flows(structure, here, prices, width)).used.T
    assert used == pytest.approx(taken[:, : here.sites], rel=1e-4, abs=1e-4)


def test_without_prices_work_goes_where_it_is_cheap(make_structure):
    """Tests flows at a small width and prices of 0: each demand is served at its cheapest site.

    A unit from origin 0 costs 51 at site 0 and 23 at site 1, and one from origin 1 costs 53 and 21.
    """
    structure = make_structure()
    here = market(structure)
    flows = soft_flows(structure, here, np.zeros(here.price_shape), 1e-3)
    assert structure.arc_site[flows.arc].tolist() == [1, 1, 1, 1]
    assert flows.amount == pytest.approx(structure.demand_amount)
    assert flows.unserved == pytest.approx(0.0)
    assert flows.taken == pytest.approx(np.array([[0.0, 0.0], [16.0, 6.0]]))


def test_work_beyond_a_limit_is_left_unserved(make_structure):
    """Tests that at prices of 0 all work comes to site 1, whose capacity is half of it, in equal parts."""
    structure = make_structure(capacity=[[np.inf, np.inf], [8.0, np.inf]])
    here = market(structure)
    flows = soft_flows(structure, here, np.zeros(here.price_shape), 1e-3)
    assert flows.unserved == pytest.approx([5.0, 3.0, 0.0, 0.0])


def test_work_beyond_a_link_is_left_unserved(make_structure):
    """Tests that only the work that uses a full link is cut: that of origin 0 at site 1."""
    structure = make_structure(route_links=[[0.0], [1.0], [0.0], [0.0]], link_capacity=[[2.0, 9.0]])
    here = market(structure)
    flows = soft_flows(structure, here, np.zeros(here.price_shape), 1e-3)
    assert flows.unserved == pytest.approx([8.0, 0.0, 0.0, 0.0])


def test_work_waits_for_the_cheaper_period(make_structure):
    """Tests that work that may wait is served in the period when supply is cheap, and the queue says so."""
    structure = make_structure(window=[1], tier_cost=[[50.0, 50.0], [20.0, 5.0]])
    here = market(structure)
    flows = soft_flows(structure, here, np.zeros(here.price_shape), 1e-3)
    assert flows.taken == pytest.approx(np.array([[0.0, 0.0], [0.0, 22.0]]))
    queue = structure.queue_flows
    assert flows.waiting[queue.service > queue.arrival].sum() == pytest.approx(16.0)


@pytest.mark.parametrize("limit", [11.0, 0.5])
def test_work_beyond_a_cap_is_left_unserved(make_structure, limit):
    """Tests that all flows are cut in the same part: half of 22 units are allowed, or half of a unit."""
    structure = make_structure(cap_limit=[limit], cap_work=np.ones((1, 1, 2)), cap_tier=np.zeros((1, 2, 2)))
    here = market(structure)
    flows = soft_flows(structure, here, np.zeros(here.price_shape), 1e-3)
    assert flows.unserved == pytest.approx((1 - limit / 22) * structure.demand_amount)
    assert flows.taken.sum() == pytest.approx(limit)


def test_a_cap_of_nothing_cuts_no_flow(make_structure):
    """Tests that work that a cap of 0 counts is left to the certificate, as is that of caps of at least an amount."""
    structure = make_structure(cap_limit=[0.0], cap_work=np.ones((1, 1, 2)), cap_tier=np.zeros((1, 2, 2)))
    here = market(structure)
    flows = soft_flows(structure, here, np.zeros(here.price_shape), 1e-3)
    assert flows.unserved == pytest.approx(0.0)


def test_the_price_of_a_link_moves_work(make_structure):
    """Tests that origin 0, whose link to site 1 costs more than it saves, is served at site 0, origin 1 at site 1."""
    structure = make_structure(route_links=[[0.0], [1.0], [0.0], [0.0]], link_capacity=[[9.0, 9.0]])
    here = market(structure)
    prices = np.zeros(here.price_shape)
    prices[:, -1] = 40.0
    flows = soft_flows(structure, here, prices, 1e-3)
    assert structure.arc_site[flows.arc].tolist() == [0, 1, 0, 1]
