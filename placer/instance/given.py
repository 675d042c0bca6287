"""The tables that users give: DataFrames, or lists of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.cleaning import named_by, slips, tabulate
from placer.instance.columns import Table
from placer.instance.schema import INPUT_TABLES
from placer.instance.synonyms import perhaps
from placer.instance.validation import show

#: Types that users may give as a table.
TableLike = pd.DataFrame | Sequence[Mapping[str, object]]


def as_tables(
    given: Mapping[str, TableLike],
) -> tuple[dict[str, pd.DataFrame], list[Violation], set[tuple[str, str]]]:
    """Turn lists of rows into tables, and return them with the violations and the names of tables that are not known.

    Misspelt keys of rows are found here, since a table no longer shows which keys a row lacks.
    """
    if not isinstance(given, Mapping):
        raise InstanceError([Violation("tables", "", "", f"{show(given)} is not a mapping", "tables by name")])
    frames: dict[str, pd.DataFrame] = {}
    violations: list[Violation] = []
    unknown: set[tuple[str, str]] = set()
    for name, rows in given.items():
        if isinstance(rows, pd.DataFrame):
            frames[str(name)] = rows
        elif isinstance(rows, Sequence) and all(isinstance(row, Mapping) for row in rows):
            table = INPUT_TABLES.get(name, Table(name, (), ()))
            frames[str(name)] = tabulate(rows, table)
            violations += [
                Violation(str(name), f"row {place + 1}", slip, "unknown column", perhaps(slip, intended))
                for place, row in enumerate(rows)
                for slip, intended in slips(row, table).items()
                if intended in frames[str(name)]
            ]
        else:
            unknown.add((str(name), ""))
            problem = f"{show(rows)} is not a table"
            violations.append(Violation(str(name), "", "", problem, "DataFrame or list of mappings"))
    return frames, violations, unknown


def key_notes(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a note for every table whose column ``name`` serves as its key."""
    return [
        f"column name of {name} is taken for its key {INPUT_TABLES[name].key[0]}"
        for name, frame in tables.items()
        if name in INPUT_TABLES and named_by(frame, INPUT_TABLES[name])
    ]
