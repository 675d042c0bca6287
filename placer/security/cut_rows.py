"""Cuts as own rows, and stranded work by contingency and group of hours as own columns, of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.extended.extension import Extension, OwnColumns, OwnRows
from placer.security.cuts import hour_groups
from placer.security.program import UNSERVED_ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.program import LinearProgram
    from placer.security.coupling import RecourseStructure
    from placer.security.cuts import ContingencyCut


def cut_extension(
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    cuts: Sequence[ContingencyCut],
    penalty: float,
    most_unserved_usd: float = np.inf,
) -> Extension:
    """Return cuts as own rows, ``sum of value x - v_og <= limit``, and the row that limits unserved demand.

    Parameters
    ----------
    base : LinearProgram
        Of the instance.
    recourses : sequence of RecourseStructure
        Of all contingencies; each has one own column for each group of hours.
    cuts : sequence of ContingencyCut
    penalty : float
        Cost of an own column, USD per Mtok.
    most_unserved_usd : float
        The largest penalty of unserved demand; inf without such a row.
    """
    columns = base.matrix.shape[1]
    groups = int(hour_groups(recourses[0]).max()) + 1 if recourses else 0
    strand = _stranded(recourses, groups, penalty)
    count = len(strand.names)
    rows = [np.full(len(cut.column), place) for place, cut in enumerate(cuts)] + [np.arange(len(cuts))]
    place = [cut.column for cut in cuts] + [np.array([columns + cut.place * groups + cut.group for cut in cuts])]
    values = [cut.value for cut in cuts] + [np.full(len(cuts), -1.0)]
    labels = [f"{recourses[cut.place].outage.name}: cut {number}" for number, cut in enumerate(cuts)]
    upper = [cut.limit for cut in cuts]
    if np.isfinite(most_unserved_usd):
        part = base.col_blocks["u"]
        rows.append(np.full(part.stop - part.start, len(cuts)))
        place.append(np.arange(part.start, part.stop))
        values.append(base.cost[part])
        labels.append(UNSERVED_ROW)
        upper.append(most_unserved_usd)
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(place).astype(int))
    matrix = csr_array(coo_array(entries, shape=(len(upper), columns + count)))
    return Extension(strand, OwnRows(tuple(labels), matrix, np.full(len(upper), -np.inf), np.array(upper)))


def _stranded(recourses: Sequence[RecourseStructure], groups: int, penalty: float) -> OwnColumns:
    """Return the own columns: the stranded work of each contingency and group of hours."""
    names = tuple(f"{each.outage.name}: stranded {group}" for each in recourses for group in range(groups))
    count = len(names)
    nothing, none = np.zeros(count), np.zeros(count, dtype=bool)
    return OwnColumns(names, np.full(count, penalty), nothing, np.full(count, np.inf), none)
