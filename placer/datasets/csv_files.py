"""Reading and writing the files of a dataset: strict CSV and TOML, with errors that name file, line and column."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.columns import REQUIRED, Kind, Table
from placer.instance.attributes.schema import INPUT_TABLES
from placer.instance.hours.timestamps import text_of
from placer.instance.tables.cleaning import named_by
from placer.utils.reading import not_utf8, read_bytes

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_QUOTED = re.compile(r'"[^"]*"')
#: A number with a decimal comma.
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)


def read_csv(file: Path, name: str = "") -> pd.DataFrame:
    """Read a CSV file as text cells: UTF-8 (with or without a byte order mark), one header row.

    Commas separate cells; semicolons do if the header has semicolons and no commas, as spreadsheets write where the
    comma is the decimal sign. In such a file a comma in a numeric column becomes a point. A file with both signs in its
    numbers is a violation.

    Parameters
    ----------
    name : str
        The table that it holds, which determines the numeric columns.
    """
    header, rows, separator = _read_rows(file)
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
    refuse(violations)
    cells = [list(column) for column in zip(*(row for _, row in rows), strict=True)] or [[] for _ in header]
    columns = dict(zip(header, cells, strict=True))
    if separator == ";":
        columns = _with_points(columns, file, name)
    return pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()})


def _read_rows(file: Path) -> tuple[list[str] | None, list[tuple[int, list[str]]], str]:
    """Return the header, the rows with their line numbers, and the separator of a CSV file."""
    reader, content = None, read_bytes(file)
    try:
        text = content.decode("utf-8-sig")
        separator = _separator(file, text)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
        header = next(reader, None)
        rows = [(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError as error:
        raise InstanceError([not_utf8(file, error)]) from error
    except csv.Error as error:
        line = f"line {reader.line_num}" if reader else ""
        raise InstanceError([Violation(file.name, line, "", str(error), "CSV with commas")]) from error
    return header, rows, separator


def _separator(file: Path, text: str) -> str:
    """Return the separator of a CSV file: a semicolon if the header has some and no commas, else a comma."""
    header = _QUOTED.sub("", text.partition("\n")[0])
    if "," in header:
        return ","
    if "\t" in header:
        raise InstanceError(
            [Violation(file.name, "line 1", "", "cells stand between tabs", "commas between the cells")]
        )
    return ";" if ";" in header else ","


def _with_points(columns: Mapping[str, list[str]], file: Path, name: str) -> dict[str, list[str]]:
    """Replace decimal commas by points in the numeric columns of a table."""
    table = INPUT_TABLES.get(name)
    kinds = {column.name: column.kind for column in table.columns} if table else {}
    texts = {column for column, kind in kinds.items() if kind in (Kind.TEXT, Kind.NAMES)}
    numbers = {column: cells for column, cells in columns.items() if column in kinds and column not in texts}
    flat = [cell for cells in numbers.values() for cell in cells]
    if not any(_COMMA.fullmatch(cell.strip()) for cell in flat):
        return dict(columns)
    if mixed := next((cell for cell in flat if "." in cell), None):
        problem = f"numbers with a decimal comma and with a point, such as {mixed!r}"
        raise InstanceError([Violation(file.name, "", "", problem, "one decimal sign, and no separator of thousands")])
    changed = {
        column: [cell.replace(",", ".") if _COMMA.fullmatch(cell.strip()) else cell for cell in cells]
        for column, cells in numbers.items()
    }
    return dict(columns) | changed


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Turn text cells into values: numbers where a cell parses as one, None where it is empty.

    A cell that does not parse stays text, which validation reports. Unknown columns are numeric if all their cells are.
    """
    known = {column.name: column for column in table.columns}
    if named_by(frame, table):
        known["name"] = table.columns[0]
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        cells = frame[name].tolist()
        column = known.get(name)
        if column is None:
            values = [number_of(cell) for cell in cells]
            as_numbers = all(not isinstance(value, str) for value in values)
            columns[name] = pd.Series(values if as_numbers else [cell or None for cell in cells], dtype=object)
        elif column.kind in (Kind.TEXT, Kind.NAMES):
            columns[name] = pd.Series(
                [cell if cell or column.default is REQUIRED else None for cell in cells], dtype=object
            )
        else:
            columns[name] = pd.Series([number_of(cell) for cell in cells], dtype=object)
    return pd.DataFrame(columns, index=frame.index)


def number_of(cell: str) -> object:
    """Return the number that a text holds, None if it is empty, and otherwise the text itself."""
    text = cell.strip()
    if not text:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) or text.endswith("inf") else cell


def write_exact_csv(file: Path, frame: pd.DataFrame) -> None:
    """Write a table that ``read_csv`` and ``typed`` restore exactly: shortest exact numbers, empty where not given.

    Line ends within texts become LF, since the writer of Python leaves a lone CR unquoted.
    """
    with file.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(frame.columns)
        for row in frame.itertuples(index=False, name=None):
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return "|".join(value)
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file; a syntax error is a violation that names its place."""
    content = read_bytes(file)
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InstanceError([not_utf8(file, error)]) from error
    except (ValueError, RecursionError) as error:  # also numbers too long and nesting too deep for Python
        raise InstanceError([Violation(file.name, "", "", str(error), "TOML")]) from error


def write_toml(file: Path, texts: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Write the ``dataset.toml`` of a saved instance, one line a key.

    The package ``tomli-w`` would break lists over several lines and add a dependency for these few lines.
    """
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
