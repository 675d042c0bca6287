"""The least relaxation of infeasible own rows: the rows that must give, and the amount of each.

Every side of an own row may give, at a price; all other costs are 0:

    minimise    sum_i (give_i_lower + give_i_upper) / unit_i
    subject to  the program of the instance, the bounds of all columns, integers
                lower_i - give_i_lower <= (G x + H z)_i <= upper_i + give_i_upper

    unit_i = the largest magnitude among the finite sides and the coefficients of row i

So the change of a budget counts as a share of the budget, and that of ``work - capacity * on <= 0`` as a share of the
capacity.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array

from placer.errors import InfeasibleModelError, NoSolutionError, RowChange
from placer.extended.extension import BLOCK, Extension, OwnRows, extend
from placer.ladder.whole_program import solve_program
from placer.model.edits import with_cost, with_slacks
from placer.model.program import LinearProgram, Solver
from placer.proof.certificate import Tolerances
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray, IntArray


def least_change(program: LinearProgram, extension: Extension, solver: Solver) -> tuple[RowChange, ...]:
    """Return the sides of own rows that give in the least change, largest first; none if all own rows are feasible.

    Parameters
    ----------
    program : LinearProgram
        Of the instance.
    solver : Solver
        A ``placer.HiGHS`` if columns are integers.

    Raises
    ------
    NoSolutionError
        If there is no point even with relaxed own rows, or none is found.
    """
    rows = extension.rows
    extended = extend(program, extension)
    relaxed, row, by, unit = _elastic(extended, rows)
    if extension.has_integers:
        integer = np.zeros(len(relaxed.cost), dtype=bool)
        integer[extended.col_blocks[BLOCK]] = extension.columns.integer
        found = branch_and_bound(relaxed, integer, solver if isinstance(solver, HiGHS) else HiGHS(), PROOF)
        if found.values is None:
            raise NoSolutionError(found.termination.reason, found.termination.detail)
        values = found.values
    else:
        values = solve_program(relaxed, solver)[0].point
    give = values[len(extended.cost) :]
    order = np.argsort(-give / unit[row], kind="stable")
    return tuple(
        _change(rows, int(row[position]), float(by[position] * give[position]))
        for position in order.tolist()
        if give[position] > Tolerances.primal * unit[row[position]]
    )


def infeasible(program: LinearProgram, extension: Extension, solver: Solver, error: NoSolutionError) -> NoSolutionError:
    """Return the error with the reason why a model has no solution, given the error of its solver."""
    if not extension.rows.names or error.reason not in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED):
        return error
    try:
        changes = least_change(program, extension, solver)
    except NoSolutionError as unknown:
        detail = f"{error.detail}; the least change of the own rows was not found: {unknown.detail}"
        return NoSolutionError(error.reason, detail)
    if changes:
        return InfeasibleModelError(Reason.INFEASIBLE, error.detail, changes)
    if error.reason is Reason.INFEASIBLE_OR_UNBOUNDED:
        return NoSolutionError(Reason.UNBOUNDED, f"{error.detail}; all own rows can be met, so the cost has no limit")
    return error


def _elastic(extended: LinearProgram, rows: OwnRows) -> tuple[LinearProgram, IntArray, FloatArray, FloatArray]:
    """Return the program with a column for every side that may give, and the rows, signs and units of the sides."""
    unit = _units(rows)
    lower, upper = np.flatnonzero(np.isfinite(rows.lower)), np.flatnonzero(np.isfinite(rows.upper))
    row = np.concatenate([lower, upper])
    by, most = np.repeat([1.0, -1.0], [len(lower), len(upper)]), np.full(len(row), np.inf)
    at = extended.row_blocks[BLOCK].start + row
    relaxed = with_slacks(with_cost(extended, {}), "give", at, by, 1 / unit[row], most)
    return relaxed, row, by, unit


def _units(rows: OwnRows) -> FloatArray:
    """Return the largest magnitude among the finite sides and the coefficients of every row."""
    sides = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (rows.lower, rows.upper)]
    largest = np.maximum(*sides)
    entries = coo_array(rows.matrix)
    np.maximum.at(largest, entries.coords[0], np.abs(entries.data))
    return largest


def _change(rows: OwnRows, row: int, raised: float) -> RowChange:
    """Return the change of the lower side of a row whose activity is raised, and of the upper side of another."""
    side, sides = ("lower", rows.lower) if raised > 0 else ("upper", rows.upper)
    return RowChange(rows.names[row], side, float(sides[row]), float(sides[row]) - raised)
