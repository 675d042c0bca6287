"""Tests of the restricted master."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import near
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.contents import first_contents
from placer.column_generation.master.prices import market_prices, row_prices
from placer.column_generation.master.program import Master
from placer.column_generation.master.rows import lay_rows
from placer.column_generation.parameters import DEFAULTS, MasterParameters
from placer.errors import NoSolutionError
from placer.termination import Reason

EVERYTHING = 1e9
#: The cheap site has room for 12, then 3, of 16 and 6 units; serving at the dear one costs 28 more to the first origin
#: and 32 to the second.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}


@pytest.fixture
def make_master():
    """Return a function from a structure, prices to start from and a margin to its market, its master and all columns.

    Prices are of the market; none stands for zeros. No more than ``most`` columns are taken at a time.
    """

    def make(structure, prices=None, margin=EVERYTHING, most=1_000_000, parameters=DEFAULTS.master):
        whole = market(structure)
        rows = lay_rows(structure, whole, parameters)
        prices = np.zeros(whole.price_shape) if prices is None else prices
        priced, first = near(whole, prices, margin)
        of_rows = row_prices(rows, whole, prices, np.zeros(len(structure.cap_limit)))
        maker = ColumnMaker(whole, rows, [part.best_delay for part in priced])
        master = Master(maker, first_contents(maker, of_rows, first, most))
        return whole, master, near(whole, prices, EVERYTHING)[1]

    return make


def test_optimum_by_hand(make_structure, make_master):
    """Tests 12 of 16 units at the cheap site, then 3 of 6: 10 x 51 and 6 x 21 less 2 x 28, in all 22 units."""
    _, master, _ = make_master(make_structure(**SCARCE))
    point = master.run()
    # First period: 6 at 21, 6 at 23, 4 at 51. Second: 2 at 21, 1 at 23, 3 at 51.
    assert point.objective == pytest.approx(6 * 21 + 6 * 23 + 4 * 51 + 2 * 21 + 1 * 23 + 3 * 51)
    assert point.row_prices == pytest.approx([28.0, 28.0])
    assert point.shortfall == 0.0
    served = point.columns.s >= 0
    assert point.amount[served].sum() == pytest.approx(22.0)


@pytest.mark.slow
@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("capped", [False, True])
def test_optimum_over_all_columns_is_that_of_the_whole_program(
    make_random_structure, make_master, some_prices, solve_whole, cyclic, capped
):
    """Tests the cost against HiGHS on structures with every kind of row, from zero prices and from random ones."""
    for seed in range(20):
        structure = make_random_structure(seed, cyclic=cyclic, capped=capped, zeros=bool(seed % 2))
        _, least = solve_whole(structure)
        for prices in (None, some_prices(market(structure), seed)):
            _, master, _ = make_master(structure, prices)
            point = master.run()
            assert point.objective == pytest.approx(least, rel=1e-7, abs=1e-6)
            assert point.shortfall <= 1e-9


@pytest.mark.slow
def test_no_more_columns_are_taken_than_may_be_unless_they_improve(make_random_structure, make_master, solve_whole):
    """Tests that from one column beside the keys the rounds of those that improve end at the least cost."""
    for seed in range(10):
        structure = make_random_structure(seed, cyclic=True)
        _, least = solve_whole(structure)
        whole, master, _ = make_master(structure, margin=0.0, most=1)
        rows, added = lay_rows(structure, whole), 1
        while added:
            point = master.run()
            added = master.add(near(whole, market_prices(rows, whole, point.row_prices), EVERYTHING)[1], 0)
        assert point.shortfall > 1e-9 or point.objective == pytest.approx(least, rel=1e-7, abs=1e-6)


def test_more_than_may_be_taken_are_not_unless_they_improve(make_structure, make_master):
    """Tests that columns at the starting prices, where keys are cheapest, are taken if they are few, and else not."""
    _, master, every = make_master(make_structure(**SCARCE), margin=0.0, most=0)
    assert master.add(every, 0) == 0
    assert master.add(every, len(every)) > 0


@pytest.mark.slow
def test_columns_added_later_count_as_much(make_random_structure, make_master, some_prices, solve_whole):
    """Tests that a program that starts with the columns of least price and is given all ends at the same cost."""
    for seed in range(20):
        structure = make_random_structure(seed, cyclic=bool(seed % 2))
        _, least = solve_whole(structure)
        _, master, every = make_master(structure, some_prices(market(structure), seed), margin=0.0)
        before = master.run()
        assert before.objective >= least - 1e-6 or before.shortfall > 0
        added = master.add(every, len(every))
        assert master.add(every, len(every)) == 0
        after = master.run()
        assert after.objective == pytest.approx(least, rel=1e-7, abs=1e-6)
        assert after.objective <= before.objective + 1e-6
        assert len(after.columns) == len(before.columns) + added


def test_every_demand_is_met(make_random_structure, make_master):
    """Tests that the amounts of a demand's columns sum to it."""
    for seed in range(10):
        whole, master, _ = make_master(make_random_structure(seed))
        point = master.run()
        for number, group in enumerate(whole.groups):
            mine = (point.columns.number == number) & (point.columns.h >= 0)
            met = np.zeros_like(group.amount)
            np.add.at(met, (point.columns.t[mine], point.columns.h[mine]), point.amount[mine])
            assert met == pytest.approx(group.amount, abs=1e-7)
        assert (point.amount >= 0).all()


def test_start_at_the_optimum_takes_no_iteration(make_structure, make_master):
    """Tests that from prices of 28 the first basis is nearly the last."""
    structure = make_structure(**SCARCE)
    prices = np.array([[0.0, 28.0], [0.0, 28.0]])
    _, master, _ = make_master(structure, prices)
    assert master.run().objective == pytest.approx(6 * 21 + 6 * 23 + 4 * 51 + 2 * 21 + 1 * 23 + 3 * 51)
    _, cold, _ = make_master(structure)
    cold.run()
    assert master.lp.iterations <= cold.lp.iterations


def test_price_of_a_shortfall_can_be_raised(make_structure, make_master):
    """Tests that at too low a price of shortfall something is short, and nothing at a thousand times that price."""
    structure = make_structure(**SCARCE)
    _, master, _ = make_master(structure, parameters=MasterParameters(shortfall_price_margin=1e-2))
    first = master.run()
    assert first.shortfall > 0
    master.raise_shortfall_prices(1000.0)
    last = master.run()
    assert last.shortfall == 0.0
    assert last.objective > first.objective


def test_time_limit(make_random_structure, make_master):
    """Tests that no time is an error that says so."""
    _, master, _ = make_master(make_random_structure(1))
    with pytest.raises(NoSolutionError) as caught:
        master.run(0.0)
    assert caught.value.reason is Reason.TIME_LIMIT


def test_penalty_by_hand(make_structure, make_master):
    """Tests that where the sites have room for 8 of 16 and 3 of 6 units the other 11 pay 1,000 each."""
    _, master, _ = make_master(make_structure(capacity=[[4.0, 0.0], [4.0, 3.0]]))
    point = master.run()
    assert point.penalty == pytest.approx(11_000.0)
    assert point.objective > point.penalty


def test_nothing_scarce(make_structure, make_master):
    """Tests that without shared rows every demand takes its cheapest column: 16 and 6 units at 21 and 23."""
    _, master, _ = make_master(make_structure())
    point = master.run()
    assert point.objective == pytest.approx(14 * 23 + 8 * 21)
    assert len(point.row_prices) == 0
