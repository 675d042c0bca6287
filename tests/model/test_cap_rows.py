"""Sparse rows of caps against the same arrays with their zeros."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from placer.model.cap_rows import NO_CELLS, CapRows, Cells, all_cells, cells_of
from placer.utils.alike import is_alike
from tests.effort import tries

#: Coefficients of 0 to 3 caps over two classes, three sites and up to four periods, most of them 0.
COEFFICIENTS = st.tuples(st.integers(0, 3), st.integers(1, 4)).flatmap(
    lambda size: arrays(float, (size[0], 2, 3, size[1]), elements=st.sampled_from([0.0, 0.0, 0.0, -1.5, 2.0]))
)


@settings(max_examples=tries(40, 300), deadline=None)
@given(COEFFICIENTS)
def test_rows_are_the_array_without_its_zeros(array):
    """Tests every way to read rows against the array, and prices and totals against sums."""
    rows = CapRows.of(array)
    assert rows.shape == array.shape
    assert np.array_equal(rows.array, array)
    assert np.array_equal(CapRows.of_cells(array.shape[1:], [all_cells(cap) for cap in array]).array, array)
    caps, periods = len(array), array.shape[3]
    prices, amounts = np.arange(caps) + 0.5, np.arange(6.0 * periods).reshape(2, 3, periods)
    assert rows.priced(prices) == pytest.approx(np.tensordot(prices, array, 1))
    assert rows.totals(amounts) == pytest.approx(np.tensordot(array, amounts, 3))
    assert np.array_equal(rows.counts, array.any(axis=(1, 2, 3)))
    assert np.array_equal(rows.counted, array.any(axis=0))
    assert rows.is_below_zero == (array < 0).any()
    for cap, own in enumerate(array):
        assert np.array_equal(rows[cap], own)
        assert sorted(rows.values_of(cap)) == sorted(own[own != 0])
    cap, places, value = rows.entries()
    assert np.array_equal(array[cap, *places], value)
    assert len(value) == np.count_nonzero(array)
    by_period = [np.flatnonzero(own.any(axis=(0, 1))) for own in array]
    ends = [(seen[0], seen[-1]) if len(seen) else (-1, -1) for seen in by_period]
    assert list(zip(*rows.first_and_last, strict=True)) == ends


@settings(max_examples=tries(20, 100), deadline=None)
@given(COEFFICIENTS)
def test_parts_of_rows_are_parts_of_the_array(array):
    """Tests some caps, some periods, some cells, and rows put together."""
    rows, caps, periods = CapRows.of(array), len(array), array.shape[3]
    for chosen in (slice(1, None), np.arange(caps)[::2], np.arange(caps) > 0):
        assert np.array_equal(rows[chosen].array, array[chosen])
    assert np.array_equal(rows.within(slice(1, periods)).array, array[..., 1:])
    both = rows.within_all([slice(0, 1), slice(1, periods)])
    assert np.array_equal(both.array, array)
    assert np.array_equal(rows.within_all([slice(0, 1)] * 2).array, array[..., [0, 0]])
    for axis, places in ((0, np.array([1])), (1, np.array([0, 2])), (2, np.arange(periods)[::2])):
        assert np.array_equal(rows.part(axis, places).array, array.take(places, axis + 1))
    klass, site, period = np.array([0, 1]), np.array([2, 0]), np.array([0, periods - 1])
    assert np.array_equal(rows.at(klass, site, period).toarray(), array[:, klass, site, period].T)
    assert np.array_equal(rows.joined(rows[1:]).array, np.concatenate([array, array[1:]]))
    assert is_alike(rows, CapRows.of(array))
    assert not is_alike(rows, rows.joined(CapRows.nothing(1, rows.axes)))
    if caps:
        other = rows.replaced(caps - 1, all_cells(2 * array[0]))
        assert np.array_equal(other.array, np.concatenate([array[:-1], 2 * array[:1]]))


def test_cells_inside_a_scope_by_hand():
    """Tests coefficients that broadcast, of the second class in the first and last of three hours."""
    cells = cells_of([np.array([False, True]), np.array([True, False, True])], np.array([[5.0], [7.0]]))
    assert cells.place.tolist() == [3, 5]
    assert cells.value.tolist() == [7.0, 7.0]
    assert cells.times(-2.0).value.tolist() == [-14.0, -14.0]
    assert cells.total(np.arange(6.0).reshape(2, 3)) == 7 * (3 + 5)
    assert cells_of([np.array([False])], np.ones(1)).place.size == 0


def test_rows_of_no_cells():
    """Tests an instance without supplies, whose tiers have no cells."""
    rows = CapRows.of(np.zeros((2, 0, 3)))
    assert rows.array.shape == (2, 0, 3)
    assert rows.priced(np.ones(2)).shape == (0, 3)
    assert rows.totals(np.zeros((0, 3))).tolist() == [0.0, 0.0]
    assert CapRows.of_cells((4,), [NO_CELLS, Cells(np.array([3]), np.array([1.0]))]).array.sum() == 1
