"""What is sent and what comes back: differences of blocks, and packed flows."""

from __future__ import annotations

import numpy as np

from placer.by_blocks.block_answer import PackedFlows, Sparse
from placer.ladder.proven import solve_structure
from placer.model.blocks import cut, spans_of
from placer.solvers.highs import HiGHS
from placer.utils.alike import changed, changes_from


def test_a_block_is_what_differs_from_another(make_blocks):
    """Tests that arcs and routes are not among the differences, and that the block comes back whole."""
    structure = make_blocks(2).structure
    first, second = (cut(structure, span) for span in spans_of(structure))
    changes = changes_from(first, second)
    assert not {"arc_cost", "arc_site", "route_links", "use", "link_use"} & set(changes)
    assert {"demand_amount", "block"} <= set(changes)
    restored = changed(first, changes)
    for name in ("demand_amount", "demand_period", "capacity", "tier_cost", "arc_cost", "block"):
        np.testing.assert_array_equal(getattr(restored, name), getattr(second, name))
    assert changes_from(first, first) == {}


def test_packed_flows_come_back_as_they_were(make_blocks):
    """Tests every array of the flows."""
    flows = solve_structure(make_blocks(1).structure, HiGHS())[0].point
    back = PackedFlows.of(flows).flows
    for name in ("demand", "arc", "amount", "unserved", "waiting", "taken"):
        np.testing.assert_array_equal(getattr(back, name), getattr(flows, name))
    assert back.demand.dtype == np.int64


def test_sparse_arrays_by_hand():
    """Tests places and values of what is not 0."""
    sparse = Sparse.of(np.array([0.0, 3.0, 0.0, -1.0]))
    assert (sparse.size, sparse.place.tolist(), sparse.value.tolist()) == (4, [1, 3], [3.0, -1.0])
    assert sparse.array.tolist() == [0.0, 3.0, 0.0, -1.0]
