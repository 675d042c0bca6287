"""Tests of the tables of a plan in files."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import placer
from placer.cli.tables import json_text
from placer.planning.answer.plan_files import plan_summary, plan_tables
from tests.results import check_result


@pytest.fixture(scope="module")
def found(make_instance):
    """Return a plan: 16 Mtok an hour, 4 accelerators, and more at 10 USD an hour against a penalty of 1,000."""
    sites = [{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y", "accelerators": 0.0}]
    instance = make_instance(data_centres=sites, accelerators="sunk")
    row = {"candidate": "=hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}
    return placer.plan(instance, [row])


def test_tables_without_rows_are_left_out(found):
    """Tests that a plan without build limits has no table of them, and that the hall closes the gap of 12."""
    tables = plan_tables(found)
    assert list(tables) == ["builds", "states"]
    assert tables["builds"]["units"].tolist() == pytest.approx([16])


def test_summary_is_plain(found):
    """Tests the figures by hand: 16 units at 87,600 USD, and 16 MWh at 20 USD in each hour of the year."""
    check_result(found)
    figures = found.summary()
    assert figures == plan_summary(found)
    assert figures["build_cost_usd_per_year"] == pytest.approx(16 * 87_600)
    assert figures["cost_usd_per_year"] == pytest.approx(16 * 87_600 + 8760 * 16 * 20)
    assert figures["proven"] is True
    assert json.loads(json_text(figures))["states"] == 1


def test_files(found, tmp_path):
    """Tests CSV, where names that begin like a formula are marked, Parquet and Excel, where they are as they are."""
    assert [file.name for file in found.save_tables(tmp_path / "csv")] == ["builds.csv", "states.csv"]
    assert pd.read_csv(tmp_path / "csv" / "builds.csv")["candidate"].tolist() == ["'=hall"]
    found.save_parquet(tmp_path / "parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "parquet" / "builds.parquet"), found.builds)
    sheets = pd.read_excel(found.save_excel(tmp_path / "all.xlsx"), sheet_name=None)
    assert list(sheets) == ["summary", "builds", "states"]
    assert sheets["builds"]["candidate"].tolist() == ["=hall"]
