"""Names of the rows and columns of a program in LP and MPS files and in PuLP: block and labels.

    x_chat_Coast_Metro_0        work of chat from Coast to Metro that arrives in hour 0
    capacity_Metro_1            the accelerators of Metro in hour 1

The labels are those of ``placer.extended.positions``, hours last; a supply is named by its power zone, a link by its
two ends, an hour of a time by ``20260310T0600``. In a name, accents are left out, and every other character but ASCII
letters and digits is ``_``. A label is cut after 40 characters. Of equal names the second ends in ``__2``, and so on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import pandas as pd

from placer.extended.extension import BLOCK, Extension
from placer.extended.positions import column_labels, row_labels
from placer.instance.problem import Instance
from placer.model.formulation import Formulation, formulate_to_solve
from placer.model.program import LinearProgram

#: Longest label in a name: files of the LP format have names of at most 255 characters.
_LONGEST = 40
#: What names of rows may end in beside their own: the second side of a row (``placer.to_pulp``).
_SECOND_SIDE = "_upper"
_SERVED = "service_hour"
_HOURS = ("hour", _SERVED)
_NOT_LEGAL = re.compile(r"[^A-Za-z0-9]")


def named(instance: Instance, program: LinearProgram, extension: Extension | None = None) -> LinearProgram:
    """Return a program of an instance, extended or not, whose rows and columns are named by their labels.

    Examples
    --------
    >>> import placer
    >>> program = placer.to_program(placer.load("tiny"))
    >>> program.row_names[0], program.col_names[0]
    ('demand_voice_Coast_0', 'x_voice_Coast_Metro_0')
    """
    blocks = program.row_blocks, program.col_blocks
    own = ((), ()) if extension is None else (extension.rows.names, extension.columns.names)
    return replace(program, naming=partial(_names_of, instance, *blocks, *own))


def _names_of(
    instance: Instance,
    row_blocks: Mapping[str, slice],
    col_blocks: Mapping[str, slice],
    own_rows: tuple[str, ...],
    own_columns: tuple[str, ...],
) -> tuple[list[str], list[str]]:
    """Return the names of rows and columns, given the blocks of a program and own names."""
    return names_of(instance, formulate_to_solve(instance), row_blocks, col_blocks, own_rows, own_columns)


def names_of(
    instance: Instance,
    formulation: Formulation,
    row_blocks: Mapping[str, slice],
    col_blocks: Mapping[str, slice],
    own_rows: tuple[str, ...] = (),
    own_columns: tuple[str, ...] = (),
) -> tuple[list[str], list[str]]:
    """Return the names of rows and columns of a program of a formulation, given its blocks and own names.

    The formulation is of the instance, or of what is left of it.
    """
    links, supplies = instance.links, instance.supplies
    ends = {"link": (links["from"] + "_" + links["to"]).tolist(), "supply": supplies["power_zone"].tolist()}
    tables = (
        row_labels(formulation, _with_own(row_blocks), own_rows),
        column_labels(formulation, _with_own(col_blocks), own_columns),
    )
    rows, columns = (unique(_joined(table, ends)) for table in tables)
    return rows, columns


def unique(names: Iterable[str]) -> list[str]:
    """Return names with a number after each that is there already, or that another name with two sides would take.

    Examples
    --------
    >>> unique(["a", "a", "b", "a_upper"])
    ['a', 'a__2', 'b', 'a_upper__2']
    """
    taken: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    for name in names:
        own = name
        while own in taken or f"{own}{_SECOND_SIDE}" in taken:
            counts[name] = counts.get(name, 1) + 1
            own = f"{name}__{counts[name]}"
        taken |= {own, f"{own}{_SECOND_SIDE}"}
        found.append(own)
    return found


def legal(label: object) -> str:
    """Return a label as it stands in names.

    Examples
    --------
    >>> legal("São Paulo-1"), legal(7), legal("深圳")
    ('Sao_Paulo_1', '7', '__')
    """
    text = label.strftime("%Y%m%dT%H%M") if isinstance(label, datetime) else str(label)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _NOT_LEGAL.sub("_", bare)[:_LONGEST]


def _with_own(blocks: Mapping[str, slice]) -> dict[str, slice]:
    """Return blocks with that of own rows or columns, which may be empty."""
    end = max(part.stop for part in blocks.values())
    return {BLOCK: slice(end, end), **blocks} if BLOCK not in blocks else dict(blocks)


def _joined(table: pd.DataFrame, ends: Mapping[str, list[str]]) -> list[str]:
    """Return block and labels of every position in one text, hours last; work that is sent has one hour."""
    if _SERVED in table:
        table = table.assign(**{_SERVED: table[_SERVED].where(table["block"] == "f")})
    parts = []
    for name in sorted(map(str, table), key=lambda name: name in _HOURS):
        code, labels = pd.factorize(table[name])
        named = [f"_{legal(ends[name][label] if name in ends else label)}" for label in labels]
        parts.append([named[place] if place >= 0 else "" for place in code.tolist()])
    return ["".join(each).removeprefix("_") for each in zip(*parts, strict=True)]
