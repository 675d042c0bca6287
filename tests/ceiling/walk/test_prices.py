"""Prices in levels: what comes first, what ties, and what weights would have to be."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.entering import entering
from placer.ceiling.walk.prices import SweepPrices, dual_feasible
from placer.model.formulation import formulate

TIE = 1e-10


@pytest.fixture
def block(make_instance):
    """Return the block of hub A alone, which may go to X or to Y, each of 8 of its 10 Mtok."""
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 8.0},
        {"data_centre": "Y", "region": "west", "accelerators": 8.0},
    ]
    demand = [{"workload": "w", "hub": "A", "mtok": 10.0}]
    formulation = formulate(make_instance(data_centres=centres, demand=demand))
    counted = np.ones((1, 1, 1)) * formulation.exported
    (found,) = split(formulation.structure, entering(formulation, "rtt"), counted)
    return found


def prices(block, *levels):
    """Return prices by level, each the price of X and of Y and what a unit counts at X and at Y."""
    rows, worths = zip(*levels, strict=True)
    by_site = np.argsort(block.way)
    worth = [np.empty(2) for _ in worths]
    for one, given in zip(worth, worths, strict=True):
        one[by_site] = given
    return SweepPrices(block, [np.array(row, dtype=float) for row in rows], worth, TIE)


def arcs_of(block, found):
    """Return the sites of some arcs."""
    return sorted(block.way[found].tolist())


def test_the_first_level_decides(block):
    """Tests that X gains more at the first level, however much more Y gains at the second."""
    found = prices(block, ([0, 0.5], [1, 1]), ([0, 0], [0, 1e6]))
    x, y = np.argsort(block.way)
    found.raise_to(y, 0)
    assert [have[0] for have in found.have] == pytest.approx([0.5, 1e6])
    assert found.more_by(x, 0) > TIE
    found.raise_to(x, 0)
    assert [have[0] for have in found.have] == pytest.approx([1.0, 0.0])
    assert found.more_by(y, 0) < -TIE


def test_ties_are_decided_by_the_next(block):
    """Tests that where gains differ by less than a tie the second level decides."""
    found = prices(block, ([0, 0], [1, 1 + TIE / 2]), ([0, 0], [3, 2]))
    x, y = np.argsort(block.way)
    found.raise_to(y, 0)
    scratch = np.empty((2, 2))
    assert arcs_of(block, found.gaining(0, 2, TIE, scratch)) == [0]
    found.raise_to(x, 0)
    assert len(found.gaining(0, 2, TIE, scratch)) == 0
    assert found.bounds[1] == pytest.approx(3 * block.demand[0])


def test_a_price_below_zero_of_a_full_row(block):
    """Tests that a row with a price at the first level may have one below 0 at the second, and other rows may not."""
    first, second = dual_feasible([np.array([0.5, 0.0]), np.array([-1.0, -1.0])])
    assert first.tolist() == [0.5, 0.0]
    assert second.tolist() == [-1.0, 0.0]
    assert dual_feasible([np.array([-0.5, 1e-14])])[0].tolist() == [0.0, 0.0]


def test_weights_by_hand(block):
    """Tests what the first level must count for a sum to prove as much.

    With X at (1, 0) and Y at (0.75, 5), Y would gain more in a sum that counts the first by less than 5 / 0.25 = 20.
    """
    found = prices(block, ([0, 0], [1, 0.75]), ([0, 0], [0, 5]))
    found.raise_to(int(np.argsort(block.way)[0]), 0)
    assert found.weights() == pytest.approx((20.0, 0.0))


def test_weights_of_three_levels_by_hand(block):
    """Tests three levels: Y gains as much as X at the first, 0.5 less at the second, 4 more at the third, so 8."""
    found = prices(block, ([0, 0], [1, 1]), ([0, 0], [0, -0.5]), ([0, 0], [0, 4]))
    found.raise_to(int(np.argsort(block.way)[0]), 0)
    ahead, behind = found.weights()
    assert behind == pytest.approx(8.0)
    assert ahead == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_all_raised_at_once_as_in_turn(make_instance, seed):
    """Tests that one arc of each of eight nodes raises values and bounds as arc by arc, by three levels with ties."""
    random = np.random.default_rng(seed)
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0 + hour} for hour in range(8)]
    formulation = formulate(make_instance(demand=demand))
    (block,) = split(formulation.structure, entering(formulation, "rtt"), np.ones((1, 1, 1)) * formulation.exported)
    worth = [random.choice([-1.0, 0.0, TIE / 2, 1.0], len(block.node)) for _ in range(3)]
    none = [np.zeros(len(block.upper))] * 3
    at_once, in_turn = SweepPrices(block, none, worth, TIE), SweepPrices(block, none, worth, TIE)
    for _ in range(2):
        arcs = np.array([random.choice(np.flatnonzero(block.node == node)) for node in range(len(block.demand))])
        at_once.raise_all(arcs)
        for arc in arcs.tolist():
            in_turn.raise_to(arc, int(block.node[arc]))
        assert np.array_equal(at_once.have, in_turn.have)
        assert at_once.bounds == in_turn.bounds
