"""A plain sweep for the ceiling curve: one program for each part, run wherever an arc that enters gains.

It answers as the walk (``placer.ceiling.walk.sweep``), and checks its corners. Every way that gains is a column, all
demand stays in the program, and nothing moves without a run. Prices, proofs and tests of the weights are the walk's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np

from placer.ceiling.walk.climb import noted
from placer.ceiling.walk.program import SweepProgram
from placer.ceiling.walk.proof import optimise, weights_tested
from placer.ceiling.walk.state import SweepState, SweepTask
from placer.solvers.simplex import Basis

if TYPE_CHECKING:
    from placer.ceiling.walk.block import Block
    from placer.ceiling.walk.objectives import Counts
    from placer.ceiling.walk.parameters import SweepParameters
    from placer.ceiling.walk.steps import Step
    from placer.utils.arrays import FloatArray, IntArray

_BASIC, _UPPER, _LOWER = (int(getattr(highspy.HighsBasisStatus, name)) for name in ("kBasic", "kUpper", "kLower"))


@dataclass(frozen=True)
class PlainSweep:
    """The steps of a block, and the effort that they took."""

    steps: list[Step]
    runs: int
    iterations: int
    moves: int = 0


class PlainProgram(SweepProgram):
    """The program in which no node has a key: it holds all demand that is served."""

    _rows_when_built = 0

    def rebuild(self, _: FloatArray, counts: Counts) -> None:
        """Drop the columns at 0, and the rows of nodes with one column left, once the rows have doubled."""
        if self._lp.rows <= 2 * self._rows_when_built + 500:
            return
        basis, row = self._lp.basis(), self._row
        kept = np.flatnonzero(basis.columns != _LOWER)
        ways, status = self._columns.ways[kept], basis.columns[kept]
        node = ways[:, 0]
        left = np.bincount(node, minlength=len(row))
        status[(left[node] == 1) & (row[node] >= 0) & (basis.rows[row[node]] != _BASIC)] = _UPPER
        self._clear()
        self._add(ways, counts)
        rows = np.append(basis.rows[: len(self._block.upper)], basis.rows[row[self._row >= 0]])
        self._lp.set_basis(Basis(status, rows))
        self._rows_when_built = self._lp.rows

    def _add(self, wanted: IntArray, counts: Counts) -> None:
        """Add columns, unbounded where the node has a row: two columns at their bounds would keep it from leaving."""
        before = self._lp.columns
        super()._add(wanted, counts)
        node = self._columns.node[before:]
        self._lp.set_bounds(before, np.where(self._row[node] < 0, self._block.demand[node], np.inf))


def plain_sweep(block: Block, parameters: SweepParameters, **_: float) -> PlainSweep:
    """Answer as ``placer.ceiling.walk.sweep.sweep``, without leaps."""
    task, program = SweepTask.of(block, parameters, math.inf, math.inf), PlainProgram(block, parameters)
    steps: list[Step] = []
    state = _optimal(task, replace(SweepState.first(task), program=program))
    while True:
        state = noted(task, state, steps)
        arc = _next_gaining(task, state)
        if arc is None:
            return PlainSweep(steps, program.runs, program.iterations)
        limit = float(block.enter[arc])
        top = int(np.searchsorted(block.enter, limit, side="right"))
        state = _optimal(task, replace(state, position=replace(state.position, limit=limit, top=top, risen=True)))


def _next_gaining(task: SweepTask, state: SweepState) -> int | None:
    """Return the first arc beyond the limit that gains by the prices or by a test of the weights."""
    first, many = state.position.top, task.parameters.chunk
    while first < len(task.block.node):
        gaining = [task.gaining(each, first, first + many) for each in (state.prices, *state.tests.values())]
        if any(map(len, gaining)):
            return int(np.concatenate(gaining).min())
        first, many = first + many, 2 * many
    return None


def _optimal(task: SweepTask, state: SweepState) -> SweepState:
    """Run the program until no admissible arc gains and the weights keep the order of the objectives."""
    while True:
        arcs = task.gaining(state.prices, 0, state.position.top)
        in_order = False
        if not len(arcs):
            state, in_order = weights_tested(task, state)
        if in_order:
            return state
        state = optimise(task, state, _best(task, state, arcs))


def _best(task: SweepTask, state: SweepState, arcs: IntArray) -> IntArray:
    """Return the way of the largest gain of every node."""
    node = task.block.node[arcs]
    order = np.lexsort((-state.prices.more(arcs), node))
    best = arcs[order][np.unique(node[order], return_index=True)[1]]
    return np.column_stack([task.block.node[best], best, state.prices.best(best)])
