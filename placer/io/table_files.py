"""Tables for other programs: CSV, Parquet and Excel, each from labelled DataFrames whose index becomes columns.

A spreadsheet treats a text that begins with ``=``, ``+``, ``-`` or ``@`` as a formula, and names come from untrusted
data. So CSV files put an apostrophe before such texts (OWASP, 'CSV Injection'), which marks a text in spreadsheets;
Excel files store them unchanged as text. In CSV the rule also holds within a text, after each semicolon, tab and line
end: spreadsheets that separate lists by semicolons begin a new cell there. Numbers are never changed. Parquet, which
no spreadsheet runs, holds every name unchanged. So does a dataset that ``placer.save`` writes, since ``placer.load``
must restore it.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import PlacerError
from placer.instance.hours.timestamps import text_of
from placer.utils.atomic import check_file, whole, whole_folder
from placer.utils.optional import extra
from placer.utils.reading import with_home

#: A table, or its pieces from the first rows to the last: those of a year do not fit into memory whole.
Pieces = pd.DataFrame | Iterable[pd.DataFrame]

#: First characters of texts that a spreadsheet would run. The wide forms count under Chinese or Japanese input.
_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - the wide forms are meant
#: Start of a CSV cell, after any separator, that holds a formula; quotes and blanks may precede the formula.
_CELL_OF_FORMULA = re.compile(rf"""(^|[;\t\n]["'\s]*)(?={_FORMULA.pattern})""")
#: The same pattern with the apostrophe that marks a text.
_MARKED_CELL = re.compile(rf"""(^|[;\t\n]["'\s]*)'(?={_FORMULA.pattern})""")

#: Ending of the names of workbooks.
WORKBOOK = ".xlsx"
#: Largest number of rows of an Excel sheet, including the header; longest text of a cell.
EXCEL_ROWS = 1_048_576
EXCEL_CHARACTERS = 32_767
#: Year in which the dates of Excel begin.
_EXCEL_EPOCH = 1900

#: Characters that no XML file, and so no Excel file, can hold.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text of a cell or header would run in a spreadsheet; the index is unchanged.

    Line ends within texts become LF.

    Examples
    --------
    >>> import pandas as pd
    >>> harmless(pd.DataFrame({"hub": ["=1+1", "A", -1]}))["hub"].tolist()
    ["'=1+1", 'A', -1]
    >>> harmless(pd.DataFrame({"hub": ["a;=1+1"]}))["hub"].tolist()
    ["a;'=1+1"]
    """
    changed = table.copy()
    for place, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            cells = [_as_text(value) for value in table.iloc[:, place]]
            changed.isetitem(place, cells)
    return changed.set_axis([_as_text(name) for name in table.columns], axis=1)


def write_csv_tables(tables: Mapping[str, Pieces], folder: str | os.PathLike[str]) -> list[Path]:
    """Write every table as ``NAME.csv`` into a folder, which is created if absent, and return the files.

    Tables may come in pieces, which are written one by one.

    Tables of the same names are replaced once all tables are written; other files stay. UTF-8, commas, one header row,
    line feeds; texts that begin like a formula get an apostrophe in front.
    """
    return _write_each(tables, folder, "csv", _write_csv_pieces)


def write_csv(table: pd.DataFrame, file: Path) -> None:
    """Write one table as CSV, its index first (except a plain row count)."""
    _write_csv_pieces([table], file)


def _write_csv_pieces(pieces: Iterable[pd.DataFrame], file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        for number, piece in enumerate(pieces):
            harmless(_flat(piece)).to_csv(text, index=False, header=number == 0, lineterminator="\n")


def write_parquet_tables(tables: Mapping[str, Pieces], folder: str | os.PathLike[str]) -> list[Path]:
    """Write every table as ``NAME.parquet`` into a folder, which is created if absent, and return the files.

    ``pandas.read_parquet`` restores the same tables, index included. Tables may come in pieces, which become groups
    of rows.

    Raises
    ------
    PlacerError
        If pyarrow is not installed.
    """
    extra("pyarrow", "Parquet", "parquet")
    return _write_each(tables, folder, "parquet", _write_parquet_pieces)


def _write_parquet_pieces(pieces: Iterable[pd.DataFrame], file: Path) -> None:
    arrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    with contextlib.ExitStack() as opened:
        writer = None
        for piece in pieces:
            kept = True if piece.index.nlevels > 1 else None  # None drops levels of consecutive numbers in pandas 3.0
            schema = None if writer is None else writer.schema
            table = arrow.Table.from_pandas(piece, schema=schema, preserve_index=kept)
            if writer is None:
                writer = opened.enter_context(parquet.ParquetWriter(file, table.schema))
            writer.write_table(table)


def write_excel(tables: Mapping[str, pd.DataFrame], file: str | os.PathLike[str]) -> Path:
    """Write tables as the sheets of one Excel file, headers frozen and index first, and return the file.

    An existing file is replaced once the new one is complete. Unknown values (NaN) become empty cells, unlimited values
    the text ``inf``: Excel has neither. Timestamps with a time zone become ISO text that names the zone, which Excel
    does not have; timestamps without one become dates of Excel.

    Raises
    ------
    PlacerError
        If openpyxl is not installed, a table has more rows than a sheet, or a text cannot stand in a cell; if the name
        does not end in ``.xlsx``.
    """
    excel = extra("openpyxl", "Excel files", "excel")
    for name, table in tables.items():
        _check_sheet(name, table)
    target = check_file(file, (WORKBOOK,))
    with whole(target) as draft:
        book = excel.Workbook(write_only=True)
        for name, table in tables.items():
            _fill(book.create_sheet(name), table, excel.cell.WriteOnlyCell)
        content = io.BytesIO()  # openpyxl ends in a traceback on a full disk
        book.save(content)
        draft.write_bytes(content.getbuffer())
    return target


def figure_sheet(figures: Mapping[str, Any]) -> pd.DataFrame:
    """Lay headline figures out as a sheet: one row a figure, a list as text.

    A mapping is left out: it is a row of a table that has a sheet of its own.

    Examples
    --------
    >>> figure_sheet({"share": 0.2, "exporting": ["east", "west"], "limits": {"power": 0.1}})["value"].to_dict()
    {'share': 0.2, 'exporting': 'east, west'}
    """
    rows = {name: value for name, value in figures.items() if not isinstance(value, dict)}
    texts = {name: ", ".join(map(str, value)) for name, value in rows.items() if isinstance(value, list)}
    return pd.Series(rows | texts, name="value", dtype=object).rename_axis("figure").to_frame()


def _write_each(
    tables: Mapping[str, Pieces],
    folder: str | os.PathLike[str],
    ending: str,
    write: Callable[[Iterable[pd.DataFrame], Path], None],
) -> list[Path]:
    target, files = with_home(folder), [f"{name}.{ending}" for name in tables]
    with whole_folder(target) as drafts:
        for file, table in zip(files, tables.values(), strict=True):
            write([table] if isinstance(table, pd.DataFrame) else table, drafts / file)
    return [target / file for file in files]


def _as_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    one_line_end = value.replace("\r\n", "\n").replace("\r", "\n")  # CSV writers leave a lone CR unquoted
    return _CELL_OF_FORMULA.sub(r"\1'", one_line_end)


def as_before(text: str) -> str:
    """Return a CSV text without the apostrophes that were put before formula-like parts.

    Examples
    --------
    >>> as_before("'-1"), as_before("a;'=1+1"), as_before("it's 'so'")
    ('-1', 'a;=1+1', "it's 'so'")
    """
    return _MARKED_CELL.sub(r"\1", text)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its index as columns, except a plain row count."""
    counts_only = isinstance(table.index, pd.RangeIndex) and table.index.name is None
    return table if counts_only else table.reset_index()


def _lines(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the header and the rows of a table."""
    flat = _flat(table)
    yield tuple(map(str, flat.columns))
    yield from flat.itertuples(index=False, name=None)


def _fill(sheet: Any, table: pd.DataFrame, make_cell: Callable[[Any, str], Any]) -> None:
    sheet.freeze_panes = "A2"
    as_kind = partial(_cell_of_kind, make_cell, sheet)
    for row in _lines(table):
        sheet.append([_excel_cell(value, as_kind) for value in row])


def _check_sheet(name: str, table: pd.DataFrame) -> None:
    """Refuse a table that no sheet can hold, before any sheet is begun."""
    if len(table) >= EXCEL_ROWS:
        raise PlacerError(
            f"table {name} has {len(table):,} rows and a sheet of Excel at most {EXCEL_ROWS - 1:,} and a header; "
            "write CSV or Parquet"
        )
    flat = _flat(table)
    texts = (flat.iloc[:, place] for place, kind in enumerate(flat.dtypes) if not pd.api.types.is_numeric_dtype(kind))
    for text in (str(value) for column in (flat.columns, *texts) for value in column):
        if len(text) > EXCEL_CHARACTERS:
            raise PlacerError(
                f"table {name}: a text of {len(text):,} characters, of which a cell of Excel holds {EXCEL_CHARACTERS:,}"
            )
        if found := NOT_XML.search(text):
            raise PlacerError(f"table {name}: {text[:40]!r} holds U+{ord(found[0]):04X}, which no Excel file can")


def _excel_cell(value: Any, as_kind: Callable[[str, str], Any]) -> Any:
    """Return the content of a cell: a plain value, a text that is neither a formula nor an error, or an exact number.

    openpyxl writes 16 digits of a number, which some need 17 of.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, datetime):
        return pd.Timestamp(value).to_pydatetime() if _is_date_of_excel(value) else text_of(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value if float(f"{value:.16g}") == value else as_kind(repr(value), "n")
    text = str(value)
    return as_kind(text, "s") if _FORMULA.match(text) or text.startswith("#") else text


def _is_date_of_excel(value: datetime) -> bool:
    """Whether a date of Excel holds a timestamp: it has no time zone, and is read to the millisecond."""
    return value.tzinfo is None and value.year > _EXCEL_EPOCH and not value.microsecond % 1000


def _cell_of_kind(make: Callable[[Any, str], Any], sheet: Any, text: str, kind: str) -> Any:
    """Return a cell of a number (``n``), or of a text (``s``) that stays one even after it is edited."""
    cell = make(sheet, text)
    cell.data_type = kind
    cell.quotePrefix = kind == "s"  # like a typed leading apostrophe
    return cell
