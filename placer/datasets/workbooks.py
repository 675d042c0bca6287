"""Instances in Excel workbooks: one sheet for each table, named as in a dataset's folder, and a sheet of settings.

A sheet ``settings`` has the columns ``setting`` and ``value``; pairs of ``exports`` are written
``east|west; centre|west``, no pair ``;``. A timestamp with a time zone is a text, as in CSV files. A sheet ``read me``
is ignored. An empty cell means the default, ``inf`` means unlimited.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

import pandas as pd

from placer.datasets.csv_files import number_of
from placer.datasets.workbook_parts import check_parts
from placer.errors import InstanceError, PlacerError, Violation
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.schema import INPUT_TABLES
from placer.instance.attributes.settings import changed_settings
from placer.instance.attributes.synonyms import meant
from placer.instance.attributes.validation import show
from placer.instance.gathering import gather
from placer.instance.problem import Instance
from placer.instance.tables.hourly import split_hours, unknown_with
from placer.io.table_files import write_excel
from placer.utils.optional import extra
from placer.utils.reading import read_bytes

#: The sheet of settings, and the sheet for human readers, which is ignored.
SETTINGS_SHEET, README_SHEET = "settings", "read me"

#: Errors of damaged files, in the archive, its XML or its content.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, LookupError, ValueError, TypeError,
    AttributeError, OSError, SyntaxError, ArithmeticError, expat.ExpatError,
)  # fmt: skip


class _Cell(NamedTuple):
    """The value of a cell, and its defect, empty for none."""

    value: object
    defect: str


#: The cells of a row with content, by their columns.
_Row = dict[int, _Cell]


def load_workbook(file: Path) -> Instance:
    """Read an instance from an Excel workbook.

    Raises
    ------
    InstanceError
        Listing every violation by sheet, row and column.
    PlacerError
        If openpyxl is not installed.
    """
    sheets = _read(file)
    frames: dict[str, pd.DataFrame] = {}
    violations: list[Violation] = []
    unknown: set[tuple[str, str]] = set()
    notes: list[str] = []
    settings: dict[str, Any] = {}
    for name, cells in sheets.items():
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
        elif intended := meant(name, tuple(table for table in (*INPUT_TABLES, SETTINGS_SHEET) if table not in sheets)):
            violations.append(Violation(file.name, "", name, "unknown sheet", f"perhaps {intended}"))
        elif name.casefold() != README_SHEET:
            notes.append(f"sheet {name} is ignored: no table has that name")
    return Instance.of(gather(frames, settings, found=violations, unknown=unknown, notes=notes))


def save_workbook(instance: Instance, file: Path) -> Path:
    """Write an instance as an Excel workbook that ``load_workbook`` reads back as an equal instance.

    Raises
    ------
    PlacerError
        If openpyxl is not installed, or a table or text does not fit into a sheet (``placer.io.table_files``).
    InstanceError
        If one of several parallel links or supplies has hourly values.
    """
    tables = split_hours(instance.tables, instance.hours)
    for name, frame in tables.items():
        of_names = [column.name for column in INPUT_TABLES[name].columns if column.kind is Kind.NAMES]
        joined = {column: [names and "|".join(names) for names in frame[column]] for column in of_names}
        tables[name] = frame.assign(**{column: pd.Series(cells, dtype=object) for column, cells in joined.items()})
    settings = [(name, _setting_text(value)) for name, value in changed_settings(instance.settings).items()]
    tables[SETTINGS_SHEET] = pd.DataFrame(settings, columns=["setting", "value"], dtype=object)
    return write_excel(tables, file)


def _setting_text(value: Any) -> Any:
    """Return a setting as a cell holds it: pairs of exports as one text."""
    if not isinstance(value, tuple):
        return value
    if strange := [name for pair in value for name in pair if "|" in name or ";" in name]:
        raise PlacerError(f"setting exports: region {show(strange[0])} has no form in a workbook; write a folder")
    return "; ".join("|".join(pair) for pair in value) or ";"


def _read(file: Path) -> dict[str, list[_Row]]:
    """Return the rows with content of every sheet.

    Raises
    ------
    InstanceError
        If the file is no workbook, or too large a one.
    """
    excel = extra("openpyxl", "Excel files", "excel")
    content = io.BytesIO(read_bytes(file))
    try:
        check_parts(content, file.name)
        values, formulas = (
            excel.load_workbook(content, read_only=True, data_only=data_only) for data_only in (True, False)
        )
        return {name: list(_rows(values[name], formulas[name])) for name in values.sheetnames}
    except InstanceError:
        raise
    except _UNREADABLE as error:
        problem = f"cannot be read: {type(error).__name__}: {error}"
        raise InstanceError([Violation(file.name, "", "", problem, "an Excel workbook (.xlsx)")]) from error


def _rows(values: Any, formulas: Any) -> Iterator[_Row]:
    """Yield the rows of a sheet that have content."""
    if not hasattr(values, "iter_rows"):  # a chart sheet
        return
    for sheet in (values, formulas):
        sheet.reset_dimensions()  # as declared, they may be of any size: rows would be filled up to them
    for row, texts in zip(values.iter_rows(), formulas.iter_rows(), strict=True):
        cells = (_Cell(cell.value, _defect(cell, text)) for cell, text in zip(row, texts, strict=True))
        if kept := {place: cell for place, cell in enumerate(cells) if cell.value is not None or cell.defect}:
            yield kept


def _defect(value: Any, formula: Any) -> str:
    """Return the defect of a cell; empty if it has none."""
    if value.data_type == "e":
        return f"the error {value.value}"
    return "a formula whose value is not in the file" if value.value is None and formula.value is not None else ""


def _table(rows: list[_Row], name: str) -> tuple[pd.DataFrame | None, list[Violation]]:
    """Return the table of a sheet; columns without content are left out."""
    if not rows:
        return None, [Violation(name, "", "", "sheet empty", "a header row")]
    header = {place: _text(cell.value) for place, cell in rows[0].items()}
    places = sorted({place for row in rows for place in row})
    violations = [
        Violation(name, f"column {place + 1}", "", "has no name", "a name") for place in places if not header.get(place)
    ]
    violations += [
        Violation(name, "", text, "column given twice", "once")
        for text, count in Counter(header.values()).items()
        if text and count > 1
    ]
    violations += [
        Violation(name, f"row {number}", header.get(place, ""), cell.defect, "a value")
        for number, row in enumerate(rows)
        for place, cell in row.items()
        if cell.defect
    ]
    if violations:
        return None, violations
    known = {column.name: column for column in INPUT_TABLES[name].columns}
    return pd.DataFrame(
        {
            text: pd.Series([_typed(_at(row, place), known.get(text)) for row in rows[1:]], dtype=object)
            for place, text in sorted(header.items())
        }
    ), []


def _at(row: _Row, place: int) -> object:
    return row[place].value if place in row else None


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


def _settings(rows: list[_Row]) -> tuple[dict[str, Any], list[Violation]]:
    """Return the settings of a sheet; a setting without a value has its default."""
    header = {_text(cell.value): place for place, cell in rows[0].items()} if rows else {}
    if not {"setting", "value"} <= set(header):
        return {}, [Violation(SETTINGS_SHEET, "", "", f"columns {show(list(header))}", "columns setting and value")]
    name, value = header["setting"], header["value"]
    given = [(_text(_at(row, name)), _at(row, value)) for row in rows[1:]]
    given = [(setting, content) for setting, content in given if setting and content not in (None, "")]
    violations = [
        Violation(SETTINGS_SHEET, "", setting, "given twice", "once")
        for setting, count in Counter(setting for setting, _ in given).items()
        if count > 1
    ]
    violations += [
        Violation(SETTINGS_SHEET, "", _text(_at(row, name)), row[value].defect, "a value")
        for row in rows[1:]
        if value in row and row[value].defect
    ]
    return {setting: _setting(setting, content) for setting, content in given}, violations


def _setting(name: str, content: object) -> object:
    if not isinstance(content, str):
        return content
    if name == "exports" and set("|;") & set(content):
        return [tuple(part.strip() for part in pair.split("|")) for pair in content.split(";") if pair.strip()]
    truths = {"true": True, "false": False}
    return truths.get(content.strip().casefold(), number_of(content))
