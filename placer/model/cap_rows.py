"""Coefficients of caps: a sparse row for each cap, since most caps count few of all flows.

A limit by the hour counts one hour of thousands. A year of limits on 23 power zones has 200,000 rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, overload

import numpy as np
from scipy.sparse import csc_array, csr_array, hstack, vstack

from placer.utils.arrays import BoolArray, FloatArray, IntArray


class Cells(NamedTuple):
    """What one cap counts: positions in the flat axes (n,), and coefficients (n,)."""

    place: IntArray
    value: FloatArray

    def times(self, factor: float) -> Cells:
        """Return the cells with coefficients times a factor."""
        return Cells(self.place, factor * self.value)

    def total(self, amounts: FloatArray) -> float:
        """Return what some amounts, over the same axes, count."""
        return float(self.value @ amounts.ravel()[self.place])


#: What counts nothing.
NO_CELLS = Cells(np.zeros(0, dtype=np.int64), np.zeros(0))


def cells_of(within: Sequence[BoolArray], coefficients: FloatArray) -> Cells:
    """Return the cells inside a scope on every axis, with coefficients that broadcast to all axes.

    Examples
    --------
    >>> place, value = cells_of([np.array([True, False]), np.array([False, True, True])], np.array([[1.0, 2.0, 3.0]]))
    >>> place.tolist(), value.tolist()
    ([1, 2], [2.0, 3.0])
    """
    axes = tuple(len(scope) for scope in within)
    chosen = np.ix_(*(np.flatnonzero(scope) for scope in within))
    value = np.broadcast_to(coefficients, axes)[chosen].ravel().astype(float)
    place = np.broadcast_to(np.ravel_multi_index(chosen, axes), tuple(each.size for each in chosen)).ravel()
    return Cells(place[value != 0], value[value != 0])


def all_cells(coefficients: FloatArray) -> Cells:
    """Return the cells of coefficients over all axes."""
    place = np.flatnonzero(coefficients)
    return Cells(place, coefficients.ravel()[place])


@dataclass(frozen=True, eq=False)
class CapRows:
    """Coefficients of caps over some axes (c, axes), of which the last is the periods or the routes.

    Attributes
    ----------
    matrix : (cells, c) sparse array
        Cells period by period, so that those of some periods stand together.
    axes : tuple of int
        Lengths of the axes beside the caps.
    """

    matrix: csr_array
    axes: tuple[int, ...]

    @classmethod
    def of(cls, array: FloatArray) -> CapRows:
        """Return the rows of an array (c, axes)."""
        axes = array.shape[1:]
        by_period = np.moveaxis(array, -1, 1).reshape(len(array), int(np.prod(axes)))
        return cls(csr_array(np.asarray(by_period, dtype=float).T), axes)

    @classmethod
    def of_cells(cls, axes: tuple[int, ...], caps: Sequence[Cells]) -> CapRows:
        """Return the rows of caps, given the cells of each."""
        size, periods = int(np.prod(axes)), axes[-1]
        place = np.concatenate([NO_CELLS.place, *(cells.place for cells in caps)])
        value = np.concatenate([NO_CELLS.value, *(cells.value for cells in caps)])
        cap = np.repeat(np.arange(len(caps)), [len(cells.place) for cells in caps])
        row = place % periods * (size // max(periods, 1)) + place // periods
        return cls(csr_array((value, (row, cap)), shape=(size, len(caps))), axes)

    @classmethod
    def nothing(cls, caps: int, axes: tuple[int, ...]) -> CapRows:
        """Return the rows of caps that count nothing."""
        return cls(csr_array((int(np.prod(axes)), caps)), axes)

    def __len__(self) -> int:
        """Return the number of caps."""
        return self.matrix.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of ``array``."""
        return len(self), *self.axes

    @property
    def array(self) -> FloatArray:
        """All coefficients (c, axes), zeros included; a new array at every call."""
        return self._by_axes(self.matrix.toarray().T)

    @overload
    def __getitem__(self, chosen: int) -> FloatArray: ...
    @overload
    def __getitem__(self, chosen: slice | IntArray | BoolArray | list[int]) -> CapRows: ...
    def __getitem__(self, chosen: int | slice | IntArray | BoolArray | list[int]) -> FloatArray | CapRows:
        """Return the coefficients of one cap (axes), zeros included, or the rows of some caps."""
        if isinstance(chosen, (int, np.integer)):
            return self._by_axes(self.matrix[:, [chosen]].toarray().T)[0]
        return CapRows(csr_array(self.matrix[:, np.arange(len(self))[chosen]]), self.axes)

    def within(self, periods: slice) -> CapRows:
        """Return the rows over some periods."""
        count = len(range(self.axes[-1])[periods])
        cells, start = int(np.prod(self.axes[:-1])), periods.start or 0
        return CapRows(csr_array(self.matrix[start * cells : (start + count) * cells]), (*self.axes[:-1], count))

    def within_all(self, periods: Sequence[slice]) -> CapRows:
        """Return the rows over several stretches of periods, one after the other."""
        parts = [self.within(each) for each in periods]
        axes = (*self.axes[:-1], sum(part.axes[-1] for part in parts))
        return CapRows(csr_array(vstack([part.matrix for part in parts], format="csr")), axes)

    def part(self, axis: int, places: IntArray) -> CapRows:
        """Return the rows over some places of an axis."""
        axes = (*self.axes[:axis], len(places), *self.axes[axis + 1 :])
        cell = np.arange(self.matrix.shape[0]).reshape(self.axes[-1], *self.axes[:-1])
        chosen = cell.take(places, (axis + 1) % len(self.axes)).ravel()
        return CapRows(csr_array(self.matrix[chosen]), axes)

    def joined(self, more: CapRows) -> CapRows:
        """Return these rows, then others."""
        return CapRows(csr_array(hstack([self.matrix, more.matrix], format="csr")), self.axes)

    def replaced(self, cap: int, cells: Cells) -> CapRows:
        """Return the rows with other coefficients of one cap."""
        own = CapRows.of_cells(self.axes, [cells]).matrix
        parts = [self.matrix[:, :cap], own, self.matrix[:, cap + 1 :]]
        return CapRows(csr_array(hstack(parts, format="csr")), self.axes)

    def priced(self, prices: FloatArray) -> FloatArray:
        """Return ``sum_c price_c row_c`` (axes), what a unit of each flow pays at some prices of the caps."""
        if not prices.any():
            return np.zeros(self.axes)
        return self._by_axes((self.matrix @ prices)[None])[0]

    def totals(self, amounts: FloatArray) -> FloatArray:
        """Return what some amounts (axes) count towards each cap (c,)."""
        return np.asarray(self._by_cap @ np.moveaxis(amounts, -1, 0).ravel())

    def at(self, *places: IntArray) -> csr_array:
        """Return the coefficients of some cells, given by their positions on each axis (n, c)."""
        *others, period = places
        order = (self.axes[-1], *self.axes[:-1])
        return csr_array(self.matrix[np.ravel_multi_index((period, *others), order)])

    @property
    def counts(self) -> BoolArray:
        """Whether each cap counts anything (c,)."""
        return np.asarray(np.diff(self._by_cap.indptr) > 0)

    @property
    def is_below_zero(self) -> bool:
        """Whether any coefficient is below 0."""
        return bool((self.matrix.data < 0).any())

    @property
    def counted(self) -> BoolArray:
        """Whether any cap counts each flow (axes)."""
        counted = (np.diff(self.matrix.indptr) > 0).reshape(self.axes[-1], *self.axes[:-1])
        return np.ascontiguousarray(np.moveaxis(counted, 0, -1))

    @property
    def first_and_last(self) -> tuple[IntArray, IntArray]:
        """The first and the last period in which each cap counts anything (c,), (c,); -1 where it counts nothing."""
        ends, places, some = self._by_cap.indptr, self._by_cap.indices, self.counts
        period, cells = np.full((2, len(self)), -1), max(int(np.prod(self.axes[:-1])), 1)
        period[0, some], period[1, some] = places[ends[:-1][some]] // cells, places[ends[1:][some] - 1] // cells
        return period[0], period[1]

    def values_of(self, cap: int) -> FloatArray:
        """Return the coefficients of one cap that are not 0 (n,)."""
        start, stop = self._by_cap.indptr[cap : cap + 2]
        return np.asarray(self._by_cap.data[start:stop])

    def entries(self) -> tuple[IntArray, tuple[IntArray, ...], FloatArray]:
        """Return the cap, the positions on each axis and the value of all coefficients but zeros, cap by cap."""
        cap = np.repeat(np.arange(len(self)), np.diff(self._by_cap.indptr))
        period, *others = np.unravel_index(self._by_cap.indices, (self.axes[-1], *self.axes[:-1]))
        return cap, (*others, period), self._by_cap.data

    @cached_property
    def _by_cap(self) -> csr_array:
        """The coefficients cap by cap (c, cells)."""
        rows = csr_array(csc_array(self.matrix).T)
        rows.sort_indices()
        return rows

    def _by_axes(self, cells: FloatArray) -> FloatArray:
        """Return figures of cells (n, cells) by axes (n, axes)."""
        return np.ascontiguousarray(np.moveaxis(cells.reshape(len(cells), self.axes[-1], *self.axes[:-1]), 1, -1))
