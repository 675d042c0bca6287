"""The proposals of blocks by hand: their cuts, mixes, and those that are dropped."""

from __future__ import annotations

import numpy as np
import pytest

from placer.by_blocks.block_answer import PackedFlows
from placer.by_blocks.proposals import Proposal, Proposals, flows_of
from placer.decomposition.bound import Multiplied
from placer.model.answer import Flows


def _flows(*amount):
    some = np.arange(len(amount))
    return PackedFlows.of(Flows(some, some, np.array(amount), np.zeros(3), np.zeros(0), np.ones((1, 1))))


def _proposal(cost, taken, flows=None):
    return Proposal(cost, 0.0, np.array([taken]), _flows(1.0) if flows is None else flows)


@pytest.fixture
def pool():
    """One block with four proposals, which at price 2 (z = 10) cost 14, 11, 12 and 13, and one with a single one."""
    pool = Proposals([_proposal(4.0, 5.0), _proposal(1.0, 1.0)], size=np.array([5.0]))
    pool.add_together([(_proposal(cost, taken), 0) for cost, taken in [(5.0, 3.0), (8.0, 2.0), (11.0, 1.0)]])
    return pool


def test_a_proposal_is_a_cut_of_its_block(pool):
    """Tests the negative cost at price 2, what is taken of the size, and the first proposals in the master."""
    values = pool.values(np.array([10.0]))
    assert values[:, 0].tolist() == [-14.0, -11.0, -12.0, -13.0]
    assert values[:, 1].tolist() == [-3.0, -np.inf, -np.inf, -np.inf]
    constants, slopes = pool.rows(np.array([1, 0]), np.array([0, 1]))
    assert (constants.tolist(), slopes.tolist()) == ([-5.0, -1.0], [[0.6], [0.2]])
    assert pool.always == {(0, 0), (0, 1)}
    assert pool.values(np.array([10.0]), 4).shape == (0, 2)


def test_the_least_of_the_highest_cuts(pool):
    """Tests 0 <= z <= 10: the cut of cost 5 is at least -11; what is given off raises a cut with the price."""
    assert pool.least(np.array([10.0])).tolist() == [-11.0, -3.0]
    pool.add_together([(_proposal(6.0, -5.0), 1)])
    assert pool.least_between(np.array([4.0]), np.array([10.0])).tolist() == [-11.0, -2.0]


def test_a_proposal_is_held_once(pool):
    """Tests a proposal that is added twice."""
    again = pool.held[0][2]
    pool.add_together([(again, 0)])
    assert pool.count == 4
    assert sum(each is again for each in pool.held[0]) == 1


def test_dear_proposals_are_dropped_unless_used(pool):
    """Tests that the first, the cheapest and one in use stay, and that the next proposal takes a free place."""
    pool.drop_dear(np.array([10.0]), set(), kept=4)
    pool.drop_dear(np.array([10.0]), {(3, 0)}, kept=1)
    assert [each is None for each in pool.held[0]] == [False, False, True, False]
    assert pool.values(np.array([10.0]))[2, 0] == -np.inf
    pool.add_together([(_proposal(7.0, 0.0), 0)])
    assert pool.count == 4
    assert pool.values(np.array([10.0]))[2, 0] == -7.0


def test_proposals_stay_until_a_master_had_them(pool):
    """Tests that the first call after a proposal keeps it, and the next call drops it."""
    for dropped in ([], [2, 3]):
        pool.drop_dear(np.array([10.0]), set(), kept=1)
        assert [number for number, each in enumerate(pool.held[0]) if each is None] == dropped


def test_few_proposals_are_all_kept(pool):
    """Tests as many as are kept."""
    pool.drop_dear(np.array([10.0]), set(), kept=4)
    assert None not in pool.held[0]


def test_multipliers_mix_proposals(pool):
    """Tests weights in proportion to multipliers, which sum to 1 in each block, and flows in these parts."""
    none = np.zeros(0)
    multiplied = Multiplied(np.array([1, 2, 0]), np.array([0, 0, 1]), np.array([0.6, 1.8, 0.5]), none, none)
    first, second = pool.mix_of(multiplied)
    assert first == [(pytest.approx(0.25), pool.held[0][1]), (pytest.approx(0.75), pool.held[0][2])]
    assert second == [(1.0, pool.held[1][0])]
    assert flows_of(second) is pool.held[1][0].flows
    mixed = flows_of([(0.25, _proposal(1.0, 0.0, _flows(4.0))), (0.75, _proposal(1.0, 0.0, _flows(0.0, 8.0)))])
    assert mixed.flows.amount.tolist() == [1.0, 6.0]
