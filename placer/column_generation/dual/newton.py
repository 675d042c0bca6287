"""A Newton step for the smoothed dual that keeps prices at or above zero.

The step d maximises the quadratic model

    grad g . d - d' (H + diag(shift)) d / 2     subject to  y + d >= 0

over the free prices y: those above zero, or at zero with a gradient that lifts them. H is the Hessian of -g. Few prices
take a Cholesky factor of the matrix, many ``dual.iterated``. A price that would fall below zero is pinned to it by a
multiplier,

    d = d0 - K e_pinned m,    K = (H + diag(shift))^-1,    m such that  y + d = 0  where pinned

with d0 the step without pins, and released where its multiplier is negative: a primal-dual active set (Hintermueller,
Ito and Kunisch, SIAM Journal on Optimization 13, 2002). Clipping d0 instead would move the other prices as if the
pinned ones had gone below zero, and the model would no longer fit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from placer.column_generation.dual.hessian_waiting import WaitingHessian, add_waiting, coordinates
from placer.column_generation.dual.parameters import NEWTON, NewtonParameters
from placer.column_generation.dual.places import EitherArray
from placer.utils.arrays import BoolArray, FloatArray, IntArray

_Solve = Callable[["FloatArray"], "EitherArray"]
#: Shifts tried where rounding leaves a matrix not positive definite, and the factor between two: a safety.
MOST_SHIFTS, SHIFT_RISE = 12, 30.0


class HessianBlocks(Protocol):
    """A Hessian over some resources, as ``dual.hessian.Hessian`` has it."""

    @property
    def blocks(self) -> EitherArray:
        """Blocks (t, n, n) within periods."""

    @property
    def resources(self) -> IntArray:
        """Positions of its resources among all (n,)."""

    @property
    def waiting(self) -> tuple[WaitingHessian, ...]:
        """Parts of the Hessian that are kept as products."""


class Factor:
    """Cholesky factor of ``H + diag(shift)`` over the free prices.

    Parameters
    ----------
    hessian : HessianBlocks
    free : (t, r) bool array
        The prices that may move.
    shift : (t, r) array
        Raised until the matrix is positive definite.
    parameters : NewtonParameters

    Raises
    ------
    LinAlgError
        If the matrix is not positive definite at the largest shift.
    """

    def __init__(
        self, hessian: HessianBlocks, free: BoolArray, shift: FloatArray, parameters: NewtonParameters = NEWTON
    ) -> None:
        self._resources, self._most_pin_rounds = hessian.resources, parameters.most_pin_rounds
        #: Position of every unknown in an array (t, n), in the order of the system.
        self._where = _order(hessian, free[:, hessian.resources])
        #: Solves for right-hand sides (size,) or (size, k) in the order of the system.
        self.solve = _factorise(_matrix(hessian, self._where), self.part(shift))

    @property
    def size(self) -> int:
        """Number of free prices."""
        return len(self._where)

    def part(self, values: FloatArray) -> FloatArray:
        """Return the values of the free prices out of an array (t, r), in the order of the system."""
        return values[:, self._resources].ravel()[self._where]

    def spread(self, part: EitherArray, into: FloatArray) -> None:
        """Write values of the free prices into an array (t, r)."""
        inner = np.zeros((len(into), len(self._resources)))
        inner.ravel()[self._where] = part
        into[:, self._resources] = inner

    def step(self, gradient: FloatArray, prices: FloatArray) -> FloatArray:
        """Return the step (t, r) for a gradient (t, r), with no price below zero."""
        step = np.zeros(gradient.shape)
        if self.size:
            unpinned = self.solve(self.part(gradient))
            pinned = pinned_step(unpinned, self.part(prices), self.solve, self._most_pin_rounds)
            self.spread(pinned, step)
        return np.maximum(step, -prices)


def pinned_step(unpinned: EitherArray, prices: FloatArray, solve: _Solve, most_rounds: int) -> EitherArray:
    """Pin prices that would fall below zero, release them where the multiplier is negative, until neither is left."""
    size = len(unpinned)
    slack = 1e-12 * np.abs(prices)
    pinned, column = np.zeros(size, dtype=bool), np.full(size, -1)
    inverse, multiplier, step = np.zeros((size, 0)), np.zeros(size), unpinned
    for _ in range(most_rounds):
        wanted = np.where(pinned, multiplier < 0, step < -prices - slack)
        if (wanted == pinned).all() or wanted.sum() > size // 2:
            break
        pinned = wanted
        fresh = np.flatnonzero(pinned & (column < 0))
        if fresh.size:
            unit = np.zeros((size, len(fresh)))
            unit[fresh, np.arange(len(fresh))] = 1.0
            column[fresh] = inverse.shape[1] + np.arange(len(fresh))
            inverse = np.concatenate([inverse, solve(unit)], axis=1)
        held = np.flatnonzero(pinned)
        multiplier = np.zeros(size)
        if held.size:
            multiplier[held] = np.linalg.solve(inverse[np.ix_(held, column[held])], unpinned[held] + prices[held])
        step = unpinned - inverse[:, column[held]] @ multiplier[held]
    return step


def _order(hessian: HessianBlocks, free: BoolArray) -> IntArray:
    """Return the positions of the free prices in an array (t, n), by site or link, kind and period where work waits."""
    where = np.flatnonzero(free)
    if not hessian.waiting:
        return where
    kind, place, period = coordinates(hessian.waiting[0], where, free.shape[1])
    return where[np.lexsort((period, kind, place))]


def _matrix(hessian: HessianBlocks, where: IntArray) -> FloatArray:
    """Return ``H`` over some positions in an array (t, n), in their order; only its lower triangle counts."""
    size = len(hessian.resources)
    period, resource = np.divmod(where, size)
    matrix = np.zeros((len(where), len(where)))
    for t, block in enumerate(hessian.blocks):
        rows = np.flatnonzero(period == t)
        chosen = resource[rows]
        matrix[rows[:, None], rows] = block.take(chosen, 0).take(chosen, 1)
    if hessian.waiting:
        add_waiting(matrix, hessian.waiting, *coordinates(hessian.waiting[0], where, size))
    return matrix


def _factorise(matrix: FloatArray, shift: FloatArray) -> _Solve:
    """Return the solver of ``matrix + diag(shift)``, with the shift raised until it is positive definite.

    Only the lower triangle of the matrix counts.
    """
    if not len(matrix):
        return lambda values: values
    for _ in range(MOST_SHIFTS):
        with contextlib.suppress(LinAlgError):
            # The transpose lies column by column, as LAPACK has it, and is factorised without a copy.
            factor = cho_factor((matrix + np.diag(shift)).T, lower=False, overwrite_a=True, check_finite=False)
            return lambda values: cho_solve(factor, values, check_finite=False)
        shift = shift * SHIFT_RISE
    raise LinAlgError("the curvature is not positive definite")
