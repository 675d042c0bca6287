"""The checks of the parts of a workbook before it is read."""

from __future__ import annotations

import io
import zipfile
from xml.parsers.expat import ExpatError

import pytest

from placer.datasets import workbook_parts
from placer.datasets.workbook_parts import check_parts
from placer.errors import InstanceError

ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'


def _check(*sheets, **parts):
    """Check a workbook with the rows of some sheets, and other parts by the beginnings of their names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, rows in enumerate(sheets):
            archive.writestr(f"sheet{place}.xml", f"<x:s xmlns:x='u'><x:sheetData>{rows}</x:sheetData></x:s>")
        for name, text in parts.items():
            archive.writestr(f"{name}.xml", text)
    check_parts(content, "x.xlsx")


def _refused(*sheets, **parts):
    with pytest.raises(InstanceError) as caught:
        _check(*sheets, **parts)
    return str(caught.value.violations[0])


def test_sound_parts_pass():
    """Tests references, their absence, texts of the longest length, and anchors and chains outside the rows."""
    text = "t" * 32_767
    cells = "".join(f'<x:c r="{column}2"><x:v>{text}</x:v></x:c>' for column in ("B", "XFD"))
    _check(
        f'<x:row r="2">{cells}</x:row><x:row><x:c/></x:row>',
        calcChain='<c><c r="B9"/><c r="A1"/></c>',
        sharedStrings=f"<sst><si><t>{text}</t></si><si><r><t>{text}</t></r></si></sst>",
        comments=f"<c>{text * 2}</c>",
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="2"/><row r="2"/>', "follows row 2"),
        ('<row r="1048577"/>', "ascending rows up to 1,048,576"),
        ('<row r="x"/>', "follows row 0"),
        ('<row><c r="B1"/><c r="A1"/></row>', "follows column 2 of row 1"),
        ('<row><c r="XFE1"/></row>', "follows column 0 of row 1"),
        ('<row><c r="A7"/></row>', "follows column 0 of row 1"),
        (f"<row><c><f>{'t' * 20_000}</f><v>{'t' * 20_000}</v></c></row>", "more than 32,767 characters"),
    ],
)
def test_rows_that_would_be_dropped_or_fill_the_memory(rows, said):
    """Tests rows and cells out of order or off the sheet, and long texts."""
    assert said in _refused(rows)


def test_shared_texts_and_entities():
    """Tests a shared text in many runs, and entities in any part."""
    runs = "<r><t>ten of it.</t></r>" * 4_000
    assert "more than 32,767 characters" in _refused(sharedStrings=f"<sst><si>{runs}</si></sst>")
    assert "declares entities" in _refused(styles=f"{ENTITY}<x>&a;</x>")


def test_cells_of_all_sheets_count_together(monkeypatch):
    """Tests that the empty cells before a cell and the empty rows before a row count, and what is no XML does not."""
    monkeypatch.setattr(workbook_parts, "_MOST_CELLS", 100)
    row = '<row r="10"><c r="AD10"/></row>'
    _check(row, row)
    assert "too many cells" in _refused(row, row, row)
    assert "too many cells" in _refused('<row r="101"/>')
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("image.png", b"\x89PNG")
    check_parts(content, "x.xlsx")
    with pytest.raises(ExpatError):
        _check("<row>")
