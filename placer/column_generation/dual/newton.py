"""A Newton step for the smoothed dual that keeps prices at or above zero.

The step d maximises the quadratic model

    grad g . d - d' (H + diag(shift)) d / 2     subject to  y + d >= 0

over the free prices y: those above zero, or at zero with a gradient that lifts them. H, the Hessian of -g, is banded in
periods (on a cyclic horizon once they are folded: 0, T-1, 1, T-2, ..), so one banded Cholesky factor serves. A price
that would fall below zero is pinned to it by a multiplier,

    d = d0 - K e_pinned m,    K = (H + diag(shift))^-1,    m such that  y + d = 0  where pinned

with d0 the step without pins, and released where its multiplier is negative: a primal-dual active set (Hintermueller,
Ito and Kunisch, SIAM Journal on Optimization 13, 2002). Clipping d0 instead would move the other prices as if the
pinned ones had gone below zero, and the model would no longer fit. Wide bands are factored by ``dual.chains``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cho_solve_banded, cholesky_banded

from placer.column_generation.dual.chains import Banded, ChainFactor, cut_horizon
from placer.column_generation.dual.hessian_waiting import WaitingHessian, add_waiting, coordinates
from placer.column_generation.dual.parameters import NEWTON, NewtonParameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from placer.column_generation.dual.places import EitherArray
    from placer.utils.arrays import BoolArray, FloatArray, IntArray

_Solve = Callable[["FloatArray"], "EitherArray"]
#: Shifts tried where rounding leaves a matrix not positive definite, and the factor between two: a safety.
MOST_SHIFTS, SHIFT_RISE = 12, 30.0


class HessianBlocks(Protocol):
    """A Hessian over some resources, as ``dual.hessian.Hessian`` has it."""

    @property
    def blocks(self) -> Mapping[int, EitherArray]:
        """Blocks (t, n, n) by lag in periods, of one precision; the factor has it too."""

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
    cyclic : bool
    parameters : NewtonParameters

    Raises
    ------
    LinAlgError
        If the matrix is not positive definite at the largest shift.
    """

    def __init__(
        self,
        hessian: HessianBlocks,
        free: BoolArray,
        shift: FloatArray,
        *,
        cyclic: bool,
        parameters: NewtonParameters = NEWTON,
    ) -> None:
        self._unknowns = _unknowns(hessian, free, cyclic=cyclic)
        self._most_pin_rounds = parameters.most_pin_rounds
        #: Solves for right-hand sides (size,) or (size, k) in the order of the system.
        self.solve = _factorise(hessian, self._unknowns, self._unknowns.part(shift), parameters)

    @property
    def size(self) -> int:
        """Number of free prices."""
        return self._unknowns.size

    def part(self, values: FloatArray) -> FloatArray:
        """Return the values of the free prices out of an array (t, r), in the order of the system."""
        return self._unknowns.part(values)

    def spread(self, part: EitherArray, into: FloatArray) -> None:
        """Write values of the free prices into an array (t, r)."""
        inner = np.zeros((len(into), len(self._unknowns.resources)))
        inner.ravel()[self._unknowns.where] = part
        into[:, self._unknowns.resources] = inner

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


@dataclass(frozen=True, eq=False)
class _Unknowns:
    """The free prices in the order of the system.

    Attributes
    ----------
    resources : (n,) int array
        Resources of the Hessian among all.
    chosen : sequence of int arrays
        Free prices of each period, as positions among ``resources``.
    counts, start : (t,) int arrays
        Number of free prices of each period, and position of the first in the banded order.
    where : (size,) int array
        Position of every unknown in an array (t, n).
    cyclic : bool
    """

    resources: IntArray
    chosen: Sequence[IntArray]
    counts: IntArray
    start: IntArray
    where: IntArray
    cyclic: bool

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.where)

    def part(self, values: FloatArray) -> FloatArray:
        """Return the unknowns' values out of an array (t, r)."""
        return values[:, self.resources].ravel()[self.where]

    def coupled(self, hessian: HessianBlocks) -> Iterator[tuple[int, int, int]]:
        """Yield lag, earlier and later period of every block between periods that have free prices."""
        periods, counts = len(self.counts), self.counts.tolist()
        for lag in hessian.blocks:
            for period in range(periods if self.cyclic else periods - lag):
                later = (period + lag) % periods
                if counts[period] and counts[later]:
                    yield lag, period, later


def _unknowns(hessian: HessianBlocks, free: BoolArray, *, cyclic: bool) -> _Unknowns:
    part = free[:, hessian.resources]
    chosen = [np.flatnonzero(row) for row in part]
    counts = np.array([len(row) for row in chosen])
    order = np.arange(len(free))
    if cyclic and len(hessian.blocks) > 1:  # folded, 0, T-1, 1, T-2, .., since the last couple to the first
        order = np.argsort(np.minimum(2 * order, 2 * (len(free) - 1 - order) + 1), kind="stable")
    start = np.zeros(len(free), dtype=int)
    start[order] = np.cumsum(counts[order]) - counts[order]
    size = len(hessian.resources)
    if hessian.waiting:
        where = _by_place(hessian, part)
    else:
        where = np.concatenate([period * size + chosen[period] for period in order.tolist()]).astype(int)
    return _Unknowns(hessian.resources, chosen, counts, start, where, cyclic)


def _by_place(hessian: HessianBlocks, free: BoolArray) -> IntArray:
    """Return the positions of the free prices in an array (t, n), sorted by site or link, kind and period."""
    where = np.flatnonzero(free)
    kind, place, period = coordinates(hessian.waiting[0], where, free.shape[1])
    return where[np.lexsort((period, kind, place))]


def _factorise(hessian: HessianBlocks, unknowns: _Unknowns, shift: FloatArray, parameters: NewtonParameters) -> _Solve:
    """Return the solver of ``H + diag(shift)``, with the shift raised until the matrix is positive definite."""
    for _ in range(MOST_SHIFTS):
        with contextlib.suppress(LinAlgError):
            return _factorise_at(hessian, unknowns, shift, parameters)
        shift = shift * SHIFT_RISE
    raise LinAlgError("the curvature is not positive definite")


def _factorise_at(
    hessian: HessianBlocks, unknowns: _Unknowns, shift: FloatArray, parameters: NewtonParameters
) -> _Solve:
    if hessian.waiting:
        return _dense_solver(_matrix_by_place(hessian, unknowns, shift))
    size, width, precision = unknowns.size, _bandwidth(hessian, unknowns), hessian.blocks[0].dtype
    if width < size // parameters.banded_size_per_width:
        cuts = cut_horizon(len(unknowns.counts), max(hessian.blocks), cyclic=unknowns.cyclic)
        if cuts is not None and width >= parameters.least_chain_width:
            banded = Banded(hessian.blocks, unknowns.chosen, unknowns.start, shift, unknowns.cyclic)
            return ChainFactor(banded, cuts).solve
        band = np.zeros((size, width + 1), precision)
        band[:, 0] = shift
        _fill_band(hessian, unknowns, band, width)
        factor = cholesky_banded(band.T, lower=True, overwrite_ab=True, check_finite=False)
        return lambda values: cho_solve_banded((factor, True), values.astype(precision), check_finite=False)
    dense = np.diag(shift.astype(precision))
    for one, other, block in _blocks(hessian, unknowns):
        dense[one : one + block.shape[0], other : other + block.shape[1]] += block
    return _dense_solver(dense)


def _matrix_by_place(hessian: HessianBlocks, unknowns: _Unknowns, shift: FloatArray) -> FloatArray:
    """Return ``H + diag(shift)`` in the order of ``_by_place``; only its lower triangle counts."""
    matrix, chosen = np.diag(shift), unknowns.chosen
    row_of = np.full((len(unknowns.counts), len(unknowns.resources)), -1)
    row_of.ravel()[unknowns.where] = np.arange(unknowns.size)
    for lag, one, other in unknowns.coupled(hessian):
        block = hessian.blocks[lag][one].take(chosen[one], 0).take(chosen[other], 1)
        rows, columns = row_of[one][chosen[one]], row_of[other][chosen[other]]
        matrix[rows[:, None], columns] += block
        if lag:
            matrix[columns[:, None], rows] += block.T
    add_waiting(matrix, hessian.waiting, *coordinates(hessian.waiting[0], unknowns.where, len(unknowns.resources)))
    return matrix


def _bandwidth(hessian: HessianBlocks, unknowns: _Unknowns) -> int:
    """Return the largest distance from the diagonal; at least the number of free prices of any period."""
    periods, start, counts = np.arange(len(unknowns.counts)), unknowns.start, unknowns.counts
    end, most = start + counts, int(counts.max(initial=0))
    for lag in hessian.blocks:
        one = periods if unknowns.cyclic else periods[: max(len(periods) - lag, 0)]
        other = (one + lag) % len(periods)
        span = np.maximum(end[one], end[other]) - 1 - np.minimum(start[one], start[other])
        most = max(most, int(span[(counts[one] > 0) & (counts[other] > 0)].max(initial=0)))
    return most


def _blocks(hessian: HessianBlocks, unknowns: _Unknowns) -> Iterator[tuple[int, int, EitherArray]]:
    """Yield first row, first column and values of the blocks on and below the diagonal."""
    start, counts, chosen = unknowns.start.tolist(), unknowns.counts.tolist(), unknowns.chosen
    size = len(unknowns.resources)
    for lag, one, other in unknowns.coupled(hessian):
        block = hessian.blocks[lag][one]
        if not counts[one] == size == counts[other]:
            block = block.take(chosen[one], 0).take(chosen[other], 1)
        if start[one] < start[other]:
            yield start[other], start[one], block.T
        else:
            yield start[one], start[other], block


def _fill_band(hessian: HessianBlocks, unknowns: _Unknowns, band: EitherArray, width: int) -> None:
    """Add ``H`` to the band: entry (i, j) is ``band[j, i - j]``, at ``i + j * width`` of the flat array.

    Zeros above the diagonal are added to other entries, each to one, since no period has more free prices than
    ``width``.
    """
    lower, item = np.tri(int(unknowns.counts.max(initial=0)), dtype=band.dtype), band.itemsize
    for one, other, block in _blocks(hessian, unknowns):
        part = block * lower[: len(block), : len(block)] if one == other else block
        view: EitherArray = np.ndarray(part.shape, band.dtype, band, (one + other * width) * item, (item, item * width))
        view += part


def _dense_solver(matrix: EitherArray) -> _Solve:
    """Return the solver of a system; only the lower triangle of the matrix counts."""
    if not len(matrix):
        return lambda values: values
    # Its transpose lies column by column, as LAPACK has it, and is factorised without a copy.
    factor = cho_factor(matrix.T, lower=False, overwrite_a=True, check_finite=False)
    return lambda values: cho_solve(factor, values.astype(matrix.dtype), check_finite=False)
