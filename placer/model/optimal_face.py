"""The optimal face of a linear program: all its optimal points, not only the one a solver returned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.model.program import LinearProgram, LPSolution
    from placer.utils.arrays import FloatArray


def optimal_face(program: LinearProgram, solution: LPSolution, tolerance: float) -> LinearProgram:
    """Return the program with rows and columns that are dear to leave fixed at their side.

    By complementarity with the duals of one optimal solution every optimal point is on those sides, and every point on
    them is optimal.

    Parameters
    ----------
    program : LinearProgram
    solution : LPSolution
        Proven optimal, with duals.
    tolerance : float
        Duals and reduced costs up to this count as none, so that a point of the face may cost that much more for every
        unit by which it leaves such a side.
    """
    duals = solution.duals
    reduced = program.cost - program.matrix.T @ duals

    def fixed(lower: FloatArray, upper: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.where(price < -tolerance, upper, lower), np.where(price > tolerance, lower, upper)

    row_lower, row_upper = fixed(program.row_lower, program.row_upper, duals)
    col_lower, col_upper = fixed(program.col_lower, program.col_upper, reduced)
    return replace(program, row_lower=row_lower, row_upper=row_upper, col_lower=col_lower, col_upper=col_upper)
