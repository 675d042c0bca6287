"""The proposals of a search: which are dropped, and gaps as shares of the cost."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.by_blocks.block_answer import PackedFlows, Sparse
from placer.by_blocks.cap_search import Search
from placer.by_blocks.master import Mix, Proposal
from placer.by_blocks.shared_caps_parameters import SharedCapsParameters
from placer.errors import NoSolutionError

NOTHING = Sparse.of(np.zeros(0))
FLOWS = PackedFlows(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), NOTHING, NOTHING, np.zeros((0, 1)))


@pytest.fixture
def search():
    """One block with four proposals, from evaluations 1 to 4, which at price 2 cost 14, 11, 12 and 13."""
    proposals = [
        Proposal(cost, 0.0, np.array([taken]), FLOWS, number)
        for number, (cost, taken) in enumerate([(4.0, 5.0), (5.0, 3.0), (8.0, 2.0), (11.0, 1.0)], start=1)
    ]
    return Search(
        limit=np.array([2.5]),
        size=np.array([5.0]),
        proposals=[proposals],
        known=[[]],
        prices=np.array([2.0]),
        evaluations=4,
    )


def _mix(*weights, cost=10.0, penalty=0.0):
    return Mix(cost, penalty, [np.array(weights)], np.array([2.0]), predicted=cost, is_inside=True)


def _left(search):
    return [each.evaluation for each in search.proposals[0]]


def test_what_the_latest_proposals_take(search):
    """Tests the last of the four."""
    assert search.taken().tolist() == [1.0]


def test_old_proposals_are_dropped_unless_used(search):
    """Tests that those of the last evaluation and those of the mix stay."""
    search.drop_old(_mix(0.5, 0.0, 0.5, 0.0), kept=1)
    assert _left(search) == [1, 3, 4]


def test_dear_proposals_are_dropped_unless_used(search):
    """Tests that the two cheapest at the price of the bound and those of the mix stay."""
    search.drop_dear(_mix(0.0, 0.5, 0.0, 0.5), kept=2)
    assert _left(search) == [2, 3, 4]


def test_gaps_are_shares_of_the_cost_without_penalty(search):
    """Tests a cost of 10 of which 6 are penalty, and one that is all penalty."""
    assert search.share_of(1.0, _mix(1, 0, 0, 0, penalty=6.0)) == pytest.approx(1 / 4)
    assert search.share_of(1.0, _mix(1, 0, 0, 0, penalty=10.0)) == pytest.approx(1 / 1e-3)


def test_a_bound_and_a_proposal_of_every_block(started):
    """Tests evaluations at prices 0 and 1: the bound is the better one, the slope what is taken beyond the limit."""
    evaluation, search, whole = started(1, 0.8)
    assert search.bound < whole
    first, second = search.taken()[0], evaluation.at(search, np.array([1.0]))
    assert search.bound == max(search.bound, second)
    assert [len(those) for those in search.proposals] == [2, 2]
    assert search.slopes == [(0.0, first - search.limit[0]), (1.0, search.taken()[0] - search.limit[0])]
    assert search.taken()[0] <= first


def test_too_few_evaluations_are_said(started):
    """Tests the reason where another evaluation is asked for than is allowed."""
    evaluation, search, _ = started(2, 0.8, SharedCapsParameters(most_evaluations=1))
    with pytest.raises(NoSolutionError) as error:
        evaluation.at(search, np.array([1.0]))
    assert error.value.reason is placer.Reason.ITERATION_LIMIT


def test_figures_of_caps_that_blocks_share(started):
    """Tests where the single shared cap stands among the two that blocks have."""
    evaluation, _, _ = started(1, 0.8)
    assert evaluation.of_caps(np.array([3.0]), 0.0).tolist() == [3.0, 0.0]
