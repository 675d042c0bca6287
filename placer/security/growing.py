"""A program with own rows that grows by cuts and by listed columns, while HiGHS keeps its basis.

An added cut leaves the basis dual feasible, and the dual simplex method restores primal feasibility. An added column
leaves the basis primal feasible, and the primal simplex method continues. Scales are those of the first program; each
cut has its own. The caller must prove the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array, csr_array

from placer.extended.extension import BLOCK
from placer.model.program import LinearProgram, LPSolution
from placer.model.scaling import Scales, scale, scaled_by, unscale
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import SimplexParameters, Vectors
from placer.termination import Reason, Termination
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Options of HiGHS: no scaling of its own, and at first the basis of all rows.
CUTS_SIMPLEX = SimplexParameters("cuts", scaling=0, first="dual", retries=True)


@dataclass(frozen=True, eq=False)
class _Taken:
    """The program of the last call.

    Attributes
    ----------
    by_column : sparse array
        The scaled matrix, with rows in the order of HiGHS.
    """

    program: LinearProgram
    scaled: LinearProgram
    scales: Scales
    by_column: csc_array


class GrowingProgram:
    """A program that is solved repeatedly: over more columns, with more own rows, or at other costs.

    Parameters
    ----------
    time_limit_seconds : float
        Of each run.

    Attributes
    ----------
    lp : IncrementalLP
    """

    def __init__(self, time_limit_seconds: float = math.inf) -> None:
        self.lp = IncrementalLP(CUTS_SIMPLEX)
        self._seconds = time_limit_seconds
        self._taken: _Taken | None = None
        #: Factors of own rows by name, in the order of HiGHS.
        self._factors: dict[str, float] = {}
        #: Columns and rows of the program in the order of HiGHS.
        self._columns, self._rows = np.zeros(0, dtype=int), np.zeros(0, dtype=int)

    def solve(self, program: LinearProgram, own_rows: Sequence[str], listed: BoolArray) -> LPSolution:
        """Solve a program over listed columns, from the basis of the last run.

        Parameters
        ----------
        program : LinearProgram
            That of the last call, perhaps with more own rows or other costs; own rows may be in another order.
        own_rows : sequence of str
            Names of its own rows; each name occurs once.
        listed : (columns,) bool array
            Those of the last call and perhaps more; the others stay at 0.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum.
        """
        taken = self._taken
        if taken is None or program is not taken.program:
            taken = self._taken = self._take(program, own_rows)
        is_here = np.zeros(len(listed), dtype=bool)
        is_here[self._columns] = True
        self._add_columns(taken, np.flatnonzero(listed & ~is_here))
        self.lp.run(self._seconds)
        point = self.lp.point()
        values, duals = np.zeros(len(listed)), np.zeros(len(self._rows))
        values[self._columns] = point.values
        duals[self._rows] = point.duals
        termination = Termination(Reason.OPTIMAL, f"HiGHS simplex: {self.lp.runs} runs, each from the last basis")
        solution = LPSolution(termination, values, duals, basic=True, iterations=self.lp.iterations)
        return unscale(solution, taken.scales)

    def _take(self, program: LinearProgram, own_rows: Sequence[str]) -> _Taken:
        """Pass the costs and the new own rows of a program to HiGHS."""
        first = scale(program)[1] if self._taken is None else self._taken.scales
        base = program.row_blocks[BLOCK].start
        found = _largest_entries(csr_array(program.matrix)[base:], first.column)
        self._factors |= {
            name: 1 / most for name, most in zip(own_rows, found, strict=True) if name not in self._factors
        }
        factors = np.array([self._factors[name] for name in own_rows])
        scales = replace(first, row=np.concatenate([first.row[:base], factors]))
        scaled = scaled_by(program, scales)
        place = {name: base + number for number, name in enumerate(own_rows)}
        own = np.array([place[name] for name in self._factors], dtype=int)
        self._rows = np.concatenate([np.arange(base), own])
        by_row = csr_array(csr_array(scaled.matrix)[self._rows])
        self._add_rows(scaled, by_row)
        return _Taken(program, scaled, scales, csc_array(by_row))

    def _add_rows(self, scaled: LinearProgram, by_row: csr_array) -> None:
        """Set the costs of the present columns, and add the missing rows."""
        start, rows = self.lp.rows, self._rows[self.lp.rows :]
        if self._taken is not None:
            self.lp.set_costs(scaled.cost[self._columns])
            if len(rows):
                self.lp.take_dual()
        entries = Vectors.of(csr_array(by_row[start:][:, self._columns]))
        self.lp.add_rows(scaled.row_lower[rows], scaled.row_upper[rows], entries)

    def _add_columns(self, taken: _Taken, columns: IntArray) -> None:
        """Add columns of the program."""
        entries = Vectors.of(csr_array(taken.by_column[:, columns].T))
        self.lp.add_columns(taken.scaled.cost[columns], taken.scaled.col_upper[columns], entries)
        self._columns = np.concatenate([self._columns, columns])


def _largest_entries(rows: csr_array, column: FloatArray) -> FloatArray:
    """Return the largest entry of each row with scaled columns, to a power of two; 1 for rows without any."""
    sizes = csr_array((np.abs(rows.data) * column[rows.indices], rows.indices, rows.indptr), shape=rows.shape)
    largest = sizes.max(axis=1).toarray().ravel()
    return np.exp2(np.round(np.log2(np.where(largest > 0, largest, 1.0))))
