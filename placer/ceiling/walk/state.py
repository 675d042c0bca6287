"""What a sweep knows: what stays the same (``SweepTask``), and where it is now (``SweepState``).

Both are frozen; a step returns a new state. The flow of the program and what nodes have at the prices are the two
things that a step changes in place, by ``SweepProgram.move`` and ``SweepPrices.raise_to``: they are as long as the
block, and a step touches one entry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.walk.objectives import Weighting, largest, worth_of
from placer.ceiling.walk.prices import SweepPrices, in_order
from placer.ceiling.walk.program import SweepProgram
from placer.utils.arrays import sorted_unique

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from placer.ceiling.walk.block import Block
    from placer.ceiling.walk.objectives import Counts
    from placer.ceiling.walk.parameters import SweepParameters
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(eq=False)
class SweepTask:
    """A block and how it is swept.

    Attributes
    ----------
    block : Block
    parameters : SweepParameters
    iterations : float
        Simplex iterations after which the sweep goes on in leaps.
    deadline : float
        By ``time.monotonic``.
    demand : float
        Of all nodes.
    most_exported : float
        What would be exported if every node used the arc that counts most.
    tolerance : float
        An arc enters if it gains more than its node has by more than this.
    limits : (limits,) array
        At which arcs enter, rising.
    first_option : list of int
        As in the block; a list, from which one number is read in less time.
    scratch : (2, m) array
        Overwritten whenever arcs are priced.
    worth : callable of Counts to (m,) array
        What a unit counts by every arc, computed once.
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
        """Return the task of sweeping over a block."""
        demand = float(block.demand.sum())
        most_exported = float(block.demand @ largest(block.weight, block.node, len(block.demand)))
        return cls(
            block=block,
            parameters=parameters,
            iterations=iterations,
            deadline=deadline,
            demand=demand,
            most_exported=most_exported,
            tolerance=max(parameters.gain * min(1.0, most_exported / demand), parameters.least_gain),
            limits=sorted_unique(block.enter[block.enter > 0]),
            first_option=block.first_option.tolist(),
            scratch=np.empty((2, len(block.node))),
            worth=cache(partial(worth_of, block)),
        )

    def prices(self, levels: Sequence[Counts], duals: Sequence[FloatArray]) -> SweepPrices:
        """Return the prices that duals of the rows make, by level."""
        tie = self.tolerance if len(levels) == 1 else self.parameters.simplex.tie
        return SweepPrices(self.block, in_order(duals), [self.worth(counts) for counts in levels], tie)

    def gaining(self, prices: SweepPrices, first: int, last: int) -> IntArray:
        """Return the arcs in [first, last) that gain more than their node has."""
        return prices.gaining(first, last, self.tolerance, self.scratch)


@dataclass(frozen=True)
class Position:
    """Where on the curve a sweep is.

    Attributes
    ----------
    limit : float
    top : int
        Arcs before this one may be used.
    leapt_from : float
        The limit from which the present one was reached in a leap; NaN if it was not.
    stride : int
        Limits in one leap; 0 until the iterations allowed are spent.
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
    """Where a sweep is.

    Attributes
    ----------
    program : SweepProgram
        The flow, and the program that changes it.
    weighting : Weighting
    prices : SweepPrices
        At which the flow is optimal over the arcs allowed.
    tests : mapping of Counts to SweepPrices
        Prices in the basis of the last run for the first objective, or the first two, which test the weights.
    position : Position
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
        """Return the state with larger weights, or with levels in their stead."""
        weighting = self.weighting.grown(task.parameters)
        self.program.set_objective(weighting.levels[-1])
        return replace(self, weighting=weighting, tests={})
