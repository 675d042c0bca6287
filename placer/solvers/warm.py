"""HiGHS kept warm while a program grows: ``maximise gain . x, A x <= upper, 0 <= x <= bound``.

Rows and columns are added as they come to matter; each run starts from the basis the last one ended with. Nothing of an
answer is trusted here: the caller proves it, and asks for a cold run where it cannot.

Several objectives may be optimised in order, each among the optima of those before it: once the first is at its most,
columns with a reduced gain are fixed where they are and rows with a dual at their upper sides, which leaves the optimal
face; the next is optimised there, and in the end all sides are as they were. A column that is fixed never enters the
basis, so that the last basis is optimal for all objectives in their order, and gives duals of each.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np

from placer.errors import NoSolutionError
from placer.model.program import Reason
from placer.running import check_time, seconds_left, tell
from placer.solvers.highs import STATUS, Silent

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)

#: How often at most it says how far it is.
_SECONDS_BETWEEN = 1.0
#: The least HiGHS takes.
_FEASIBILITY = 1e-10
#: Entries smaller than this are nothing to HiGHS; the caller leaves them out.
LEAST_ENTRY = 1e-12
_OPTIONS = {
    "small_matrix_value": LEAST_ENTRY,
    "solver": "simplex",
    "presolve": "off",
    "simplex_strategy": 4,  # primal: columns that are added leave the basis primal feasible
    "primal_feasibility_tolerance": _FEASIBILITY,
    "dual_feasibility_tolerance": _FEASIBILITY,
}
#: Duals and reduced gains up to this count as none when a face is formed; it is what HiGHS leaves of them.
TIE = 1e-10


@dataclass(frozen=True)
class Entries:
    """Matrix entries, vector by vector: those of vector i are from ``start[i]`` up to the next start."""

    start: np.ndarray
    index: np.ndarray
    value: np.ndarray


class WarmLP:
    """A program that grows.

    Attributes
    ----------
    rows, columns : int
        How many there are now.
    runs, iterations : int
        Runs made, and simplex iterations in all.
    """

    def __init__(self) -> None:
        self._engine = Silent()
        for name, value in _OPTIONS.items():
            self._check(self._engine.setOptionValue(name, value), f"option {name}")
        self.rows = self.columns = self.runs = self.iterations = 0
        self._told = time.monotonic()

    def start(self, upper: np.ndarray) -> None:
        """Start afresh, with no columns and these rows."""
        self._check(self._engine.clearModel(), "clearModel")
        self.rows = self.columns = 0
        self.add_rows(upper, Entries(np.zeros(len(upper), dtype=np.int32), np.zeros(0, np.int32), np.zeros(0)))

    def add_rows(self, upper: np.ndarray, entries: Entries) -> None:
        """Add rows over the columns there are."""
        count = len(upper)
        if not count:
            return
        lower = np.full(count, -np.inf)
        size = len(entries.index)
        status = self._engine.addRows(count, lower, upper, size, entries.start, entries.index, entries.value)
        self._check(status, "addRows")
        self.rows += count

    def add_columns(self, gain: np.ndarray, bound: np.ndarray, entries: Entries) -> None:
        """Add columns over the rows there are."""
        count = len(gain)
        lower = np.zeros(count)
        size = len(entries.index)
        status = self._engine.addCols(count, -gain, lower, bound, size, entries.start, entries.index, entries.value)
        self._check(status, "addCols")
        self.columns += count

    def set_gains(self, gain: np.ndarray) -> None:
        """Replace the gain of every column."""
        columns = np.arange(self.columns, dtype=np.int32)
        self._check(self._engine.changeColsCost(self.columns, columns, -gain), "changeColsCost")

    def set_upper(self, upper: np.ndarray) -> None:
        """Replace the upper sides of the first rows."""
        rows = np.arange(len(upper), dtype=np.int32)
        lower = np.full(len(upper), -np.inf)
        self._check(self._engine.changeRowsBounds(len(upper), rows, lower, upper), "changeRowsBounds")

    def set_basis(self, tight: np.ndarray) -> None:
        """Make all columns basic, and as many rows nonbasic at their upper sides."""
        basis = highspy.HighsBasis()
        basis.col_status = [highspy.HighsBasisStatus.kBasic] * self.columns
        status = [highspy.HighsBasisStatus.kBasic] * self.rows
        for row in tight.tolist():
            status[row] = highspy.HighsBasisStatus.kUpper
        basis.row_status = status
        basis.valid = True
        self._check(self._engine.setBasis(basis), "setBasis")

    def run(self) -> None:
        """Optimise from the present basis.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum, or not in the time that is left.
        """
        check_time(f"HiGHS, warm: after {self.runs} runs")
        left = seconds_left()
        limit = self._engine.getRunTime() + left if math.isfinite(left) else highspy.kHighsInf
        self._check(self._engine.setOptionValue("time_limit", limit), "time limit")
        outcome = self._engine.run()
        status = self._engine.getModelStatus().name
        if STATUS[status] is not Reason.TIME_LIMIT:
            self._check(outcome, "run")
        self.runs += 1
        self.iterations += max(self._engine.getInfo().simplex_iteration_count, 0)
        if time.monotonic() - self._told >= _SECONDS_BETWEEN:
            self._told = time.monotonic()
            tell(_log, f"walk: {self.runs:,} programs, {self.iterations:,} iterations")
        if STATUS[status] is not Reason.OPTIMAL:
            raise NoSolutionError(STATUS[status], f"HiGHS, warm: {status}")

    def run_in_order(self, gains: Sequence[np.ndarray]) -> None:
        """Optimise for some gains, each among the optima of those before it.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum.
        """
        program = self._engine.getLp()
        bound, upper = np.array(program.col_upper_), np.array(program.row_upper_)
        try:
            for place, gain in enumerate(gains):
                self.set_gains(gain)
                self.run()
                if place + 1 < len(gains):
                    self._confine(upper)
        finally:
            self._set_sides(np.zeros(self.columns), bound, np.full(self.rows, -np.inf), upper)

    def _confine(self, upper: np.ndarray) -> None:
        """Leave only the optimal face of the last run."""
        solution = self._engine.getSolution()
        reduced, duals = np.array(solution.col_dual), np.array(solution.row_dual)
        program = self._engine.getLp()
        lower, most = np.array(program.col_lower_), np.array(program.col_upper_)
        least = np.array(program.row_lower_)
        lower = np.where(reduced < -TIE, most, lower)
        most = np.where(reduced > TIE, np.array(program.col_lower_), most)
        self._set_sides(lower, most, np.where(duals < -TIE, upper, least), upper)

    def _set_sides(self, lower: np.ndarray, bound: np.ndarray, least: np.ndarray, upper: np.ndarray) -> None:
        columns, rows = np.arange(self.columns, dtype=np.int32), np.arange(self.rows, dtype=np.int32)
        self._check(self._engine.changeColsBounds(self.columns, columns, lower, bound), "changeColsBounds")
        self._check(self._engine.changeRowsBounds(self.rows, rows, least, upper), "changeRowsBounds")

    def forget(self) -> None:
        """Forget the basis, so that the next run is cold."""
        self._check(self._engine.clearSolver(), "clearSolver")

    def answer(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of the columns and the duals of the rows (>= 0 up to the tolerance)."""
        solution = self._engine.getSolution()
        return np.array(solution.col_value), -np.array(solution.row_dual)

    def duals_of(self, gain: np.ndarray) -> np.ndarray:
        """Return the duals of the rows for another gain of the columns, in the present basis."""
        status, basic = self._engine.getBasicVariables()
        self._check(status, "getBasicVariables")
        own = basic >= 0  # rows are counted -1, -2, ..
        wanted = np.zeros(self.rows)
        wanted[own] = gain[basic[own]]
        status, duals = self._engine.getBasisTransposeSolve(wanted)
        self._check(status, "getBasisTransposeSolve")
        return np.asarray(duals)

    def _check(self, status: highspy.HighsStatus, call: str) -> None:
        if status != highspy.HighsStatus.kOk:
            raise NoSolutionError(Reason.FAILED, f"HiGHS, warm: {call} answered {status.name}")
