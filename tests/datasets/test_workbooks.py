"""Instances in Excel workbooks."""

# ruff: noqa: E501 - files and messages read best whole

from __future__ import annotations

import math
import zipfile

import openpyxl
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.tables.hourly import split_hours


@pytest.fixture
def write(tmp_path):
    """Return a function that writes sheets, each a list of rows, as a workbook and returns its path."""

    def write(sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "x.xlsx")
        return tmp_path / "x.xlsx"

    return write


def sheets_of(instance, **settings):
    """Return the tables of an instance as people write them: text for what is unlimited and for lists."""

    def cell(value):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        if value == math.inf:
            return "inf"
        return "|".join(value) if isinstance(value, tuple) else value

    sheets = {}
    for name, frame in split_hours(instance.tables, instance.hours).items():
        rows = [[cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]
        sheets[name] = [list(frame.columns), *rows]
    return sheets | ({"settings": [["setting", "value"], *map(list, settings.items())]} if settings else {})


def violations_of(file):
    with pytest.raises(InstanceError) as caught:
        placer.load(file)
    return [str(violation) for violation in caught.value.violations]


def test_a_workbook_holds_what_a_folder_holds(write):
    """Tests that the tables of a dataset, hourly prices among them, come back from their sheets."""
    tiny = placer.load("tiny")
    assert placer.load(write(sheets_of(tiny))) == tiny


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_any_instance_comes_back(write, make_random_instance, seed):
    """Tests values per hour, limits, jurisdictions and settings of every kind."""
    instance = make_random_instance(seed, cyclic=True, exports=(("e", "w"), ("w", "e")), accelerators="sunk")
    text = {"carbon_usd_per_kg": 0.02, "carbon_limit_kg": 30000, "water_limit_litres": "60000"}
    text |= {"cyclic": True, "exports": "e|w; w|e", "accelerators": "sunk", "hour_length": None}
    assert placer.load(write(sheets_of(instance, **text))) == instance


def test_limits_of_ones_own_come_back(write, limited_instance):
    """Tests limits, also where an hour is typed as a number."""
    sheets = sheets_of(limited_instance)
    assert placer.load(write(sheets)) == limited_instance
    sheets["limits"] = [[0 if cell == "0" else cell for cell in row] for row in sheets["limits"]]
    assert placer.load(write(sheets)) == limited_instance


def test_names_that_are_numbers_and_empty_rows(write):
    """Tests that a name typed as a number is that name, and that empty rows and columns do not matter."""
    sheets = sheets_of(placer.load("tiny").without("Delta"))
    sheets["hubs"] = [["hub", "region", None], [7, "east", None], [None, None, None], ["Inland", "west", None], [None]]
    for name in ("links", "demand"):
        sheets[name] = [[7 if cell == "Coast" else cell for cell in row] for row in sheets[name]]
    assert placer.load(write(sheets)).hubs["hub"].tolist() == ["7", "Inland"]


@pytest.mark.slow
def test_other_sheets(write):
    """Tests that a sheet no table is called after is a remark, a slip an error, and ``read me`` nothing."""
    tiny = sheets_of(placer.load("tiny"))
    instance = placer.load(write(tiny | {"weather": [["a"], [1]], "read me": [["x"]]}))
    assert placer.check(instance) == ["sheet weather is ignored: no table has that name"]
    slip = {name: rows for name, rows in tiny.items() if name != "supplies"} | {"Supplies": tiny["supplies"]}
    assert violations_of(write(slip))[0] == "x.xlsx.Supplies: unknown sheet (allowed: perhaps supplies)"


def test_violations_are_named_in_one_round(write):
    """Tests that headers, formulas without a value, numbers as text and settings are told together."""
    sheets = sheets_of(placer.load("tiny"), hour_lenght=1)
    sheets["hubs"][0][2] = "acess_ms"
    sheets["workloads"][1][1] = "=1/2"
    sheets["links"][1][2] = "5 ms"
    sheets["exchanges"] = []
    found = violations_of(write(sheets))
    assert [text.partition(" (")[0] for text in found] == [
        "exchanges: sheet empty",
        "workloads[row 1].accelerator_hours_per_mtok: a formula whose value is not in the file",
        "settings.hour_lenght: unknown",
        "hubs.acess_ms: unknown column",
        "links[Coast|East exchange].rtt_ms: '5 ms' is text: write the number alone; the unit stands in the name of the column",
    ]


@pytest.mark.parametrize("content", [b"", b"hub,region\n", b"PK\x03\x04broken"])
def test_files_that_are_no_workbooks(tmp_path, content):
    """Tests that what is no workbook is one violation that names the file."""
    (tmp_path / "x.xlsx").write_bytes(content)
    (found,) = violations_of(tmp_path / "x.xlsx")
    assert found.startswith("x.xlsx: cannot be read: ")
    assert found.endswith("(allowed: an Excel workbook (.xlsx))")


def test_a_workbook_that_unpacks_to_too_much(tmp_path, monkeypatch):
    """Tests that the limit on files holds for what is packed in a workbook."""
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", "0" * 100_000)
    monkeypatch.setenv("PLACER_MAX_FILE_BYTES", "50000")
    assert violations_of(tmp_path / "x.xlsx") == [
        "x.xlsx: unpacks to 100,000 bytes (allowed: at most 50,000 bytes; set PLACER_MAX_FILE_BYTES to read larger files)"
    ]


@pytest.mark.slow
def test_a_cell_far_from_the_others(write):
    """Tests that a cell in the last row and column is a violation, and no rows are filled up to it."""
    sheets = sheets_of(placer.load("tiny"))
    file = write(sheets)
    book = openpyxl.load_workbook(file)
    book["demand"]["XFD1048576"] = 1
    book.save(file)
    assert violations_of(file) == ["demand[column 16384]: has no name (allowed: a name)"]


def test_undefined_entities_and_errors_of_formulas(write):
    """Tests that XML that breaks off after the file was opened, and an error of a spreadsheet, are violations."""
    sheets = sheets_of(placer.load("tiny"))
    broken = rewritten(write(sheets), b"<sheetData>", b"<sheetData><row><c><v>&b;</v></c></row>")
    (found,) = violations_of(broken)
    assert found.startswith("x.xlsx: cannot be read: ExpatError: undefined entity")
    sheets["hubs"][1][1] = "#N/A"
    (found, *_) = violations_of(write(sheets))
    assert found == "hubs[row 1].region: the error #N/A (allowed: a value)"


def rewritten(file, old, new):
    """Replace bytes in every part of a workbook, and return the file."""
    with zipfile.ZipFile(file) as archive:
        parts = {part: archive.read(part).replace(old, new) for part in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def test_a_workbook_has_no_scenarios(write):
    """Tests that a scenario is refused, not passed over."""
    file = write(sheets_of(placer.load("tiny")))
    with pytest.raises(InstanceError, match="'dispatch' is unknown"):
        placer.load(file, ["dispatch"])
