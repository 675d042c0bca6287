"""Own rows and columns as data, and the program that they extend.

With x the columns of the instance's program and z the own columns,

    minimise    cost x + own_cost z
    subject to  row_lower <= A x <= row_upper                    the program of the instance, as it is
                own_lower <= G x + H z <= own_upper              own rows
                col_lower <= x <= col_upper,    lower <= z <= upper,    some z whole

Own columns enter own rows only, so that every row of the instance keeps its meaning and every table of quantities stays
correct. At duals r of the own rows the columns of the instance cost ``cost - G'r``. The part ``-G'r`` is the charge of
the own rows per unit of each column (``charges``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array, csr_array, hstack, vstack

from placer.model.program import LinearProgram, LPSolution
from placer.utils.arrays import BoolArray, FloatArray

#: Name of the block of own rows and of own columns in the extended program.
BLOCK = "own"


@dataclass(frozen=True, eq=False)
class OwnColumns:
    """Own columns of a model.

    Attributes
    ----------
    cost, lower, upper : (own columns,) arrays
        Cost in USD per unit.
    integer : (own columns,) bool array
        Whether the value must be an integer.
    """

    names: tuple[str, ...]
    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray

    def joined(self, other: OwnColumns) -> OwnColumns:
        """Return these columns and then the others."""
        return OwnColumns(
            names=self.names + other.names,
            cost=np.concatenate([self.cost, other.cost]),
            lower=np.concatenate([self.lower, other.lower]),
            upper=np.concatenate([self.upper, other.upper]),
            integer=np.concatenate([self.integer, other.integer]),
        )


@dataclass(frozen=True, eq=False)
class OwnRows:
    """Own rows of a model.

    Attributes
    ----------
    matrix : (own rows, columns) sparse array, by row
        Coefficients on the columns of the instance, then on the own columns.
    lower, upper : (own rows,) arrays
    """

    names: tuple[str, ...]
    matrix: csr_array
    lower: FloatArray
    upper: FloatArray

    def widened(self, columns: int) -> OwnRows:
        """Return the rows over more columns, with coefficients of 0 on the further ones."""
        matrix = csr_array(
            (self.matrix.data, self.matrix.indices, self.matrix.indptr), shape=(len(self.names), columns)
        )
        return replace(self, matrix=matrix)

    def joined(self, other: OwnRows) -> OwnRows:
        """Return these rows and then the others, over the columns of the others."""
        wide = self.widened(other.matrix.shape[1])
        return OwnRows(
            names=self.names + other.names,
            matrix=csr_array(vstack([wide.matrix, other.matrix], format="csr")),
            lower=np.concatenate([self.lower, other.lower]),
            upper=np.concatenate([self.upper, other.upper]),
        )


@dataclass(frozen=True, eq=False)
class Extension:
    """The rows and columns that a model adds to the program of its instance."""

    columns: OwnColumns
    rows: OwnRows

    @property
    def has_integers(self) -> bool:
        """Whether an own column must be an integer."""
        return bool(self.columns.integer.any())


@dataclass(frozen=True, eq=False)
class Extended:
    """A solved extended program.

    Attributes
    ----------
    extension : Extension
        Own columns with the given bounds.
    program : LinearProgram
        With integers relaxed and the amounts of one period.
    solution : LPSolution
        If the model has integers, its duals are those with the integers fixed.
    """

    extension: Extension
    program: LinearProgram
    solution: LPSolution


def no_extension(columns: int) -> Extension:
    """Return an extension without rows and columns of a program with a number of columns."""
    nothing = np.zeros(0)
    return Extension(
        OwnColumns((), nothing, nothing, nothing, np.zeros(0, dtype=bool)),
        OwnRows((), csr_array((0, columns)), nothing, nothing),
    )


def extend(program: LinearProgram, extension: Extension) -> LinearProgram:
    """Return the extended program: own rows and own columns stand last, in the block ``own`` of either.

    Integers are relaxed: a ``LinearProgram`` has none.
    """
    own, rows = extension.columns, extension.rows
    count = len(own.names)
    wide = hstack([program.matrix, csc_array((program.matrix.shape[0], count))], format="csc")
    below = rows.widened(program.matrix.shape[1] + count).matrix
    at_row, at_column = program.matrix.shape
    return LinearProgram(
        cost=np.concatenate([program.cost, own.cost]),
        matrix=csc_array(vstack([wide, csc_array(below)], format="csc")),
        row_lower=np.concatenate([program.row_lower, rows.lower]),
        row_upper=np.concatenate([program.row_upper, rows.upper]),
        col_lower=np.concatenate([program.col_lower, own.lower]),
        col_upper=np.concatenate([program.col_upper, own.upper]),
        implied_upper=np.concatenate([program.implied_upper, np.full(count, np.inf)]),
        row_blocks={**program.row_blocks, BLOCK: slice(at_row, at_row + len(rows.names))},
        col_blocks={**program.col_blocks, BLOCK: slice(at_column, at_column + count)},
    )


def charges(program: LinearProgram, row_duals: FloatArray) -> FloatArray:
    """Return the charge of the own rows per unit of every column of the instance, ``-G'r`` (columns of the instance,).

    Parameters
    ----------
    program : LinearProgram
        Extended.
    row_duals : (rows,) array
        Of the extended program.
    """
    rows, columns = program.row_blocks[BLOCK], program.col_blocks[BLOCK]
    of_own = csr_array(program.matrix)[rows]
    return 0.0 - np.asarray(of_own.T @ row_duals[rows])[: columns.start]
