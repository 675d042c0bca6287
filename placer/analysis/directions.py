"""Directional derivatives of the least cost: its slope as demands and limits change together, columns on demand.

The derivative in a direction is the optimum of the program of feasible directions at a placement of least cost: a row
or column at its side may only leave it, by as much as the side itself changes, and others may move either way. That
program is solved over the columns of low surplus. Its duals price every arc, and columns of negative reduced cost are
added until there is none: the derivative is then that of the whole program.

By duality the derivative is the most that the direction is worth at any optimal duals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.least_cost.near import surpluses
from placer.model.answer import Answer, read_duals
from placer.model.expansion import expand
from placer.model.positions import Assignments
from placer.model.structure import positions_of
from placer.solvers.whole_program import solve_program
from placer.termination import Reason

if TYPE_CHECKING:
    from placer.model.program import LinearProgram, Solver
    from placer.model.structure import Structure
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


@dataclass(frozen=True, eq=False)
class Shift:
    """A direction: by how much demands and limits change, in their units; 0 where there is no limit.

    Attributes
    ----------
    demand, capacity, intake, tier_limit : arrays
        As in ``placer.model.structure``.
    """

    demand: FloatArray
    capacity: FloatArray
    intake: FloatArray
    tier_limit: FloatArray


def no_shift(structure: Structure, demand: FloatArray) -> Shift:
    """Return the direction in which demands (demands,) change and no limit does."""
    sites = np.zeros_like(structure.capacity)
    return Shift(demand, sites, sites, np.zeros_like(structure.tier_limit))


class Directions:
    """The feasible directions at a placement, over columns on demand."""

    def __init__(self, placement: Placement, solver: Solver, parameters: PriceRangeParameters) -> None:
        self.structure = placement.formulation.structure
        self._answer: Answer = placement.answer
        self._solver, self._parameters = solver, parameters
        structure, flows = self.structure, placement.answer.point
        known = surpluses(structure, placement.answer.prices)
        near, _ = known.near(parameters.near * abs(placement.certificate.objective) / structure.total_demand)
        self._lay(
            np.union1d(positions_of(structure, near.demand, near.arc), positions_of(structure, flows.demand, flows.arc))
        )

    def slope(self, change: Shift, what: str) -> float:
        """Return the change of the least cost per unit step in a direction.

        Raises
        ------
        NoSolutionError
            If columns still improve after the last round, or a program has no proven optimum; it names ``what``.
        """
        for _ in range(self._parameters.rounds):
            solution, _ = solve_program(_towards(self.structure, self._program, change), self._solver)
            if not self._add(solution.duals):
                return float(self._program.cost @ solution.point)
        raise NoSolutionError(Reason.FAILED, f"{what}: columns still improve")

    def _lay(self, position: IntArray) -> None:
        structure, flows = self.structure, self._answer.point
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
        structure = self.structure
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


def _towards(structure: Structure, program: LinearProgram, change: Shift) -> LinearProgram:
    """Return the program of feasible directions with the sides that are there moved by a change."""
    row_lower, row_upper, col_upper = program.row_lower.copy(), program.row_upper.copy(), program.col_upper.copy()
    row_lower[program.row_blocks["demand"]] = row_upper[program.row_blocks["demand"]] = change.demand
    for name in ("capacity", "intake"):
        there = getattr(structure.rows, name) >= 0
        row_upper[program.row_blocks[name]] += getattr(change, name)[there]
    col_upper[program.col_blocks["y"]] += change.tier_limit.ravel()
    return replace(program, row_lower=row_lower, row_upper=row_upper, col_upper=col_upper)


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
