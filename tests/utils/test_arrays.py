"""Steps on arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from placer.utils.arrays import expand_counts, sorted_unique


@given(st.lists(st.integers(0, 4), max_size=8))
def test_expand_counts(counts):
    """Tests positions and ranks against two loops."""
    position, rank = expand_counts(np.array(counts, dtype=int))
    assert list(zip(position.tolist(), rank.tolist(), strict=True)) == [
        (place, turn) for place, count in enumerate(counts) for turn in range(count)
    ]


@given(arrays(float, st.integers(0, 9), elements=st.sampled_from([-1.5, 0.0, 2.0, np.inf])))
def test_sorted_unique(values):
    """Tests sorted values, each once, against a set."""
    assert sorted_unique(values).tolist() == sorted(set(values.tolist()))


@pytest.mark.parametrize("count", [0, 1])
def test_single(count):
    """Tests no position and one position."""
    assert expand_counts(np.full(count, 1))[0].tolist() == list(range(count))
