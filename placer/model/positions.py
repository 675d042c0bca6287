"""Positions in the linear program: the meaning of assignments and queue flows, and the number of every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placer.model.program import blocks
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Assignments:
    """The meaning of assignments, demand by demand and arc by arc.

    Attributes
    ----------
    demand, arc : (assignments,) int arrays
    """

    demand: IntArray
    arc: IntArray


@dataclass(frozen=True, eq=False)
class QueueFlows:
    """The meaning of queue flows, queue by queue.

    Attributes
    ----------
    klass, site, arrival, service : (queue flows,) int arrays
    queue : (queue flows,) int array
        Position among the queue rows.
    """

    klass: IntArray
    site: IntArray
    arrival: IntArray
    service: IntArray
    queue: IntArray


@dataclass(frozen=True, eq=False)
class RowPositions:
    """Position of every row within its block; -1 where the program has no row.

    Attributes
    ----------
    queue : (k, j, t) int array
    capacity, balance, intake : (j, t) int arrays
    link : (l, t) int array
    cap : (c,) int array
    sizes : dict of str to int
        Rows of each block, in order.
    stored, power, energy : (b, t) int arrays, optional
    source : (z, t) int array, optional
        Of stores (``placer.model.stores``).
    """

    queue: IntArray
    capacity: IntArray
    balance: IntArray
    intake: IntArray
    link: IntArray
    cap: IntArray
    sizes: dict[str, int]
    stored: IntArray | None = None
    power: IntArray | None = None
    source: IntArray | None = None
    energy: IntArray | None = None

    @cached_property
    def blocks(self) -> dict[str, slice]:
        """The rows of each block among all."""
        return blocks(self.sizes)

    def laid_out(self, figures: FloatArray, among: Mapping[str, slice] | None = None) -> dict[str, FloatArray]:
        """Return figures of rows by block, in the shape of the positions; 0 where there is no row.

        Parameters
        ----------
        figures : (rows,) array
        among : mapping of str to slice, optional
            Where each block stands among the figures; ``blocks`` if not given.

        Examples
        --------
        >>> rows = RowPositions(*[np.array([-1, 0])] * 6, sizes={"demand": 1, "queue": 1})
        >>> {name: array.tolist() for name, array in rows.laid_out(np.array([7.0, 8.0])).items()}
        {'demand': [7.0], 'queue': [0.0, 8.0]}
        """
        parts = {name: figures[(among or self.blocks)[name]] for name in self.sizes}
        return {
            name: part.copy() if name == "demand" else np.append(part, 0.0)[getattr(self, name)]
            for name, part in parts.items()
        }


def number_rows(
    *,
    demands: int,
    queue: BoolArray,
    capacity: BoolArray,
    balance: BoolArray,
    intake: BoolArray,
    link: BoolArray,
    cap: BoolArray,
    **of_stores: BoolArray,
) -> RowPositions:
    """Number the rows of every block from 0 on, in the order of its array, where the array is true.

    Parameters
    ----------
    demands : int
        Number of demands; each has a row.
    queue : (k, j, t) bool array
    capacity, balance, intake : (j, t) bool arrays
    link : (l, t) bool array
    cap : (c,) bool array
    **of_stores : bool arrays
        ``stored``, ``power`` and ``source``, where there are stores, and ``energy``, where these have banks.

    Examples
    --------
    >>> import numpy as np
    >>> one, none = np.ones((1, 1), dtype=bool), np.zeros((1, 1), dtype=bool)
    >>> present = np.array([[True, False, True]])
    >>> rows = number_rows(demands=2, queue=none, capacity=present, balance=one, intake=none, link=none, cap=none[0])
    >>> rows.capacity
    array([[ 0, -1,  1]])
    >>> rows.sizes
    {'demand': 2, 'queue': 0, 'capacity': 2, 'balance': 1, 'intake': 0, 'link': 0, 'cap': 0}
    """
    positions = {
        "queue": _numbered(queue),
        "capacity": _numbered(capacity),
        "balance": _numbered(balance),
        "intake": _numbered(intake),
        "link": _numbered(link),
        "cap": _numbered(cap),
        **{name: _numbered(present) for name, present in of_stores.items()},
    }
    sizes = {name: int((position >= 0).sum()) for name, position in positions.items()}
    return RowPositions(sizes={"demand": demands, **sizes}, **positions)


def _numbered(present: BoolArray) -> IntArray:
    return np.where(present, np.cumsum(present).reshape(present.shape) - 1, -1)


def lay_assignments(starts: IntArray, first_arc: IntArray) -> Assignments:
    """Number the assignments demand by demand, arc by arc.

    Parameters
    ----------
    starts : (demands + 1,) array
        First assignment of every demand, then the number of assignments.
    first_arc : (demands,) array
        First arc of every demand.
    """
    demand = np.repeat(np.arange(len(first_arc)), np.diff(starts))
    return Assignments(demand, np.arange(len(demand)) + np.repeat(first_arc - starts[:-1], np.diff(starts)))
