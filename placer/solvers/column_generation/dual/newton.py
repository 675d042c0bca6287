"""A Newton step for the smoothed dual that knows prices cannot fall below zero.

The step maximises the quadratic model ``g'd - d'Hd / 2`` subject to ``y + d >= 0`` over the free prices: those above
zero, or at zero with a gradient that lifts them. The curvature H is banded in periods (on a cyclic horizon once they
are folded: 0, T-1, 1, T-2, ..), so one banded Cholesky factor serves. Prices that would end below zero are pinned to it
by multipliers computed from the same factor, and released where a multiplier has the wrong sign (a primal-dual active
set; Hintermueller, Ito and Kunisch, SIAM Journal on Optimization 13, 2002). Clipping the plain step instead leaves the
others moved as if those had gone below zero, and the model no longer fits.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cho_solve_banded, cholesky_banded

from placer.solvers.column_generation.dual.hessian_waiting import add_waiting, coordinates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from placer.solvers.column_generation.dual.hessian import Curvature

#: Rounds of pinning and releasing; most steps settle in two or three.
_PIN_ROUNDS = 6
#: A band is worth its overhead from this many unknowns, if it is at most this part of them wide.
_BAND_FROM, _BAND_PART = 400, 3
#: Single precision can cost the curvature its definiteness: the shift is then raised by this factor, so many times.
_SHIFT_FACTOR, _SHIFTS = 30.0, 12


class Factor:
    """Cholesky factor of ``H + diag(shift)`` over the free prices."""

    def __init__(self, curvature: Curvature, free: np.ndarray, shift: np.ndarray, *, cyclic: bool) -> None:
        self._shape = free.shape
        self._resources = curvature.resources
        self._order = _period_order(curvature, len(free), cyclic=cyclic)
        part = free[:, self._resources]
        self._chosen = [np.flatnonzero(row) for row in part]
        counts = np.array([len(row) for row in self._chosen])
        self._start = np.zeros(len(free), dtype=int)
        self._start[self._order] = np.cumsum(counts[self._order]) - counts[self._order]
        self._counts = counts
        self.size = int(counts.sum())
        self._where = _by_place(curvature, part) if curvature.waiting else self._by_period()
        raised = shift[:, self._resources].ravel()[self._where]
        for _ in range(_SHIFTS):
            with contextlib.suppress(LinAlgError):
                self._solve = self._factorise(curvature, raised, cyclic=cyclic)
                return
            raised = raised * _SHIFT_FACTOR
        raise LinAlgError("the curvature is not positive definite")

    def step(self, gradient: np.ndarray, prices: np.ndarray) -> np.ndarray:
        """Return the step (t, r) for a gradient (t, r), with no price below zero."""
        step = np.zeros(self._shape)
        if self.size:
            plain = self._solve(self._part(gradient))
            pinned = self._pin(plain, self._part(prices))
            inner = np.zeros((self._shape[0], len(self._resources)))
            inner.ravel()[self._where] = pinned
            step[:, self._resources] = inner
        return np.maximum(step, -prices)

    def _by_period(self) -> np.ndarray:
        size = len(self._resources)
        return np.concatenate([period * size + self._chosen[period] for period in self._order.tolist()]).astype(int)

    def _part(self, values: np.ndarray) -> np.ndarray:
        return values[:, self._resources].ravel()[self._where]

    def _pin(self, plain: np.ndarray, prices: np.ndarray) -> np.ndarray:
        size = self.size
        slack = 1e-12 * np.abs(prices)
        pinned, column = np.zeros(size, dtype=bool), np.full(size, -1)
        inverse, multiplier, step = np.zeros((size, 0)), np.zeros(size), plain
        for _ in range(_PIN_ROUNDS):
            wanted = np.where(pinned, multiplier < 0, step < -prices - slack)
            if (wanted == pinned).all() or wanted.sum() > size // 2:
                break
            pinned = wanted
            fresh = np.flatnonzero(pinned & (column < 0))
            if fresh.size:
                unit = np.zeros((size, len(fresh)))
                unit[fresh, np.arange(len(fresh))] = 1.0
                column[fresh] = inverse.shape[1] + np.arange(len(fresh))
                inverse = np.concatenate([inverse, self._solve(unit)], axis=1)
            held = np.flatnonzero(pinned)
            multiplier = np.zeros(size)
            if held.size:
                multiplier[held] = np.linalg.solve(inverse[np.ix_(held, column[held])], plain[held] + prices[held])
            step = plain - inverse[:, column[held]] @ multiplier[held]
        return step

    def _factorise(
        self, curvature: Curvature, shift: np.ndarray, *, cyclic: bool
    ) -> Callable[[np.ndarray], np.ndarray]:
        if curvature.waiting:
            return _dense(self._matrix_by_place(curvature, shift, cyclic=cyclic))
        size, width = self.size, self._bandwidth(curvature, cyclic=cyclic)
        if size > _BAND_FROM and width < size // _BAND_PART:
            band = np.zeros((size, width + 1))
            band[:, 0] = shift
            self._fill_band(curvature, band, width, cyclic=cyclic)
            factor = cholesky_banded(band.T, lower=True, overwrite_ab=True, check_finite=False)
            return lambda values: cho_solve_banded((factor, True), values, check_finite=False)
        dense = np.diag(shift)
        for one, other, block in self._blocks(curvature, cyclic=cyclic):
            dense[one : one + block.shape[0], other : other + block.shape[1]] += block
        return _dense(dense)

    def _matrix_by_place(self, curvature: Curvature, shift: np.ndarray, *, cyclic: bool) -> np.ndarray:
        """Return the matrix over the free prices in the order of ``_by_place``; its lower triangle counts."""
        matrix = np.diag(shift)
        place = np.full((len(self._counts), len(self._resources)), -1)
        place.ravel()[self._where] = np.arange(self.size)
        for lag, one, other in self._pairs(curvature, cyclic=cyclic):
            block = curvature.blocks[lag][one].take(self._chosen[one], 0).take(self._chosen[other], 1)
            rows, columns = place[one][self._chosen[one]], place[other][self._chosen[other]]
            matrix[rows[:, None], columns] += block
            if lag:
                matrix[columns[:, None], rows] += block.T
        add_waiting(matrix, curvature.waiting, *coordinates(curvature.waiting[0], self._where, len(self._resources)))
        return matrix

    def _pairs(self, curvature: Curvature, *, cyclic: bool) -> Iterator[tuple[int, int, int]]:
        periods = self._shape[0]
        for lag in curvature.blocks:
            for period in range(periods):
                later = (period + lag) % periods
                if self._counts[period] and self._counts[later] and (cyclic or period + lag < periods):
                    yield lag, period, later

    def _bandwidth(self, curvature: Curvature, *, cyclic: bool) -> int:
        start, counts = self._start, self._counts
        ends = (
            max(start[one] + counts[one], start[other] + counts[other]) - 1 - min(start[one], start[other])
            for _, one, other in self._pairs(curvature, cyclic=cyclic)
        )
        return max(ends, default=0)

    def _blocks(self, curvature: Curvature, *, cyclic: bool) -> Iterator[tuple[int, int, np.ndarray]]:
        """Yield the blocks on and below the diagonal, with the positions they start at."""
        start, size = self._start, len(self._resources)
        for lag, one, other in self._pairs(curvature, cyclic=cyclic):
            block = curvature.blocks[lag][one]
            if not self._counts[one] == size == self._counts[other]:
                block = block.take(self._chosen[one], 0).take(self._chosen[other], 1)
            if start[one] < start[other]:
                yield start[other], start[one], block.T
            else:
                yield start[one], start[other], block

    def _fill_band(self, curvature: Curvature, band: np.ndarray, width: int, *, cyclic: bool) -> None:
        """Entry (i, j) of the matrix lives at ``band[j, i - j]``, which is i + j * width in the flat array."""
        flat, item = band.reshape(-1), band.itemsize
        for one, other, block in self._blocks(curvature, cyclic=cyclic):
            view = np.lib.stride_tricks.as_strided(flat[one + other * width :], block.shape, (item, item * width))
            if one == other:
                lower = np.tril_indices(len(block))
                view[lower] += block[lower]
            else:
                view += block


def _dense(matrix: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what solves a system; the lower triangle of the matrix counts."""
    if not len(matrix):
        return lambda values: values
    whole = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    return lambda values: cho_solve(whole, values, check_finite=False)


def _by_place(curvature: Curvature, free: np.ndarray) -> np.ndarray:
    """Return the positions of the free prices in the array (t, r), sorted by site or link, kind and period."""
    where = np.flatnonzero(free)
    kind, place, period = coordinates(curvature.waiting[0], where, free.shape[1])
    return where[np.lexsort((period, kind, place))]


def _period_order(curvature: Curvature, periods: int, *, cyclic: bool) -> np.ndarray:
    order = np.arange(periods)
    if cyclic and len(curvature.blocks) > 1:
        order = np.argsort(np.minimum(2 * order, 2 * (periods - 1 - order) + 1), kind="stable")
    return order
