"""One block of a market."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.blocks import block_of
from placer.column_generation.market.definition import market
from placer.model.blocks import cut, spans_of


@pytest.mark.parametrize("seed", range(4))
def test_block_is_the_market_of_its_structure(make_random_blocks, seed):
    """Tests limits, tiers, demand and windows of every block against those of the structure cut apart."""
    structure = make_random_blocks(seed, zeros=True)
    whole = market(structure)
    for span, periods in zip(spans_of(structure), whole.blocks, strict=True):
        found, expected = block_of(whole, periods), market(cut(structure, span))
        assert periods == span.periods
        assert found.blocks == expected.blocks == [slice(0, periods.stop - periods.start)]
        assert found.most_used == pytest.approx(expected.most_used)
        if found.supplied == expected.supplied:
            assert found.limit[:, : found.kinds * found.sites] == pytest.approx(
                expected.limit[:, : found.kinds * found.sites]
            )
        for one in expected.groups:
            (other,) = (group for group in found.groups if group.klass == one.klass)
            asked = np.isin(other.origins, one.origins)
            assert other.window == one.window
            assert other.amount[:, asked].tolist() == one.amount.tolist()
            assert not other.amount[:, ~asked].any()


def test_a_single_block_is_the_market(make_structure):
    """Tests that a market of one block is its own block."""
    whole = market(make_structure())
    assert block_of(whole, slice(0, whole.periods)) is whole
