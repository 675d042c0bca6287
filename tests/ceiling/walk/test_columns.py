"""Columns of a sweep's program, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.columns import NOWHERE, Columns, gains, keys_first, record_new, takes, vectors


def test_a_column_takes_what_it_does_more_than_the_key(block):
    """Tests that moving from X to Y takes a unit of Y's row and frees one of X's, and gains an export."""
    option = block.first_option[block.service]
    ways = np.array([[0, 1, option[1]]])
    row, taken = takes(block, ways, np.array([0]), np.array([option[0]]))
    gain = gains(block, np.array([1]), np.array([0]))
    columns = Columns.none(block).extended(ways, row, taken, gain)
    assert len(columns) == 1
    assert columns.ways.tolist() == ways.tolist()
    own = block.load(np.array([1]), option[[1]], np.ones(1)) - block.load(np.array([0]), option[[0]], np.ones(1))
    assert columns.load(np.array([0.5]), len(block.upper)) == pytest.approx(0.5 * own)
    assert columns.gain.tolist() == [[0.0], [0.0], [1.0]]
    assert gains(block, columns.arc, np.array([NOWHERE])).tolist() == [[1.0], [0.0], [1.0]]


def test_the_largest_flow_of_a_node_served_whole_is_its_key():
    """Tests that node 0, served whole, keeps 0.7 as key; node 1, short by 0.5, has none; a flow of 1e-15 is dropped."""
    ways = np.array([[0, 0, 0], [0, 1, 1], [1, 2, 2], [1, 3, 3]])
    kept, keys = keys_first(ways, np.array([0.3, 0.7, 0.5, 1e-15]), np.array([1.0, 1.0]))
    assert kept.tolist() == [[0, 1, 1], [0, 0, 0], [1, 2, 2]]
    assert keys.tolist() == [True, False, False]


def test_entries_of_one_row_are_added_up():
    """Tests that row -1 is none, and that entries which cancel are left out."""
    found = vectors(np.array([[2, 0, 2], [1, -1, 1]]), np.array([[1.0, 2.0, 3.0], [1.0, 5.0, -1.0]]))
    assert found.start.tolist() == [0, 2]
    assert found.index.tolist() == [0, 2]
    assert found.value.tolist() == [2.0, 4.0]


def test_new_ways_are_recorded_once():
    """Tests that a way twice is one, that one recorded before is left out, and that nowhere is told apart by node."""
    codes = {1 * 10 + 3}
    ways = np.array([[0, 1, 3], [0, 2, 4], [0, 2, 4], [5, NOWHERE, NOWHERE], [6, NOWHERE, NOWHERE]])
    assert record_new(ways, 10, codes).tolist() == ways[[1, 3, 4]].tolist()
    assert codes == {13, 24, -6, -7}
    assert len(record_new(ways, 10, codes)) == 0
