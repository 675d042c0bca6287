"""Blocks at prices of shared caps: cost, proposal, and what is remembered."""

from __future__ import annotations

import numpy as np
import pytest

from placer.by_blocks.cap_oracle import starts_at
from placer.column_generation.warm_start import KnownPrices


def test_a_cost_and_a_proposal_of_every_block(started):
    """Tests that each proposal makes a cut that is tight, and that they take less at higher prices."""
    search, _ = started(1, [0.8])
    oracle = search.evaluator
    free, charged = (oracle.all_at(np.array([z])) for z in (0.0, 0.5 * search.problem.whole))
    for each in charged:
        value = -each.prices.cost - each.prices.taken @ (np.array([0.5 * search.problem.whole]) / oracle.size)
        assert each.cost == pytest.approx(value, rel=1e-7)
    assert sum(each.prices.taken[0] for each in charged) <= sum(each.prices.taken[0] for each in free)


def test_answers_at_the_same_prices_are_remembered_until_forgotten(started):
    """Tests the number of answers of each block."""
    search, _ = started(1, [0.8])
    oracle, z = search.evaluator, search.best.z
    before, found = oracle.solves.tolist(), oracle.all_at(z)
    assert all(now is then for now, then in zip(oracle.all_at(z), found, strict=True))
    assert oracle.solves.tolist() == before
    oracle.keep([])
    oracle.all_at(z)
    assert oracle.solves.tolist() == [each + 1 for each in before]


def test_figures_of_caps_that_blocks_share(started):
    """Tests where the single shared cap stands among the two that blocks have."""
    search, _ = started(1, [0.8])
    assert search.evaluator.of_caps(np.array([3.0]), 0.0).tolist() == [3.0, 0.0]


def _known(value):
    return KnownPrices(*(np.full(1, value) for _ in range(5)))


def test_starts_are_interpolated():
    """Tests a quarter of the way between the prices around the new one."""
    (start,) = starts_at([(5.0, _known(50.0)), (1.0, _known(10.0)), (0.0, _known(0.0))], 2.0)
    assert start.cap.tolist() == [20.0]


def test_starts_are_extrapolated():
    """Tests that the line through the two nearest prices goes on for a fifth of their distance, and never below 0."""
    known = [(5.0, _known(50.0)), (4.0, _known(30.0)), (0.0, _known(0.0))]
    assert [each.cap[0] for each in starts_at(known, 5.1)] == pytest.approx([52.0, 50.0])
    assert [each.cap[0] for each in starts_at(known[1:], 4.5)] == pytest.approx([33.75, 30.0])
    assert starts_at([(5.0, _known(0.5)), (4.0, _known(10.0))], 5.1)[0].cap.tolist() == [0.0]


def test_starts_far_outside():
    """Tests that a price farther away starts from nothing, as one where a single price of the cap is known."""
    known = [(5.0, _known(50.0)), (4.0, _known(30.0)), (0.0, _known(0.0))]
    assert starts_at(known, 9.0) == []
    assert starts_at(known[:1], 5.1) == []
    assert starts_at([(5.0, _known(50.0)), (5.0, _known(51.0))], 5.1) == []
    assert starts_at([], 1.0) == []
