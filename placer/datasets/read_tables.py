"""The tables of a dataset as text cells: the readable ones, and a record of the content that could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from placer.datasets.csv_files import read_csv
from placer.datasets.manifest import PLAN_TABLES
from placer.errors import InstanceError, Violation
from placer.instance.attributes.schema import INPUT_TABLES
from placer.instance.attributes.synonyms import meant
from placer.instance.tables.hourly import unknown_with
from placer.utils.reading import is_there

#: Endings of files that may hold a table.
_TABLE_ENDINGS = (".csv", ".tsv", ".xls", ".xlsx", ".parquet")


@dataclass(frozen=True, eq=False)
class ReadTables:
    """The tables that were read from files.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        Cells as text.
    violations : tuple of Violation
        Defects of the files.
    unreadable : frozenset of str
        Tables absent from ``frames`` since their content is unknown.
    unreadable_columns : frozenset of (str, str)
        Tables and columns whose content is unknown; ``frames`` holds their previous content.
    """

    frames: Mapping[str, pd.DataFrame]
    violations: tuple[Violation, ...] = ()
    unreadable: frozenset[str] = frozenset()
    unreadable_columns: frozenset[tuple[str, str]] = frozenset()

    def with_table(self, name: str, frame: pd.DataFrame) -> ReadTables:
        """Return a copy with one table added or replaced, which may have been unreadable."""
        columns = frozenset(column for column in self.unreadable_columns if column[0] != name)
        frames = {**self.frames, name: frame}
        return replace(self, frames=frames, unreadable=self.unreadable - {name}, unreadable_columns=columns)

    def unreadable_table(self, name: str, violations: Iterable[Violation] = ()) -> ReadTables:
        """Return a copy in which the content of a table is unknown."""
        frames = {other: frame for other, frame in self.frames.items() if other != name}
        found = (*self.violations, *violations)
        return replace(self, frames=frames, violations=found, unreadable=self.unreadable | {name})

    def unreadable_column(self, table: str, column: str, violations: Iterable[Violation] = ()) -> ReadTables:
        """Return a copy in which the content of a column is unknown."""
        columns = self.unreadable_columns | {(table, column)}
        return replace(self, violations=(*self.violations, *violations), unreadable_columns=columns)

    @property
    def unknown(self) -> set[tuple[str, str]]:
        """Tables (with ``""``) and columns of unknown content, which no check of the tables can judge."""
        whole = {(name, "") for name in self.unreadable}
        folded = {name for name, _ in self.unreadable_columns} | self.unreadable
        return whole | self.unreadable_columns | {place for name in folded for place in unknown_with(name)}


def read_tables(folder: Path) -> ReadTables:
    """Read every table of a dataset's folder as text cells."""
    read = ReadTables({})
    for name in INPUT_TABLES:
        file = folder / f"{name}.csv"
        if not is_there(file):
            continue
        try:
            read = read.with_table(name, read_csv(file, name))
        except InstanceError as error:
            read = read.unreadable_table(name, error.violations)
    return read


def check_files(folder: Path, scenarios: Any) -> tuple[list[Violation], list[str]]:
    """Find files with probably misspelt names (violations) and other files that are ignored (notes).

    Parameters
    ----------
    scenarios : object
        The scenarios of ``dataset.toml``: files that they name are neither.
    """
    used = {
        value
        for scenario in _mappings(scenarios)
        for overrides in _mappings({part: scenario.get(part) for part in ("tables", "columns")})
        for value in overrides.values()
        if isinstance(value, str)
    }
    names = (*INPUT_TABLES, *PLAN_TABLES)
    by_row = tuple(name for name in names if not name.endswith("_hours"))
    violations, notes = [], []
    for file in sorted(folder.iterdir()):
        known = file.stem in (*names, "sources") and file.suffix == ".csv"
        if known or file.suffix.lower() not in _TABLE_ENDINGS or file.name in used:
            continue
        intended = meant(file.stem, by_row) or meant(file.stem, names)  # power_zone is no power_zone_hours
        if intended and not is_there(folder / f"{intended}.csv"):
            violations.append(Violation(file.name, "", "", "unknown file", f"perhaps {intended}.csv"))
        else:
            notes.append(f"file {file.name} is ignored: no table has that name")
    return violations, notes


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the values that are mappings, if ``value`` is a mapping; otherwise none."""
    return [each for each in value.values() if isinstance(each, dict)] if isinstance(value, dict) else []
