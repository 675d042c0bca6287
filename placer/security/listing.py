"""Solve secure programs over listed assignments: cheap ones, and later those with a negative reduced cost.

HiGHS' simplex method starts from its last basis (``placer.security.growing``). All other solvers start from scratch,
and so does a program whose answer was not proven. The certificate is of all assignments.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from placer.errors import NoSolutionError
from placer.ladder.whole_program import limit_of, solve_program
from placer.model.edits import restricted_to
from placer.model.program import LinearProgram, LPSolution, Solver
from placer.model.scaling import scale
from placer.proof.certificate import Certificate, certify
from placer.running import check_time
from placer.security.growing import GrowingProgram
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray

_log = logging.getLogger(__name__)


class Listing:
    """The columns that are listed so far, and the program over them.

    Parameters
    ----------
    demand : (assignments,) int array
        The demand of each assignment, which are the columns "x" of the program.
    listed : (columns,) bool array
        Which columns are listed at first: all that are no assignments, and cheap assignments.

    Attributes
    ----------
    listed : (columns,) bool array
    """

    def __init__(self, demand: IntArray, listed: BoolArray, solver: Solver) -> None:
        self.listed = listed
        self._demand, self._solver = demand, solver
        self._growing = GrowingProgram(limit_of(solver)) if _goes_on(solver) else None

    def solve(self, program: LinearProgram, own_rows: Sequence[str]) -> tuple[LPSolution, Certificate]:
        """Solve a program, and prove the answer.

        Parameters
        ----------
        program, own_rows
            As of ``GrowingProgram.solve``.

        Raises
        ------
        NoSolutionError
            If no answer was proven, or the time is over.
        """
        growing = self._growing
        if growing is not None:
            try:
                return self._solve(program, lambda: growing.solve(program, own_rows, self.listed))
            except NoSolutionError as error:
                if error.reason is not Reason.FAILED:
                    raise
                _log.info("the program is solved from scratch: %s", error)
                self._growing = GrowingProgram(limit_of(self._solver))
        return self._solve(program, lambda: self._from_scratch(program))

    def _solve(self, program: LinearProgram, run: Callable[[], LPSolution]) -> tuple[LPSolution, Certificate]:
        """Solve, and list more columns until none has a negative reduced cost; then prove."""
        scaled, scales = scale(program)
        while True:
            check_time("listing assignments")
            solution = run()
            reduced = program.cost - program.matrix.T @ solution.duals
            below = np.where(self.listed, 0.0, np.minimum(reduced * scales.column * scales.cost, 0.0))
            if (below < -SOLVER).any():
                self.listed = self.listed | self._most_below(below, program.col_blocks["x"])
                continue
            scaled_solution = replace(
                solution,
                values=solution.point / scales.column * scales.size,
                row_duals=solution.duals / scales.row * scales.cost,
            )
            certificate = certify(scaled, scaled_solution, 1 / (scales.cost * scales.size))
            if not certificate.proven:
                raise NoSolutionError(Reason.FAILED, "; ".join(certificate.failures))
            return solution, certificate

    def _from_scratch(self, program: LinearProgram) -> LPSolution:
        found, _ = solve_program(restricted_to(program, self.listed), self._solver)
        values = np.zeros(len(program.cost))
        values[self.listed] = found.point
        return replace(found, values=values)

    def _most_below(self, reduced: FloatArray, part: slice) -> BoolArray:
        """Return the assignment of every demand with the least reduced cost, if that is negative."""
        own, least = reduced[part], np.zeros(int(self._demand.max(initial=-1)) + 1)
        np.minimum.at(least, self._demand, own)
        chosen = np.zeros(len(reduced), dtype=bool)
        chosen[part] = (own < -SOLVER) & (own <= least[self._demand])
        return chosen


def _goes_on(solver: Solver) -> bool:
    """Return whether a solver is HiGHS' simplex method without options of the user."""
    return isinstance(solver, HiGHS) and solver.method == "simplex" and not solver.options
