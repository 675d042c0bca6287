"""Tests of the keys: which columns they are, and what is left of the others without them."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import near
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.keys import choose_keys, master_scale, reduce_columns
from placer.column_generation.master.rows import lay_rows

#: The cheap site has room for 12 of 16 units, then for 3 of 6. A unit of the first origin costs 51 at the dear site and
#: 23 at the cheap one, one of the second 53 and 21.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}


@pytest.fixture
def make_keys(make_structure):
    """Return a function from the price of the scarce room to the maker, all columns, the prices, keys and others."""

    def make(price):
        structure = make_structure(**SCARCE)
        whole = market(structure)
        rows = lay_rows(structure, whole)
        priced, every = near(whole, np.zeros(whole.price_shape), 1e9)
        maker = ColumnMaker(whole, rows, [part.best_delay for part in priced])
        prices = np.full(rows.count, price) * rows.scale
        return maker, every, prices, *choose_keys(maker, every, prices)

    return make


@pytest.mark.parametrize(("price", "sites", "reduced"), [(0.0, [1] * 4, [23, 21] * 2), (30.0, [0, 1] * 2, [51] * 4)])
def test_key_is_the_column_of_lowest_reduced_cost(make_keys, price, sites, reduced):
    """Tests that all go to the cheap site while its room is free, and the first origin leaves it at a price of 30."""
    _, every, _, keys, others = make_keys(price)
    assert keys.demand.tolist() == [0, 1, 2, 3]
    assert keys.columns.s.tolist() == sites
    assert keys.reduced_cost.tolist() == reduced
    assert keys.amount.tolist() == [10.0, 6.0, 4.0, 2.0]
    assert len(keys.columns) + len(others) == len(every)


def test_others_cost_no_less_than_their_key(make_keys):
    """Tests that what a column costs beyond its key is 28 or 32 at the other site, and the rest of the penalty."""
    maker, _, prices, keys, others = make_keys(0.0)
    reduced = reduce_columns(maker, keys, others, prices)
    by_demand = {demand: [] for demand in range(4)}
    for demand, cost in zip(reduced.demand.tolist(), reduced.reduced_cost.tolist(), strict=True):
        by_demand[demand].append(cost)
    assert {demand: sorted(costs) for demand, costs in by_demand.items()} == {
        0: [28.0, 977.0],
        1: [32.0, 979.0],
        2: [28.0, 977.0],
        3: [32.0, 979.0],
    }


def test_others_give_back_what_their_key_takes(make_keys):
    """Tests that a unit at the dear site, or left, gives back one of the cheap site's room in its period."""
    maker, _, prices, keys, others = make_keys(0.0)
    reduced = reduce_columns(maker, keys, others, prices)
    takes = reduced.takes.toarray()[:, : maker.rows.count]
    assert takes.shape == (8, 2)
    assert takes.tolist() == [[-1.0, 0.0] if t == 0 else [0.0, -1.0] for t in others.t.tolist()]


def test_room_that_keys_leave(make_keys):
    """Tests that 16 and 6 units in room for 12 and 3 leave -4 and -3."""
    maker, _, _, keys, _ = make_keys(0.0)
    limit = np.concatenate([maker.rows.limit / maker.rows.scale, np.zeros(maker.queues)])
    assert keys.room(limit)[: maker.rows.count].tolist() == [-4.0, -3.0]


def test_demand_without_column_has_no_key(make_keys):
    """Tests that of columns of the first period alone only its two demands have keys."""
    maker, every, prices, _, _ = make_keys(0.0)
    keys, _ = choose_keys(maker, every.take(every.t == 0), prices)
    assert keys.demand.tolist() == [0, 1]
    assert keys.of_demand.tolist() == [0, 1, -1, -1]


def test_scale_by_hand(make_keys):
    """Tests the median of 10, 6, 4 and 2 units, and of reduced costs of 23, 21, 23 and 21."""
    maker, _, _, keys, _ = make_keys(0.0)
    scale = master_scale(maker.amount, keys)
    assert (scale.amount, scale.cost) == (5.0, 22.0)


def test_scale_of_costs_that_are_all_zero(make_keys):
    """Tests that where every key costs nothing the unit of costs is 1."""
    maker, every, _, _, _ = make_keys(0.0)
    free = every.take((every.s == 1) & (every.h == 0))
    keys, _ = choose_keys(maker, free, np.full(maker.rows.count, -23.0) * maker.rows.scale)
    assert keys.reduced_cost.tolist() == [0.0, 0.0]
    assert master_scale(maker.amount, keys).cost == 1.0
