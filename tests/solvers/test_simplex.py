"""What goes into a program that grows, and its optimal face."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy.sparse import csr_array

from placer.solvers.simplex import Bounds, Vectors


def test_vectors_of_an_array():
    """Tests that the rows of an array become vectors, one without entries too."""
    vectors = Vectors.of(csr_array(np.array([[0.0, 2.0], [0.0, 0.0], [3.0, 4.0]])))
    assert vectors.start.tolist() == [0, 1, 1]
    assert vectors.index.tolist() == [1, 0, 1]
    assert vectors.value.tolist() == [2.0, 3.0, 4.0]
    assert {vectors.start.dtype, vectors.index.dtype} == {np.dtype(np.int32)}


def test_vectors_without_entries():
    """Tests that there is a start for each of them."""
    assert Vectors.empty(2).start.tolist() == [0, 0]


def test_face_keeps_columns_and_rows_where_they_are():
    """Tests each kind once: a column at 0, one at its bound, one basic; a row at either side, one basic.

    A dual of either sign by no more than the tie counts as none, and a side that is not there cannot be kept.
    """
    bounds = Bounds(np.zeros(4), np.full(4, 9.0), np.array([1.0, 1.0, 1.0, -np.inf]), np.full(4, 5.0))
    solution = SimpleNamespace(col_dual=[2.0, -2.0, 0.0, 1e-10], row_dual=[3.0, -3.0, -1e-10, 3.0])
    face = bounds.where_optimal(solution)
    assert face.col_lower.tolist() == [0.0, 9.0, 0.0, 0.0]
    assert face.col_upper.tolist() == [0.0, 9.0, 9.0, 9.0]
    assert face.row_lower.tolist() == [1.0, 5.0, 1.0, -np.inf]
    assert face.row_upper.tolist() == [1.0, 5.0, 5.0, 5.0]
