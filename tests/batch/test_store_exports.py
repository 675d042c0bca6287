"""Tables and files of a store: exact, and harmless in a spreadsheet."""

from __future__ import annotations

import math
import sys

import pandas as pd
import pytest

from placer.batch.store import Store, export
from placer.errors import StoreError
from tests.batch.stores import SETTINGS


def test_table_has_every_column(written):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"status": "x", "count": 2**60 + 1, "limit": math.inf})
        frame = store.frame()
    assert list(frame.columns) == ["number", "status", "why", "count", "limit", "seconds", "cost_usd"]
    assert frame["number"].tolist() == [0, 1, 2]
    assert frame["count"].dropna().tolist() == [2**60 + 1]
    assert frame["limit"][1] == math.inf
    assert frame["cost_usd"].isna().tolist() == [True, True, False]


def test_csv_is_exact(written, tmp_path):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"status": "x", "cost_usd": 0.1 + 0.2, "count": 3})
        export(store, tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == (
        "number,status,why,cost_usd,count,seconds\n"
        "0,failed,time limit,,,\n1,x,,0.30000000000000004,3,\n2,optimal,,12.25,,0.5\n"
    )


def test_csv_is_harmless_in_a_spreadsheet(written, tmp_path):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"status": "failed", "why": "=HYPERLINK(1)", "@hub": -1.5})
        export(store, tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "number,status,why,'@hub,seconds,cost_usd"
    assert lines[2] == "1,failed,'=HYPERLINK(1),-1.5,,"


def test_excel(written, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    with Store.read(written) as store:
        export(store, tmp_path / "rows.xlsx")
        assert len(store) == 2
    rows = list(openpyxl.load_workbook(tmp_path / "rows.xlsx")["rows"].iter_rows(values_only=True))
    assert rows[0][:3] == ("number", "status", "why")
    assert rows[1][:3] == (0, "failed", "time limit")


def test_parquet(written, tmp_path):
    pytest.importorskip("pyarrow")
    with Store.read(written) as store:
        export(store, tmp_path / "rows.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "rows.parquet"), store.frame())


def test_parquet_without_its_library_names_the_extra(written, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with Store.read(written) as store, pytest.raises(StoreError, match=r"placer\[parquet\]"):
        export(store, tmp_path / "rows.parquet")


@pytest.mark.parametrize("name", ["rows.txt", "missing/rows.csv", "missing/rows.xlsx"])
def test_export_that_cannot_be_written(written, tmp_path, name):
    with Store.read(written) as store, pytest.raises(StoreError, match="rows"):
        export(store, tmp_path / name)
