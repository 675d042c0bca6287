"""The Hessian of blocks that share no resource, and its factor: those of the blocks one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from placer.column_generation.dual.parameters import NewtonParameters
from placer.column_generation.dual.places import EitherArray
from placer.utils.arrays import AnyArray, BoolArray, FloatArray
from placer.utils.shared_work import each


class ResourceFactor(Protocol):
    """A factor over the free prices of resources (t, r), as ``dual.newton.Factor`` has it."""

    @property
    def size(self) -> int:
        """Number of free prices."""

    def part(self, values: FloatArray) -> FloatArray:
        """Return the values of the free prices out of an array (t, r), in the order of the system."""

    def spread(self, part: EitherArray, into: FloatArray) -> None:
        """Write values of the free prices into an array (t, r)."""

    def solve(self, values: FloatArray) -> EitherArray:
        """Solve for right-hand sides (size,) or (size, k) in the order of the system."""

    def step(self, gradient: FloatArray, prices: FloatArray) -> FloatArray:
        """Return the step (t, r) for a gradient (t, r), with no price below zero."""


class ResourceHessian(Protocol):
    """The Hessian over the prices of resources (t, r)."""

    def times(self, step: FloatArray) -> FloatArray:
        """Return the product with an array (t, r)."""

    def factor(self, free: BoolArray, shift: FloatArray, parameters: NewtonParameters) -> ResourceFactor:
        """Return the factor over the free prices, with a shift of the diagonal."""


@dataclass(frozen=True, eq=False)
class StackedHessian:
    """The Hessian of all blocks over the prices (t, r) of all periods.

    Attributes
    ----------
    periods : sequence of slice
        The periods of every block, in order.
    parts : sequence of ResourceHessian
        Of every block.
    """

    periods: Sequence[slice]
    parts: Sequence[ResourceHessian]

    def times(self, step: FloatArray) -> FloatArray:
        """Return the product with an array (t, r)."""
        pairs = zip(self.parts, self.periods, strict=True)
        return np.concatenate([part.times(step[periods]) for part, periods in pairs])

    def factor(self, free: BoolArray, shift: FloatArray, parameters: NewtonParameters) -> StackedFactor:
        """Return the factor over the free prices (t, r), with a shift of the diagonal."""

        def of_block(number: int) -> ResourceFactor:
            periods = self.periods[number]
            return self.parts[number].factor(free[periods], shift[periods], parameters)

        return StackedFactor(self.periods, each(of_block, range(len(self.parts))))


class StackedFactor:
    """The factors of all blocks; free prices stand block by block.

    Parameters
    ----------
    periods : sequence of slice
    parts : sequence of ResourceFactor
    """

    def __init__(self, periods: Sequence[slice], parts: Sequence[ResourceFactor]) -> None:
        self._periods, self._parts = periods, parts
        self._ends = np.cumsum([part.size for part in parts])

    @property
    def size(self) -> int:
        """Number of free prices."""
        return int(self._ends[-1])

    def part(self, values: FloatArray) -> FloatArray:
        """Return the values of the free prices out of an array (t, r), in the order of the system."""
        pairs = zip(self._parts, self._periods, strict=True)
        return np.concatenate([part.part(values[periods]) for part, periods in pairs])

    def spread(self, part: EitherArray, into: FloatArray) -> None:
        """Write values of the free prices into an array (t, r)."""
        for one, periods, values in zip(self._parts, self._periods, self._split(part), strict=True):
            one.spread(values, into[periods])

    def solve(self, values: FloatArray) -> EitherArray:
        """Solve for right-hand sides (size,) or (size, k) in the order of the system."""
        pairs = zip(self._parts, self._split(values), strict=True)
        return np.concatenate(each(lambda pair: pair[0].solve(pair[1]), pairs))

    def step(self, gradient: FloatArray, prices: FloatArray) -> FloatArray:
        """Return the step (t, r) for a gradient (t, r), with no price below zero."""
        pairs = zip(self._parts, self._periods, strict=True)
        return np.concatenate(each(lambda pair: pair[0].step(gradient[pair[1]], prices[pair[1]]), pairs))

    def _split(self, values: AnyArray) -> list[AnyArray]:
        return np.split(values, self._ends[:-1])
