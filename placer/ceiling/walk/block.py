"""A part of the program of a sweep, with rows, nodes and arcs of its own; ``placer.ceiling.walk.blocks`` defines it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_array

from placer.utils.arrays import FloatArray, IntArray, expand_counts

#: Largest number of cells of a matrix that is stored dense: a small dense matrix multiplies faster than a sparse one.
_DENSE_CELLS = 10_000

Matrix: TypeAlias = FloatArray | csr_array
#: Rows and values of the entries of vectors, one line per vector, padded with values of 0.
Padded: TypeAlias = tuple[IntArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Block:
    """A part of the program that shares no row with the others, in numbers near 1.

    Axes: n nodes, m arcs sorted by ``enter``, o options sorted by service, r rows.

    Attributes
    ----------
    unit : float
        Mtok that one unit of demand stands for.
    demand : (n,) array
    node, service, path : (m,) int arrays
    enter, weight, displaced : (m,) arrays
        Least limit at which the arc is admissible (-inf: always), count of a unit on it as exported (at most 1), and as
        displaced (at most 1).
    options : (o, r) sparse array
    first_option : (services + 1,) int array
    paths : (paths, r) sparse array
    upper : (r,) array
    place : (n,) int array
        Class, origin and period of the node, as one number: ``(class * origins + origin) * periods + period``.
    klass, way : (m,) int arrays
        Of ``placer.model.structure``: the class that serves, and the site, over one of the routes to it.
    period, tier : (o,) int arrays
        See ``placer.ceiling.walk.rows.Options``.
    row, scale : (r,) arrays
        Number of the row in ``placer.ceiling.walk.rows.Rows``, and the divisor that scales it.
    """

    unit: float
    demand: FloatArray
    node: IntArray
    service: IntArray
    path: IntArray
    enter: FloatArray
    weight: FloatArray
    displaced: FloatArray
    options: csr_array
    first_option: IntArray
    paths: csr_array
    upper: FloatArray
    place: IntArray
    klass: IntArray
    way: IntArray
    period: IntArray
    tier: IntArray
    row: IntArray
    scale: FloatArray

    @cached_property
    def of_prices(self) -> tuple[Matrix, Matrix]:
        """Options and paths, to be multiplied by prices of the rows."""
        return _ready(self.options), _ready(self.paths)

    def load(self, arc: IntArray, option: IntArray, amount: FloatArray) -> FloatArray:
        """Return the row activities of flows by arcs and options."""
        options, paths = self._of_flows
        taken = options @ np.bincount(option, amount, minlength=self.options.shape[0])
        passed = paths @ np.bincount(self.path[arc], amount, minlength=self.paths.shape[0])
        return np.asarray(taken + passed, dtype=float)

    def taken(self, arc: IntArray, option: IntArray) -> Padded:
        """Return the row entries of a unit by arcs and options: rows and amounts, one line each, padded with 0.

        Arc and option -1 take nothing.
        """
        (option_row, by_option), (path_row, by_path) = self._padded
        if not path_row.shape[1]:
            return option_row[option], by_option[option]
        path = np.where(arc < 0, -1, self.path[arc])
        return np.hstack([option_row[option], path_row[path]]), np.hstack([by_option[option], by_path[path]])

    def room(self, services: IntArray, free: FloatArray, price: FloatArray) -> FloatArray:
        """Return the largest flow that a single option with a price of 0 has room for, by service."""
        first = self.first_option[services]
        which, rank = expand_counts(self.first_option[services + 1] - first)
        option = first[which] + rank
        row, value = self.taken(np.full(len(option), -1), option)
        fits = np.divide(free[row], value, out=np.full(row.shape, np.inf), where=value > 0)
        room = np.zeros(len(services))
        np.maximum.at(room, which, np.where(price[option] > 0, 0.0, fits.min(axis=1, initial=np.inf)))
        return room

    def taken_by(self, option: int, path: int) -> list[tuple[int, float]]:
        """Return the row entries of a unit by one option and path: rows and amounts."""
        (starts, row, value), (first, passed, each) = self._entries
        own = slice(starts[option], starts[option + 1])
        taken = list(zip(row[own], value[own], strict=True))
        if first[path] < first[path + 1]:
            over = slice(first[path], first[path + 1])
            taken += zip(passed[over], each[over], strict=True)
        return taken

    @cached_property
    def _entries(self) -> list[tuple[list[int], list[int], list[float]]]:
        """Starts, rows and values of options and paths: as lists, which read single numbers faster."""
        both = self.options, self.paths
        return [(each.indptr.tolist(), each.indices.tolist(), each.data.tolist()) for each in both]

    @cached_property
    def _of_flows(self) -> tuple[Matrix, Matrix]:
        """Options and paths transposed."""
        return _ready(csr_array(self.options.T)), _ready(csr_array(self.paths.T))

    @cached_property
    def _padded(self) -> tuple[Padded, Padded]:
        return _padded(self.options), _padded(self.paths)


def _ready(matrix: csr_array) -> Matrix:
    """Return a small matrix as a dense one, which multiplies faster."""
    return matrix.toarray() if matrix.shape[0] * matrix.shape[1] <= _DENSE_CELLS else matrix


def _padded(matrix: csr_array) -> Padded:
    """Return rows and values of the entries of every vector, padded with 0; the last vector has no entry."""
    counts = np.diff(matrix.indptr)
    shape = (len(counts) + 1, int(counts.max(initial=0)))
    row, value = np.zeros(shape, dtype=int), np.zeros(shape)
    place = expand_counts(counts)
    row[place], value[place] = matrix.indices, matrix.data
    return row, value
