"""Edits of a linear program, on one that a person can read."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array

from placer.ladder.whole_program import solve_program
from placer.model.edits import optimal_face, restricted_to, with_columns, with_cost, with_rows, with_slacks
from placer.model.program import LinearProgram, blocks, defects
from placer.solvers.highs import HiGHS


@pytest.fixture
def program():
    """Minimise x + 2 y + 5 u subject to x + y + u = 4, with x at most 1."""
    return LinearProgram(
        cost=np.array([1.0, 2.0, 5.0]),
        matrix=csc_array(np.array([[1.0, 1.0, 1.0]])),
        row_lower=np.array([4.0]),
        row_upper=np.array([4.0]),
        col_lower=np.zeros(3),
        col_upper=np.array([1.0, np.inf, np.inf]),
        implied_upper=np.full(3, 4.0),
        row_blocks=blocks({"demand": 1}),
        col_blocks=blocks({"x": 2, "u": 1}),
    )


def _optimum(program):
    assert defects(program) == []
    return float(solve_program(program, HiGHS())[1].objective)


def test_a_row_more(program):
    """Tests that y <= 2 leaves 1 unserved, x + 2 y + 5 u = 1 + 4 + 5, and that the old program stays as it is."""
    edited = with_rows(program, "limit", np.array([[0.0, 1.0, 0.0]]), np.array([-np.inf]), np.array([2.0]))
    assert _optimum(edited) == pytest.approx(10.0)
    assert edited.row_names == ["demand_0", "limit_0"]
    assert _optimum(program) == pytest.approx(7.0)
    assert program.row_names == ["demand_0"]


def test_a_column_more(program):
    """Tests that a column of cost 0.5 for up to 2 units takes the place of y: 1 + 2 * 0.5 + 2."""
    edited = with_columns(program, "spare", csc_array(np.array([[1.0]])), np.array([0.5]), np.array([2.0]))
    assert _optimum(edited) == pytest.approx(4.0)
    assert edited.col_names == ["x_0", "x_1", "u_0", "spare_0"]
    assert edited.implied_upper.tolist() == [4.0, 4.0, 4.0, 2.0]


def test_slacks(program):
    """Tests y <= 2: a slack of the demand costs 1 + 2 * 2 + 3, and one of the limit 1 + 2 * 3 + 0.5."""
    limited = with_rows(program, "limit", np.array([[0.0, 1.0, 0.0]]), np.array([-np.inf]), np.array([2.0]))
    most = np.array([np.inf])
    served = with_slacks(limited, "slack", np.array([0]), 1.0, np.array([3.0]), most)
    given = with_slacks(limited, "slack", np.array([1]), np.array([-1.0]), np.array([0.5]), most)
    assert (_optimum(served), _optimum(given)) == pytest.approx((8.0, 7.5))


def test_some_columns(program):
    """Tests that without y all but 1 is unserved: 1 + 15; and that a program of all its columns is the same object."""
    edited = restricted_to(program, np.array([True, False, True]))
    assert _optimum(edited) == pytest.approx(16.0)
    assert edited.col_blocks == {"x": slice(0, 1), "u": slice(1, 2)}
    assert restricted_to(program, np.ones(3, dtype=bool)) is program


def test_other_costs(program):
    """Tests that only what is named costs anything: the least that can be unserved is 0."""
    edited = with_cost(program, {"u": 1.0})
    assert edited.cost.tolist() == [0.0, 0.0, 1.0]
    assert _optimum(edited) == pytest.approx(0.0)


def test_a_block_twice(program):
    """Tests that a name of a block that is there is refused, as it would take its place."""
    with pytest.raises(ValueError, match="'demand' already"):
        with_rows(program, "demand", np.ones((1, 3)), np.zeros(1), np.ones(1))


def test_face_of_a_tie(make_program):
    """Tests that of two columns at the same cost both stay free, and a dearer third is held at 0."""
    program = make_program([1, 1, 3], [[1, 1, 1]], [2], [2], col_upper=[2, 2, 2])
    face = optimal_face(program, solve_program(program, HiGHS())[0], 1e-9)
    assert face.col_upper.tolist() == [2, 2, 0]
