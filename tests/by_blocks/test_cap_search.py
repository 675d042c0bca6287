"""The prices of caps that two blocks share, against the whole program by HiGHS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.cap_search import gap_of_mix, search_prices
from placer.by_blocks.shared_caps_parameters import DEFAULT
from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError

#: One cap, and two.
PARTS = pytest.mark.parametrize("parts", [[0.7], [0.8, 0.7]], ids=["one", "two"])


@pytest.mark.slow
@PARTS
@pytest.mark.parametrize("seed", range(4))
def test_a_mix_costs_what_the_whole_costs(started, seed, parts):
    """Tests cost and use of the mix, and that the best prices prove its cost."""
    search, whole = started(seed, parts)
    search_prices(search, 1e-7)
    mixes = search.model.pool.mix_of(search.multiplied)
    assert [sum(part for part, _ in mix) for mix in mixes] == pytest.approx([1.0, 1.0])
    taken = sum(part * each.taken / search.evaluator.size for mix in mixes for part, each in mix)
    assert sum(part * each.cost for mix in mixes for part, each in mix) == pytest.approx(whole, rel=1e-6)
    assert (taken <= search.problem.cost * (1 + 1e-9)).all()
    assert -search.total(search.best) == pytest.approx(whole, rel=1e-6)


@pytest.mark.slow
@PARTS
def test_bounds_stand_on_either_side_of_the_cost(started, parts):
    """Tests every round: no prices prove more than the cost, no mix that keeps the caps costs less."""
    search, whole = started(1, parts)
    for _ in range(8):
        search.raise_bound()
        assert -search.total(search.best) <= whole * (1 + 1e-9)
        assert -search.bound.amount >= whole * (1 - 1e-8)
        search.step(1e-9)


@pytest.mark.slow
@PARTS
@pytest.mark.parametrize("first", [1e-6, 1.0])
def test_first_prices_may_be_far(started, parts, first):
    """Tests prices that are far too low or too high at first."""
    search, whole = started(2, parts, first=first)
    search_prices(search, 1e-7)
    assert -search.bound.amount == pytest.approx(whole, rel=1e-6)


@pytest.mark.slow
def test_few_proposals_of_a_block_stay(started, monkeypatch):
    """Tests the cost if a block keeps one proposal beside those of the mix and of the master."""
    monkeypatch.setattr("placer.by_blocks.cap_search._KEPT", 1)
    search, whole = started(0, [0.8, 0.7])
    search_prices(search, 1e-7)
    assert -search.bound.amount == pytest.approx(whole, rel=1e-6)


@pytest.mark.slow
@PARTS
def test_limits_that_nothing_keeps(started, parts, monkeypatch):
    """Tests caps below nothing: prices rise until they are the dearest."""
    monkeypatch.setattr("placer.by_blocks.cap_search._DEAREST", 1e3)
    search, _ = started(2, parts)
    search.problem = replace(search.problem, cost=-search.problem.cost)
    with pytest.raises(NoSolutionError) as error:
        search_prices(search, 1e-7)
    assert error.value.reason is placer.Reason.INFEASIBLE


def test_too_few_rounds_are_said(started, monkeypatch):
    """Tests the reason if the gap is open after the most rounds."""
    search, _ = started(2, [0.8, 0.7])
    monkeypatch.setattr("placer.by_blocks.cap_search._MOST_PRICES", 0)
    with pytest.raises(NoSolutionError) as error:
        search_prices(search, 1e-12)
    assert error.value.reason is placer.Reason.ITERATION_LIMIT


@pytest.mark.slow
def test_the_rounds_may_end_at_a_gap_that_the_certificate_allows(started, monkeypatch):
    """Tests that a search whose rounds end above its own gap is no error once its mix can be proven."""
    search, whole = started(2, [0.8, 0.7])
    search_prices(search, WIDEST_GAP)
    monkeypatch.setattr("placer.by_blocks.cap_search._MOST_PRICES", 0)
    search_prices(search, -1.0)  # a gap that no round reaches
    assert -search.bound.amount == pytest.approx(whole, rel=WIDEST_GAP)


@pytest.mark.slow
def test_a_gap_that_other_prices_hardly_close_is_left(started):
    """Tests that no other prices are tried once the gap is one that the certificate allows, and promises are small."""
    search, _ = started(1, [0.8, 0.7], replace(DEFAULT, part_of_gap=np.inf))
    search_prices(search, 1e-6)
    tried = search.evaluator.evaluations
    assert gap_of_mix(search) <= 1e-6
    search.step(1e-12)
    assert search.is_over
    assert gap_of_mix(search) == 0.0
    assert search.evaluator.evaluations == tried


def test_a_point_rejected_with_blocks_unanswered_costs_infinitely_much(started):
    """Tests prices that cannot gain as much as is promised, after one of two blocks, and all blocks at once."""
    search, _ = started(1, [0.8, 0.7])
    solved = search.evaluator.solves.sum()
    assert search.judge(2 * search.centre.z, 1e3 * search.problem.whole) == np.inf
    assert search.evaluator.solves.sum() == solved + 1
    assert np.isfinite(search.judge(3 * search.centre.z, -1e3 * search.problem.whole))
    assert search.evaluator.solves.sum() == solved + 3


def test_the_region_shrinks_if_its_point_is_rejected(started):
    """Tests a region so wide that one of two blocks shows that prices there cost more, while no mix keeps the caps."""
    search, _ = started(0, [0.8, 0.7], first=0.5)
    search.raise_bound()
    search.radius = 1e4
    search.step(1e-7)
    assert search.bound.amount == -np.inf
    assert search.radius < 1e4


def test_gaps_are_shares_of_the_cost_without_penalty(started):
    """Tests the size of a mix half of whose cost is penalty, and of one that is all penalty."""
    search, _ = started(1, [0.8])
    cost = sum(part * each.cost for mix in search.model.pool.mix_of(search.multiplied) for part, each in mix)
    for share, size in ((0.5, 0.5), (1.0, 1e-4)):
        pool = search.model.pool
        pool.held = [[each and replace(each, penalty=share * each.cost) for each in held] for held in pool.held]
        assert search.open_gap(search.best) == pytest.approx(search.open_usd(search.best) / (size * cost))
