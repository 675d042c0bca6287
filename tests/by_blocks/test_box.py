"""The box of prices, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.by_blocks.box import Box
from placer.by_blocks.shared_caps_parameters import BoxParameters

BOX = Box(np.array([4.0, 1.0]), np.array([1.0, 2.0]))
PARAMETERS = BoxParameters(grows_from=0.5, grows=3.0, shrinks_below=0.1, shrinks=0.25)


def test_prices_are_at_least_zero():
    """Tests the sides of a box, one of which would lie below 0."""
    assert (BOX.low.tolist(), BOX.high.tolist()) == ([3.0, 0.0], [5.0, 3.0])


@pytest.mark.parametrize(
    ("tried", "gain", "centre", "half"),
    [
        ([5.0, 2.0], 6.0, [5.0, 2.0], [3.0, 2.0]),  # at the edge of the first, as predicted: wider there
        ([3.0, 2.0], 6.0, [3.0, 2.0], [3.0, 2.0]),
        ([4.0, 3.0], 6.0, [4.0, 3.0], [1.0, 6.0]),  # at that of the second
        ([5.0, 2.0], 5.0, [5.0, 2.0], [3.0, 2.0]),  # just enough
        ([5.0, 0.0], 6.0, [5.0, 0.0], [3.0, 2.0]),  # 0 is no edge
        ([5.0, 2.0], 3.0, [5.0, 2.0], [1.0, 2.0]),  # some gain
        ([5.0, 2.0], 1.0, [5.0, 2.0], [1.0, 2.0]),  # just enough
        ([5.0, 2.0], 0.5, [5.0, 2.0], [10 / 19, 20 / 19]),  # next to none: highest at ten nineteenths of the way
        ([5.0, 2.0], 0.0, [4.0, 1.0], [0.5, 1.0]),  # none: highest half of the way
        ([5.0, 2.0], -2.5, [4.0, 1.0], [0.4, 0.8]),  # a loss: highest at two fifths of the way
        ([5.0, 2.0], -90.0, [4.0, 1.0], [0.25, 0.5]),  # a large one
    ],
)
def test_next_box(tried, gain, centre, half):
    """Tests centre and width after a predicted gain of 10."""
    found = BOX.after(np.array(tried), gain, 10.0, PARAMETERS)
    assert (found.centre.tolist(), found.half.tolist()) == (centre, half)


@pytest.mark.parametrize("nothing", [0.0, -1e-9])
def test_a_box_without_a_promise_shrinks(nothing):
    """Tests prices of no predicted gain, and a loss of the predicted gain or more."""
    for gain in (nothing - 1e-9, nothing - 1.0, 2 * nothing - 1e-12):
        found = BOX.after(np.array([5.0, 2.0]), gain, nothing, PARAMETERS)
        assert (found.centre.tolist(), found.half.tolist()) == ([4.0, 1.0], [0.25, 0.5])
    assert BOX.after(np.array([5.0, 2.0]), -1e-9, -1e-9, PARAMETERS).half.tolist() == [0.25, 0.5]


def test_a_box_down_to_zero_has_no_lower_edge():
    """Tests prices of 0 in a box that is as wide as its centre is high."""
    found = Box(np.array([2.0]), np.array([2.0])).after(np.array([0.0]), 10.0, 10.0, PARAMETERS)
    assert found.half.tolist() == [2.0]


def test_doubled():
    """Tests a box twice as wide round other prices."""
    found = BOX.doubled(np.array([7.0, 8.0]))
    assert (found.centre.tolist(), found.half.tolist()) == ([7.0, 8.0], [2.0, 4.0])
