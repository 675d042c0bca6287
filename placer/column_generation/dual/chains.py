"""Cholesky factor of a matrix banded in periods, by two chains of periods that are eliminated side by side.

Blocks couple periods at most ``reach`` apart. Two separators of ``reach`` periods, A and B, cut a cyclic horizon into
two chains; one separator in the middle cuts a horizon that has ends. Neighbouring periods form groups t. With W_t the
row of a group in the factor, over the groups before it in its chain, and R_t its columns in the rows of the separator A
before the chain,

    L_tu        = (H_tu - sum_v L_tv L_uv') L_uu'^-1       u before t in the chain, v before u
    L_tt L_tt'  = H_tt - W_t W_t'
    R_t         = (H_At - sum_u R_u L_tu') L_tt'^-1
    S           = H over the separators, less the products of both chains' R, and W of the separator after the chain

The chains do not meet before S, which is dense, so that two threads work on them at once. What they compute does not
depend on the number of threads. All work is in products of dense blocks, of the precision of the matrix. Entries fall
off along a chain until their products are subnormal; they are then set to zero, far below the rounding of the others.
"""

from __future__ import annotations

import bisect
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from placer.utils.arrays import FloatArray, IntArray, zero_tiny
from placer.utils.shared_work import each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from placer.column_generation.dual.places import EitherArray

#: Periods are eliminated in groups, this many to the reach: larger products are faster, but hold more zeros.
_GROUPS_PER_REACH = 4


@dataclass(frozen=True, eq=False)
class Banded:
    """A symmetric matrix over the unknowns of all periods.

    Attributes
    ----------
    blocks : mapping of int to (t, n, n) array
        By lag: ``blocks[lag][t]`` couples period t to ``t + lag``; no lag is more than a third of the horizon.
    chosen : sequence of int arrays
        The unknowns of each period, as positions among n.
    first : (t,) int array
        Position of the first unknown of each period in the system.
    shift : (size,) array
        Added to the diagonal, in the order of the system.
    cyclic : bool
        Whether the last periods couple to the first.
    """

    blocks: Mapping[int, EitherArray]
    chosen: Sequence[IntArray]
    first: IntArray
    shift: FloatArray
    cyclic: bool

    @property
    def reach(self) -> int:
        """The largest lag."""
        return max(self.blocks)

    def positions(self, periods: Sequence[int]) -> IntArray:
        """Return the positions of the unknowns of some periods, in their order."""
        spans = [self.first[period] + np.arange(len(self.chosen[period])) for period in periods]
        return np.concatenate([np.zeros(0, dtype=int), *spans])

    def part(self, rows: Sequence[int], columns: Sequence[int]) -> EitherArray:
        """Return the part of the matrix in the rows of some periods and the columns of others, in their orders."""
        down, across = self._starts(rows), self._starts(columns)
        part = np.zeros((down[-1], across[-1]), self.blocks[0].dtype)
        for row, one in enumerate(rows):
            for column, other in enumerate(columns):
                block = self.diagonal(one) if one == other else self.between(one, other)
                if block is not None:
                    part[down[row] : down[row + 1], across[column] : across[column + 1]] = block
        return part

    def _starts(self, periods: Sequence[int]) -> list[int]:
        return list(itertools.accumulate((len(self.chosen[period]) for period in periods), initial=0))

    def diagonal(self, period: int) -> EitherArray:
        """Return the diagonal block of a period, with its shift."""
        chosen, first = self.chosen[period], self.first[period]
        block = self.blocks[0][period].take(chosen, 0).take(chosen, 1)
        own = np.arange(len(chosen))
        block[own, own] += self.shift[first : first + len(chosen)]
        return block

    def between(self, one: int, other: int) -> EitherArray | None:
        """Return the block of two periods, rows of the first and columns of the second; None if uncoupled."""
        for early, late in ((one, other), (other, one)):
            lag = (late - early) % len(self.chosen)
            if lag in self.blocks and (self.cyclic or late >= early):
                block = self.blocks[lag][early].take(self.chosen[early], 0).take(self.chosen[late], 1)
                return block if early == one else block.T
        return None


class Segment(NamedTuple):
    """A chain and the separators at its ends.

    Attributes
    ----------
    before : tuple of int
        The periods of the separator before the chain; none at the end of a horizon.
    chain, after : tuple of int
        The periods of the chain in order, and those of the separator after it, the nearest first.
    """

    before: tuple[int, ...]
    chain: tuple[int, ...]
    after: tuple[int, ...]


def cut_horizon(periods: int, reach: int, *, cyclic: bool) -> tuple[Segment, Segment] | None:
    """Return the two chains; None without separators, and where the chains would be no longer than these.

    Examples
    --------
    >>> cut_horizon(5, 1, cyclic=False)
    (Segment(before=(), chain=(0, 1), after=(2,)), Segment(before=(), chain=(4, 3), after=(2,)))
    """
    every, length = tuple(range(periods)), (periods - (1 + cyclic) * reach) // 2
    if not 0 < reach < length:
        return None
    if not cyclic:
        middle, last = every[length : length + reach], every[length + reach :]
        return Segment((), every[:length], middle), Segment((), last[::-1], middle[::-1])
    middle = every[reach + length : 2 * reach + length]
    first, last = every[reach : reach + length], every[2 * reach + length :]
    return Segment(every[:reach], first, middle), Segment(middle, last, every[:reach])


class ChainFactor:
    """The factor of a matrix, and the solver of its system.

    Parameters
    ----------
    matrix : Banded
    cuts : (Segment, Segment)
        Of its horizon.

    Raises
    ------
    LinAlgError
        If the matrix is not positive definite.
    """

    def __init__(self, matrix: Banded, cuts: tuple[Segment, Segment]) -> None:
        self._chains = each(lambda cut: _Chain(matrix, cut), cuts)
        between = (*cuts[0].before, *cuts[0].after)
        #: Positions of the unknowns of chains and separators; among the latter, of those before and after each chain.
        self._of_chains = [matrix.positions(cut.chain) for cut in cuts]
        self._of_separators = matrix.positions(between)
        place = np.full(len(matrix.shift), -1)
        place[self._of_separators] = np.arange(len(self._of_separators))
        self._before = [place[matrix.positions(cut.before)] for cut in cuts]
        self._after = [place[matrix.positions(cut.after)] for cut in cuts]
        schur = matrix.part(between, between)
        for chain, before, after in zip(self._chains, self._before, self._after, strict=True):
            of_before, of_after, cross = chain.products
            schur[before[:, None], before] -= of_before
            schur[after[:, None], after] -= of_after
            schur[after[:, None], before] -= cross
            schur[before[:, None], after] -= cross.T
        self._schur = cho_factor(schur, lower=True, overwrite_a=True, check_finite=False)

    def solve(self, values: FloatArray) -> EitherArray:
        """Solve for right-hand sides (size,) or (size, k) in the order of the system."""
        right = values.reshape(len(values), -1).astype(self._schur[0].dtype)
        parts = each(lambda number: self._chains[number].forward(right[self._of_chains[number]]), range(2))
        between = right[self._of_separators]
        for chain, part, before, after in zip(self._chains, parts, self._before, self._after, strict=True):
            between[before] -= chain.border @ part[: chain.border.shape[1]]
            between[after] -= chain.tail @ part[len(part) - chain.tail.shape[1] :]
        between = cho_solve(self._schur, between, check_finite=False)
        right[self._of_separators] = between

        def back(number: int) -> EitherArray:
            return self._chains[number].backward(
                parts[number], between[self._before[number]], between[self._after[number]]
            )

        for where, part in zip(self._of_chains, each(back, range(2)), strict=True):
            right[where] = part
        return right.reshape(values.shape)


class _Chain:
    """The part of the factor in one chain, and in the rows of its separators.

    Attributes
    ----------
    border : (before, first part of the chain) array
        ``R``, up to its last entry that is not zero: it fades along the chain, and is short where widths are small.
    tail : (after, last part of the chain) array
        ``W`` of the separator after the chain.
    products : three arrays
        ``R R'`` (before, before), ``W W'`` (after, after) and ``W R'`` (after, before).
    """

    def __init__(self, matrix: Banded, cut: Segment) -> None:
        self._matrix, size = matrix, max(1, matrix.reach // _GROUPS_PER_REACH)
        groups = [periods[at : at + size] for periods in (cut.chain, cut.after) for at in range(0, len(periods), size)]
        #: Periods of the chain and of the separator after it, and how many groups of them are the chain's.
        self._groups, self._length = groups, -(-len(cut.chain) // size)
        #: First period of every group, as a position; first unknown of every group, and their number.
        self._period = [0, *itertools.accumulate(len(group) for group in groups)]
        self._first = [0, *itertools.accumulate(len(matrix.positions(group)) for group in groups)]
        #: ``W``, and the inverses of the diagonal blocks of the factor.
        self._rows: list[EitherArray] = []
        self._inverses: list[EitherArray] = []
        size, precision = self._first[self._length], matrix.blocks[0].dtype
        self.border = np.zeros((len(matrix.positions(cut.before)), size), precision)
        self._border_end = 0
        for number in range(self._length):
            self._eliminate(number, self._row(number), cut.before)
        self.tail = np.zeros((self._first[-1] - size, size - self._first[self._start(self._length)]), precision)
        for number in range(self._length, len(groups)):
            row, place = self._row(number), self._first[number] - size
            self.tail[place : place + len(row), self.tail.shape[1] - row.shape[1] :] = row
        self.border = self.border[:, : self._border_end]
        self.products = self.border @ self.border.T, self.tail @ self.tail.T, self._cross(size - self.tail.shape[1])

    def forward(self, right: EitherArray) -> EitherArray:
        """Return ``L^-1 right``, written into ``right``."""
        for number, (row, inverse) in enumerate(zip(self._rows, self._inverses, strict=True)):
            here, there = self._first[number], self._first[number + 1]
            right[here:there] = inverse @ (right[here:there] - row @ right[here - row.shape[1] : here])
            zero_tiny(right[here:there])
        return right

    def backward(self, right: EitherArray, before: EitherArray, after: EitherArray) -> EitherArray:
        """Return ``L'^-1 (right - R' before - W' after)``, written into ``right``; the others solve the separators."""
        right[: self.border.shape[1]] -= self.border.T @ before
        right[len(right) - self.tail.shape[1] :] -= self.tail.T @ after
        for number in range(self._length - 1, -1, -1):
            row, here, there = self._rows[number], self._first[number], self._first[number + 1]
            right[here:there] = self._inverses[number].T @ right[here:there]
            zero_tiny(right[here:there])
            right[here - row.shape[1] : here] -= row.T @ right[here:there]
        return right

    def _start(self, number: int) -> int:
        """Return the first group that the row of a group holds: the one that holds the period ``reach`` before it."""
        return bisect.bisect_right(self._period, max(0, self._period[number] - self._matrix.reach)) - 1

    def _row(self, number: int) -> EitherArray:
        """Return ``W`` of a group, of the chain or after it."""
        start, end, first = self._start(number), min(number, self._length), self._first
        row = self._matrix.part(self._groups[number], [period for group in self._groups[start:end] for period in group])
        for other in range(start, end):
            left, right = first[other] - first[start], first[other + 1] - first[start]
            part = row[:, left:right]
            if left:
                part -= row[:, :left] @ self._rows[other][:, -left:].T
            part[:] = part @ self._inverses[other].T
            zero_tiny(part)
        return row

    def _eliminate(self, number: int, row: EitherArray, before: tuple[int, ...]) -> None:
        """Factor the diagonal block of a group, keep its row, and fill its columns of the border."""
        group = self._groups[number]
        lower = np.linalg.cholesky((self._matrix.part(group, group) - row @ row.T).astype(float))
        inverse = solve_triangular(lower, np.eye(len(lower)), lower=True, check_finite=False).astype(row.dtype)
        zero_tiny(inverse)
        self._rows.append(row)
        self._inverses.append(inverse)
        self._fill_border(number, self._matrix.part(before, group), row, inverse)

    def _fill_border(self, number: int, part: EitherArray, row: EitherArray, inverse: EitherArray) -> None:
        """Fill the columns of a group in the border, given ``H_At``, ``W_t`` and ``L_tt^-1``; zeros cost nothing."""
        here, there, end = self._first[number], self._first[number + 1], self._border_end
        start = here - row.shape[1]
        if start < end:
            part -= self.border[:, start:end] @ row[:, : end - start].T
        if part.any():
            part = part @ inverse.T
            zero_tiny(part)
            self.border[:, here:there] = part
            self._border_end = there

    def _cross(self, start: int) -> EitherArray:
        """Return ``W R'``, given where in the chain the tail starts."""
        overlap = max(self._border_end - start, 0)
        return self.tail[:, :overlap] @ self.border[:, self._border_end - overlap :].T
