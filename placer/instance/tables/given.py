"""The tables that users give: DataFrames, Series with a name, or lists of rows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.attributes.columns import Table
from placer.instance.attributes.schema import ANYWHERE, DEMAND, INPUT_TABLES, TABLES, VALUE
from placer.instance.attributes.synonyms import meant, perhaps
from placer.instance.attributes.validation import is_missing, show
from placer.instance.tables.cleaning import named_by, slips, tabulate
from placer.instance.tables.demand_steps import split_steps

#: The keys that ``placer.long_table`` makes of columns, and how many columns a message names.
_NAMED, _SHOWN = frozenset({"workload", "hub", "data_centre", "power_zone"}), 3
#: Further columns that are not ignored: quantiles of round trips, owners of accelerators (``placer.accounting``), and
#: the row marks of graph files.
_USED = re.compile(r"rtt_p\d+(_\d+)?_ms|owner|placer_\w+")
#: Where the demand has values of its own, until they are read into its steps.
_VALUES = (DEMAND.name, VALUE)
#: Types that users may give as a table.
TableLike = pd.DataFrame | pd.Series | Sequence[Mapping[str, object]]


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
        if isinstance(rows, pd.DataFrame) or (isinstance(rows, pd.Series) and rows.name is not None):
            frame = rows.to_frame() if isinstance(rows, pd.Series) else rows
            if wide := _wide(frame, INPUT_TABLES.get(name)):
                unknown.add((str(name), ""))
                violations.append(wide)
            else:
                frames[str(name)] = frame
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
            violations.append(Violation(str(name), "", "", *_no_table(rows)))
    frames, wrong, lost = split_steps(frames)
    return frames, violations + wrong, unknown | lost


def _no_table(given: object) -> tuple[str, str]:
    """Return why a value is no table, and what is one."""
    if isinstance(given, pd.Series):
        return "a Series without a name", "the column of its values as its name, as in series.rename('mtok')"
    file = "; placer.load reads files" if isinstance(given, (str, os.PathLike)) else ""
    return (
        f"{show(given)} is not a table",
        f"DataFrame or list of mappings, or Series named as its column{file}",
    )


def _wide(frame: pd.DataFrame, table: Table | None) -> Violation | None:
    """Return the violation of a table with a column for each hub, workload, data centre or power zone."""
    if table is None or "hour" not in table.key:
        return None
    levels = frame.columns.nlevels
    meant = slips(frame, table) if levels == 1 else {}
    given = {*frame.index.names, *frame, *meant.values()}
    missing = [key for key in table.key if key != "hour" and key not in given]
    values = [name for name in table.names if name not in table.key]
    strange = [name for name in frame if name not in table.names and str(name) not in meant]
    if not missing or not strange or not _NAMED.issuperset(missing) or given & {*values} or _has_text(frame[strange]):
        return None
    named = ", ".join(map(show, strange[:_SHOWN])) + (f" and {len(strange) - _SHOWN} more" * (len(strange) > _SHOWN))
    kinds = [name for name in frame.columns.names if name in missing]
    kinds = kinds if len(kinds) == levels else missing[-levels:]
    fixed = "".join(f", {key}=..." for key in missing if key not in kinds)
    call = f"placer.long_table(table, {kinds[0]!r}" if levels == 1 else f"placer.long_table(table, {tuple(kinds)!r}"
    problem = f"a column for each {' and '.join(kinds)}: {named}"
    return Violation(table.name, "", "", problem, f"a row for each, as {call}, {values[0]!r}{fixed}) makes them")


def _has_text(frame: pd.DataFrame) -> bool:
    """Whether a cell is a text, which no amount is."""
    columns = (frame.iloc[:, place] for place in range(frame.shape[1]))
    return any(isinstance(value, str) for column in columns if column.dtype.kind not in "iuf" for value in column)


def key_notes(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a note for every table whose column ``name`` serves as its key."""
    return [
        f"column name of {name} is taken for its key {INPUT_TABLES[name].key[0]}"
        for name, frame in tables.items()
        if name in INPUT_TABLES and named_by(frame, INPUT_TABLES[name])
    ]


def unstated_accelerators(given: Mapping[str, pd.DataFrame], frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a note for every data centre that states no accelerators, neither itself nor in pools, beside others.

    ``given`` are tables as they are given, ``frames`` the clean ones: these hold ``inf`` where nothing is stated.
    """
    column = given["data_centres"].get("accelerators")
    if column is None:
        return []
    pooled, names = set(frames["accelerator_pools"]["data_centre"]), frames["data_centres"]["data_centre"]
    missing = np.array([is_missing(cell) for cell in column], dtype=bool)
    return [] if missing.all() else [unstated(name) for name in names[missing] if name not in pooled]


def unstated(name: object) -> str:
    """Return the note of a data centre that states no accelerators."""
    return f"data centre {name} states no accelerators, so it has no limit: write inf if that is meant"


def ignored_columns(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a note for every column that is ignored, with the known one that counts in its place."""
    notes = []
    for name, table in TABLES.items():
        for column in map(str, tables[name].columns if name in tables else ()):
            if column in table.names or column in ANYWHERE or _USED.fullmatch(column) or (name, column) == _VALUES:
                continue
            near = meant(column, table.names)
            notes.append(f"column {column} of {name} is ignored" + (f": {near} is given and counts" if near else ""))
    return notes


def refused(violations: Sequence[Violation], tables: Mapping[str, pd.DataFrame], notes: Iterable[str]) -> InstanceError:
    """Return the error of some violations, with the notes on what else was ignored in their tables."""
    faulty, named = {each.table for each in violations}, {(each.table, each.column) for each in violations}
    others = {
        name: table[[column for column in table if (name, str(column)) not in named]]
        for name, table in tables.items()
        if name in faulty
    }
    return InstanceError(violations, [*notes, *ignored_columns(others)])
