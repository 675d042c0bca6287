"""Scenarios: overrides of the tables and columns of a dataset, and factors, on the text cells of its files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from placer.datasets.csv_files import read_csv
from placer.datasets.manifest import toml
from placer.errors import InstanceError, Violation
from placer.instance.schema import HOURS_TABLES, INPUT_TABLES, TABLES
from placer.instance.validation import show
from placer.utils.reading import is_file


def override(
    frames: Mapping[str, pd.DataFrame], scenario: Mapping[str, Any], folder: Path, name: str
) -> dict[str, pd.DataFrame]:
    """Apply the tables and columns of a scenario."""
    result = dict(frames)
    for table, file in scenario.get("tables", {}).items():
        result[table] = read_csv(_inside(folder, file, name), table)
    for key, value in scenario.get("columns", {}).items():
        table, _, column = key.partition(".")
        if table not in result:
            raise InstanceError([toml(f"scenarios.{name}.columns.{key}", "no such table", "a table of the dataset")])
        change = None
        if isinstance(value, str) and value.endswith(".csv"):
            change = read_csv(_inside(folder, value, name), table)
            result[table] = _change_rows(result[table], change, table, column, value)
        else:
            result[table] = result[table].assign(**{column: str(value)})
        result = _drop_hours(result, table, column, change)
    return result


def scale(frames: Mapping[str, pd.DataFrame], factors: Mapping[str, float]) -> dict[str, pd.DataFrame]:
    """Multiply columns by the factors of a scenario, given by ``table.column``.

    An empty cell is its default times the factor. Values by the hour are multiplied with those that hold for all
    hours. A cell that is no number stays as it is, for the checks of the tables to name.
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
    """Where a scenario gives one value for all hours, the hourly values it replaces go."""
    hours_table = next((hours for hours, (_, owner) in HOURS_TABLES.items() if owner.name == table), None)
    if hours_table is None or column not in frames.get(hours_table, ()):
        return frames
    frame, key = frames[hours_table], INPUT_TABLES[table].key[0]
    replaced = np.ones(len(frame), dtype=bool) if change is None else frame[key].isin(change[key]).to_numpy()
    return frames | {hours_table: frame.assign(**{column: frame[column].where(~replaced, "")})}


def _change_rows(frame: pd.DataFrame, change: pd.DataFrame, table: str, column: str, file: str) -> pd.DataFrame:
    """Replace one column in the rows a file lists."""
    key = list(INPUT_TABLES[table].key)
    missing = [name for name in (*key, column) if name not in change]
    if missing:
        raise InstanceError(Violation(file, "", name, "column missing", "the key and the column") for name in missing)
    if change.duplicated(key).any():
        repeated = change[change.duplicated(key)][key].itertuples(index=False)
        raise InstanceError(Violation(file, "|".join(row), "", "given twice", "once") for row in repeated)
    missing_key = [name for name in key if name not in frame]
    if missing_key:
        raise InstanceError(Violation(table, "", name, "column missing", "present") for name in missing_key)
    values = dict(zip(change[key].itertuples(index=False, name=None), change[column], strict=True))
    rows = list(frame[key].itertuples(index=False, name=None))
    strangers = values.keys() - set(rows)
    if strangers:
        raise InstanceError(
            Violation(file, "|".join(row), "", f"no such row in {table}", "a row of the table")
            for row in sorted(strangers)
        )
    old = frame[column] if column in frame else [""] * len(frame)
    return frame.assign(**{column: [values.get(row, before) for row, before in zip(rows, old, strict=True)]})


def _inside(folder: Path, file: str, scenario: str) -> Path:
    """Return the path of a file a scenario names; it must stand in the dataset's folder."""
    path = folder / file
    if path.suffix == ".csv" and is_file(path) and path.resolve().is_relative_to(folder):
        return path
    raise InstanceError(
        [toml(f"scenarios.{scenario}", f"{show(file)} is not there", "a CSV file in the dataset's folder")]
    )
