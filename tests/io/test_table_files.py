"""Tables for other programs: what is written comes back, and no name runs in a spreadsheet."""

from __future__ import annotations

import csv
import math
import sys

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import PlacerError
from placer.io import table_files
from placer.io.table_files import harmless, write_csv_tables, write_excel, write_parquet_tables

openpyxl = pytest.importorskip("openpyxl")

#: Names that a spreadsheet would run, or could take for something else.
FORMULAS = ["=1+1", '=HYPERLINK("x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=a", "－1"]  # noqa: RUF001
PLAIN = ["Coast", "a=b", "1-2", "'quoted", "Düsseldorf", "北京"]


@pytest.fixture
def table():
    """Return a table with such names in its index, cells and headers, beside numbers of all kinds."""
    names = [*FORMULAS, *PLAIN]
    index = pd.MultiIndex.from_arrays([names, range(len(names))], names=["hub", "hour"])
    numbers = np.linspace(-3.0, 1e7, len(names))
    return pd.DataFrame(
        {"mtok": numbers, "whole": range(-2, len(names) - 2), "to": names[::-1], "=x": True, "limit": math.inf}, index
    )


def cells(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_csv_cells_are_harmless(table, tmp_path):
    """Tests that no cell of text or header begins a formula, plain ones are as they were, and numbers too."""
    (file,) = write_csv_tables({"t": table}, tmp_path / "new")
    header, *rows = cells(file)
    assert header == ["hub", "hour", "mtok", "whole", "to", "'=x", "limit"]
    marked = {
        "\t=1": "'\t'=1",
        "\r=1": "'\n'=1",
        "\n=1": "'\n'=1",
    }  # a cell may begin after the tab and the line end too
    names = [*(marked.get(name, f"'{name}") for name in FORMULAS), *PLAIN]
    assert [row[0] for row in rows] == names
    assert [row[4] for row in rows] == names[::-1]
    assert [float(row[2]) for row in rows] == table["mtok"].tolist()
    assert rows[0][2:4] == ["-3.0", "-2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; =1+1;b", "a; '=1+1;b"),
        ('a;"=1+1', "a;\"'=1+1"),
        ("a\t@x", "a\t'@x"),
        ("a\n+1", "a\n'+1"),
        ("=1;-2;3", "'=1;'-2;3"),
        ("a;b=1", "a;b=1"),
        ("a,=1", "a,=1"),
    ],
)
def test_cells_within_a_text_are_harmless(text, expected, tmp_path):
    """Tests that where lists are at semicolons, no part of a text begins a formula either."""
    (file,) = write_csv_tables({"t": pd.DataFrame({"hub": [text]})}, tmp_path)
    assert cells(file) == [["hub"], [expected]]


def test_tables_are_written_all_or_none(tmp_path):
    """Tests that a table that cannot be written leaves those before it as they were, and a new folder out."""
    table = pd.DataFrame({"x": [1]})
    write_csv_tables({"a": table}, tmp_path / "old")
    broken = table.astype(object)
    broken["x"] = [type("Bad", (), {"__str__": lambda _: 1 / 0})()]
    for folder in ("old", "new"):
        with pytest.raises(ZeroDivisionError):
            write_csv_tables({"a": table + 1, "b": broken}, tmp_path / folder)
    assert [file.name for file in tmp_path.rglob("*")] == ["old", "a.csv"]
    assert cells(tmp_path / "old" / "a.csv") == [["x"], ["1"]]


def test_names_that_an_apostrophe_makes_the_same(tmp_path):
    """Tests that a name with an apostrophe beside the same without one does no harm."""
    index = pd.Index(["=a", "'=a"], name="hub")
    (file,) = write_csv_tables({"t": pd.DataFrame({"x": [1, 2]}, index)}, tmp_path)
    assert cells(file) == [["hub", "x"], ["'=a", "1"], ["'=a", "2"]]


def test_a_table_is_not_changed(table):
    """Tests that making a table harmless leaves the one that was given."""
    before = table.copy()
    harmless(table)
    pd.testing.assert_frame_equal(table, before)


def test_an_index_that_only_counts_is_left_out(tmp_path):
    """Tests that rows by number are written without it."""
    (file,) = write_csv_tables({"t": pd.DataFrame({"x": [5]})}, tmp_path)
    assert file.read_bytes() == b"x\n5\n"


def test_parquet_comes_back(table, tmp_path):
    """Tests that a table comes back with its index, types and names, changed in nothing."""
    (file,) = write_parquet_tables({"t": table}, tmp_path / "new")
    pd.testing.assert_frame_equal(pd.read_parquet(file), table)


def test_pieces_are_one_file(table, tmp_path):
    """Tests that a table in pieces is written as the whole one is, in both forms, and one without rows too."""
    pieces = [table.iloc[:3], table.iloc[3:4], table.iloc[4:]]
    whole, parts = (write_csv_tables({"t": each}, tmp_path / name)[0] for name, each in (("a", table), ("b", pieces)))
    assert parts.read_bytes() == whole.read_bytes()
    (file,) = write_parquet_tables({"t": iter(pieces)}, tmp_path / "c")
    pd.testing.assert_frame_equal(pd.read_parquet(file), table)
    (file,) = write_parquet_tables({"t": [table.iloc[:0]]}, tmp_path / "d")
    assert list(pd.read_parquet(file)) == list(table)


def test_excel_cells_are_texts(table, tmp_path):
    """Tests that no cell is a formula, texts and numbers come back, and the header is frozen."""
    file = write_excel({"first": table, "second": table.head(1)}, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["first", "second"]
    sheet = book["first"]
    assert sheet.freeze_panes == "A2"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    header, *rows = sheet.iter_rows(values_only=True)
    assert header == ("hub", "hour", "mtok", "whole", "to", "=x", "limit")
    # A carriage return is a line feed in XML; no name of an instance holds either.
    assert [row[0] for row in rows] == [name.replace("\r", "\n") for name in (*FORMULAS, *PLAIN)]
    assert [row[2] for row in rows] == pytest.approx(table["mtok"].tolist())
    assert rows[0][5:] == (True, "inf")
    assert sheet["A2"].quotePrefix
    assert not sheet["A12"].quotePrefix


def test_excel_keeps_each_digit_and_no_error(tmp_path):
    """Tests numbers of 17 digits, names such as #N/A, and timestamps finer than Excel's milliseconds."""
    fine = pd.Timestamp("2026-01-01T00:00:00.000001")
    columns = {"a": [0.1 + 0.2, 1e-7, 2**60 + 1], "b": ["#N/A", "#5", "x"], "c": [fine, fine.floor("s"), None]}
    table = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    sheet = openpyxl.load_workbook(write_excel({"t": table}, tmp_path / "t.xlsx"))["t"]
    assert list(sheet.iter_rows(min_row=2, values_only=True)) == [
        (0.1 + 0.2, "#N/A", "2026-01-01T00:00:00.000001"),
        (1e-7, "#5", fine.floor("s").to_pydatetime()),
        (2**60 + 1, "x", None),
    ]


@pytest.mark.parametrize("name", ["t.csv", "t.xls", "t"])
def test_a_workbook_has_its_ending(tmp_path, table, name):
    """Tests that no other file gets the content of a workbook."""
    with pytest.raises(PlacerError, match=r"its name has to end in \.xlsx"):
        write_excel({"t": table}, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_excel_has_no_nan(tmp_path):
    """Tests that what is unknown is an empty cell, whatever stands for it."""
    table = pd.DataFrame({"a": [math.nan, 1.5], "b": [None, "x"], "c": pd.Series([pd.NA, 3], dtype="Int64")})
    sheet = openpyxl.load_workbook(write_excel({"t": table}, tmp_path / "t.xlsx"))["t"]
    assert list(sheet.iter_rows(min_row=2, values_only=True)) == [(None, None, None), (1.5, "x", 3)]


def test_tables_too_long_for_excel(tmp_path, monkeypatch):
    """Tests that a table with more rows than a sheet is refused by name, and one that just fits is not."""
    monkeypatch.setattr(table_files, "EXCEL_ROWS", 4)
    write_excel({"t": pd.DataFrame({"x": range(3)})}, tmp_path / "a.xlsx")
    with pytest.raises(PlacerError, match="table flows has 4 rows and a sheet of Excel at most 3"):
        write_excel({"t": pd.DataFrame({"x": [1]}), "flows": pd.DataFrame({"x": range(4)})}, tmp_path / "b.xlsx")
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize(
    ("text", "problem"), [("x" * 32_768, "a text of 32,768 characters"), ("a\uffff", r"'a\\uffff' holds U\+FFFF")]
)
def test_texts_that_no_cell_can_hold(tmp_path, text, problem):
    """Tests that texts too long or not writeable are refused rather than cut or broken."""
    with pytest.raises(PlacerError, match=f"table t: {problem}"):
        write_excel({"t": pd.DataFrame({"x": [text]})}, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("library", "write", "name", "extra"),
    [
        ("openpyxl", write_excel, "t.xlsx", "excel"),
        ("pyarrow", write_parquet_tables, "folder", "parquet"),
    ],
)
def test_without_the_library(tmp_path, monkeypatch, library, write, name, extra):
    """Tests that the error says what to install, and nothing is left behind."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(PlacerError, match=rf"need {library}: pip install 'token-placer\[{extra}\]'"):
        write({"t": pd.DataFrame({"x": [1]})}, tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_placement_in_every_form(tmp_path):
    """Tests that a placement and a ceiling are written whole in each form."""
    placement = placer.solve(placer.load("tiny"))
    for file in placement.save_parquet(tmp_path / "parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(file), getattr(placement, file.stem))
    book = openpyxl.load_workbook(placement.save_excel(tmp_path / "tiny.xlsx"))
    assert book.sheetnames[:2] == ["summary", "flows"]
    summary = dict(book["summary"].iter_rows(min_row=2, values_only=True))
    assert summary["cost_usd"] == pytest.approx(placement.cost_usd)
    ceiling = placer.export_ceiling(placer.load("tiny"))
    files = ceiling.save_parquet(tmp_path / "ceiling", ceiling.curve)
    assert pd.read_parquet(files[-1]).equals(ceiling.curve.table)
    book = openpyxl.load_workbook(ceiling.save_excel(tmp_path / "ceiling.xlsx", ceiling.curve))
    assert book.sheetnames == ["summary", *(file.stem for file in files)]


def test_names_of_an_instance_are_harmless(make_instance, tmp_path):
    """Tests that hostile names of hubs, sites and workloads begin no cell of any table."""
    instance = make_instance(
        hubs=[{"hub": "=A"}],
        data_centres=[{"data_centre": "@X"}],
        links=[{"from": "=A", "to": "@X", "rtt_ms": 1.0}],
        supplies=[{"power_zone": "zx", "data_centre": "@X"}],
        workloads=[{"workload": "-w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}],
        demand=[{"workload": "-w", "hub": "=A", "mtok": 1.0}],
    )
    placement = placer.solve(instance)
    seen = {cell for file in placement.save_tables(tmp_path) for row in cells(file) for cell in row}
    assert {"'=A", "'@X", "'-w"} <= seen
    assert not seen & {"=A", "@X", "-w"}
