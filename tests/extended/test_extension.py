"""Own rows and columns as data, and the extended program."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from placer.extended.extension import Extension, OwnColumns, OwnRows, charges, extend, no_extension


@pytest.fixture
def program(make_program):
    return make_program([1.0, 2.0], [[1.0, 1.0]], [3.0], [np.inf])


@pytest.fixture
def extension():
    return Extension(
        OwnColumns(("z",), np.array([5.0]), np.array([0.0]), np.array([4.0]), np.array([True])),
        OwnRows(("r",), csr_array(np.array([[1.0, 0.0, -1.0]])), np.array([-np.inf]), np.array([2.0])),
    )


def test_extended_program_by_hand(program, extension):
    """Tests that own columns stand last, enter own rows alone, and that both have a block of their own."""
    wide = extend(program, extension)
    assert wide.matrix.toarray().tolist() == [[1, 1, 0], [1, 0, -1]]
    assert wide.cost.tolist() == [1, 2, 5]
    assert (wide.row_lower.tolist(), wide.row_upper.tolist()) == ([3, -np.inf], [np.inf, 2])
    assert (wide.col_lower.tolist(), wide.col_upper.tolist()) == ([0, 0, 0], [np.inf, np.inf, 4])
    assert (wide.row_names, wide.col_names) == (["row_0", "own_0"], ["x_0", "x_1", "own_0"])
    assert wide.implied_upper.tolist() == [np.inf] * 3


def test_nothing_added_is_the_program(program):
    """Tests that an empty extension adds empty blocks alone."""
    wide = extend(program, no_extension(2))
    assert (wide.matrix != program.matrix).nnz == 0
    assert wide.col_blocks["own"] == slice(2, 2)
    assert not no_extension(2).has_integers


def test_charges_are_what_duals_make_columns_cost(program, extension):
    """Tests that a dual of -3 on ``x_0 - z <= 2`` charges 3 for x_0, and nothing for x_1."""
    assert charges(extend(program, extension), np.array([7.0, -3.0])).tolist() == [3, 0]


def test_rows_join_over_more_columns(extension):
    """Tests that rows keep their coefficients once there are more columns."""
    more = OwnRows(("s",), csr_array(np.array([[0.0, 0.0, 0.0, 2.0]])), np.array([1.0]), np.array([1.0]))
    joined = extension.rows.joined(more)
    assert joined.names == ("r", "s")
    assert joined.matrix.toarray().tolist() == [[1, 0, -1, 0], [0, 0, 0, 2]]
    assert extension.columns.joined(extension.columns).integer.tolist() == [True, True]
    assert extension.has_integers
