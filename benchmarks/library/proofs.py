"""Optima and what proves them: a point, and duals of the program or of the leaves of a tree of branch and bound.

A solver's word is taken for nothing: ``datasets/library/check_optimum.py`` checks every file before it is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import highspy
import numpy as np
from scipy.sparse import csc_array

import placer
from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.scaling import scale_around
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS, Silent, arrays_of
from placer.termination import Reason

if TYPE_CHECKING:
    from .mps import Named

#: Relative gap that duals of a linear program must prove, and leaves of branch and bound.
LINEAR_GAP, WHOLE_GAP = 1e-9, 1e-6
#: Smaller values of a point, beside the largest in any of the rows of its column, are rounding.
_ROUNDING = 1e-13
#: Most leaves of a tree, columns on which a node may branch, and the least distance of these from whole numbers.
MOST_LEAVES, _TRIED, _WHOLE = 5_000, 8, 1e-9

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Leaf:
    """A leaf of branch and bound: the duals of its rows."""

    duals: np.ndarray


@dataclass(frozen=True, eq=False)
class Branch:
    """A node whose halves have ``column <= most`` and ``column >= most + 1``."""

    column: int
    most: int
    below: Tree
    above: Tree


Tree = Leaf | Branch


@dataclass(frozen=True, eq=False)
class Proof:
    """A point, its cost, and the tree that bounds all costs to a relative gap; one leaf for a linear program."""

    point: np.ndarray
    cost: float
    tree: Tree
    gap: float


def prove(given: Named, solution: placer.LPSolution | None = None) -> Proof:
    """Return the optimum of a program of the library and its proof; a solution that is known need not be sought.

    Raises
    ------
    NoSolutionError
        If no solver finds an optimum, or the tree has too many leaves.
    """
    if given.integer.any():
        return _prove_whole(given)
    found = solution or solve_program(given.program, HiGHS())[0]
    point = cleaned(given.program, found.point)
    return Proof(point, cost_of(given.program, point), Leaf(pressing(given.program, found.duals)), LINEAR_GAP)


def cost_of(program: placer.LinearProgram, point: np.ndarray) -> float:
    """Return the cost of a point, rounded once."""
    return math.fsum((program.cost * point).tolist())


def cleaned(program: placer.LinearProgram, point: np.ndarray) -> np.ndarray:
    """Return a point within its bounds, without values that are rounding beside those of the same rows."""
    kept = np.clip(point, program.col_lower, program.col_upper)
    size = program.matrix.copy()
    size.data = np.abs(size.data)
    activity = size @ np.abs(kept)
    entries = csc_array(size)
    each = np.repeat(np.arange(len(kept)), np.diff(entries.indptr))
    share = np.full(len(kept), np.inf)
    np.minimum.at(share, each, activity[entries.indices] / np.maximum(entries.data, 1e-300))
    rounding = (np.abs(kept) < _ROUNDING * share) & (program.col_lower <= 0) & np.isfinite(share)
    return np.where(rounding, 0.0, kept) + 0.0


def pressing(program: placer.LinearProgram, duals: np.ndarray) -> np.ndarray:
    """Return duals with the sign of their side; 0 for those that press on a side that a row does not have."""
    least = np.where(np.isfinite(program.row_upper), -np.inf, 0.0)
    most = np.where(np.isfinite(program.row_lower), np.inf, 0.0)
    return np.clip(duals, least, most) + 0.0


def tightened(program: placer.LinearProgram, duals: np.ndarray, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return duals with those of some equations moved as far as the columns that decide them let them.

    Parameters
    ----------
    pairs : sequence of (block of columns, block of rows)
        In turn. Each column of the block has one entry in the block of rows, all of one sign.
    """
    duals = duals.copy()
    matrix = program.matrix.tocsc()
    for columns, rows in pairs:
        part, block = program.col_blocks.get(columns), program.row_blocks.get(rows)
        if part is None or block is None or part.stop == part.start or block.stop == block.start:
            continue
        own = matrix[:, part]
        inside = (own.indices >= block.start) & (own.indices < block.stop)
        column = np.repeat(np.arange(part.stop - part.start), np.diff(own.indptr))[inside]
        row, entry = own.indices[inside], own.data[inside]
        limit = (program.cost[part] - own.T @ duals)[column] / entry + duals[row]
        sign = np.sign(entry[0])
        best = np.full(len(duals), np.inf)
        np.minimum.at(best, row, sign * limit)
        duals = np.where(np.isfinite(best), sign * best, duals)
    return duals


def _prove_whole(given: Named) -> Proof:
    """Return the optimum over whole numbers, and the tree that proves it."""
    program, integer = given.program, given.integer
    found = branch_and_bound(program, integer, HiGHS(), 0.0)
    if found.values is None:
        raise NoSolutionError(found.termination.reason, found.termination.detail)
    lower, upper = program.col_lower.copy(), program.col_upper.copy()
    lower[integer] = upper[integer] = found.values[integer]
    fixed = solve_program(replace(program, col_lower=lower, col_upper=upper), HiGHS())[0]
    point = cleaned(program, fixed.point)
    point[integer] = found.values[integer]
    cost = cost_of(program, point)
    return Proof(point, cost, _Search(given, cost - 0.5 * WHOLE_GAP * abs(cost)).tree(), WHOLE_GAP)


class _Search:
    """Branch and bound, depth first, below a cost that is known."""

    def __init__(self, given: Named, enough: float) -> None:
        self._integer, self._enough, self._leaves = np.flatnonzero(given.integer), enough, 0
        self._program = given.program
        self._scaled, self._scales = scale_around(given.program, given.integer)
        self._engine = Silent()
        for name, value in {"presolve": "off", "dual_feasibility_tolerance": 1e-9}.items():
            self._engine.setOptionValue(name, value)
        self._engine.passModel(*arrays_of(self._scaled))
        self._bounds = np.array([self._scaled.col_lower, self._scaled.col_upper])

    def tree(self) -> Tree:
        """Return the tree whose leaves all cost enough."""
        self._engine.run()
        status = self._engine.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return self._leaf(self._ray())
        if status != highspy.HighsModelStatus.kOptimal:
            raise NoSolutionError(Reason.FAILED, f"a node ended with {status.name}")
        solution = self._engine.getSolution()
        if self._engine.getObjectiveValue() / (self._scales.cost * self._scales.size) >= self._enough:
            return self._leaf(np.array(solution.row_dual) * self._scales.row / self._scales.cost)
        values = np.array(solution.col_value)[self._integer]
        away = np.abs(values - np.round(values))
        broken = np.flatnonzero(away > _WHOLE)
        if not broken.size:
            raise NoSolutionError(Reason.FAILED, "a node has a better point than branch and bound found")
        tried = broken[np.argsort(-away[broken], kind="stable")[:_TRIED]]
        halves = [(int(self._integer[place]), math.floor(values[place])) for place in tried.tolist()]
        column, most = max(halves, key=lambda half: self._least_of_halves(*half)) if len(halves) > 1 else halves[0]
        return Branch(column, most, *self._halves(column, most, self.tree))

    def _least_of_halves(self, column: int, most: int) -> float:
        """Return the lower of the bounds of two halves; a half without points has none."""
        return min(self._halves(column, most, self._solved))

    def _solved(self) -> float:
        self._engine.run()
        optimal = self._engine.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(self._engine.getObjectiveValue()) if optimal else math.inf

    def _halves(self, column: int, most: int, of: Callable[[], T]) -> tuple[T, T]:
        """Return something of the half below and of the half above, and leave the bounds as they were."""
        lower, upper = self._bounds[:, column].tolist()
        self._set(column, lower, most)
        below = of()
        self._set(column, most + 1, upper)
        above = of()
        self._set(column, lower, upper)
        return below, above

    def _set(self, column: int, lower: float, upper: float) -> None:
        self._bounds[:, column] = lower, upper
        self._engine.changeColBounds(column, lower, upper)

    def _ray(self) -> np.ndarray:
        """Return duals that bound the cost of a node without points by as much as is needed."""
        has_ray, ray = self._engine.getDualRay()[1:]
        if not has_ray:
            raise NoSolutionError(Reason.FAILED, "no ray of duals shows that a node has no point")
        scales = self._scales
        lower, upper = self._bounds * scales.column / scales.size
        upper = np.minimum(upper, self._program.implied_upper)
        direction = np.array(ray) * scales.row
        for size in np.geomspace(1.0, 1e12, 25) / scales.cost:
            duals = pressing(self._program, size * direction)
            if _bound(self._program, duals, lower, upper) >= self._enough:
                return duals
        raise NoSolutionError(Reason.FAILED, "a ray of duals does not show that a node has no point")

    def _leaf(self, duals: np.ndarray) -> Leaf:
        self._leaves += 1
        if self._leaves > MOST_LEAVES:
            raise NoSolutionError(Reason.FAILED, f"more than {MOST_LEAVES:,} leaves")
        return Leaf(pressing(self._program, duals))


def _bound(program: placer.LinearProgram, duals: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Return the least cost that duals allow between bounds that are finite, without regard to rounding."""
    reduced = program.cost - program.matrix.T @ duals
    sides = np.where(duals > 0, program.row_lower, np.where(duals < 0, program.row_upper, 0.0))
    return float(duals @ sides + np.minimum(reduced * lower, reduced * upper).sum())
