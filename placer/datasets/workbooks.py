"""Instances in Excel workbooks: one sheet for each table, named as in a dataset's folder, and a sheet of settings.

A sheet ``settings`` has the columns ``setting`` and ``value``; pairs of ``exports`` are written
``east|west; centre|west``. A sheet ``read me`` is ignored. An empty cell means the default, ``inf`` means unlimited.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.datasets.csv_files import number_of
from placer.errors import InstanceError, Violation
from placer.instance.columns import Column, Kind
from placer.instance.gathering import gather
from placer.instance.hourly import unknown_with
from placer.instance.problem import Instance
from placer.instance.schema import INPUT_TABLES
from placer.instance.synonyms import meant
from placer.instance.validation import show
from placer.utils.optional import extra
from placer.utils.reading import largest_file_bytes, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Ending of the names of workbooks.
WORKBOOK = ".xlsx"
#: The sheet of settings, and the sheet for human readers, which is ignored.
SETTINGS_SHEET, README_SHEET = "settings", "read me"

_Cell = tuple[object, bool]


def load_workbook(file: Path) -> Instance:
    """Read an instance from an Excel workbook.

    Parameters
    ----------
    file : Path

    Raises
    ------
    InstanceError
        Listing every violation by sheet, row and column.
    PlacerError
        If openpyxl is not installed.
    """
    values, formulas = _open(file, data_only=True), _open(file, data_only=False)
    frames: dict[str, pd.DataFrame] = {}
    violations: list[Violation] = []
    unknown: set[tuple[str, str]] = set()
    notes: list[str] = []
    settings: dict[str, Any] = {}
    for name in values.sheetnames:
        cells = list(_cells(values[name], formulas[name]))
        if name in INPUT_TABLES:
            frame, found = _table(cells, name)
            violations += found
            if frame is None:
                unknown |= {(name, "")} | unknown_with(name)
            else:
                frames[name] = frame
        elif name == SETTINGS_SHEET:
            settings, found = _settings(cells)
            violations += found
        elif intended := _intended(name, values.sheetnames):
            violations.append(Violation(file.name, "", name, "unknown sheet", f"perhaps {intended}"))
        elif name.casefold() != README_SHEET:
            notes.append(f"sheet {name} is ignored: no table has that name")
    return Instance.of(gather(frames, settings, found=violations, unknown=unknown, notes=notes))


def _intended(name: str, sheets: list[str]) -> str | None:
    known = (*INPUT_TABLES, SETTINGS_SHEET)
    return meant(name, tuple(table for table in known if table not in sheets))


def _open(file: Path, *, data_only: bool) -> Any:
    """Open a workbook with its values or its formulas."""
    excel = extra("openpyxl", "Excel files", "excel")
    content = io.BytesIO(read_bytes(file))
    try:
        _check_size(content, file)
        return excel.load_workbook(content, read_only=True, data_only=data_only)
    except InstanceError:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError) as error:
        problem = f"cannot be read: {type(error).__name__}: {error}"
        raise InstanceError([Violation(file.name, "", "", problem, "an Excel workbook (.xlsx)")]) from error


def _check_size(content: io.BytesIO, file: Path) -> None:
    """Refuse a workbook whose unpacked size exceeds the limit on files."""
    with zipfile.ZipFile(content) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > (limit := largest_file_bytes()):
        problem = f"unpacks to {unpacked:,} bytes"
        raise InstanceError([Violation(file.name, "", "", problem, f"at most {limit:,.0f} bytes")])


def _cells(values: Any, formulas: Any) -> Iterator[list[_Cell]]:
    """Yield the rows of a sheet: the value of each cell, and whether it is a formula without a stored value."""
    if not hasattr(values, "iter_rows"):  # a chart sheet
        return
    for row, texts in zip(values.iter_rows(), formulas.iter_rows(), strict=True):
        yield [
            (cell.value, cell.value is None and text.value is not None) for cell, text in zip(row, texts, strict=True)
        ]


def _table(cells: list[list[_Cell]], name: str) -> tuple[pd.DataFrame | None, list[Violation]]:
    """Return the table of a sheet, without the empty rows and columns that spreadsheets leave at the end."""
    filled = [row for row in cells if any(value is not None or unknown for value, unknown in row)]
    if not filled:
        return None, [Violation(name, "", "", "sheet empty", "a header row")]
    width = max(place for row in filled for place, (value, unknown) in enumerate(row) if value is not None or unknown)
    header = [_text(value) for value, _ in filled[0][: width + 1]]
    header += [""] * (width + 1 - len(header))
    violations = [
        Violation(name, f"column {place + 1}", "", "has no name", "a name")
        for place, text in enumerate(header)
        if not text
    ]
    violations += [
        Violation(name, "", text, "column given twice", "once")
        for text in dict.fromkeys(header)
        if text and header.count(text) > 1
    ]
    violations += [
        Violation(name, f"row {number}", header[place], "a formula whose value is not in the file", "a value")
        for number, row in enumerate(filled[1:], start=1)
        for place, (_, unknown) in enumerate(row[: width + 1])
        if unknown
    ]
    if violations:
        return None, violations
    known = {column.name: column for column in INPUT_TABLES[name].columns}
    return pd.DataFrame(
        {
            text: pd.Series([_typed(_at(row, place), known.get(text)) for row in filled[1:]], dtype=object)
            for place, text in enumerate(header)
        }
    ), []


def _at(row: list[_Cell], place: int) -> object:
    return row[place][0] if place < len(row) else None


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _typed(value: object, column: Column | None) -> object:
    """Return the value of a cell: text parsed as in CSV files, and whole numbers as text in columns of names."""
    if isinstance(value, str) and not value:
        return None
    is_text = column is not None and column.kind in (Kind.TEXT, Kind.NAMES)
    if is_text and isinstance(value, float) and value.is_integer():
        return str(int(value))
    if column is not None and not is_text and isinstance(value, str):
        return number_of(value)
    return value


def _settings(cells: list[list[_Cell]]) -> tuple[dict[str, Any], list[Violation]]:
    """Return the settings of a sheet; a setting without a value has its default."""
    header = [_text(value) for value, _ in cells[0]] if cells else []
    if not {"setting", "value"} <= set(header):
        return {}, [Violation(SETTINGS_SHEET, "", "", f"columns {show(header)}", "columns setting and value")]
    name, value = header.index("setting"), header.index("value")
    rows = [(_text(_at(row, name)), _at(row, value)) for row in cells[1:]]
    given = [(setting, content) for setting, content in rows if setting and content not in (None, "")]
    names = [setting for setting, _ in given]
    violations = [
        Violation(SETTINGS_SHEET, "", setting, "given twice", "once")
        for setting in dict.fromkeys(names)
        if names.count(setting) > 1
    ]
    return {setting: _setting(setting, content) for setting, content in given}, violations


def _setting(name: str, content: object) -> object:
    if not isinstance(content, str):
        return content
    if name == "exports" and "|" in content:
        return [tuple(part.strip() for part in pair.split("|")) for pair in content.split(";") if pair.strip()]
    truths = {"true": True, "false": False}
    return truths.get(content.strip().casefold(), number_of(content))
