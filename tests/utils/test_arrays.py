"""Steps on arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from placer.utils.arrays import (
    NOISE,
    expand_counts,
    is_among,
    numbered,
    period_chunks,
    positions_of,
    sorted_unique,
    without_noise,
    zero_tiny,
)


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


@given(*(arrays(int, st.integers(0, 9), elements=st.integers(-3, 3)) for _ in range(2)))
def test_is_among(values, known):
    """Tests values of either sign, repeated and none of them, against a set."""
    assert is_among(values, known).tolist() == [value in set(known.tolist()) for value in values.tolist()]


@given(arrays(bool, st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))))
def test_positions_of(mask):
    """Tests positions in three dimensions, none of them too, against NumPy; of a transposed array as well."""
    for each in (mask, mask.swapaxes(0, 2)):
        for found, known in zip(positions_of(each), np.nonzero(each), strict=True):
            assert found.tolist() == known.tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_single(count):
    """Tests no position and one position."""
    assert expand_counts(np.full(count, 1))[0].tolist() == list(range(count))


@given(st.integers(0, 20), st.integers(0, 9), st.integers(0, 40))
def test_period_chunks(periods, width, cells):
    """Tests that the chunks cover every period once, in order, and that only chunks of one period may be too large."""
    chunks = [range(chunk.start, chunk.stop) for chunk in period_chunks(periods, width, cells)]
    assert [period for chunk in chunks for period in chunk] == list(range(periods))
    assert all(len(chunk) == 1 or len(chunk) * width <= cells for chunk in chunks)


def test_chunks_are_as_long_as_the_cells_allow():
    """Tests that 3 cells a period and 7 in all make chunks of two periods."""
    assert [chunk.stop - chunk.start for chunk in period_chunks(5, width=3, cells=7)] == [2, 2, 1]


def test_rounding_is_nothing():
    """Tests that what is at most 1e-12 of a size is 0 without a sign, and all else stays bit for bit."""
    given = np.array([1.0, NOISE, -NOISE, 2 * NOISE, -0.0, np.inf, -np.inf, np.nan])
    expected = np.array([1.0, 0.0, 0.0, 2 * NOISE, 0.0, np.inf, -np.inf, np.nan])
    found = without_noise(given)
    np.testing.assert_array_equal(found, expected)
    assert not np.signbit(found[:5]).any()
    np.testing.assert_array_equal(without_noise(given, np.full(8, 3.0))[:4], [1.0, 0.0, 0.0, 0.0])
    assert without_noise(np.array([])).size == 0


@pytest.mark.parametrize("values", [[], [5], [3, 0, 3, 1], [-2, 7, -2], [10**9, 2, 10**9]])
def test_numbered_as_unique(values):
    """Tests that counting and sorting number integers alike: few, none, negative and large ones."""
    whole = np.array(values, dtype=int)
    for found, known in zip(numbered(whole), np.unique(whole, return_inverse=True), strict=True):
        assert found.tolist() == known.tolist()


@pytest.mark.parametrize(("precision", "tiny"), [(np.float32, 1e-20), (np.float64, 1e-155)])
def test_products_of_what_is_left_are_normal(precision, tiny):
    """Tests that tiny values of either sign are zeroed, and that no square of the others is subnormal."""
    values = np.array([1.0, tiny, -tiny, 20 * tiny, -20 * tiny, 0.0], precision)
    zero_tiny(values)
    assert values.tolist() == pytest.approx([1.0, 0.0, 0.0, 20 * tiny, -20 * tiny, 0.0], rel=1e-6, abs=0.0)
    left = values[values != 0]
    assert (left * left >= np.finfo(precision).tiny).all()
    zero_tiny(values[:0])
