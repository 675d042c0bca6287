"""Directional derivatives of the least cost: its slope as demands and limits change together, columns on demand.

The derivative in a direction is the optimum of the program of feasible directions at a placement of least cost: a row
or column at its side may only leave it, by as much as the side itself changes, and others may move either way. That
program is solved over the columns of no surplus. Its duals price every arc, and columns of negative reduced cost are
added until there is none: the derivative is then that of the whole program.

By duality the derivative is the most that the direction is worth at any optimal duals. It is inf if no step of any
size can be taken, such as less demand under a limit of at least as many tokens. The proof is the largest step,

    maximise  s,    0 <= s <= 1,    the direction times s is feasible

which is 0 or 1: multiples of a feasible direction are feasible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, read_duals
from placer.model.edits import with_columns
from placer.model.expansion import expand
from placer.model.positions import Assignments
from placer.model.program import LinearProgram, Solver
from placer.model.structure import Structure, assignment_positions
from placer.proof.near import surpluses
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from placer.placement.result import Placement


#: A column is at its bound if it is this close to it, as a share of the bound that demand implies, or of its own upper
#: bound; a row is at its side if it is this close to it, as a share of its side and the terms in it.
_AT_SIDE = 1e-7


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
    """The feasible directions at a placement, over columns on demand: first those of no surplus, and of the flows."""

    def __init__(self, placement: Placement, solver: Solver) -> None:
        self.structure = placement.formulation.structure
        self._answer: Answer = placement.answer
        self._solver = solver
        structure, flows = self.structure, placement.answer.point
        near, _ = surpluses(structure, placement.answer.prices).near(0.0)
        self._lay(
            np.union1d(
                assignment_positions(structure, near.demand, near.arc),
                assignment_positions(structure, flows.demand, flows.arc),
            )
        )

    def slope(self, change: Shift) -> float:
        """Return the change of the least cost per unit step in a direction; inf if no step can be taken.

        Raises
        ------
        NoSolutionError
            If a program has no proven optimum, or the time is over.
        """
        while True:
            try:
                solution, _ = solve_program(_towards(self.structure, self._program, change), self._solver)
            except NoSolutionError as error:
                if error.reason not in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED):
                    raise
                if not self._widened_towards(change, error):
                    return math.inf
                continue
            if not self._add(self.structure, solution.duals):
                return float(self._program.cost @ solution.point)

    def _widened_towards(self, change: Shift, error: NoSolutionError) -> int:
        """Add the assignments that may let a step be taken; return how many, given the error without them."""
        solution, _ = solve_program(_largest_step(self.structure, self._program, change), self._solver)
        if round(float(solution.point[-1])) == 1:
            raise error
        return self._add(_without_costs(self.structure), solution.duals)

    def _lay(self, position: IntArray) -> None:
        structure, flows = self.structure, self._answer.point
        self._position = position
        demand = np.searchsorted(structure.assignment_starts, position, side="right") - 1
        arc = structure.arc_starts[structure.demand_pair[demand]] + position - structure.assignment_starts[demand]
        program = expand(structure, Assignments(demand, arc))
        assigned = np.zeros(len(position))
        assigned[np.searchsorted(position, assignment_positions(structure, flows.demand, flows.arc))] = flows.amount
        values = np.concatenate([assigned, flows.unserved, flows.waiting, flows.taken.ravel()])
        self._program = _directions(program, values)

    def _add(self, structure: Structure, row_duals: FloatArray) -> int:
        """Add the assignments that cost less than their demand is priced at some costs, and return how many."""
        duals = read_duals(structure, self._program, row_duals)
        known = surpluses(structure, duals)
        size = np.abs(duals.demand) + np.median(np.abs(duals.demand))
        improved = duals.demand - known.price > SOLVER * size
        if not improved.any():
            return 0
        price = np.where(improved, duals.demand, -np.inf)
        near, _ = replace(known, price=price).near(0.0)
        fresh = np.setdiff1d(assignment_positions(structure, near.demand, near.arc), self._position)
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


def _largest_step(structure: Structure, program: LinearProgram, change: Shift) -> LinearProgram:
    """Return the program of the largest part of a step, its last column, given the program of feasible directions."""
    moved, tiers = _towards(structure, program, change), program.col_blocks["y"]
    at_limit = np.isfinite(program.col_upper[tiers])
    with_limits = np.where(at_limit, moved.col_upper[tiers], 0.0)  # supplies at their limits move with these
    taken = program.matrix[:, tiers] @ with_limits
    sides = np.where(np.isfinite(moved.row_upper), moved.row_upper, 0.0)
    still = replace(program, cost=np.zeros(len(program.cost)))
    return with_columns(still, "step", csc_array((taken - sides)[:, None]), np.array([-1.0]), np.ones(1))


def _without_costs(structure: Structure) -> Structure:
    names = ("arc_cost", "work_cost", "tier_cost", "unserved_cost")
    return replace(structure, **{name: np.zeros_like(getattr(structure, name)) for name in names})


def _directions(program: LinearProgram, values: FloatArray) -> LinearProgram:
    """Return the program of feasible directions at a point: sides that are active there stay, others fall away."""
    activity, terms = program.matrix @ values, abs(program.matrix) @ np.abs(values)
    most = np.minimum(program.col_upper, program.implied_upper)

    def cone(at: FloatArray, lower: FloatArray, upper: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray]:
        on_lower = np.isfinite(lower) & (at - lower <= _AT_SIDE * (size + np.abs(lower)))
        on_upper = np.isfinite(upper) & (upper - at <= _AT_SIDE * (size + np.abs(upper)))
        return np.where(on_lower, 0.0, -np.inf), np.where(on_upper, 0.0, np.inf)

    row_lower, row_upper = cone(activity, program.row_lower, program.row_upper, terms)
    col_lower, col_upper = cone(values, program.col_lower, program.col_upper, most)
    return replace(
        program,
        row_lower=row_lower,
        row_upper=row_upper,
        col_lower=col_lower,
        col_upper=col_upper,
        implied_upper=np.full(len(values), np.inf),
    )
