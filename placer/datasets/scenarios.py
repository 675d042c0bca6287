"""Scenarios: overrides of tables and columns, and factors, applied to the text cells of a dataset's files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from placer.datasets.csv_files import read_csv
from placer.datasets.manifest import PLAN_TABLES, entries_of, entry_defect, sound_entries, toml
from placer.datasets.read_tables import ReadTables
from placer.errors import InstanceError, Violation
from placer.instance.attributes.schema import HOURS_TABLES, INPUT_TABLES, TABLES
from placer.instance.attributes.validation import show
from placer.utils.reading import is_file


def apply_scenarios(read: ReadTables, scenarios: Mapping[str, Any], chosen: Sequence[str], folder: Path) -> ReadTables:
    """Apply scenarios in their order, then all their factors.

    Entries that ``check_toml`` refuses are skipped; the content that they would have changed is unknown.

    Parameters
    ----------
    scenarios : mapping of str to mapping
        The scenarios of the dataset's ``dataset.toml``.
    chosen : sequence of str
        Names, each in ``scenarios``.
    folder : Path
        The dataset's folder, which holds the files of the scenarios.
    """
    for name in chosen:
        read = _with_columns(_with_tables(read, scenarios[name], folder, name), scenarios[name], folder, name)
    frames = read.frames
    for name in chosen:
        frames = scale_columns(frames, sound_entries(scenarios[name], "factors"))
    return replace(read, frames=frames)


def _with_tables(read: ReadTables, scenario: Any, folder: Path, name: str) -> ReadTables:
    """Return the tables after the replacements of a scenario."""
    for table, file in entries_of(scenario, "tables").items():
        if entry_defect("tables", table, file):
            read = read.unreadable_table(table)
            continue
        if table in PLAN_TABLES:
            continue
        try:
            read = read.with_table(table, read_csv(inside(folder, file, name), table))
        except InstanceError as error:
            read = read.unreadable_table(table, error.violations)
    return read


def _with_columns(read: ReadTables, scenario: Any, folder: Path, name: str) -> ReadTables:
    """Return the tables after a scenario set columns, in all rows or in the rows that a file lists."""
    for key, value in entries_of(scenario, "columns").items():
        table, _, column = key.partition(".")
        if entry_defect("columns", key, value):
            read = read.unreadable_column(table, column)
            continue
        change = None
        if isinstance(value, str) and value.endswith(".csv"):
            try:
                change = read_csv(inside(folder, value, name), table)
            except InstanceError as error:
                read = read.unreadable_column(table, column, error.violations)
                continue
        if table in read.unreadable:
            continue
        if table not in read.frames:
            missing = toml(f"scenarios.{name}.columns.{key}", "no such table", "a table of the dataset")
            read = read.unreadable_column(table, column, [missing])
            continue
        read = _with_column(read, change, table, column, value)
    return read


def _with_column(read: ReadTables, change: pd.DataFrame | None, table: str, column: str, value: object) -> ReadTables:
    """Return the tables with one column set to a value, or to the values of a change in its rows."""
    frame = read.frames[table]
    if change is None:
        changed = frame.assign(**{column: str(value)})
    elif found := _check_change(frame, change, table, column, str(value)):
        return read.unreadable_column(table, column, found)
    else:
        changed = _change_rows(frame, change, table, column)
    return replace(read, frames=_drop_hours({**read.frames, table: changed}, table, column, change))


def scale_columns(frames: Mapping[str, pd.DataFrame], factors: Mapping[str, float]) -> dict[str, pd.DataFrame]:
    """Multiply columns by the factors of a scenario, given by ``table.column``.

    An empty cell becomes its default times the factor. A factor applies to hourly values as to constant ones. A cell
    that is not a number stays unchanged; the checks of the tables report it.
    """
    result = dict(frames)
    for key, factor in factors.items():
        table, _, column = key.partition(".")
        hours = next((name for name, (_, owner) in HOURS_TABLES.items() if owner.name == table), "")
        default = TABLES[table].column(column).default if table in TABLES else None
        blank_cell = _number(default) if isinstance(default, float) else ""
        for name, blank in ((table, blank_cell), (hours, "")):
            if name in result and (column in result[name] or blank):
                frame = result[name]
                cells = frame[column] if column in frame else [""] * len(frame)
                result[name] = frame.assign(**{column: [_multiplied(cell or blank, factor) for cell in cells]})
    return result


def _multiplied(cell: str, factor: float) -> str:
    try:
        number = float(cell)
    except ValueError:
        return cell
    return _number(number * factor) if math.isfinite(number) else cell


def _number(value: float) -> str:
    return repr(float(value))


def _drop_hours(
    frames: dict[str, pd.DataFrame], table: str, column: str, change: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Remove the hourly values that a scenario replaces by one value for all hours."""
    hours_table = next((hours for hours, (_, owner) in HOURS_TABLES.items() if owner.name == table), None)
    if hours_table is None or column not in frames.get(hours_table, ()):
        return frames
    frame, key = frames[hours_table], list(INPUT_TABLES[table].key)
    replaced = np.ones(len(frame), dtype=bool)
    if change is not None:
        replaced = pd.MultiIndex.from_frame(frame[key]).isin(pd.MultiIndex.from_frame(change[key]))
    return frames | {hours_table: frame.assign(**{column: frame[column].where(~replaced, "")})}


def _check_change(frame: pd.DataFrame, change: pd.DataFrame, table: str, column: str, file: str) -> list[Violation]:
    """Return the violations of a file that replaces a column in the rows that it lists."""
    key = list(INPUT_TABLES[table].key)
    violations = [
        Violation(file, "", name, "column missing", "the key and the column")
        for name in (*key, column)
        if name not in change
    ]
    violations += [Violation(table, "", name, "column missing", "present") for name in key if name not in frame]
    if violations:
        return violations
    repeated = change[change.duplicated(key)][key].itertuples(index=False, name=None)
    rows = set(frame[key].itertuples(index=False, name=None))
    strangers = set(change[key].itertuples(index=False, name=None)) - rows
    return [Violation(file, "|".join(row), "", "given twice", "once") for row in dict.fromkeys(repeated)] + [
        Violation(file, "|".join(row), "", f"no such row in {table}", "a row of the table") for row in sorted(strangers)
    ]


def _change_rows(frame: pd.DataFrame, change: pd.DataFrame, table: str, column: str) -> pd.DataFrame:
    """Replace the values of one column in the rows that a change lists."""
    key = list(INPUT_TABLES[table].key)
    values = dict(zip(change[key].itertuples(index=False, name=None), change[column], strict=True))
    rows = frame[key].itertuples(index=False, name=None)
    old = frame[column] if column in frame else [""] * len(frame)
    return frame.assign(**{column: [values.get(row, before) for row, before in zip(rows, old, strict=True)]})


def inside(folder: Path, file: str, scenario: str) -> Path:
    """Return the path of a file that a scenario names.

    Raises
    ------
    InstanceError
        If it is no CSV file in the dataset's folder.
    """
    path = folder / file
    if path.suffix == ".csv" and is_file(path) and path.resolve().is_relative_to(folder):
        return path
    raise InstanceError(
        [toml(f"scenarios.{scenario}", f"{show(file)} is not there", "a CSV file in the dataset's folder")]
    )
