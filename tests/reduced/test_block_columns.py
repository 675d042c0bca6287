"""Columns of a smaller answer at the places of the blocks of the whole."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.by_blocks.dispatch import lay_out
from placer.model.blocks import cut
from placer.model.formulation import formulate
from placer.model.structure import assignment_positions
from placer.reduced.block_columns import BlockColumns
from placer.reduced.laid import places_of


def columns_of(reduced):
    """Return the columns of a smaller answer, its flows by block, and the blocks of the whole."""
    small, whole = placer.solve(reduced.instance, tie_break=None), formulate(reduced.whole)
    places, blocks = places_of(reduced, whole, small.formulation), lay_out(whole.structure, None, None)
    flows = small.answer.point
    return BlockColumns.of(whole.structure, blocks.spans, places, small.formulation.structure, flows), flows, blocks


@pytest.mark.parametrize("seed", [0, 3])
def test_every_block_gets_the_columns_of_all(make_days, seed):
    """Tests that all days as representatives give each day what it uses, and what any other day uses at its hours."""
    columns, flows, blocks = columns_of(make_days(seed).representative_days(4))
    structure = blocks.structure
    found = 0
    for span in blocks.spans:
        block, mine = cut(structure, span), np.isin(flows.demand, span.demands)
        demand = np.searchsorted(span.demands, flows.demand[mine])
        used = assignment_positions(block, demand, flows.arc[mine])
        positions = columns.positions_in(block)
        assert (np.diff(positions) > 0).all()
        assert np.isin(used, positions).all()
        found += len(used)
    assert len(columns.arc) * len(blocks.spans) >= found


def test_columns_of_merged_hubs_spread(make_days):
    """Tests that a column of a merged hub is one of every hub that is part of it."""
    reduced = make_days(1).representative_days(2).merge_hubs(2)
    columns, _, blocks = columns_of(reduced)
    origins = columns.pair % blocks.structure.origins
    merged = np.flatnonzero(reduced.hub == np.bincount(reduced.hub).argmax())
    assert len(merged) == 2
    counts = np.bincount(origins, minlength=3)[merged]
    assert (counts > 0).all()


def test_shorter_blocks_get_what_they_have_hours_for(make_days):
    """Tests a block without the last hours of the others, and without some demand."""
    columns, _, _ = columns_of(make_days(2).representative_days(2))
    whole = make_days(2)
    short = formulate(whole.between(0, 2)).structure
    positions = columns.positions_in(short)
    demand = np.searchsorted(short.assignment_starts, positions, side="right") - 1
    assert (short.demand_period[demand] < 3).all()
    assert len(positions) < len(columns.arc)
