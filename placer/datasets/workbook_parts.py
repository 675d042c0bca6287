"""The parts of a workbook, which is a ZIP archive of XML files, checked before any cell is kept.

A small file can unpack to any amount of memory: by its compression, by entities, by a cell far from the others (the
reader fills the rows up to it), by one long text. Each part is parsed once, without a copy of its content. Rows and
cells must ascend, since the reader drops those that do not.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from placer.errors import InstanceError, Violation
from placer.utils.reading import LIMIT_VARIABLE, largest_file_bytes

#: The last row and column of a sheet, and the longest text of a cell, of Excel itself.
_LAST_ROW, _LAST_COLUMN, _LONGEST_TEXT = 1_048_576, 16_384, 32_767
#: Largest number of cells of a workbook, with all empty cells before the last one of each row.
_MOST_CELLS = 30_000_000
#: Endings of the parts that must be XML; others may be images.
_XML = (".xml", ".rels")
#: Elements that hold the rows of a sheet, and the texts that all sheets share.
_CONTENT = ("sheetData", "sst")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)


def check_parts(content: BinaryIO, file: str) -> None:
    """Refuse a workbook that would take too much memory, or that its reader would read only in part.

    Parameters
    ----------
    content : binary stream
    file : str
        Name of the file, for the violations.

    Raises
    ------
    InstanceError
        If it unpacks to more than the largest file that is read, holds too many cells or too long a text, declares
        entities, or has rows or cells out of order.
    xml.parsers.expat.ExpatError, zipfile.BadZipFile
        If it is damaged.
    """
    with zipfile.ZipFile(content) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > (limit := largest_file_bytes()):
            allowed = f"at most {limit:,.0f} bytes; set {LIMIT_VARIABLE} to read larger files"
            raise InstanceError([Violation(file, "", "", f"unpacks to {unpacked:,} bytes", allowed)])
        cells = 0
        for part in parts:
            found = _Part(file, part.filename, cells)
            try:
                with archive.open(part) as stream:
                    found.parser.ParseFile(stream)
            except expat.ExpatError:
                if part.filename.lower().endswith(_XML):
                    raise
            cells = found.cells


@dataclass
class _Part:
    """The position in a part: row and column of the last cell, and the length of its text."""

    file: str
    name: str
    cells: int
    row: int = 0
    column: int = 0
    text: int = 0
    within: str = ""

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _refuse(self, place: str, problem: str, allowed: str) -> None:
        raise InstanceError([Violation(self.file, self.name, place, problem, allowed)])

    def _doctype(self, *_declared: object) -> None:
        self._refuse("", "declares entities", "none, as in the workbooks of spreadsheets")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name in _CONTENT:
            self.within = name
        elif self.within == "sheetData" and name == "row":
            self._begin_row(attributes.get("r"))
        elif self.within == "sheetData" and name == "c":
            self._begin_cell(attributes.get("r"))
        elif name == "si":
            self.text = 0

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == self.within:
            self.within = ""

    def _begin_row(self, given: str | None) -> None:
        row = self.row + 1 if given is None else int(given) if given.isdecimal() else 0
        if not self.row < row <= _LAST_ROW:
            self._refuse(f"row {given}", f"follows row {self.row}", f"ascending rows up to {_LAST_ROW:,}")
        self._count(row - self.row, f"row {row}")
        self.row, self.column, self.text = row, 0, 0

    def _begin_cell(self, given: str | None) -> None:
        found = _REFERENCE.fullmatch(given or "")
        column = self.column + 1 if given is None else _number_of(found[1]) if found else 0
        if not self.column < column <= _LAST_COLUMN or (found and int(found[2]) != self.row):
            self._refuse(f"{given}", f"follows column {self.column} of row {self.row}", "ascending cells of its row")
        self._count(column - self.column, given or "")
        self.column, self.text = column, 0

    def _count(self, cells: int, place: str) -> None:
        self.cells += cells
        if self.cells > _MOST_CELLS:
            problem = "too many cells, with the empty ones before others"
            self._refuse(place, problem, f"at most {_MOST_CELLS:,}; tables in CSV files may be larger")

    def _characters(self, text: str) -> None:
        self.text += len(text)
        if self.within and self.text > _LONGEST_TEXT:
            problem = f"a text of more than {_LONGEST_TEXT:,} characters"
            self._refuse(f"row {self.row}" * (self.row > 0), problem, "the longest text of a cell in Excel")


def _number_of(letters: str) -> int:
    """Return the number of a column.

    Examples
    --------
    >>> _number_of("A"), _number_of("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
