"""A linear program that grows while HiGHS keeps its basis.

    minimise cost . x, lower <= A x <= upper, 0 <= x <= bound

Rows and columns are added as they come to matter, and every run starts from the basis that the last one ended with. A
program that maximises (``SimplexParameters.maximises``) has its costs negated on the way in and its duals on the way
out. Nothing of an answer is trusted here: the caller proves it, and asks for a cold run where it cannot.

Several objectives may be optimised in order, each over the optima of those before it (``run_in_order``): after the run
for one objective, columns with a nonzero reduced cost are fixed at their bound and rows with a nonzero dual
at their side, which leaves its optimal face; the next objective is optimised over that face, and at the end all bounds
are restored. A fixed column never enters the basis, so that the last basis is optimal for all objectives in their
order, and gives the duals of each (``duals_of``).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np

from placer.errors import NoSolutionError
from placer.running import SECONDS_BETWEEN_LINES, check_time, seconds_left, tell
from placer.solvers.highs import STATUS, Silent
from placer.solvers.interrupt import run
from placer.solvers.simplex import BasicPoint, Basis, Bounds, SimplexParameters, Vectors
from placer.termination import Reason
from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)

_BASIC, _UPPER, _LOWER = (getattr(highspy.HighsBasisStatus, name) for name in ("kBasic", "kUpper", "kLower"))
#: Statuses by number.
_STATUS_OF = {int(each): each for each in highspy.HighsBasisStatus.__members__.values()}
_NONE = np.zeros(0, dtype=np.int64)
#: HiGHS' numbers for the variants of the simplex method.
_STRATEGY = {"dual": 1, "primal": 4}
#: HiGHS' number for no scaling.
_UNSCALED = 0
#: Rows and columns together from which an interruption is heard within a run. Smaller programs take milliseconds, of
#: which HiGHS' questions would take up to a tenth, and are interrupted between runs.
_HEARD_FROM = 5_000


class IncrementalLP:
    """A linear program that grows.

    Attributes
    ----------
    rows, columns : int
        Present numbers.
    runs, iterations : int
        Runs made, and simplex iterations in all.
    most_iterations : int
        How many a run may take.
    """

    def __init__(self, parameters: SimplexParameters) -> None:
        self.parameters = parameters
        self.rows = self.columns = self.runs = self.iterations = 0
        self.most_iterations = highspy.kHighsIInf
        self._engine = Silent()
        self._sign = -1.0 if parameters.maximises else 1.0
        self._objective = 0.0
        self._options: dict[str, str | float] = {}
        self._told = time.monotonic()
        self._set(
            solver="simplex",
            presolve="off",
            small_matrix_value=parameters.smallest_entry,
            simplex_scale_strategy=parameters.scaling,
            dual_simplex_cost_perturbation_multiplier=parameters.perturbation,
            simplex_strategy=_STRATEGY[parameters.first],
            primal_feasibility_tolerance=parameters.feasibility,
            dual_feasibility_tolerance=parameters.feasibility,
        )

    def clear(self) -> None:
        """Remove all rows and columns."""
        self._check(self._engine.clearModel(), "clearModel")
        self.rows = self.columns = 0

    def add_rows(self, lower: FloatArray, upper: FloatArray, entries: Vectors | None = None) -> None:
        """Add rows, with their entries in the present columns; none if not given."""
        count = len(upper)
        if not count:
            return
        part = entries or Vectors.empty(count)
        status = self._engine.addRows(count, lower, upper, len(part.index), part.start, part.index, part.value)
        self._check(status, "addRows")
        self.rows += count

    def add_columns(self, cost: FloatArray, bound: FloatArray, entries: Vectors) -> None:
        """Add columns between 0 and a bound, with their entries in the present rows."""
        count = len(cost)
        if not count:
            return
        costs, lower, part = self._sign * cost, np.zeros(count), entries
        status = self._engine.addCols(count, costs, lower, bound, len(part.index), part.start, part.index, part.value)
        self._check(status, "addCols")
        self.columns += count

    def set_costs(self, cost: FloatArray, columns: IntArray | None = None) -> None:
        """Replace the cost of some columns, or of all."""
        which = np.arange(self.columns) if columns is None else columns
        status = self._engine.changeColsCost(len(which), which.astype(np.int32), self._sign * cost)
        self._check(status, "changeColsCost")

    def set_upper(self, upper: FloatArray) -> None:
        """Replace the upper sides of the first rows, and take their lower sides away."""
        rows = np.arange(len(upper), dtype=np.int32)
        self._check(self._engine.changeRowsBounds(len(upper), rows, np.full(len(upper), -np.inf), upper), "set_upper")

    def set_sides(self, side: FloatArray) -> None:
        """Replace the sides of the first rows, which are equations."""
        rows = np.arange(len(side), dtype=np.int32)
        self._check(self._engine.changeRowsBounds(len(side), rows, side, side), "set_sides")

    def set_bounds(self, first: int, bound: FloatArray) -> None:
        """Replace the upper bounds of some columns, from a position on."""
        if len(bound):
            columns = np.arange(first, first + len(bound), dtype=np.int32)
            status = self._engine.changeColsBounds(len(bound), columns, np.zeros(len(bound)), bound)
            self._check(status, "set_bounds")

    def take_dual(self) -> None:
        """Let the next run take the dual simplex method: rows that are added leave a basis dual feasible."""
        self._set(simplex_strategy=_STRATEGY["dual"])

    def start_from_rows(self, at_upper: IntArray, basic: IntArray = _NONE, left: IntArray = _NONE) -> None:
        """Start from the basis of all rows, or of some columns in place of as many rows; other columns are at 0.

        Parameters
        ----------
        at_upper : int array
            Columns at their upper bounds.
        basic, left : int arrays
            Columns in the basis, and the rows that they take the place of.
        """
        if len(at_upper) or len(basic):
            columns, rows = _statuses(self.columns, _LOWER, at_upper), _statuses(self.rows, _BASIC)
            for column, row in zip(basic.tolist(), left.tolist(), strict=True):
                columns[column], rows[row] = _BASIC, _LOWER
            self._set_basis(columns, rows)

    def start_from_columns(self, at_upper: IntArray) -> None:
        """Start from the basis of all columns, with as many rows nonbasic at their upper sides."""
        self._set_basis(_statuses(self.columns, _BASIC), _statuses(self.rows, _BASIC, at_upper))

    def forget(self) -> None:
        """Forget the basis, so that the next run is cold."""
        self._check(self._engine.clearSolver(), "clearSolver")
        self._set(simplex_strategy=_STRATEGY[self.parameters.first])

    def run(self, time_limit_seconds: float = math.inf) -> None:
        """Optimise from the present basis.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum, or not in the time that is left; its reason says why.
        """
        check_time(f"HiGHS, {self.parameters.name}: after {self.runs} runs")
        if not self.columns:
            self._objective = 0.0
            return
        left = max(min(time_limit_seconds, seconds_left()), 0.0)
        limit = self._engine.getRunTime() + left if math.isfinite(left) else highspy.kHighsInf
        self._set(time_limit=limit, simplex_iteration_limit=self.most_iterations)
        status = self._optimise()
        if STATUS[status] is Reason.FAILED and self.parameters.retries:
            self.forget()
            self._set(simplex_scale_strategy=_UNSCALED)
            status = self._optimise()
        self._tell()
        if STATUS[status] is not Reason.OPTIMAL:
            raise NoSolutionError(STATUS[status], f"HiGHS, {self.parameters.name}: {status}")
        self._set(simplex_strategy=_STRATEGY["primal"])

    def run_in_order(self, costs: Sequence[FloatArray]) -> None:
        """Optimise for some costs of the columns, each over the optima of those before it.

        Raises
        ------
        NoSolutionError
            As ``run``; the bounds are restored all the same.
        """
        program = self._engine.getLp()
        whole = face = Bounds(
            *(np.array(part) for part in (program.col_lower_, program.col_upper_)),
            *(np.array(part) for part in (program.row_lower_, program.row_upper_)),
        )
        try:
            for place, cost in enumerate(costs):
                self.set_costs(cost)
                self.run()
                if place + 1 < len(costs):
                    face = face.where_optimal(self._engine.getSolution())
                    self._set_bounds(face)
        finally:
            self._set_bounds(whole)

    def point(self) -> BasicPoint:
        """Return the point that the last run ended at."""
        if not self.columns:
            return BasicPoint(np.zeros(0), np.zeros(self.rows), 0.0)
        solution = self._engine.getSolution()
        return BasicPoint(np.array(solution.col_value), self._sign * np.array(solution.row_dual), self._objective)

    def duals_of(self, cost: FloatArray) -> FloatArray:
        """Return the duals of the rows for another cost of the columns, in the present basis."""
        if not self._engine.getNumNz():  # HiGHS solves such a program without a basis, and crashes if asked for one
            return np.zeros(self.rows)
        status, basic = self._engine.getBasicVariables()
        self._check(status, "getBasicVariables")
        own = basic >= 0  # rows are counted -1, -2, ..
        wanted = np.zeros(self.rows)
        wanted[own] = cost[basic[own]]
        status, duals = self._engine.getBasisTransposeSolve(wanted)
        self._check(status, "getBasisTransposeSolve")
        return np.asarray(duals)

    def basis(self) -> Basis:
        """Return the present basis."""
        basis = self._engine.getBasis()
        parts = basis.col_status, basis.row_status
        return Basis(*(np.array([int(each) for each in part], np.int8) for part in parts))

    def set_basis(self, basis: Basis) -> None:
        """Start the next run from a basis.

        Raises
        ------
        NoSolutionError
            If HiGHS refuses it.
        """
        self._set_basis(*([_STATUS_OF[each] for each in part.tolist()] for part in (basis.columns, basis.rows)))

    def _set_basis(self, columns: list[Any], rows: list[Any]) -> None:
        basis = highspy.HighsBasis()
        basis.col_status, basis.row_status, basis.valid = columns, rows, True
        self._check(self._engine.setBasis(basis), "setBasis")

    def _set_bounds(self, bounds: Bounds) -> None:
        columns, rows = np.arange(self.columns, dtype=np.int32), np.arange(self.rows, dtype=np.int32)
        status = self._engine.changeColsBounds(self.columns, columns, bounds.col_lower, bounds.col_upper)
        self._check(status, "changeColsBounds")
        status = self._engine.changeRowsBounds(self.rows, rows, bounds.row_lower, bounds.row_upper)
        self._check(status, "changeRowsBounds")

    def _optimise(self) -> str:
        """Run, count and return the status by name; an error within HiGHS is a status of its own."""
        is_heard = self.rows + self.columns >= _HEARD_FROM
        outcome = run(self._engine) if is_heard else self._engine.run()
        info = self._engine.getInfo()
        self.runs += 1
        self.iterations += max(info.simplex_iteration_count, 0)
        self._objective = self._sign * info.objective_function_value
        status = str(self._engine.getModelStatus().name)
        is_failure = self._is_failure(outcome) and STATUS[status] is not Reason.TIME_LIMIT
        return "kSolveError" if is_failure else status

    def _tell(self) -> None:
        """Say how far it is, not more often than once a second."""
        if time.monotonic() - self._told >= SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            tell(_log, f"{self.parameters.name}: {self.runs:,} programs solved")

    def _set(self, **options: str | float) -> None:
        """Set the options that differ from the present ones."""
        for option, value in options.items():
            if self._options.get(option) != value:
                self._check(self._engine.setOptionValue(option, value), f"option {option}")
                self._options[option] = value

    def _is_failure(self, status: highspy.HighsStatus) -> bool:
        is_error = status == highspy.HighsStatus.kError
        return is_error or (self.parameters.warnings_fail and status == highspy.HighsStatus.kWarning)

    def _check(self, status: highspy.HighsStatus, call: str) -> None:
        if self._is_failure(status):
            raise NoSolutionError(Reason.FAILED, f"HiGHS, {self.parameters.name}: {call} answered {status.name}")


def _statuses(count: int, status: Any, at_upper: IntArray | None = None) -> list[Any]:
    """Return the basis status of rows or columns: one for all but those at their upper bounds."""
    statuses = [status] * count
    for place in [] if at_upper is None else at_upper.tolist():
        statuses[place] = _UPPER
    return statuses
