"""Optimal faces."""

from __future__ import annotations

from placer.ladder.whole_program import solve_program
from placer.model.optimal_face import optimal_face
from placer.solvers.highs import HiGHS


def test_face_of_a_tie(make_program):
    """Tests that of two columns at the same cost both stay free, and a dearer third is held at 0."""
    program = make_program([1, 1, 3], [[1, 1, 1]], [2], [2], col_upper=[2, 2, 2])
    face = optimal_face(program, solve_program(program, HiGHS())[0], 1e-9)
    assert face.col_upper.tolist() == [2, 2, 0]
