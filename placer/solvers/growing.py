"""HiGHS kept warm while a program grows: ``minimise cost . x, lower <= A x <= upper, 0 <= x <= bound``.

Rows and columns are added as they come to matter; every run starts from the basis the last one ended with, by the dual
simplex method. Nothing of an answer is trusted here: the caller proves it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csr_array

from placer.errors import NoSolutionError
from placer.model.program import Reason
from placer.running import seconds_left
from placer.solvers.highs import STATUS, Silent
from placer.solvers.interrupt import run

_FEASIBILITY = 1e-9
_OPTIONS: dict[str, str | float] = {
    "solver": "simplex",
    "presolve": "off",
    "simplex_scale_strategy": 1,  # chosen by HiGHS, or its perturbations are far too large for some costs
    "primal_feasibility_tolerance": _FEASIBILITY,
    "dual_feasibility_tolerance": _FEASIBILITY,
}
#: Dual at first, since prices start feasible; then primal, since what is added leaves the point feasible.
_DUAL, _PRIMAL = 1, 4
_UNSCALED = 0


@dataclass(frozen=True)
class Point:
    """What a run ended with: values of the columns, duals of the rows, and the objective."""

    values: np.ndarray
    duals: np.ndarray
    objective: float


class GrowingLP:
    """A program that grows.

    Attributes
    ----------
    rows, columns : int
        How many there are now.
    iterations : int
        Simplex iterations in all.
    most_iterations : int
        How many a run may take.
    """

    def __init__(self) -> None:
        self._engine = Silent()
        for name, value in _OPTIONS.items():
            self._set(name, value)
        self._set("simplex_strategy", _DUAL)
        self.rows = self.columns = self.iterations = 0
        self.most_iterations = 2**31 - 1

    def add_rows(self, lower: np.ndarray, upper: np.ndarray, entries: csr_array | None = None) -> None:
        """Add rows, with their entries (rows, columns there are); none if not given."""
        if not len(upper):
            return
        if entries is None:
            entries = csr_array((len(upper), self.columns))
        status = self._engine.addRows(len(upper), lower, upper, entries.nnz, *_arrays(entries))
        self._check(status, "addRows")
        self.rows += len(upper)

    def add_columns(self, cost: np.ndarray, bound: np.ndarray, entries: csr_array) -> None:
        """Add columns, with their entries (columns, rows there are)."""
        if not len(cost):
            return
        lower = np.zeros(len(cost))
        status = self._engine.addCols(len(cost), cost, lower, bound, entries.nnz, *_arrays(entries))
        self._check(status, "addCols")
        self.columns += len(cost)

    def start_at_upper(self, chosen: np.ndarray) -> None:
        """Start from the basis of all rows, with some columns at their upper bounds and all others at zero."""
        if not len(chosen):
            return
        basis = highspy.HighsBasis()
        status = [highspy.HighsBasisStatus.kLower] * self.columns
        for column in chosen.tolist():
            status[column] = highspy.HighsBasisStatus.kUpper
        basis.col_status = status
        basis.row_status = [highspy.HighsBasisStatus.kBasic] * self.rows
        basis.valid = True
        self._check(self._engine.setBasis(basis), "setBasis")

    def set_cost(self, columns: np.ndarray, cost: np.ndarray) -> None:
        """Replace the cost of some columns."""
        status = self._engine.changeColsCost(len(columns), columns.astype(np.int32), cost)
        self._check(status, "changeColsCost")

    def run(self, time_limit_seconds: float = math.inf) -> Point:
        """Optimise from the present basis.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum; its reason says why.
        """
        if not self.columns:
            return Point(np.zeros(0), np.zeros(self.rows), 0.0)
        limit = min(self._engine.getRunTime() + max(min(time_limit_seconds, seconds_left()), 0.0), 1e9)
        self._set("time_limit", limit)
        self._set("simplex_iteration_limit", self.most_iterations)
        status = self._optimise()
        if STATUS[status] is Reason.FAILED:
            # A basis from before can be too bad to go on from, and what is optimal scaled can be infeasible as it is.
            # From no basis at all and without scaling HiGHS still finds its way.
            self._check(self._engine.clearSolver(), "clearSolver")
            self._set("simplex_strategy", _DUAL)
            self._set("simplex_scale_strategy", _UNSCALED)
            status = self._optimise()
        if STATUS[status] is not Reason.OPTIMAL:
            raise NoSolutionError(STATUS[status], f"HiGHS, growing: {status}")
        self._set("simplex_strategy", _PRIMAL)
        solution, value = self._engine.getSolution(), self._engine.getInfo().objective_function_value
        return Point(np.array(solution.col_value), np.array(solution.row_dual), value)

    def _optimise(self) -> str:
        """Run, count the iterations and return the status by name; an error within HiGHS is a status of its own."""
        outcome = run(self._engine)
        self.iterations += max(self._engine.getInfo().simplex_iteration_count, 0)
        return "kSolveError" if outcome == highspy.HighsStatus.kError else self._engine.getModelStatus().name

    def _set(self, option: str, value: str | float) -> None:
        self._check(self._engine.setOptionValue(option, value), f"option {option}")

    def _check(self, status: highspy.HighsStatus, call: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise NoSolutionError(Reason.FAILED, f"HiGHS, growing: {call} answered {status.name}")


def _arrays(entries: csr_array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return entries.indptr[:-1].astype(np.int32), entries.indices.astype(np.int32), entries.data
