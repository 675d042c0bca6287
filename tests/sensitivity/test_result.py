"""Tests of the result of a study: ranges, swings and files."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from placer.errors import InstanceError


@pytest.mark.slow
def test_swings_are_widest_first(found):
    """Tests that the price moves cost most and unserved demand not at all: at twice the links voice is cut off."""
    table = found.tornado("cost_usd_per_mtok")
    assert table.index.tolist() == ["price", "round trips"]
    assert table.loc["price", ["low_value", "high_value"]].tolist() == ["0.5", "1.25"]
    assert table.loc["price", "swing"] == pytest.approx(0.75 * 310 / 240)
    assert table.loc["round trips", "low_value"] == "1"
    assert (table["high"] >= table["base"]).all()
    unserved = found.tornado("unserved_share")
    assert unserved.index.tolist() == ["round trips", "price"]
    assert unserved.loc["price", "swing"] == 0
    with pytest.raises(InstanceError, match="'profit' is unknown"):
        found.tornado("profit")


@pytest.mark.slow
def test_small_costs_swing_too(found):
    """Tests that figures of a billionth as much have swings of a billionth as much."""
    table = found.table.assign(cost_usd_per_mtok=found.table["cost_usd_per_mtok"] * 1e-9)
    small, swings = replace(found, table=table), found.tornado("cost_usd_per_mtok")["swing"]
    assert (small.tornado("cost_usd_per_mtok")["swing"] * 1e9).tolist() == pytest.approx(swings.tolist())


def test_ranges_say_where_their_ends_are(found):
    row = found.ranges.loc["cost_usd_per_mtok"]
    assert (row["low_at"], row["high_at"]) == ("price 0.5", "price 1.25")
    assert row["low"] <= row["base"] <= row["high"]
    assert found.ranges.loc["ceiling_latency_share", "low_at"] == "as given"


@pytest.mark.slow
def test_tables_are_written(found, tmp_path):
    files = found.save_tables(tmp_path)
    names = ["assumptions.csv", "cases.csv", "conclusions.csv", "ranges.csv", "swings.csv"]
    assert sorted(file.name for file in files) == names
    cases = pd.read_csv(tmp_path / "cases.csv", keep_default_na=False)
    assert cases["value"].tolist() == ["", "2", "0.5", "1.25"]
    assert found.save_excel(tmp_path / "all.xlsx").stat().st_size > 0
    assert repr(found).startswith("Sensitivity: 4 cases of 2 assumptions; cost_usd_per_mtok 0.7324 to ")
    assert "<table" in found._repr_html_()


def test_case_as_given_without_an_answer_leaves_the_ranges_of_the_others(found):
    """Tests that ranges are over the cases that have one: 0.7324 to 1.7011 USD per Mtok, and no base."""
    table = found.table.assign(cost_usd_per_mtok=[math.nan, *found.table["cost_usd_per_mtok"].iloc[1:]])
    row = replace(found, table=table).ranges.loc["cost_usd_per_mtok"]
    assert (row["low_at"], row["high_at"]) == ("price 0.5", "price 1.25")
    assert math.isnan(row["base"])
