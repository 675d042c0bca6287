"""The master by hand: two blocks, one cap, and the box that its price must lie in."""

from __future__ import annotations

import numpy as np
import pytest

from placer.by_blocks.block_answer import PackedFlows, Sparse
from placer.by_blocks.master import Proposal, best_mix

NOTHING = Sparse.of(np.zeros(0))
FLOWS = PackedFlows(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), NOTHING, NOTHING, np.zeros((0, 1)))


def _proposals(*pairs):
    return [Proposal(cost, 0.5, np.array([taken]), FLOWS, 1) for cost, taken in pairs]


#: A kilogram less costs 2 in the first block and 3 in the second: 10 and 20 kilograms at no price.
BLOCKS = [_proposals((100.0, 10.0), (110.0, 5.0)), _proposals((200.0, 20.0), (230.0, 10.0))]


def _mix(limit, low=0.0, high=100.0, about=2.5):
    return best_mix(BLOCKS, np.array([limit]), np.array([30.0]), (np.array([low]), np.array([high])), np.array([about]))


@pytest.mark.parametrize(
    ("limit", "cost", "price", "weights"),
    [(28.0, 304.0, 2.0, [0.6, 0.4, 1, 0]), (20.0, 325.0, 3.0, [0, 1, 0.5, 0.5]), (31.0, 300.0, 0.0, [1, 0, 1, 0])],
)
def test_the_cheapest_block_gives_way_first(limit, cost, price, weights):
    """Tests cost, price and weights where the first block, then the second gives way, and where none must."""
    mix = _mix(limit)
    assert mix.cost == pytest.approx(cost, rel=1e-6)
    assert mix.penalty == pytest.approx(1.0)
    assert mix.prices == pytest.approx([price], rel=1e-6)
    assert np.concatenate(mix.weights) == pytest.approx(weights, abs=1e-6)
    assert mix.is_inside


def test_prices_stay_in_their_box():
    """Tests a box below and one above the price of the cap."""
    below, above = _mix(28.0, high=1.0, about=0.5), _mix(28.0, low=2.5, high=5.0)
    assert below.prices == pytest.approx([1.0])
    assert above.prices == pytest.approx([2.5])
    assert not below.is_inside
    assert not above.is_inside


def test_a_limit_that_no_mix_keeps_is_dear():
    """Tests that the price of a limit out of reach stands at the top of the box."""
    mix = _mix(1.0)
    assert mix.prices == pytest.approx([100.0])
    assert not mix.is_inside


def test_prices_may_be_of_any_size_where_all_proposals_cost_the_same():
    """Tests a limit of 20 out of reach of the only proposals, in a box up to 1e21 USD: the price stands at its top."""
    only = [those[:1] for those in BLOCKS]
    box = (np.array([0.0]), np.array([1e21]))
    mix = best_mix(only, np.array([20.0]), np.array([30.0]), box, np.array([2.5]))
    assert mix.prices == pytest.approx([1e21])
    assert not mix.is_inside
