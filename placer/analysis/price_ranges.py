"""Ranges of prices: the saving of one Mtok less of a demand, and the cost of one more, with columns on demand.

If the duals of an optimum are not unique, a price is one of many. The left and right derivatives of the least cost with
respect to one demand bound the price. They are the optima of the program of feasible directions at a placement of least
cost: a row or column at its side may only leave it, others may move either way. That program is solved over the columns
of low surplus. Its duals price every arc, and columns of negative reduced cost are added until there is none: the
derivative is then that of the whole program.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import InstanceError, NoSolutionError, Violation
from placer.instance.arguments import need_instance_placement
from placer.least_cost.near import surpluses
from placer.model.answer import Answer, read_duals
from placer.model.expansion import expand
from placer.model.positions import Assignments
from placer.model.structure import positions_of
from placer.solvers.highs import HiGHS
from placer.solvers.whole_program import solve_program
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.model.program import LinearProgram, Solver
    from placer.placement.result import Placement
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class PriceRangeParameters:
    """Tolerances of ``placer.price_ranges``; all are pure numbers."""

    side_tolerance: float = 1e-7
    """A row or column is at its side if it is this close to it, relative to ``1 + |side|``."""
    near: float = 1e-3
    """The first columns are those with a surplus of at most this share of the mean cost of a Mtok."""
    improves: float = 1e-9
    """A column is added if its reduced cost is below minus this share of ``|price|`` plus the median ``|price|``."""
    rounds: int = 50
    """Largest number of rounds of adding columns, for each derivative."""


#: The parameters of ``placer.price_ranges``.
DEFAULTS = PriceRangeParameters()


def price_ranges(
    placement: Placement,
    demands: Iterable[int | tuple[str, str, int]],
    solver: Solver | None = None,
    parameters: PriceRangeParameters = DEFAULTS,
) -> pd.DataFrame:
    """Return the ranges of the prices of some demands: the saving of one Mtok less, and the cost of one more.

    Parameters
    ----------
    placement : Placement
    demands : iterable of int or (workload, hub, hour)
        Positions or labels in ``placement.prices``.
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.
    parameters : PriceRangeParameters

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
    need_instance_placement(placement, "price_ranges")
    labels = placement.prices.index
    positions = _positions(labels, list(demands))
    directions = _Directions(placement, solver or HiGHS(), parameters)
    rows = [(directions.saved_by_less(position), directions.slope(position, 1.0)) for position in positions]
    return pd.DataFrame(rows, index=labels[positions], columns=["low_usd_per_mtok", "high_usd_per_mtok"])


class _Directions:
    """The feasible directions at a placement, over columns on demand."""

    def __init__(self, placement: Placement, solver: Solver, parameters: PriceRangeParameters) -> None:
        self._structure = placement.formulation.structure
        self._answer: Answer = placement.answer
        self._solver, self._parameters = solver, parameters
        structure, flows = self._structure, placement.answer.point
        known = surpluses(structure, placement.answer.prices)
        near, _ = known.near(parameters.near * abs(placement.certificate.objective) / structure.total_demand)
        self._lay(
            np.union1d(positions_of(structure, near.demand, near.arc), positions_of(structure, flows.demand, flows.arc))
        )

    def saved_by_less(self, position: int) -> float:
        """Return the saving per Mtok less of a demand; NaN for a demand of 0."""
        asks = self._structure.demand_amount[position] > 0
        return -self.slope(position, -1.0) if asks else math.nan

    def slope(self, position: int, change: float) -> float:
        """Return the change of the least cost per Mtok of a demand that grows (1) or shrinks (-1) a little."""
        for _ in range(self._parameters.rounds):
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
        self._program = _directions(program, values, self._parameters.side_tolerance)

    def _add(self, row_duals: FloatArray) -> int:
        """Add the assignments that cost less than their demand is priced, and return how many."""
        structure = self._structure
        duals = read_duals(structure, self._program, row_duals)
        known = surpluses(structure, duals)
        size = np.abs(duals.demand) + np.median(np.abs(duals.demand))
        improved = duals.demand - known.price > self._parameters.improves * size
        if not improved.any():
            return 0
        price = np.where(improved, duals.demand, -np.inf)
        near, _ = replace(known, price=price).near(0.0)
        fresh = np.setdiff1d(positions_of(structure, near.demand, near.arc), self._position)
        if len(fresh):
            self._lay(np.union1d(self._position, fresh))
        return len(fresh)


def _directions(program: LinearProgram, values: FloatArray, tolerance: float) -> LinearProgram:
    """Return the program of feasible directions at a point: sides that are active there stay, others fall away."""
    activity = program.matrix @ values

    def cone(at: FloatArray, lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
        on_lower = np.isfinite(lower) & (at - lower <= tolerance * (1 + np.abs(lower)))
        on_upper = np.isfinite(upper) & (upper - at <= tolerance * (1 + np.abs(upper)))
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
