"""Cuts and limits as own rows, and stranded work by contingency and group of hours as own columns, of a program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.extended.extension import BLOCK, Extension, OwnColumns, OwnRows, extend
from placer.security.cuts import hour_groups, stranded_by_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from placer.model.program import LinearProgram
    from placer.security.coupling import RecourseStructure
    from placer.security.cuts import ContingencyCut
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Limit:
    """The row ``cost x <= most``.

    Attributes
    ----------
    name : str
    cost : (columns,) array
        Over own columns too.
    most : float
    enters_above : float
        The row enters a program when a point exceeds this; -inf for a row that has entered.
    """

    name: str
    cost: FloatArray
    most: float
    enters_above: float = -np.inf

    @property
    def entered(self) -> bool:
        """Whether the row has entered."""
        return bool(np.isneginf(self.enters_above))

    def exceeded_at(self, point: FloatArray) -> bool:
        """Return whether a point makes the row enter."""
        return float(self.cost @ point) > self.enters_above


def cut_extension(
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    cuts: Sequence[ContingencyCut],
    limits: Iterable[Limit],
    cost: FloatArray,
) -> Extension:
    """Return cuts as own rows, ``sum of value x - v_og <= limit``, and then the limits that have entered.

    Parameters
    ----------
    base : LinearProgram
        Of the placement.
    recourses : sequence of RecourseStructure
        Of all contingencies; each has one own column for each group of hours.
    cuts : sequence of ContingencyCut
    limits : iterable of Limit
    cost : (columns,) array
        Over own columns too.
    """
    columns, count = len(base.cost), len(cost) - len(base.cost)
    groups = int(hour_groups(recourses[0]).max()) + 1 if recourses else 0
    rows = [np.full(len(cut.column), place) for place, cut in enumerate(cuts)] + [np.arange(len(cuts))]
    place = [cut.column for cut in cuts] + [np.array([columns + cut.place * groups + cut.group for cut in cuts])]
    values = [cut.value for cut in cuts] + [np.full(len(cuts), -1.0)]
    held = [each for each in limits if each.entered]
    for row, each in enumerate(held, len(cuts)):
        used = np.flatnonzero(each.cost)
        rows.append(np.full(len(used), row))
        place.append(used)
        values.append(each.cost[used])
    labels = [f"{recourses[cut.place].outage.name}: cut {number}" for number, cut in enumerate(cuts)]
    upper = np.array([cut.limit for cut in cuts] + [each.most for each in held], dtype=float)
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(place).astype(int))
    matrix = csr_array(coo_array(entries, shape=(len(upper), len(cost))))
    names = tuple(f"{each.outage.name}: stranded {group}" for each in recourses for group in range(groups))
    strand = OwnColumns(names, cost[columns:], np.zeros(count), np.full(count, np.inf), np.zeros(count, dtype=bool))
    own = OwnRows((*labels, *(each.name for each in held)), matrix, np.full(len(upper), -np.inf), upper)
    return Extension(strand, own)


def with_cuts(
    base: LinearProgram, recourses: Sequence[RecourseStructure], extension: Extension, cost: FloatArray
) -> LinearProgram:
    """Return a program extended by ``cut_extension``, at some costs of all columns."""
    extended = extend(base, extension)
    implied = extended.implied_upper.copy()
    most = [stranded_by_group(each, each.structure.demand_amount) for each in recourses]
    implied[extended.col_blocks[BLOCK]] = np.concatenate(most or [np.zeros(0)])
    return replace(extended, cost=cost, implied_upper=implied)
