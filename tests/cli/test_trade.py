"""Tests ``placer trade``."""

from __future__ import annotations

import json

import pandas as pd
import pytest


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


def test_gains_are_printed_and_written(run_placer, tmp_path):
    """Tests the table of gains on the screen and in the files."""
    code, out, _ = run_placer("trade", "tiny", "--gains", "--out", tmp_path / "trade")
    assert code == 0
    assert "Who gains by trade" in out
    assert pd.read_csv(tmp_path / "trade" / "gains.csv")["gain_on_autarky_usd"].sum() > 0
