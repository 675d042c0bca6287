"""Edits of a linear program: rows and columns added at its end, only some of its columns kept, or sides fixed.

Every edit gives a new program; the old one stays as it is. Blocks that are there keep their order, and a block that is
added comes last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.sparse import csc_array, hstack, sparray, vstack

from placer.model.program import LinearProgram, LPSolution, blocks
from placer.utils.arrays import BoolArray, FloatArray, IntArray


def with_rows(
    program: LinearProgram, block: str, matrix: sparray | FloatArray, lower: FloatArray, upper: FloatArray
) -> LinearProgram:
    """Return the program with some more rows, ``lower <= matrix x <= upper``.

    Parameters
    ----------
    block : str
        Name of the rows; one that the program does not have.
    matrix : (rows, columns) array, dense or sparse
    lower, upper : (rows,) arrays
    """
    return replace(
        program,
        matrix=csc_array(vstack([program.matrix, matrix], format="csc")),
        row_lower=np.append(program.row_lower, lower),
        row_upper=np.append(program.row_upper, upper),
        row_blocks=_with_block(program.row_blocks, block, len(lower)),
    )


def with_columns(
    program: LinearProgram, block: str, matrix: sparray, cost: FloatArray, upper: FloatArray
) -> LinearProgram:
    """Return the program with some more columns, from 0 to an upper bound.

    Parameters
    ----------
    block : str
        Name of the columns; one that the program does not have.
    matrix : (rows, columns) sparse array
    cost, upper : (columns,) arrays
        The upper bounds are implied ones too (``LinearProgram.implied_upper``).
    """
    return replace(
        program,
        cost=np.append(program.cost, cost),
        matrix=csc_array(hstack([program.matrix, matrix], format="csc")),
        col_lower=np.append(program.col_lower, np.zeros(len(cost))),
        col_upper=np.append(program.col_upper, upper),
        implied_upper=np.append(program.implied_upper, upper),
        col_blocks=_with_block(program.col_blocks, block, len(cost)),
    )


def with_slacks(
    program: LinearProgram, block: str, rows: IntArray, by: FloatArray | float, cost: FloatArray, upper: FloatArray
) -> LinearProgram:
    """Return the program with a column for each of some rows, which adds ``by`` a unit to it; see ``with_columns``."""
    count = len(rows)
    entries = np.broadcast_to(by, count), (rows, np.arange(count))
    return with_columns(program, block, csc_array(entries, shape=(program.matrix.shape[0], count)), cost, upper)


def restricted_to(program: LinearProgram, kept: BoolArray) -> LinearProgram:
    """Return the program over some of its columns, in their order; the program itself if all are kept.

    Parameters
    ----------
    kept : (columns,) bool array
        The columns to keep; the others are as good as fixed at 0.
    """
    if kept.all():
        return program
    return replace(
        program,
        cost=program.cost[kept],
        matrix=csc_array(program.matrix[:, np.flatnonzero(kept)]),
        col_lower=program.col_lower[kept],
        col_upper=program.col_upper[kept],
        implied_upper=program.implied_upper[kept],
        col_blocks=blocks({name: int(kept[part].sum()) for name, part in program.col_blocks.items()}),
    )


def with_cost(program: LinearProgram, cost: Mapping[str, FloatArray | float]) -> LinearProgram:
    """Return the program with other costs: those given, block by block, and 0 for all other columns."""
    changed = np.zeros(len(program.cost))
    for block, of_block in cost.items():
        changed[program.col_blocks[block]] = of_block
    return replace(program, cost=changed)


def optimal_face(program: LinearProgram, solution: LPSolution, tolerance: float) -> LinearProgram:
    """Return the program of all optimal points: rows and columns that are dear to leave are fixed at their side.

    By complementarity with the duals of one optimal solution every optimal point is on those sides, and every point on
    them is optimal.

    Parameters
    ----------
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


def _with_block(parts: Mapping[str, slice], name: str, size: int) -> dict[str, slice]:
    if name in parts:
        raise ValueError(f"there is a block {name!r} already")
    return blocks({each: part.stop - part.start for each, part in parts.items()} | {name: size})
