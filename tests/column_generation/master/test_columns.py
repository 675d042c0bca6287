"""Tests of the columns of the restricted master as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import Near, near
from placer.column_generation.master.columns import ColumnMaker, supply_columns
from placer.column_generation.master.rows import lay_rows

#: A class that is served at once and one that may wait a period, both at both origins in both periods. Capacity is
#: short everywhere, and so is the link on the way from the first origin to the first site.
GIVEN = {
    "demand_class": [0, 0, 0, 0, 1, 1, 1, 1],
    "demand_origin": [0, 1, 0, 1, 0, 1, 0, 1],
    "demand_period": [0, 0, 1, 1, 0, 0, 1, 1],
    "demand_amount": np.full(8, 5.0),
    "unserved_cost": [1000.0, 500.0],
    "window": [0, 1],
    "cyclic": True,
    "arc_class": [0, 0, 0, 0, 1, 1, 1, 1],
    "arc_origin": [0, 0, 1, 1, 0, 0, 1, 1],
    "arc_site": [0, 1, 0, 1, 0, 1, 0, 1],
    "arc_cost": [1.0, 3.0, 3.0, 1.0, 2.0, 6.0, 6.0, 2.0],
    "work_cost": [[7.0, 8.0], [10.0, 20.0]],
    "use": [[1.0, 1.0], [4.0, 4.0]],
    "draw": [[1.0, 1.0], [0.5, 0.5]],
    "capacity": np.full((2, 2), 3.0),
    "link_use": [2.0, 0.0],
    "link_capacity": [4.0],
    "route_links": [[1.0], [0.0], [0.0], [0.0]],
    "cap_work": np.zeros((0, 2, 2)),
}


@pytest.fixture
def laid(make_structure):
    """Return market, rows and a maker with work served at once, save at the second site in the first period."""
    structure = make_structure(**GIVEN)
    whole = market(structure)
    rows = lay_rows(structure, whole)
    delays = [np.zeros((2, 2), int), np.array([[0, 1], [0, 0]])]
    return whole, rows, ColumnMaker(whole, rows, delays)


def _near(*columns):
    """Return columns given as (group, t, s, h, delay)."""
    number, t, s, h, delay = np.array(columns, int).reshape(-1, 5).T
    return Near(number, t, s, h, delay, np.zeros(len(t)))


def _dense(rows, taken):
    """Return what columns take of capacity (columns, t, s), of the link (columns, t) and of queues, unscaled."""
    whole = taken.toarray()
    shared = whole[:, : rows.count] * rows.scale
    return shared[:, rows.capacity], shared[:, rows.link[:, 0]], whole[:, rows.count :]


def test_assignment_at_once(laid):
    """Tests cost 1 + 7 + 50, one of capacity where and when it arrives, two of the link, and no queue."""
    _, rows, maker = laid
    cost, taken = maker.make(_near((0, 1, 0, 0, 0)))
    capacity, link, queue = _dense(rows, taken)
    assert cost.tolist() == [58.0]
    assert capacity[0].tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert link[0].tolist() == [0.0, 2.0]
    assert not queue.any()


def test_assignment_that_waits_is_served_at_its_usual_delay(laid):
    """Tests cost 2 + 20 + 10, four of capacity a period later, nothing of the link, and one in its queue."""
    _, rows, maker = laid
    cost, taken = maker.make(_near((1, 0, 1, 1, 0)))
    capacity, link, queue = _dense(rows, taken)
    assert cost.tolist() == [32.0]
    assert capacity[0].tolist() == [[0.0, 0.0], [0.0, 4.0]]
    assert not link.any()
    assert queue[0].tolist() == [0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0]


def test_delay_moves_work(laid):
    """Tests that a delay costs nothing where both periods cost the same, takes capacity then, and gives it back now."""
    _, rows, maker = laid
    near_ = _near((1, 0, 1, -1, 0), (1, 1, 0, -1, 1))
    cost, taken = maker.make(near_)
    capacity, _, queue = _dense(rows, taken)
    assert cost.tolist() == [0.0, 0.0]
    assert capacity.tolist() == [[[0.0, 4.0], [0.0, -4.0]], [[4.0, 0.0], [-4.0, 0.0]]]
    assert queue.sum(axis=1).tolist() == [1.0, 1.0]
    assert queue.argmax(axis=1).tolist() == maker.queue(near_).tolist() == [5, 6]


def test_unserved_demand_takes_nothing(laid):
    """Tests that it costs the penalty of its class."""
    _, _, maker = laid
    cost, taken = maker.make(_near((0, 0, -1, 0, 0), (1, 0, -1, 0, 0)))
    assert cost.tolist() == [1000.0, 500.0]
    assert not taken.toarray().any()


def test_rows_of_demands(laid):
    """Tests that demands are numbered group by group, period by period, and delays have none."""
    _, _, maker = laid
    columns = _near((0, 0, 0, 0, 0), (0, 1, 0, 1, 0), (1, 0, 1, 0, 0), (1, 1, -1, 1, 0), (1, 0, 0, -1, 1))
    assert maker.demand(columns).tolist() == [0, 3, 4, 7, -1]


def test_rows_of_queues(laid):
    """Tests that only what waits at a site has a queue."""
    _, _, maker = laid
    columns = _near((0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (1, 1, 1, 0, 0), (1, 1, -1, 0, 0), (1, 1, 1, -1, 1))
    assert maker.queue(columns).tolist() == [-1, 4, 7, -1, 7]


def test_useless_delays_are_dropped(laid):
    """Tests that a delay to where work is served anyway is no column."""
    _, _, maker = laid
    kept = maker.useful(_near((1, 0, 1, -1, 1), (1, 0, 1, -1, 0), (1, 0, 0, -1, 0), (0, 0, 0, 0, 0)))
    assert (kept.s.tolist(), kept.delay.tolist(), kept.h.tolist()) == ([1, 0], [0, 0], [-1, 0])


@pytest.mark.parametrize("cyclic", [True, False])
def test_no_two_columns_have_one_identity(make_random_structure, cyclic):
    """Tests that the identities of all columns of random structures differ."""
    for seed in range(15):
        structure = make_random_structure(seed, cyclic=cyclic)
        whole = market(structure)
        maker = ColumnMaker(
            whole, lay_rows(structure, whole), [np.zeros((whole.periods, whole.sites), int)] * len(whole.groups)
        )
        _, every = near(whole, np.zeros(whole.price_shape), 1e9)
        assert len(np.unique(maker.identity(every))) == len(every)


def test_columns_of_tiers(make_structure):
    """Tests cost, bound and entries of two tiers behind one supply, at a price of 60 for it and a draw of 2 for scale.

    A unit of a column is 2 units drawn, so that its coefficient in the supply row, divided by 2, is -1. At 60 a unit of
    the tier of 50 earns 10 and one of the tier of 80 loses 20.
    """
    structure = make_structure(
        draw=[[2.0, 2.0]],
        tier_site=[0, 0, 1],
        tier_yield=[1.0, 1.0, 1.0],
        tier_cost=[[50.0, 50.0], [80.0, 80.0], [20.0, 20.0]],
        tier_limit=[[5.0, 5.0], [9.0, 9.0], [np.inf, np.inf]],
        cap_tier=np.zeros((0, 3, 2)),
    )
    rows = lay_rows(structure, market(structure))
    prices = np.full(rows.count, 60.0) * rows.scale
    tiers = supply_columns(rows, prices)
    assert tiers.scale.tolist() == [2.0] * 4
    assert tiers.amount.tolist() == [2.5, 2.5, 4.5, 4.5]
    assert tiers.takes.toarray()[np.arange(4), rows.tier_row].tolist() == [-1.0] * 4
    assert tiers.reduced_cost.tolist() == [-20.0, -20.0, 40.0, 40.0]
