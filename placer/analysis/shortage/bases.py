"""The basis of the lowest shortage solved last, by meaning: where the next program of the search starts.

Programs of a search differ in a limit that is lifted, in some arcs, or in a column that raises a limit. Assignments are
known by demand and way, all other columns and rows by their place in a block of the same size. What is new starts
outside the basis, as a column at 0 or a row with slack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.started import BASIC, LOWER, Basis

if TYPE_CHECKING:
    from placer.model.program import LinearProgram
    from placer.utils.arrays import IntArray

#: The block of assignments.
_ASSIGNED = "x"


class Bases:
    """The basis solved last.

    Parameters
    ----------
    demands, ways : int
    """

    def __init__(self, demands: int, ways: int) -> None:
        self._assigned = np.full((demands, ways), LOWER, dtype=np.int8)
        self._columns: dict[str, IntArray] = {}
        self._rows: dict[str, IntArray] = {}

    def keep(self, program: LinearProgram, demand: IntArray, way: IntArray, basis: Basis) -> None:
        """Keep a basis of a program, given demand and way of its assignments."""
        self._assigned[demand, way] = basis.columns[program.col_blocks[_ASSIGNED]]
        self._columns = {name: basis.columns[part] for name, part in program.col_blocks.items() if name != _ASSIGNED}
        self._rows = {name: basis.rows[part] for name, part in program.row_blocks.items()}

    def start(self, program: LinearProgram, demand: IntArray, way: IntArray) -> Basis | None:
        """Return the basis as one of another program; None if none was kept yet."""
        if not self._rows:
            return None
        columns, rows = (
            np.full(size, status, dtype=np.int8)
            for size, status in zip(program.matrix.shape[::-1], (LOWER, BASIC), strict=True)
        )
        for blocks, known, into in (
            (program.col_blocks, self._columns, columns),
            (program.row_blocks, self._rows, rows),
        ):
            for name, part in blocks.items():
                if name in known and len(known[name]) == part.stop - part.start:
                    into[part] = known[name]
        columns[program.col_blocks[_ASSIGNED]] = self._assigned[demand, way]
        return Basis(columns, rows)
