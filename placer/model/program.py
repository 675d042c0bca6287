"""The linear program as data, the solution of a solver, and the protocol of solvers. No word of the domain here.

    minimise    cost . x
    subject to  row_lower <= A x <= row_upper
                col_lower <=   x <= col_upper

A row's dual is the change of the least cost per unit by which the row's active side is raised. The reduced cost of a
column is ``cost - A' dual``. Both are >= 0 where a lower side is active and <= 0 where an upper side is active.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from placer.termination import Termination
from placer.utils.arrays import FloatArray

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True, eq=False, repr=False)
class LinearProgram:
    """A linear program as plain arrays.

    Attributes
    ----------
    cost, col_lower, col_upper : (columns,) arrays
    matrix : (rows, columns) sparse array, by column
    row_lower, row_upper : (rows,) arrays
    implied_upper : (columns,) array
        Upper bounds that every feasible point satisfies because of the rows; inf where none is known. Solvers never
        see them; they turn nearly dual feasible prices into a proven bound (see ``placer.proof.certificate``).
    row_blocks, col_blocks : mapping of str to slice
        What the rows and columns mean, block by block.
    naming : callable, optional
        Returns the names of rows and columns in files; block and position if not given. They are made when asked for.
    """

    cost: FloatArray
    matrix: csc_array
    row_lower: FloatArray
    row_upper: FloatArray
    col_lower: FloatArray
    col_upper: FloatArray
    implied_upper: FloatArray
    row_blocks: Mapping[str, slice]
    col_blocks: Mapping[str, slice]
    naming: Callable[[], tuple[list[str], list[str]]] | None = None

    @property
    def row_names(self) -> list[str]:
        """Names of the rows."""
        return self._names(0, self.row_blocks)

    @property
    def col_names(self) -> list[str]:
        """Names of the columns."""
        return self._names(1, self.col_blocks)

    def _names(self, axis: int, parts: Mapping[str, slice]) -> list[str]:
        """Return the given names, or block and position where none are, or rows or columns were added since."""
        names = [] if self.naming is None else self.naming()[axis]
        if len(names) == self.matrix.shape[axis]:
            return names
        return [f"{name}_{place}" for name, part in parts.items() for place in range(part.stop - part.start)]

    def __repr__(self) -> str:
        """Return the size in one line."""
        rows, columns = self.matrix.shape
        return f"<LinearProgram: {rows:,} rows, {columns:,} columns, {self.matrix.nnz:,} nonzeros>"


@dataclass(frozen=True, eq=False, repr=False)
class LPSolution:
    """What a solver answered. Nothing in it is trusted until a certificate has checked it.

    Attributes
    ----------
    termination : Termination
    values : (columns,) array, or None
        A point, where the solver has one.
    row_duals : (rows,) array, or None
        Duals of the rows, where the solver has them.
    basic : bool
        Whether the point is a basic solution (simplex or crossover), which is held to tighter tolerances.
    iterations : int
        As the solver counts them; -1 if it does not say.
    seconds : float
        Time in the solver, hand-over included.
    """

    termination: Termination
    values: FloatArray | None = None
    row_duals: FloatArray | None = None
    basic: bool = True
    iterations: int = -1
    seconds: float = 0.0

    @property
    def point(self) -> FloatArray:
        """The values; ValueError for a solution without values."""
        if self.values is None:
            raise ValueError(f"there is no point: {self.termination.detail}")
        return self.values

    def __repr__(self) -> str:
        """Return how the solver ended, the iterations that it counts, and its time, in one line."""
        counted = f", {self.iterations:,} iterations" if self.iterations >= 0 else ""
        return f"<LPSolution: {self.termination.reason}, {self.termination.detail}{counted}, {self.seconds:.3g} s>"

    @property
    def duals(self) -> FloatArray:
        """The row duals; ValueError for a solution without duals."""
        if self.row_duals is None:
            raise ValueError(f"there are no duals: {self.termination.detail}")
        return self.row_duals


class Solver(Protocol):
    """Anything that answers a linear program. Solvers are small, frozen and picklable."""

    @property
    def name(self) -> str:
        """Name for messages, with the method."""
        ...

    def solve(self, program: LinearProgram) -> LPSolution:
        """Answer the program. An infeasible program is an answer; only a failure of the solver is an error."""
        ...

    def fallbacks(self) -> tuple[Solver, ...]:
        """Solvers to ask, in turn, when this one's answer does not pass the certificate."""
        ...


def blocks(sizes: Mapping[str, int]) -> dict[str, slice]:
    """Lay blocks of the given sizes end to end."""
    stops = np.cumsum(list(sizes.values()), dtype=np.int64)
    return {name: slice(int(stop) - size, int(stop)) for (name, size), stop in zip(sizes.items(), stops, strict=True)}


def defects(program: LinearProgram) -> list[str]:
    """Return the defects of a program in words: NaN or inf, bounds that cross, shapes that do not fit, no columns.

    No solver may receive a program with defects: HiGHS answers some with 'optimal', and others never.
    """
    rows, columns = program.matrix.shape
    found = [] if columns else ["there are no columns"]
    for name, values, length in (
        ("cost", program.cost, columns),
        ("row_lower", program.row_lower, rows),
        ("row_upper", program.row_upper, rows),
        ("col_lower", program.col_lower, columns),
        ("col_upper", program.col_upper, columns),
    ):
        if values.shape != (length,):
            found.append(f"{name} has shape {values.shape}, not ({length},)")
        elif np.isnan(values).any():
            found.append(f"{name} holds NaN")
    if found:
        return found
    if not np.isfinite(program.cost).all():
        found.append("cost holds inf")
    if not np.isfinite(program.matrix.data).all():
        found.append("matrix holds NaN or inf")
    for side, lower, upper in (
        ("row", program.row_lower, program.row_upper),
        ("column", program.col_lower, program.col_upper),
    ):
        if (lower > upper).any() or (lower == np.inf).any() or (upper == -np.inf).any():
            found.append(f"{side} bounds leave no value")
    return found
