"""A program that grows by own rows and columns: each answer is that of the program solved from scratch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csc_array

import placer
from placer.extended.extension import BLOCK
from placer.model.program import LinearProgram
from placer.security.growing import GrowingProgram


def _program(cost, rows, lower, upper, base=1):
    """Return a program whose first rows are of the instance and the others own rows; columns up to 100."""
    columns = len(cost)
    return LinearProgram(
        cost=np.array(cost, float),
        matrix=csc_array(np.array(rows, float)),
        row_lower=np.array(lower, float),
        row_upper=np.array(upper, float),
        col_lower=np.zeros(columns),
        col_upper=np.full(columns, 100.0),
        implied_upper=np.full(columns, 100.0),
        row_blocks={"demand": slice(0, base), BLOCK: slice(base, len(rows))},
        col_blocks={"x": slice(0, columns), BLOCK: slice(columns, columns)},
    )


@pytest.fixture
def growing():
    """Return a growing program without any rows."""
    return GrowingProgram()


def test_columns_then_rows(growing):
    """Tests 10 units at 5 or 3 USD: the dear way alone, both, and both with at most 4 the cheap way."""
    first = _program([5.0, 3.0], [[1, 1]], [10.0], [10.0])
    assert growing.solve(first, [], np.array([True, False])).point.tolist() == [10.0, 0.0]
    assert growing.solve(first, [], np.array([True, True])).point.tolist() == [0.0, 10.0]
    cut = _program([5.0, 3.0], [[1, 1], [0, 1000]], [10.0, -np.inf], [10.0, 4000.0])
    found = growing.solve(cut, ["cut"], np.array([True, True]))
    assert found.point.tolist() == [6.0, 4.0]
    assert found.duals.tolist() == pytest.approx([5.0, -0.002])


def test_own_rows_may_change_places(growing):
    """Tests that duals follow the names of own rows: a row that comes between two others takes its own."""
    both = np.array([True, True])
    one = _program([5.0, 3.0], [[1, 1], [0, 1]], [10.0, -np.inf], [10.0, 4.0])
    assert growing.solve(one, ["last"], both).duals.tolist() == pytest.approx([5.0, -2.0])
    rows = [[1, 1], [0, 2], [0, 1]]
    two = _program([5.0, 3.0], rows, [10.0, -np.inf, -np.inf], [10.0, 2.0, 4.0])
    found = growing.solve(two, ["new", "last"], both)
    assert found.point.tolist() == pytest.approx([9.0, 1.0])
    assert found.duals.tolist() == pytest.approx([5.0, -1.0, 0.0])


def test_costs_may_change(growing):
    """Tests that another cost moves the optimum, without other rows."""
    both, first = np.array([True, True]), _program([5.0, 3.0], [[1, 1]], [10.0], [10.0])
    growing.solve(first, [], both)
    found = growing.solve(replace(first, cost=np.array([1.0, 3.0])), [], both)
    assert found.point.tolist() == [10.0, 0.0]
    assert found.duals.tolist() == [1.0]


def test_no_optimum(growing):
    """Tests that a program without a feasible point is an error: 10 units and no column for them."""
    with pytest.raises(placer.NoSolutionError):
        growing.solve(_program([5.0], [[1]], [1000.0], [1000.0]), [], np.array([True]))
