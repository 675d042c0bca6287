"""A Newton step by conjugate gradients, preconditioned by the Hessian within each period.

The step solves ``(H + diag(shift)) d = grad g`` over the free prices, as ``dual.newton`` has it. Only work that waits
couples periods, and little of it: with P the blocks of H within periods, the eigenvalues of ``P^-1 (H + diag(shift))``
lie close to 1. Conjugate gradients with the preconditioner ``P + diag(shift)`` take some ten products with H,

    until  r' P^-1 r <= residual^2 (grad g)' P^-1 (grad g)            r = grad g - (H + diag(shift)) d

and factors of some sites by some sites, period by period, in place of one factor over all periods.

Prices that would fall below zero are held at ``d = -y``, and released where ``r > 0``, as in ``dual.newton``; the other
prices are iterated on from the step at hand.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import NamedTuple, Protocol

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, get_lapack_funcs

from placer.column_generation.dual.newton import MOST_SHIFTS, SHIFT_RISE
from placer.column_generation.dual.parameters import NEWTON, NewtonParameters
from placer.column_generation.dual.places import EitherArray
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Relative residual of a solution that is not of a step.
_CLOSE = 1e-8
#: Iterations of one solution: a safety.
_MOST_ITERATIONS = 300


class ProductHessian(Protocol):
    """A Hessian as ``dual.hessian.Hessian`` has it."""

    @property
    def resources(self) -> IntArray:
        """Positions of its resources among all (n,)."""

    def times_part(self, part: FloatArray) -> FloatArray:
        """Return the product with an array (t, n) of its resources."""

    @property
    def within_periods(self) -> EitherArray:
        """Its blocks within periods (t, n, n)."""


class _Solution(NamedTuple):
    """A solution (t, n), and its residual over all prices of the Hessian."""

    values: FloatArray
    residual: FloatArray


class IteratedFactor:
    """Solver of ``H + diag(shift)`` over the free prices.

    Parameters
    ----------
    hessian : ProductHessian
    free : (t, r) bool array
        The prices that may move.
    shift : (t, r) array
        Raised until every block within a period is positive definite.
    parameters : NewtonParameters

    Raises
    ------
    LinAlgError
        If a block is not positive definite at the largest shift.
    """

    def __init__(
        self,
        hessian: ProductHessian,
        free: BoolArray,
        shift: FloatArray,
        parameters: NewtonParameters = NEWTON,
    ) -> None:
        self._hessian, self._parameters = hessian, parameters
        self._free, self._shift = free[:, hessian.resources], shift[:, hessian.resources]
        #: The free prices of every period that has any, among those of all periods.
        ends = itertools.accumulate(self._free.sum(axis=1).tolist(), initial=0)
        self._spans = [slice(start, end) for start, end in itertools.pairwise(ends) if end > start]
        self._factors = self._factorised(hessian.within_periods)

    @property
    def size(self) -> int:
        """Number of free prices."""
        return int(self._free.sum())

    def part(self, values: FloatArray) -> FloatArray:
        """Return the values of the free prices out of an array (t, r), in the order of the system."""
        return values[:, self._hessian.resources][self._free]

    def spread(self, part: EitherArray, into: FloatArray) -> None:
        """Write values of the free prices into an array (t, r)."""
        into[:, self._hessian.resources] = self._laid(part)

    def solve(self, values: FloatArray) -> FloatArray:
        """Solve for right-hand sides (size,) or (size, k) in the order of the system."""
        columns = values.reshape(len(values), -1).T
        solved = [
            self._iterated(0 * right, right, self._free, _CLOSE).values[self._free]
            for right in map(self._laid, columns)
        ]
        return np.array(solved).T.reshape(values.shape)

    def step(self, gradient: FloatArray, prices: FloatArray) -> FloatArray:
        """Return the step (t, r) for a gradient (t, r), with no price below zero."""
        resources, step = self._hessian.resources, np.zeros(gradient.shape)
        if self.size:
            target, lowest = np.where(self._free, gradient[:, resources], 0.0), -prices[:, resources]
            step[:, resources] = self._held_step(target, lowest)
        return np.maximum(step, -prices)

    def _held_step(self, target: FloatArray, lowest: FloatArray) -> FloatArray:
        """Hold prices that would fall below zero, release them where the residual lifts them, until neither is left."""
        residual, held, slack = self._parameters.residual, np.zeros(target.shape, dtype=bool), 1e-12 * lowest
        found = self._iterated(np.zeros(target.shape), target, self._free, residual)
        for _ in range(self._parameters.most_pin_rounds):
            wanted = self._free & np.where(held, found.residual < 0, found.values < lowest + slack)
            if (wanted == held).all() or wanted.sum() > self.size // 2:
                break
            held = wanted
            found = self._iterated(np.where(held, lowest, found.values), target, self._free & ~held, residual)
        return found.values

    def _iterated(self, values: FloatArray, target: FloatArray, moving: BoolArray, residual: float) -> _Solution:
        """Improve a solution (t, n) in the prices that move, by conjugate gradients."""
        least = residual**2 * float((target * self._preconditioned(target)).sum())
        beyond = target - self._times(values) if values.any() else target.copy()
        direction, size = np.zeros(target.shape), np.inf
        for _ in range(_MOST_ITERATIONS):
            inner = np.where(moving, beyond, 0.0)
            raised = np.where(moving, self._preconditioned(inner), 0.0)
            before, size = size, float((inner * raised).sum())
            if size <= least:
                break
            direction = raised + size / before * direction
            product = self._times(direction)
            part = size / float((direction * product).sum())
            values, beyond = values + part * direction, beyond - part * product
        return _Solution(values, beyond)

    def _times(self, values: FloatArray) -> FloatArray:
        """Return ``(H + diag(shift)) values``."""
        return self._hessian.times_part(values) + self._shift * values

    def _preconditioned(self, values: FloatArray) -> FloatArray:
        """Return ``(P + diag(shift))^-1 values`` over the free prices."""
        part, result = values[self._free].astype(self._factors[0].dtype), np.zeros(values.shape)
        solve = get_lapack_funcs("potrs", (part,))
        for factor, span in zip(self._factors, self._spans, strict=True):
            part[span], _ = solve(factor, part[span])
        result[self._free] = part
        return result

    def _factorised(self, blocks: EitherArray) -> list[EitherArray]:
        """Return the Cholesky factors of all periods, with the shift raised until the blocks are positive definite."""
        for _ in range(MOST_SHIFTS):
            with contextlib.suppress(LinAlgError):
                return [
                    self._factor(blocks[period], period) for period in np.flatnonzero(self._free.any(axis=1)).tolist()
                ]
            self._shift = self._shift * SHIFT_RISE
        raise LinAlgError("the curvature is not positive definite")

    def _factor(self, block: EitherArray, period: int) -> EitherArray:
        """Return the Cholesky factor over the free prices of one period."""
        chosen = np.flatnonzero(self._free[period])
        part = block.take(chosen, 0).take(chosen, 1)
        own = np.arange(len(chosen))
        part[own, own] += self._shift[period, chosen]
        return cho_factor(part.T, lower=False, overwrite_a=True, check_finite=False)[0]

    def _laid(self, part: EitherArray) -> FloatArray:
        """Return values of the free prices in an array (t, n)."""
        result = np.zeros(self._free.shape)
        result[self._free] = part
        return result
