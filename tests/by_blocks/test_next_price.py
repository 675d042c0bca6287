"""The next price of a cap, and interpolated starts."""

from __future__ import annotations

import numpy as np
import pytest

from placer.by_blocks.next_price import next_root, starts_at
from placer.column_generation.warm_start import KnownPrices


@pytest.mark.parametrize(
    ("slopes", "price"),
    [
        ([(0.0, 3.0), (4.0, -1.0)], 3.0),
        ([(4.0, -1.0), (0.0, 3.0), (2.0, 1.0)], 3.0),
        ([(0.0, 3.0), (4.0, 1.0)], 7.0),
        ([(0.0, 3.0), (4.0, 0.0)], 4.0),
        ([(0.0, 3.0)], None),
        ([(1.0, -3.0)], None),
        ([(0.0, 1.0), (4.0, 1.0)], None),
    ],
)
def test_root_by_hand(slopes, price):
    """Tests roots between prices of either sign, half as far again beyond prices that are too low, or none."""
    assert next_root(slopes, 1.5) == price


def _known(value):
    return KnownPrices(*(np.full(1, value) for _ in range(5)))


def test_starts_are_interpolated():
    """Tests a quarter of the way between the prices around the new one."""
    (start,) = starts_at([(5.0, _known(50.0)), (1.0, _known(10.0)), (0.0, _known(0.0))], 2.0)
    assert start.cap.tolist() == [20.0]


def test_starts_outside():
    """Tests that beyond all prices the latest two serve as they are, and none where none are known."""
    known = [(5.0, _known(50.0)), (1.0, _known(10.0)), (0.0, _known(0.0))]
    assert [each.cap[0] for each in starts_at(known, 9.0)] == [50.0, 10.0]
    assert starts_at([], 1.0) == []
