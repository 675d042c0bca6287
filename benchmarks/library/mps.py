"""Write a program as compressed MPS, an entry a line, to the same bytes each time."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array, vstack

from placer.model.program import blocks
from placer.utils.atomic import whole

if TYPE_CHECKING:
    import placer

#: Name of the objective in the file.
OBJECTIVE = "cost_usd"
#: Columns written at a time, and the level of compression.
_AT_A_TIME, _LEVEL = 20_000, 6


@dataclass(frozen=True, eq=False)
class Named:
    """A program as the library holds it.

    Attributes
    ----------
    program : LinearProgram
        Each row has one side, or two that are equal.
    rows, columns : tuple of str
        Their names.
    integer : (columns,) bool array
        Which columns are whole numbers.
    """

    program: placer.LinearProgram
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    integer: np.ndarray


def named(
    program: placer.LinearProgram,
    names: tuple[Iterable[str], Iterable[str]] | None = None,
    integer: np.ndarray | None = None,
) -> Named:
    """Return a program with its names, those of the program if none are given.

    A row with two sides that differ becomes two, the second with ``_upper`` after its name.
    """
    rows, columns = (program.row_names, program.col_names) if names is None else map(tuple, names)
    lower, upper = program.row_lower, program.row_upper
    second = np.flatnonzero(np.isfinite(lower) & np.isfinite(upper) & (lower != upper))
    if second.size:
        first = upper.copy()
        first[second] = np.inf
        program = replace(
            program,
            matrix=csc_array(vstack([program.matrix, program.matrix.tocsr()[second]])),
            row_lower=np.append(lower, np.full(second.size, -np.inf)),
            row_upper=np.append(first, upper[second]),
            row_blocks=blocks({"row": len(lower) + second.size}),
        )
        rows = [*rows, *(f"{rows[place]}_upper" for place in second.tolist())]
    whole_columns = np.zeros(len(program.cost), dtype=bool) if integer is None else integer
    return Named(program, tuple(rows), tuple(columns), whole_columns)


def write_mps(given: Named, name: str, file: Path) -> str:
    """Write a program, and return the hash (SHA-256) of its text.

    Figures are written as Python does: the shortest that lead back to the same float.
    """
    digest = hashlib.sha256()
    with compressed(file) as text:
        for part in _parts(given, name):
            data = part.encode("ascii")
            digest.update(data)
            text.write(data)
    return digest.hexdigest()


@contextmanager
def compressed(file: Path) -> Iterator[io.BufferedIOBase]:
    """Open a compressed file for writing; its bytes hold no time and no name, and it appears when it is complete."""
    with (
        whole(file) as draft,
        draft.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0) as text,
    ):
        yield text


def _parts(given: Named, name: str) -> Iterator[str]:
    program = given.program
    kinds = np.where(
        program.row_lower == program.row_upper,
        "E",
        np.where(np.isfinite(program.row_lower), "G", np.where(np.isfinite(program.row_upper), "L", "N")),
    )
    if (kinds == "N").any() or not np.isfinite(program.col_lower).all():
        raise ValueError("a row without a side, or a column without a lower bound, has no place in the library")
    yield f"NAME {name}\nROWS\n N {OBJECTIVE}\n"
    yield "".join(f" {kind} {row}\n" for kind, row in zip(kinds.tolist(), given.rows, strict=True))
    yield "COLUMNS\n"
    yield from _columns(given)
    yield "RHS\n"
    sides = np.where(kinds == "L", program.row_upper, program.row_lower)
    yield "".join(f" RHS {row} {side!r}\n" for row, side in zip(given.rows, sides.tolist(), strict=True) if side)
    yield "BOUNDS\n"
    ends = zip(given.columns, program.col_lower.tolist(), program.col_upper.tolist(), strict=True)
    for column, lower, upper in ends:
        if lower == upper:
            yield f" FX BOUND {column} {lower!r}\n"
            continue
        if lower:
            yield f" LO BOUND {column} {lower!r}\n"
        if upper < np.inf:
            yield f" UP BOUND {column} {upper!r}\n"
    yield "ENDATA\n"


def _columns(given: Named) -> Iterator[str]:
    """Yield the entries of some columns at a time: cost first, then rows in order."""
    program, is_whole = given.program, False
    matrix = program.matrix.tocsc()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    starts = matrix.indptr.tolist()
    for first in range(0, len(given.columns), _AT_A_TIME):
        last = min(first + _AT_A_TIME, len(given.columns))
        rows, values = (each[starts[first] : starts[last]].tolist() for each in (matrix.indices, matrix.data))
        lines: list[str] = []
        for place in range(first, last):
            column, cost = given.columns[place], float(program.cost[place])
            if given.integer[place] != is_whole:
                is_whole = not is_whole
                lines.append(f" MARKER 'MARKER' {_MARKS[is_whole]}\n")
            begin, end = starts[place] - starts[first], starts[place + 1] - starts[first]
            if cost or begin == end:
                lines.append(f" {column} {OBJECTIVE} {cost!r}\n")
            lines += [f" {column} {given.rows[rows[at]]} {values[at]!r}\n" for at in range(begin, end)]
        yield "".join(lines)
    if is_whole:
        yield f" MARKER 'MARKER' {_MARKS[False]}\n"


_MARKS = {True: "'INTORG'", False: "'INTEND'"}
