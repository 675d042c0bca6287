"""What caps count block by block."""

from __future__ import annotations

import numpy as np

from placer.column_generation.dual.capped_blocks import capped_blocks
from placer.column_generation.dual.capped_market import capped_market

from .test_capped_dual import CARBON, TWO


def test_a_block_has_the_caps_that_count_in_it(make_structure):
    """Tests that of two caps, each of one period, every block has its own, at its place among the caps."""
    capped = capped_market(make_structure(**TWO, block=[0, 1]))
    first, second = capped_blocks(capped)
    assert (first.periods, second.periods) == (slice(0, 1), slice(1, 2))
    assert (first.caps.tolist(), second.caps.tolist()) == ([0], [1])
    for block, cap in ((first, 0), (second, 1)):
        (counted,) = block.classes
        assert counted.caps.tolist() == [0]
        before = capped.classes[0].by_period(np.array([cap]))
        assert (counted.by_period(np.array([0])) == before[block.periods]).all()
        assert block.market.limit.tolist() == capped.market.limit[block.periods].tolist()


def test_a_shared_cap_counts_in_every_block(make_structure):
    """Tests the cap of both periods, and that a block without a cap has none."""
    shared = capped_blocks(capped_market(make_structure(**CARBON, block=[0, 1])))
    assert [block.caps.tolist() for block in shared] == [[0], [0]]
    later = CARBON | {"cap_tier": [[[0.0, 1.0], [0.0, 0.0]]]}
    none, one = capped_blocks(capped_market(make_structure(**later, block=[0, 1])))
    assert (none.caps.tolist(), one.caps.tolist()) == ([], [0])
    assert [np.shape(tier) for tier in none.tiers] == [(0, 2)] * len(none.tiers)
