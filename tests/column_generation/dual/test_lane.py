"""What a path runs on, with and without caps."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.capped_dual import CappedDual
from placer.column_generation.dual.lane import lane_of
from placer.column_generation.dual.parameters import SmoothedDualParameters
from placer.column_generation.dual.smoothed_dual import SmoothedDual
from placer.column_generation.dual.stacked_dual import StackedDual


@pytest.mark.parametrize(("capped", "kind"), [(False, SmoothedDual), (True, CappedDual)])
def test_lane(make_random_structure, capped, kind):
    """Tests the dual of each lane, its start at free resources, and prices there and back."""
    structure = make_random_structure(1, capped=capped)
    lane = lane_of(structure)
    assert isinstance(lane.dual(SmoothedDualParameters()), kind)
    there, prices, caps = lane.plain(lane.start)
    assert not prices.any()
    assert not caps.any()
    assert len(caps) == len(structure.cap_limit)
    once = lane.plain(lane.start + 1.0)
    for found, expected in zip(lane.plain(lane.laid(*once))[1:], once[1:], strict=True):
        assert found == pytest.approx(expected)
    assert prices.shape == there.price_shape


@pytest.mark.parametrize(("capped", "kind"), [(False, StackedDual), (True, CappedDual)])
def test_lane_of_several_blocks(make_random_blocks, capped, kind):
    """Tests the dual of each lane where work waits within several blocks."""
    assert isinstance(lane_of(make_random_blocks(1, capped=capped)).dual(SmoothedDualParameters()), kind)


def test_caps_without_a_limit(make_random_structure):
    """Tests that caps whose limits are endless leave a lane without caps, with zeros for them."""
    lane = lane_of(make_random_structure(0))
    assert isinstance(lane.dual(SmoothedDualParameters()), SmoothedDual)
    assert not np.any(lane.plain(lane.start)[2])
