"""The prices of two caps that two blocks share, against the whole program by HiGHS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.several_caps import mix_of_several
from placer.by_blocks.shared_caps_parameters import DEFAULT
from placer.errors import NoSolutionError

PARTS = [0.8, 0.7]


def _unit(search):
    return abs(search.bound) / search.size


@pytest.mark.parametrize("part", [0.5, 1.0], ids=["one block", "both blocks"])
@pytest.mark.parametrize("seed", range(4))
def test_a_mix_costs_what_the_whole_costs(started, seed, part):
    """Tests that the mix keeps the caps, with first prices from a sample of one block and of both."""
    evaluation, search, whole = started(seed, PARTS, replace(DEFAULT, sample_part=part))
    mix = mix_of_several(evaluation, search, _unit(search))
    pairs = zip(search.proposals, mix.weights, strict=True)
    taken = sum(weight @ np.array([each.taken for each in those]) for those, weight in pairs)
    assert mix.cost == pytest.approx(whole, rel=1e-6)
    assert (taken <= search.limit * (1 + 1e-9)).all()
    assert mix.is_inside


def test_both_blocks_as_the_sample_have_the_prices_at_once(started):
    """Tests that the prices of the whole need one evaluation beside that at prices 0, or a few to mix."""
    evaluation, search, whole = started(1, PARTS, replace(DEFAULT, sample_part=1.0))
    mix_of_several(evaluation, search, _unit(search))
    assert search.bound == pytest.approx(whole, rel=1e-6)
    assert search.evaluations <= 4


@pytest.mark.slow
def test_few_proposals_of_a_block_stay(started):
    """Tests the cost where a block keeps, beside those of the mix, one proposal."""
    parameters = replace(DEFAULT, sample_part=0.5, several=replace(DEFAULT.several, kept=1))
    evaluation, search, whole = started(0, PARTS, parameters)
    assert mix_of_several(evaluation, search, _unit(search)).cost == pytest.approx(whole, rel=1e-6)


def test_limits_that_nothing_keeps(started):
    """Tests caps below nothing, of which the sample has no answer."""
    evaluation, search, _ = started(2, PARTS, replace(DEFAULT, dearest=1e3))
    search.limit = np.array([-1.0, -1.0])
    with pytest.raises(NoSolutionError) as error:
        mix_of_several(evaluation, search, _unit(search))
    assert error.value.reason in (placer.Reason.INFEASIBLE, placer.Reason.ITERATION_LIMIT)
