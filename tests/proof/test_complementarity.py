"""Products of duals and slacks, and of flows and reduced costs, on an answer worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.model.answer import Duals, Flows
from placer.model.formulation import formulate, formulate_offered
from placer.model.loads import loads
from placer.proof.bound import bound_prices
from placer.proof.complementarity import Sides, arriving_prices, column_products, given_away, row_products
from placer.proof.magnitudes import magnitudes
from tests.batteries_by_hand import powered


@pytest.fixture
def structure(make_instance):
    """Ten units at X for 50 each and six at Y for 20 each: each hub is near one site only."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 15.0}
    return formulate(make_instance(workloads=[work])).structure


@pytest.fixture
def sides(structure):
    """The optimum, and the duals that prove it."""
    flows = Flows(
        np.arange(2), np.arange(2), np.array([10.0, 6.0]), np.zeros(2), np.zeros(0), np.array([[10.0], [6.0]])
    )
    nothing = np.zeros((2, 1))
    duals = Duals(
        demand=np.array([50.0, 20.0]),
        queue=nothing[None],
        balance=np.array([[50.0], [20.0]]),
        capacity=nothing,
        intake=nothing,
        link=np.zeros((len(structure.link_capacity), 1)),
        cap=np.zeros(2),
    )
    return _sides(structure, flows, duals)


def _sides(structure, flows, duals):
    return Sides(
        structure, flows, duals, loads(structure, flows), bound_prices(structure, duals), magnitudes(structure)
    )


def _largest(products):
    return np.max([np.max(product, initial=0.0) for product in products])


def test_an_optimum_has_no_products(sides):
    """Tests that every dual is of a row without slack, and every flow has a reduced cost of 0."""
    assert _largest(row_products(sides)) == 0
    assert _largest(column_products(sides)) == 0
    assert given_away(sides, 620.0) == 0


def test_slack_times_its_dual(sides):
    """Tests that 1 bought at 50 beyond what is drawn is a product of 50."""
    more = replace(sides.flows, taken=np.array([[11.0], [6.0]]))
    assert _largest(row_products(_sides(sides.structure, more, sides.duals))) == 50


def test_flow_times_its_reduced_cost(sides):
    """Tests that the 10 Mtok of A, priced 5 below what they cost, are a product of 50, and of no row."""
    cheap = replace(sides.duals, demand=np.array([45.0, 20.0]))
    changed = _sides(sides.structure, sides.flows, cheap)
    assert _largest(column_products(changed)) == 50
    assert _largest(row_products(changed)) == 0
    assert given_away(changed, 620.0) == 50


def test_dual_of_no_limit_has_no_product(sides):
    """Tests that a price of capacity where there is no limit leaves nothing to multiply."""
    endless = replace(sides.structure, capacity=np.full((2, 1), np.inf))
    priced = replace(sides.duals, capacity=np.full((2, 1), 5.0))
    assert _largest(row_products(_sides(endless, sides.flows, priced))) == 0


def test_supply_without_a_limit_has_none_left(sides):
    """Tests a price of 51 at X: its endless supply at 50 has no product, and one of 12 has 2 left at 1 each."""
    dear = replace(sides.duals, balance=np.array([[51.0], [20.0]]))
    assert _largest(column_products(_sides(sides.structure, sides.flows, dear))) == 0
    paid = replace(dear, demand=np.array([51.0, 20.0]))
    limited = replace(sides.structure, tier_limit=np.array([[12.0], [np.inf]]))
    assert _largest(column_products(_sides(limited, sides.flows, paid))) == 2


def test_what_is_closed_has_no_product(sides):
    """Tests that X, which takes 10 and serves 10 though its intake is 0, violates that limit and nothing else."""
    dark = replace(sides.structure, intake=np.array([[0.0], [np.inf]]))
    assert _largest(column_products(_sides(dark, sides.flows, sides.duals))) == 0


def test_work_without_traffic_pays_for_no_link(sides):
    """Tests that work passes links of capacity 0, whose price is infinite, if it puts no traffic on them."""
    closed = np.zeros_like(sides.structure.link_capacity)
    shut = replace(sides.structure, link_use=np.zeros(1), link_capacity=closed)
    changed = _sides(shut, sides.flows, sides.duals)
    assert np.isposinf(changed.prices.link).all()
    assert changed.prices.link.size
    assert _largest(column_products(changed)) == 0


def test_work_pays_for_its_traffic_on_links(sides):
    """Tests half a GB a Mtok over links at a rent of 4 a GB: demands at 2 more than without have no product."""
    capacity = np.full_like(sides.structure.link_capacity, 100.0)
    small = replace(sides.structure, link_use=np.array([0.5]), link_capacity=capacity)
    duals = replace(sides.duals, link=np.full_like(sides.duals.link, 4.0), demand=np.array([52.0, 22.0]))
    assert _largest(column_products(_sides(small, sides.flows, duals))) == 0


def test_work_that_waits_arrives_at_its_own_price(sides):
    """Tests that a queue's dual stands for the price of arriving work where there is a window, and only there."""
    queue = replace(sides.duals, queue=np.full((1, 2, 1), 7.0))
    at_once = _sides(sides.structure, sides.flows, queue)
    np.testing.assert_array_equal(arriving_prices(at_once), at_once.prices.service)
    waits = replace(sides.structure, window=np.array([1]))
    np.testing.assert_array_equal(arriving_prices(replace(at_once, structure=waits)), queue.queue)


def test_what_is_sent_pays_for_caps_on_tokens(sides):
    """Tests that a cap on all that is sent, at a rent of 3, raises prices of demands by 3 and leaves no product."""
    structure = replace(
        sides.structure,
        cap_limit=np.array([16.0, np.inf]),
        cap_send=np.ones((2, 1)),
        cap_route=np.ones((2, sides.structure.route_links.shape[0])),
    )
    duals = replace(sides.duals, cap=np.array([3.0, 0.0]), demand=sides.duals.demand + 3.0)
    priced = _sides(structure, sides.flows, duals)
    assert _largest(column_products(priced)) == 0
    assert _largest(row_products(priced)) == 0


def test_demand_that_is_bought_below_its_price_has_a_product(make_instance, sides):
    """Tests that 3 of 4 Mtok, worth 60 USD each, are bought at 85; the last step of a demand has no limit."""
    asked = [("A", 6.0, 80.0), ("A", 4.0, 60.0), ("B", 6.0, 80.0)]
    demand = [{"workload": "w", "hub": hub, "mtok": mtok, "value_usd_per_mtok": usd} for hub, mtok, usd in asked]
    stepped = formulate_offered(make_instance(demand=demand)).structure
    flows = replace(sides.flows, unserved=np.array([1.0, 0.0]))
    products = column_products(_sides(stepped, flows, replace(sides.duals, demand=np.array([85.0, 20.0]))))
    assert products[1].tolist() == [0, 0, 0]
    assert products[2].tolist() == [25 * 3, 0, 0]
    cheaper = _sides(stepped, flows, replace(sides.duals, demand=np.array([50.0, 20.0])))
    assert column_products(cheaper)[2].tolist() == [0, 0, 0]


def test_a_price_above_the_penalty_has_a_product(structure, sides):
    """Tests 2 Mtok unserved at a penalty of 5,000 USD each and a price of 5,005."""
    flows = replace(sides.flows, unserved=np.array([2.0, 0.0]))
    found = column_products(_sides(structure, flows, replace(sides.duals, demand=np.array([5005.0, 20.0]))))
    assert found[1].tolist() == [5 * 2, 0]


@pytest.fixture
def stored():
    """A battery of 4 MW for an hour, charged at 20 USD/MWh and discharged at 100, and its placement."""
    return placer.solve(powered(battery={}))


def test_rows_of_stores_stand_beside_all_others(stored):
    """Tests an idle battery at a rent of 3 USD/MW, and demands of 10 Mtok at 20 and 100 USD, half of them served."""
    flows, duals = stored.answer.flows, stored.answer.duals
    idle = dict.fromkeys(("charged", "discharged", "content"), np.zeros((1, 2)))
    halved = replace(flows, amount=flows.amount / 2, **idle)
    rented = replace(duals, power=np.full((1, 2), 3.0))
    found = row_products(_sides(stored.formulation.structure, halved, rented))
    assert found[0].tolist() == pytest.approx([5 * 20, 5 * 100])
    assert found[-2].tolist() == [[3 * 4, 3 * 4]]


def test_columns_of_stores_stand_beside_all_others(stored):
    """Tests a worth of what is held that is 1 USD/MWh too high, and prices of demands that are 1 too low."""
    flows, duals = stored.answer.flows, stored.answer.duals
    changed = replace(duals, stored=duals.stored + 1, demand=duals.demand - 1)
    found = column_products(_sides(stored.formulation.structure, flows, changed))
    assert found[0].tolist() == pytest.approx([10, 10])
    assert [each.tolist() for each in found[-4:-2]] == [[[pytest.approx(4), 0]], [[0, pytest.approx(4)]]]


def test_rents_of_stores_are_part_of_the_dual_objective(stored):
    """Tests that nothing is given away where the battery earns 4 times 80."""
    sides = _sides(stored.formulation.structure, stored.answer.flows, stored.answer.duals)
    assert stored.settlement["storage_rent"] == pytest.approx(320)
    assert given_away(sides, stored.certificate.bound) == pytest.approx(0, abs=1e-9)
