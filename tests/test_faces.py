"""Optimal faces, and programs without their fixed columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.faces import optimal_face, without_fixed
from placer.solve import solve_program, to_program
from placer.solvers.highs import HiGHS


def test_face_of_a_tie(make_program):
    """Tests that of two columns at the same cost both stay free, and a dearer third is held at 0."""
    program = make_program([1, 1, 3], [[1, 1, 1]], [2], [2], col_upper=[2, 2, 2])
    face = optimal_face(program, solve_program(program, HiGHS())[0], 1e-9)
    assert face.col_upper.tolist() == [2, 2, 0]


def test_without_fixed(make_program):
    """Tests that a fixed column goes and what it takes comes off the sides, those without end included."""
    program = make_program([1, 5], [[1, 2], [1, 0]], [3, -np.inf], [np.inf, 9], [0, 1], [np.inf, 1])
    reduced, kept = without_fixed(program)
    assert kept.tolist() == [0]
    assert reduced.matrix.toarray().tolist() == [[1], [1]]
    assert (reduced.row_lower.tolist(), reduced.row_upper.tolist()) == ([1, -np.inf], [np.inf, 9])
    assert reduced.col_blocks == {"x": slice(0, 1)}


@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_stays(make_random_instance, seed):
    """Tests that with some columns fixed both programs have the same optimum."""
    program = to_program(make_random_instance(seed))
    point = solve_program(program, HiGHS())[0].point
    held = np.random.default_rng(seed).random(len(point)) < 0.5
    fixed = replace(
        program,
        col_lower=np.where(held, point, program.col_lower),
        col_upper=np.where(held, point, program.col_upper),
    )
    reduced, kept = without_fixed(fixed)
    found = solve_program(reduced, HiGHS())[0].point
    rest = fixed.cost @ fixed.col_lower - fixed.cost[kept] @ fixed.col_lower[kept]
    assert rest + reduced.cost @ found == pytest.approx(program.cost @ point, rel=1e-7)
