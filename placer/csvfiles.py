"""Reading and writing the files of a dataset: strict CSV and TOML, with errors that name file, line and column."""

from __future__ import annotations

import csv
import json
import math
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.schema import DATA_CENTRES, POWER_ZONES, REQUIRED, TABLES, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Tables of hourly values: the table they belong to, and the columns they may hold.
HOURS_TABLES = {
    "data_centre_hours": ("data_centres", tuple(c.name for c in DATA_CENTRES.columns if c.kind is Kind.HOURLY)),
    "power_zone_hours": ("power_zones", tuple(c.name for c in POWER_ZONES.columns if c.kind is Kind.HOURLY)),
}

#: Every table a dataset's folder may hold, and the columns that name its rows.
KEYS: dict[str, tuple[str, ...]] = {
    **{name: table.key for name, table in TABLES.items()},
    "data_centre_hours": ("data_centre", "hour"),
    "power_zone_hours": ("power_zone", "hour"),
    "demand_profile": ("workload", "hour"),
}

#: Every column placer knows of each of them.
COLUMNS: dict[str, tuple[str, ...]] = {
    **{name: table.names for name, table in TABLES.items()},
    **{name: (*KEYS[name], *columns) for name, (_, columns) in HOURS_TABLES.items()},
    "demand_profile": (*KEYS["demand_profile"], "share"),
}

#: The numeric columns of each of them, but for the hours.
NUMBERS: dict[str, tuple[str, ...]] = {
    **{
        name: tuple(c.name for c in table.columns if c.kind in (Kind.NUMBER, Kind.HOURLY))
        for name, table in TABLES.items()
    },
    **{name: columns for name, (_, columns) in HOURS_TABLES.items()},
}

#: Files larger than this are not opened: a dataset is text a person can edit.
LARGEST_FILE_BYTES = 1_000_000_000

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)


def is_file(path: Path) -> bool:
    """Whether there is such a file; not, rather than an error, where there cannot be one of that name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_csv(file: Path) -> pd.DataFrame:
    """Read a CSV file as text cells. UTF-8 (with or without a mark at its start), commas, one header row."""
    header, rows = _read_rows(file)
    if not header:
        raise InstanceError([Violation(file.name, "", "", "file empty", "a header row")])
    violations = [
        Violation(file.name, "", name, "column given twice", "once")
        for name in dict.fromkeys(header)
        if name and header.count(name) > 1
    ]
    violations += [
        Violation(file.name, f"column {place + 1}", "", "has no name", "a name")
        for place, name in enumerate(header)
        if not name
    ]
    violations += [
        Violation(file.name, f"line {line}", "", f"{len(row)} cells", f"{len(header)} cells, as in the header")
        for line, row in rows
        if len(row) != len(header)
    ]
    if violations:
        raise InstanceError(violations)
    cells = [list(column) for column in zip(*(row for _, row in rows), strict=True)] or [[] for _ in header]
    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in zip(header, cells, strict=True)})


def _read_rows(file: Path) -> tuple[list[str] | None, list[tuple[int, list[str]]]]:
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise InstanceError([Violation(file.name, "", "", "too large", f"at most {LARGEST_FILE_BYTES:,} bytes")])
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, None)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError) as error:
        raise InstanceError([_unreadable(file, error)]) from error
    except csv.Error as error:
        raise InstanceError(
            [Violation(file.name, f"line {reader.line_num}", "", str(error), "CSV with commas")]
        ) from error
    return header, rows


def _unreadable(file: Path, error: OSError | UnicodeDecodeError) -> Violation:
    if isinstance(error, UnicodeDecodeError):
        return Violation(file.name, "", "", f"byte {error.start} is not UTF-8", "text in UTF-8")
    return Violation(file.name, "", "", f"cannot be read: {error.strerror}", "a file that can be read")


def typed(frame: pd.DataFrame, table: Table, extra: tuple[str, ...] = ()) -> pd.DataFrame:
    """Turn text cells into values: numbers where they read as numbers, defaults where they are empty.

    What does not read as a number stays text, for validation to complain of. ``extra`` names further columns of
    numbers. Columns placer does not know are numbers if all their cells are.
    """
    known = {column.name: column for column in table.columns}
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        cells = frame[name].tolist()
        column = known.get(name)
        if name in extra or column is None:
            values = [_value(cell, None) for cell in cells]
            as_numbers = name in extra or all(not isinstance(value, str) for value in values)
            columns[name] = pd.Series(values if as_numbers else [cell or None for cell in cells], dtype=object)
        elif column.kind in (Kind.TEXT, Kind.NAMES):
            columns[name] = pd.Series(
                [cell if cell or column.default is REQUIRED else None for cell in cells], dtype=object
            )
        else:
            default = None if column.default is REQUIRED else column.default
            columns[name] = pd.Series([_value(cell, default) for cell in cells], dtype=object)
    return pd.DataFrame(columns, index=frame.index)


def _value(cell: str, default: object) -> object:
    text = cell.strip()
    if not text:
        return default
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) or text.endswith("inf") else cell


def write_csv(file: Path, frame: pd.DataFrame) -> None:
    """Write a table so that ``read_csv`` and ``typed`` give it back: shortest exact numbers, empty where not given.

    Line ends within texts become LF, since Python's writer leaves a lone CR unquoted.
    """
    with file.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(frame.columns)
        for row in frame.itertuples(index=False, name=None):
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return "|".join(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file; what cannot be read is a violation that names the place."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InstanceError([_unreadable(file, error)]) from error
    except (ValueError, RecursionError) as error:  # also numbers and nesting too long for Python
        raise InstanceError([Violation(file.name, "", "", str(error), "TOML")]) from error


def write_toml(file: Path, texts: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Write the ``dataset.toml`` of a saved instance."""
    lines = [f"{key} = {_toml_value(value)}" for key, value in texts.items()]
    lines += ["", "[settings]", *(f"{key} = {_toml_value(value)}" for key, value in settings.items())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace", newline="\n")


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
