"""Bring a linear program to numbers near 1, so that the fixed tolerances of solvers mean the same for every unit.

Solvers test feasibility and optimality to absolute tolerances near 1e-7. A program in USD per token would pass those
tests with answers that are wrong by half. Rows, columns, the costs and the right-hand sides are multiplied by powers
of two, which rounds nothing, and a solution of the scaled program is one of the program itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array

from placer.model.program import LinearProgram, LPSolution
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.solver_limits import WIDEST_RANGE

#: Rounds of alternating row and column scaling; the spread hardly changes after a few (Curtis and Reid 1972).
_ROUNDS = 4
#: Smaller values of a scaled program, beside typical ones, are rounding.
IN_USE = 1e-9
#: The largest cost of a scaled program: solvers take numbers from 1e20 on for infinite.
LARGEST_COST = 1e15
#: Rounds of ``_narrow``, which converges slowly and is rare.
_NARROW_ROUNDS = 30


@dataclass(frozen=True, eq=False)
class Scales:
    """Factors, all powers of two: scaled matrix = row * matrix * column, and so on.

    Attributes
    ----------
    row, column : arrays
        ``A_ij`` becomes ``row_i A_ij column_j``; ``x_j`` becomes ``x_j * size / column_j``.
    cost, size : float
        Costs are further multiplied by ``cost``, right-hand sides and bounds by ``size``.
    """

    row: FloatArray
    column: FloatArray
    cost: float
    size: float


def scale(program: LinearProgram) -> tuple[LinearProgram, Scales]:
    """Return the scaled program and the factors that lead back."""
    row, column = _factors(program.matrix)
    cost_factor = _towards_1(program.cost * column)
    sides = [program.row_lower * row, program.row_upper * row, program.col_lower / column, program.col_upper / column]
    size = _towards_1(np.concatenate(sides))
    scales = Scales(_with_empty_rows(program, row, size), column, cost_factor, size)
    return scaled_by(program, scales), scales


def scale_around(program: LinearProgram, kept: BoolArray) -> tuple[LinearProgram, Scales]:
    """Return as ``scale``, with some columns in their own units: whole numbers stay whole there.

    Rows that join such columns to others have been scaled for units that they no longer have. Where this leaves a range
    that solvers cannot take, the rows and the other columns are narrowed beside the columns kept.

    Parameters
    ----------
    kept : (columns,) bool array
        The columns whose values the scaled program shares with the program.
    """
    _, scales = scale(program)
    scales = replace(scales, column=np.where(kept, scales.size, scales.column))
    scaled = scaled_by(program, scales)
    if magnitude_range(scaled) <= WIDEST_RANGE:
        return scaled, scales
    row, column = _narrow(scaled.matrix, ~kept)
    column = scales.column * column
    narrow = Scales(scales.row * row, column, _towards_1(program.cost * column), scales.size)
    return min((scaled, scales), (scaled_by(program, narrow), narrow), key=lambda each: magnitude_range(each[0]))


def scale_by_used(program: LinearProgram, scales: Scales, values: FloatArray) -> tuple[LinearProgram, Scales]:
    """Return a scaled program, and its scales, with costs near 1 where a point uses columns.

    The median of all costs may be that of columns that no answer uses. Beside it the costs that decide vanish. Costs
    are never scaled down, nor any beyond ``LARGEST_COST``.

    Parameters
    ----------
    program : LinearProgram
        Scaled.
    scales : Scales
        Its factors.
    values : (columns,) array
        The point, of the scaled program.
    """
    largest = float(np.abs(program.cost).max(initial=0.0))
    if not largest > 0:
        return program, scales
    most = float(np.exp2(np.floor(np.log2(LARGEST_COST / largest))))
    factor = max(min(_towards_1(program.cost[np.abs(values) > IN_USE]), most), 1.0)
    return replace(program, cost=program.cost * factor), replace(scales, cost=scales.cost * factor)


def scaled_by(program: LinearProgram, scales: Scales) -> LinearProgram:
    """Return the program scaled by given factors."""
    row, column, size = scales.row, scales.column, scales.size
    return replace(
        program,
        cost=program.cost * column * scales.cost,
        matrix=_scaled_matrix(program.matrix, row, column),
        row_lower=program.row_lower * row * size,
        row_upper=program.row_upper * row * size,
        col_lower=program.col_lower / column * size,
        col_upper=program.col_upper / column * size,
        implied_upper=program.implied_upper / column * size,
    )


def unscale(solution: LPSolution, scales: Scales) -> LPSolution:
    """Return a solution of the scaled program as one of the program it came from."""
    values, duals = solution.values, solution.row_duals
    return replace(
        solution,
        values=None if values is None else values * scales.column / scales.size,
        row_duals=None if duals is None else duals * scales.row / scales.cost,
    )


def magnitude_range(program: LinearProgram) -> float:
    """Return the largest over the smallest magnitude of the matrix; 1 if it is empty."""
    return _range(program.matrix)


def _factors(matrix: csc_array) -> tuple[FloatArray, FloatArray]:
    """Find row and column factors; those of ``_narrow`` only where others leave a range that solvers cannot take."""
    factors = _equilibrate(matrix)
    if _range(_scaled_matrix(matrix, *factors)) <= WIDEST_RANGE:
        return factors
    every = np.ones(matrix.shape[1], dtype=bool)
    return min(factors, _narrow(matrix, every), key=lambda each: _range(_scaled_matrix(matrix, *each)))


def _with_empty_rows(program: LinearProgram, row: FloatArray, size: float) -> FloatArray:
    """Return row factors that bring the sides of rows without entries near 1, given the factor of all sides.

    Such a row holds or not whatever the columns are. Unscaled, a side that no point meets may be as small as rounding.
    """
    lower, upper = (np.where(np.isfinite(side), np.abs(side), 0.0) for side in (program.row_lower, program.row_upper))
    sides = np.maximum(lower, upper)
    empty = (np.bincount(program.matrix.indices, minlength=len(row)) == 0) & (sides > 0)
    return np.where(empty, np.exp2(-np.round(np.log2(np.where(empty, sides, 1.0)))) / size, row)


def _equilibrate(matrix: csc_array) -> tuple[FloatArray, FloatArray]:
    """Find row and column factors that bring the geometric mean of each row's and column's entries to 1."""
    kept = (matrix.data != 0) & np.isfinite(matrix.data)  # the solver refuses values that are not finite
    there = _with_data(matrix, kept.astype(float))
    log_size = _with_data(matrix, np.log2(np.abs(np.where(kept, matrix.data, 1.0))))
    row_sum, column_sum = log_size.sum(axis=1), log_size.sum(axis=0)
    row_count, column_count = np.maximum(there.sum(axis=1), 1), np.maximum(there.sum(axis=0), 1)
    column = np.zeros(matrix.shape[1])
    for _ in range(_ROUNDS):
        row = -(row_sum + there @ column) / row_count
        column = -(column_sum + there.T @ row) / column_count
    return np.exp2(np.round(row)), np.exp2(np.round(column))


def _narrow(matrix: csc_array, free: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Find row and column factors that narrow the range of all entries (Fulkerson and Wolfe 1962).

    The geometric mean of the smallest and the largest magnitude of each row and free column becomes 1; the factor of
    other columns is 1. ``_equilibrate`` minimises the variance of all magnitudes: many equal entries may leave a few
    others far away.
    """
    kept = (matrix.data != 0) & np.isfinite(matrix.data)
    row_of, column_of = matrix.indices[kept], np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))[kept]
    log_size = np.log2(np.abs(matrix.data[kept]))
    row, column = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1])
    for _ in range(_NARROW_ROUNDS):
        row = -_middle(log_size + column[column_of], row_of, len(row))
        column = np.where(free, -_middle(log_size + row[row_of], column_of, len(column)), 0.0)
    return np.exp2(np.round(row)), np.exp2(np.round(column))


def _middle(values: FloatArray, group: IntArray, groups: int) -> FloatArray:
    """Return the middle of the smallest and the largest value of every group; 0 for one without values (groups,)."""
    low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    some = np.isfinite(low)
    return np.where(some, (low + np.where(some, high, 0.0)) / 2, 0.0)


def _range(matrix: csc_array) -> float:
    """Return the largest over the smallest magnitude of a matrix; 1 if it is empty."""
    size = np.abs(matrix.data)
    size = size[size > 0]
    return float(size.max() / size.min()) if size.size else 1.0


def _scaled_matrix(matrix: csc_array, row: FloatArray, column: FloatArray) -> csc_array:
    return _with_data(matrix, matrix.data * row[matrix.indices] * np.repeat(column, np.diff(matrix.indptr)))


def _with_data(matrix: csc_array, data: FloatArray) -> csc_array:
    """Return a matrix with other values in the same places."""
    return csc_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _towards_1(values: FloatArray) -> float:
    """Return the power of two that brings the median magnitude of the nonzero finite values to 1."""
    size = np.abs(values)
    size = size[np.isfinite(size) & (size > 0)]
    return float(np.exp2(-np.round(np.log2(np.median(size))))) if size.size else 1.0
