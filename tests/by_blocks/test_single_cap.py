"""The price of one cap that two blocks share, against the whole program by HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.by_blocks.shared_caps_parameters import SharedCapsParameters
from placer.by_blocks.single_cap import mix_of_single
from placer.errors import NoSolutionError


def _unit(search):
    return abs(search.bound) / search.size


@pytest.mark.parametrize("part", [0.5, 1.0], ids=["one block", "both blocks"])
@pytest.mark.parametrize("seed", range(3))
def test_a_mix_costs_what_the_whole_costs(started, seed, part):
    """Tests that the mix keeps the cap, with first prices from a sample of one block and of both."""
    evaluation, search, whole = started(seed, 0.7, SharedCapsParameters(sample_part=part))
    mix = mix_of_single(evaluation, search, _unit(search))
    pairs = zip(search.proposals, mix.weights, strict=True)
    taken = sum(float(weight @ [each.taken[0] for each in those]) for those, weight in pairs)
    assert mix.cost == pytest.approx(whole, rel=1e-6)
    assert taken <= search.limit[0] * (1 + 1e-9)
    assert mix.is_inside


def test_a_limit_that_nothing_keeps(started):
    """Tests a cap below nothing."""
    evaluation, search, _ = started(2, 0.7, SharedCapsParameters(dearest=1e3))
    search.limit = np.array([-1.0])
    with pytest.raises(NoSolutionError) as error:
        mix_of_single(evaluation, search, _unit(search))
    assert error.value.reason is placer.Reason.INFEASIBLE
