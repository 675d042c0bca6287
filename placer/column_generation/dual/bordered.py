"""A Newton step with a border of caps, by a Schur complement.

With the Hessian H over the resources and the border of the caps (``dual.cap_border``), the step solves

    (H + diag(shift)   B          ) (d      )   (grad      )
    (B'                C + shift_c) (d_gamma) = (grad_gamma)

    S d_gamma = grad_gamma - B' K grad,     d = K (grad - B d_gamma),     S = C + shift_c - B' K B

with ``K = (H + diag(shift))^-1`` from the factor that serves without caps too. S has a row for each cap whose price may
move. Prices are pinned to zero as without caps (``dual.newton``). Prices are flat arrays (``dual.cap_places``); what is
said of resources here is meant of the places of caps too.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from placer.column_generation.dual.newton import MOST_SHIFTS, SHIFT_RISE, pinned_step
from placer.column_generation.dual.parameters import NewtonParameters
from placer.column_generation.dual.stacked_hessian import ResourceHessian
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Power of the number of right-hand sides with which the size grows from which conjugate gradients take less time. A
#: solution by them takes about ``n`` over more periods and ``n^2`` over more sites, which makes it 1/2 and 1. On the
#: instances of ``benchmarks.own_limits`` both take the same time.
_POWER = 0.75


@dataclass(frozen=True, eq=False)
class BorderedHessian:
    """The Hessian of -g over resources, with a border for the caps.

    Attributes
    ----------
    inner : ResourceHessian
    caps : (f,) int array
        The caps of the border whose price may move.
    border : (f, t, r) array
        ``B``.
    own : (f, f) array
        ``C``.
    """

    inner: ResourceHessian
    caps: IntArray
    border: FloatArray
    own: FloatArray

    def times(self, step: FloatArray) -> FloatArray:
        """Return the product with a flat array (t * r + c,); 0 for caps whose price may not move."""
        _, rows, columns = self.border.shape
        moved, priced = step[: rows * columns].reshape(rows, columns), step[rows * columns :][self.caps]
        of_resources = self.inner.times(moved) + np.tensordot(priced, self.border, 1)
        product = np.concatenate([of_resources.ravel(), np.zeros(len(step) - rows * columns)])
        border = self.border.reshape(len(self.caps), rows * columns)
        product[rows * columns + self.caps] = border @ moved.ravel() + self.own @ priced
        return product

    def factor(self, free: BoolArray, shift: FloatArray, parameters: NewtonParameters) -> BorderedFactor:
        """Return the factor over the free prices (t * r + c,), with a shift of the diagonal."""
        return BorderedFactor(self, free, shift, parameters)


class BorderedFactor:
    """Factor of a bordered Hessian over the free prices.

    Parameters
    ----------
    hessian : BorderedHessian
    free : (t * r + c,) bool array
    shift : (t * r + c,) array
    parameters : NewtonParameters

    Raises
    ------
    LinAlgError
        If the matrix is not positive definite at the largest shift.
    """

    def __init__(
        self,
        hessian: BorderedHessian,
        free: BoolArray,
        shift: FloatArray,
        parameters: NewtonParameters,
    ) -> None:
        self._shape = hessian.border.shape[1:]
        count = self._shape[0] * self._shape[1]
        self._most_pin_rounds = parameters.most_pin_rounds
        chosen = np.flatnonzero(free[count + hessian.caps])
        self._inner = hessian.inner.factor(
            free[:count].reshape(self._shape),
            shift[:count].reshape(self._shape),
            _for_right_sides(parameters, 1 + len(chosen)),
        )
        #: The free caps, as positions in flat prices.
        self._caps = count + hessian.caps[chosen]
        rows = [self._inner.part(hessian.border[cap]) for cap in chosen]
        self._border = np.array(rows).reshape(len(rows), self._inner.size).T
        #: ``K B``.
        self._solved = self._inner.solve(self._border) if self._border.size else self._border
        schur = hessian.own[np.ix_(chosen, chosen)] - self._border.T @ self._solved
        self._schur = _factorised(schur, shift[self._caps])

    def step(self, gradient: FloatArray, prices: FloatArray) -> FloatArray:
        """Return the step (t * r + c,) for a gradient, with no price below zero."""
        step = np.zeros(gradient.shape)
        right = self._part(gradient)
        if len(right):
            found = pinned_step(self._solve(right), self._part(prices), self._solve, self._most_pin_rounds)
            self._inner.spread(found[: self._inner.size], self._resources(step))
            step[self._caps] = found[self._inner.size :]
        return np.maximum(step, -prices)

    def _solve(self, values: FloatArray) -> FloatArray:
        """Solve for right-hand sides (size,) or (size, k): free prices of resources, then of caps."""
        size = self._inner.size
        inner = self._inner.solve(values[:size]) if size else values[:size]
        caps = values[size:]
        if len(caps):
            caps = cho_solve(self._schur, caps - self._border.T @ inner, check_finite=False)
        return np.concatenate([inner - self._solved @ caps, caps])

    def _part(self, flat: FloatArray) -> FloatArray:
        return np.concatenate([self._inner.part(self._resources(flat)), flat[self._caps]])

    def _resources(self, flat: FloatArray) -> FloatArray:
        return flat[: self._shape[0] * self._shape[1]].reshape(self._shape)


def _for_right_sides(parameters: NewtonParameters, count: int) -> NewtonParameters:
    """Return the parameters of a factor that some right-hand sides are solved with.

    Conjugate gradients solve for one after the other; a Cholesky factor of ``n`` prices takes ``n^3`` for all together.
    """
    return replace(parameters, least_iterated=round(parameters.least_iterated * count**_POWER))


def _factorised(schur: FloatArray, shift: FloatArray) -> tuple[FloatArray, bool]:
    """Return the Cholesky factor of the Schur complement, its diagonal raised until it is positive definite."""
    rise = SOLVER * np.abs(np.diag(schur))
    for _ in range(MOST_SHIFTS):
        with contextlib.suppress(LinAlgError):
            factor, lower = cho_factor((schur + schur.T) / 2 + np.diag(shift + rise), check_finite=False)
            return factor, bool(lower)
        rise = SHIFT_RISE * np.maximum(rise, SOLVER * shift)
    raise LinAlgError("the curvature of the caps is not positive definite")
