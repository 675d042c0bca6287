"""Long tables of a placement in little memory: an index of codes, and columns that are filled piece by piece.

A year has millions of rows of flows and of prices. A table that pandas makes of whole columns is in memory twice while
it is made, beside the columns that it is computed from. Here the cells are made once, as zeros, and each piece is
written into its rows. Most systems give no memory to zeros that nothing is written over: a cost part that is 0
everywhere takes none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from placer.utils.arrays import AnyArray, IntArray

#: Rows of a piece. A year has some 150 pieces; what one takes while it is made counts little beside the table.
ROWS_STACKED = 50_000


class Axis(NamedTuple):
    """A level of an index: its name, labels without repeats, and the position of every row among these."""

    name: str
    labels: AnyArray | pd.Index
    position: IntArray


def index_of_axes(axes: Iterable[Axis]) -> pd.MultiIndex:
    """Return the index whose rows have the labels at some positions, as ``MultiIndex.from_arrays`` of these labels.

    Axes may be made as they are asked for, so that no two arrays of positions are held.

    Examples
    --------
    >>> import numpy as np
    >>> hub, hour = np.array(["B", "A", "C"], dtype=object), np.arange(3)
    >>> index = index_of_axes([Axis("hub", hub, np.array([0, 1, 0])), Axis("hour", hour, np.array([0, 0, 2]))])
    >>> index.tolist(), index.levels[0].tolist()
    ([('B', 0), ('A', 0), ('B', 2)], ['A', 'B'])
    """
    names: list[str] = []
    levels: list[Any] = []
    codes: list[Any] = []
    for axis in axes:
        present = np.zeros(len(axis.labels), dtype=bool)
        present[axis.position] = True
        level, order = pd.Index(axis.labels[present]).sort_values(return_indexer=True)
        code = np.zeros(len(present), dtype=np.int32)
        code[np.flatnonzero(present)[order]] = np.arange(len(level))
        names.append(axis.name)
        levels.append(level)
        codes.append(code[axis.position])
    return pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)


def stacked(pieces: Iterable[pd.DataFrame], index: pd.MultiIndex) -> pd.DataFrame:
    """Return one table of some pieces with the same columns, each a float, a bool or a text.

    Parameters
    ----------
    pieces : iterable of DataFrame
        From the first rows to the last; best made as they are asked for.
    index : MultiIndex
        Of all rows; those of the pieces do not count.

    Examples
    --------
    >>> import pandas as pd
    >>> pieces = [pd.DataFrame({"mtok": [1.0], "exported": [True]}), pd.DataFrame({"mtok": [2.0], "exported": [False]})]
    >>> stacked(pieces, pd.MultiIndex.from_arrays([["A", "B"]], names=["hub"]))
         mtok  exported
    hub
    A     1.0      True
    B     2.0     False
    """
    start = 0
    frames: list[tuple[pd.DataFrame, AnyArray]] = []
    for piece in pieces:
        if not frames:
            columns, frames = piece.columns, _zeros(piece, index)
        rows = slice(start, start + len(piece))
        for frame, cells in frames:
            for row, name in zip(cells, frame.columns, strict=True):
                if (values := piece[name].to_numpy()).any():
                    row[rows] = values
        start = rows.stop
    return pd.concat([frame for frame, _ in frames], axis=1)[columns]


def _zeros(piece: pd.DataFrame, index: pd.MultiIndex) -> list[tuple[pd.DataFrame, AnyArray]]:
    """Return zeros for the columns of each type, as a table and as the array (columns, rows) below it."""
    found = []
    for kind in piece.dtypes.unique():
        names = piece.columns[piece.dtypes == kind]
        shape, is_text = (len(names), len(index)), kind.kind == "O"
        cells = np.full(shape, "", dtype=object) if is_text else np.zeros(shape, dtype=kind)
        of_cells = object if is_text else None
        found.append((pd.DataFrame(cells.T, index=index, columns=names, copy=False, dtype=of_cells), cells))
    return found
