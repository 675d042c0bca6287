"""The task of a sweep (``SweepTask``), which never changes, and its state (``SweepState``).

Both are frozen; a step returns a new state. A step changes two arrays in place: the flow of the program by
``SweepProgram.move`` and the values of the nodes by ``SweepPrices.raise_to``. These are as long as the block, and a
step changes one entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.objectives import Counts, Weighting, largest, worth_of
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.prices import SweepPrices, dual_feasible
from placer.ceiling.walk.program import SweepProgram
from placer.errors import NoSolutionError
from placer.solvers.simplex import TIE
from placer.termination import Reason
from placer.utils.arrays import NOISE, FloatArray, IntArray, sorted_unique


@dataclass(eq=False)
class SweepTask:
    """A block and the parameters of its sweep.

    Attributes
    ----------
    iterations : float
        Simplex iterations after which the sweep goes on in leaps.
    deadline : float
        By ``time.monotonic``.
    demand : float
        Of all nodes.
    most_exported : float
        Exports if every node used its arc of the largest weight.
    tolerance : float
        An arc enters if its gain exceeds the value of its node by more than this.
    limits : (limits,) array
        Limits at which arcs enter, rising.
    first_option : list of int
        As in the block; a list, which reads single numbers faster.
    scratch : (2, m) array
        Overwritten whenever arcs are priced.
    worth : callable of Counts to (m,) array
        Weighted sum of a unit on every arc, computed once for each weighting.
    """

    block: Block
    parameters: SweepParameters
    iterations: float
    deadline: float
    demand: float
    most_exported: float
    tolerance: float
    limits: FloatArray
    first_option: list[int]
    scratch: FloatArray
    worth: Callable[[Counts], FloatArray]

    @classmethod
    def of(cls, block: Block, parameters: SweepParameters, iterations: float, deadline: float) -> SweepTask:
        """Return the task of a sweep over a block."""
        demand = float(block.demand.sum())
        most_exported = float(block.demand @ largest(block.weight, block.node, len(block.demand)))
        return cls(
            block=block,
            parameters=parameters,
            iterations=iterations,
            deadline=deadline,
            demand=demand,
            most_exported=most_exported,
            tolerance=max(parameters.gain * min(1.0, most_exported / demand), NOISE),
            limits=sorted_unique(block.enter[block.enter > 0]),
            first_option=block.first_option.tolist(),
            scratch=np.empty((2, len(block.node))),
            worth=cache(partial(worth_of, block)),
        )

    def prices(self, levels: Sequence[Counts], duals: Sequence[FloatArray]) -> SweepPrices:
        """Return the prices that follow from duals of the rows, by level.

        Raises
        ------
        NoSolutionError
            If a dual is not finite: gains at it would compare as neither more nor less than any.
        """
        if not all(np.isfinite(one).all() for one in duals):
            raise NoSolutionError(Reason.FAILED, "HiGHS, walk: the answer holds a dual that is not finite")
        tie = self.tolerance if len(levels) == 1 else TIE
        return SweepPrices(self.block, dual_feasible(duals), [self.worth(counts) for counts in levels], tie)

    def gaining(self, prices: SweepPrices, first: int, last: int) -> IntArray:
        """Return the arcs in [first, last) whose gain exceeds the value of their node."""
        return prices.gaining(first, last, self.tolerance, self.scratch)


@dataclass(frozen=True)
class Position:
    """The position of a sweep on the curve.

    Attributes
    ----------
    top : int
        Arcs before this one are admissible.
    leapt_from : float
        First limit of the leap that led to the present limit; NaN without a leap.
    stride : int
        Number of limits in one leap; 0 up to the allowed iterations.
    risen : bool
        Whether the limit has risen since the last run.
    """

    limit: float
    top: int
    leapt_from: float = math.nan
    stride: int = 0
    risen: bool = False


@dataclass(frozen=True, eq=False)
class SweepState:
    """The state of a sweep.

    Attributes
    ----------
    program : SweepProgram
        The flow, and the program that changes it.
    prices : SweepPrices
        Prices at which the flow is optimal over the admissible arcs.
    tests : mapping of Counts to SweepPrices
        Prices in the basis of the last run for the first objective, or the first two. They test the weights.
    """

    program: SweepProgram
    weighting: Weighting
    prices: SweepPrices
    position: Position
    tests: Mapping[Counts, SweepPrices] = field(default_factory=dict)

    @classmethod
    def first(cls, task: SweepTask) -> SweepState:
        """Return the state at the limit 0, with nothing served and no prices."""
        weighting = Weighting.first(task.block, task.parameters)
        levels = weighting.levels
        prices = task.prices(levels, [np.zeros(len(task.block.upper))] * len(levels))
        top = int(np.searchsorted(task.block.enter, 0.0, side="right"))
        return cls(SweepProgram(task.block, task.parameters), weighting, prices, Position(0.0, top))

    def grown(self, task: SweepTask) -> SweepState:
        """Return the state with larger weights, or with levels instead of weights."""
        weighting = self.weighting.grown(task.parameters)
        self.program.set_objective(weighting.levels[-1])
        return replace(self, weighting=weighting, tests={})
