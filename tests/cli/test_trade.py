"""Tests ``placer trade``."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import placer


def test_trade_on_the_screen(run_placer):
    """Tests the headline, the countries and what is sold abroad."""
    code, out, _ = run_placer("trade", "tiny")
    assert code == 0
    assert "Trade: 41.67% of tokens between 2 countries; most from west to east, 100 Mtok" in out
    assert next(line.split() for line in out.splitlines() if line.startswith("east "))[:3] == ["east", "210", "110"]
    assert next(line.split() for line in out.splitlines() if line.startswith("west to east"))[-2:] == ["100", "177.6"]


def test_trade_as_json_and_files(run_placer, tmp_path):
    """Tests the tables by name."""
    code, out, _ = run_placer("trade", "tiny", "--json", "--out", tmp_path / "trade")
    told = json.loads(out)
    assert code == 0
    assert told["traded_share"] == pytest.approx(100 / 240)
    assert {"countries", "prices", "flows"} <= told.keys()
    assert pd.read_csv(tmp_path / "trade" / "flows.csv")["mtok"].tolist() == [110.0, 100.0, 30.0]


def test_unknown_country_is_bad_input(run_placer):
    """Tests the status of a column that is not there."""
    code, _, err = run_placer("trade", "tiny", "--by", "continent")
    assert code == 2
    assert "continent" in err


@pytest.mark.slow
def test_gains_are_printed_and_written(run_placer, tmp_path):
    """Tests the table of gains on the screen and in the files."""
    code, out, _ = run_placer("trade", "tiny", "--gains", "--out", tmp_path / "trade")
    assert code == 0
    assert "Who gains by trade" in out
    assert pd.read_csv(tmp_path / "trade" / "gains.csv")["gain_on_autarky_usd"].sum() > 0


@pytest.mark.slow
def test_every_table_can_be_read_back(run_placer, tmp_path):
    """Tests JSON, a workbook and CSV: the same tables with units in the names of their columns, gains if asked for."""
    asked = ("trade", "tiny", "--gains", "--json", "--out")
    code, out, _ = run_placer(*asked, tmp_path / "trade.xlsx")
    assert code == 0
    assert run_placer(*asked, tmp_path / "trade")[0] == 0
    told, sheets = json.loads(out), pd.read_excel(tmp_path / "trade.xlsx", sheet_name=None)
    assert list(sheets) == ["summary", "countries", "prices", "price_parts", "flows", "gains"]
    trade = placer.trade(placer.load("tiny"))
    assert len(trade.gains)
    for name, table in trade.tables.items():
        flat = table.reset_index()
        for read in (sheets[name], pd.read_csv(tmp_path / "trade" / f"{name}.csv"), pd.DataFrame(told[name])):
            pd.testing.assert_frame_equal(read.astype(flat.dtypes), flat, rtol=1e-9)
        numbers = flat.select_dtypes("number").columns
        assert all(column.endswith(("_mtok", "mtok", "_usd", "_share")) for column in numbers)
    assert json.loads((tmp_path / "trade" / "summary.json").read_text(encoding="utf-8"))["proven"]


@pytest.mark.slow
def test_page_on_a_trade(run_placer, tmp_path):
    """Tests a page with gains, and its command at the foot; a wrong ending is refused before the work."""
    page = tmp_path / "trade.html"
    code, _, _ = run_placer("trade", "tiny", "-s", "dispatch", "--without", "Port", "--gains", "--report", page)
    text = page.read_text(encoding="utf-8")
    assert code == 0
    assert "Who gains by trade" in text
    assert "placer trade tiny --scenario dispatch --without Port --gains" in text
    code, out, err = run_placer("trade", "tiny", "--report", tmp_path / "trade.csv")
    assert (code, out) == (2, "")
    assert "solving" not in err


@pytest.mark.slow
def test_plot_of_a_trade(run_placer, tmp_path):
    """Tests a plot beside a folder of tables; a file that cannot be one is refused before the work."""
    assert run_placer("trade", "tiny", "--out", tmp_path / "trade", "--plot", tmp_path / "a.svg")[0] == 0
    assert "sold abroad, Mtok" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert (tmp_path / "trade" / "flows.csv").exists()
    code, out, err = run_placer("trade", "tiny", "--plot", tmp_path / "a.xyz")
    assert (code, out) == (2, "")
    assert "solving" not in err
