"""How certain a price is: what one Mtok less of a demand saves, and what one more costs, over columns on demand.

Where the duals of an optimum are not unique, a price is one of many. The left and right derivatives of the least cost
with respect to one demand bound them, and are the optima of the program of feasible directions at a placement of least
cost: what stands on a side may only leave it, what does not may move either way. That program is solved over the
columns near their worth. Its duals are prices of the whole; every arc is priced at them, and those that cost less than
their demand's price are added, until there are none: the derivative is then that of the whole program.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import InstanceError, NoSolutionError, Violation
from placer.least_cost.near import surpluses
from placer.model.answer import Answer, read_duals
from placer.model.expansion import expand
from placer.model.structure import Assignments, positions_of
from placer.solvers.highs import HiGHS
from placer.solvers.whole_program import solve_program
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.model.program import LinearProgram, Solver
    from placer.placement.result import Placement
    from placer.utils.arrays import FloatArray, IntArray

#: A row or column this close to its side (relative to 1 + |side|) stands on it.
_ON_SIDE = 1e-7
#: The first columns are those whose surplus is up to this part of the mean cost of a Mtok; those that are added cost
#: less than their demand's price by more than this part of it, or of the price.
_NEAR, _IMPROVES = 1e-3, 1e-9
#: The most rounds of adding columns.
_ROUNDS = 50


def price_ranges(
    placement: Placement, demands: Iterable[int | tuple[str, str, int]], solver: Solver | None = None
) -> pd.DataFrame:
    """Return the range of the price of some demands: what one Mtok less saves, and what one more costs.

    Parameters
    ----------
    placement : Placement
    demands : iterable of int or (workload, hub, hour)
        Positions or labels in ``placement.prices``.
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.

    Returns
    -------
    DataFrame
        Rows of ``placement.prices`` with ``low_usd_per_mtok`` and ``high_usd_per_mtok``. A demand of 0 Mtok has no low.

    Raises
    ------
    InstanceError
        If a position or label is not one of ``placement.prices``.
    NoSolutionError
        If a range cannot be proven.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"))
    >>> placer.price_ranges(placement, [0, placement.prices.index[1]]).shape
    (2, 2)
    """
    labels = placement.prices.index
    positions = _positions(labels, list(demands))
    directions = _Directions(placement, solver or HiGHS())
    rows = [(directions.saved_by_less(position), directions.slope(position, 1.0)) for position in positions]
    return pd.DataFrame(rows, index=labels[positions], columns=["low_usd_per_mtok", "high_usd_per_mtok"])


class _Directions:
    """The feasible directions at a placement, over columns on demand."""

    def __init__(self, placement: Placement, solver: Solver) -> None:
        self._structure = placement.formulation.structure
        self._answer: Answer = placement.answer
        self._solver = solver
        structure, flows = self._structure, placement.answer.point
        known = surpluses(structure, placement.answer.prices)
        near, _ = known.near(_NEAR * abs(placement.certificate.objective) / placement.demand_mtok)
        self._lay(
            np.union1d(positions_of(structure, near.demand, near.arc), positions_of(structure, flows.demand, flows.arc))
        )

    def saved_by_less(self, position: int) -> float:
        """Return the saving per Mtok less of a demand; NaN for a demand of 0."""
        asks = self._structure.demand_amount[position] > 0
        return -self.slope(position, -1.0) if asks else math.nan

    def slope(self, position: int, change: float) -> float:
        """Return the change of the least cost per Mtok of a demand that grows (1) or shrinks (-1) a little."""
        for _ in range(_ROUNDS):
            row = self._program.row_blocks["demand"].start + position
            row_lower, row_upper = self._program.row_lower.copy(), self._program.row_upper.copy()
            row_lower[row] = row_upper[row] = change
            solution, _ = solve_program(replace(self._program, row_lower=row_lower, row_upper=row_upper), self._solver)
            if not self._add(solution.duals):
                return float(self._program.cost @ solution.point)
        raise NoSolutionError(Reason.FAILED, f"price range of demand {position}: columns still improve")

    def _lay(self, position: IntArray) -> None:
        structure, flows = self._structure, self._answer.point
        self._position = position
        demand = np.searchsorted(structure.assignment_starts, position, side="right") - 1
        arc = structure.arc_starts[structure.demand_pair[demand]] + position - structure.assignment_starts[demand]
        program = expand(structure, Assignments(demand, arc))
        assigned = np.zeros(len(position))
        assigned[np.searchsorted(position, positions_of(structure, flows.demand, flows.arc))] = flows.amount
        values = np.concatenate([assigned, flows.unserved, flows.waiting, flows.taken.ravel()])
        self._program = _directions(program, values)

    def _add(self, row_duals: FloatArray) -> int:
        """Add the assignments that cost less than their demand is priced, and return how many."""
        structure = self._structure
        duals = read_duals(structure, self._program, row_duals)
        known = surpluses(structure, duals)
        improved = duals.demand - known.price > _IMPROVES * (np.abs(duals.demand) + np.median(np.abs(duals.demand)))
        if not improved.any():
            return 0
        price = np.where(improved, duals.demand, -np.inf)
        near, _ = replace(known, price=price).near(0.0)
        fresh = np.setdiff1d(positions_of(structure, near.demand, near.arc), self._position)
        if len(fresh):
            self._lay(np.union1d(self._position, fresh))
        return len(fresh)


def _directions(program: LinearProgram, values: FloatArray) -> LinearProgram:
    """Return the program of feasible directions at a point: sides it stands on stay, others fall away."""
    activity = program.matrix @ values

    def cone(at: FloatArray, lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
        on_lower = np.isfinite(lower) & (at - lower <= _ON_SIDE * (1 + np.abs(lower)))
        on_upper = np.isfinite(upper) & (upper - at <= _ON_SIDE * (1 + np.abs(upper)))
        return np.where(on_lower, 0.0, -np.inf), np.where(on_upper, 0.0, np.inf)

    row_lower, row_upper = cone(activity, program.row_lower, program.row_upper)
    col_lower, col_upper = cone(values, program.col_lower, program.col_upper)
    return replace(
        program,
        row_lower=row_lower,
        row_upper=row_upper,
        col_lower=col_lower,
        col_upper=col_upper,
        implied_upper=np.full(len(values), np.inf),
    )


def _positions(index: pd.Index, demands: list[int | tuple[str, str, int]]) -> list[int]:
    """Return the positions of demands given by position or label."""
    labels = {label: position for position, label in enumerate(index)}
    found, problems = [], []
    for number, demand in enumerate(demands):
        if isinstance(demand, tuple) and demand in labels:
            found.append(labels[demand])
        elif isinstance(demand, (int, np.integer)) and not isinstance(demand, bool) and 0 <= demand < len(index):
            found.append(int(demand))
        else:
            allowed = f"a position from 0 to {len(index) - 1}, or a label such as {index[0]}"
            problems.append(
                Violation("price_ranges", str(number), "demands", f"{demand!r} is not in placement.prices", allowed)
            )
    if problems:
        raise InstanceError(problems)
    return found
