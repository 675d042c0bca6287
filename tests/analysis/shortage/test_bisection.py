"""Bisection over corners, against looking at every corner."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from placer.analysis.shortage.bisection import first_enough


@given(st.lists(st.integers(-50, 50), min_size=1, unique=True), st.integers(-60, 50))
def test_the_first_corner_that_is_enough(corners, needed):
    """Tests that the corner is the smallest of at least what is needed, in few tries; the last where none is."""
    ordered, tried = np.sort(np.array(corners, dtype=float)), []

    def enough(corner):
        tried.append(corner)
        return corner >= needed

    reach = [corner for corner in ordered if corner >= needed]
    assert first_enough(ordered, enough) == (reach[0] if reach else ordered[-1])
    assert len(tried) <= math.ceil(math.log2(len(ordered)))
