"""Smoke test of the year: two days, with and without limits, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from benchmarks.year import PERIOD_COLUMNS, compare, days_of, energy_limits, measure, period_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_two_days_are_proven(tmp_path: Path) -> None:
    """Tests the rows of two days, the figures of each day, and the tables."""
    pytest.importorskip("pyarrow")
    rows, days = measure(2, 1, 0.97, by="day", tables=tmp_path, zones=0.95, energy=0.97, batteries=0.25)
    build, free, tables, stored, zoned, limited, capped = rows
    assert build["what"] == "build"
    assert free["columns"] == capped["columns"] > 800_000
    assert free["verdict"] == zoned["verdict"] == limited["verdict"] == capped["verdict"] == "proven"
    assert stored["verdict"] == free["ties"] == stored["ties"] == limited["ties"] == "proven"
    assert 0.99 * free["cost_usd"] < stored["cost_usd"] < free["cost_usd"]
    assert limited["detail"].startswith("column generation: optimal")
    assert "within each" in capped["ties"]
    assert min(zoned["cost_usd"], limited["cost_usd"], capped["cost_usd"]) > free["cost_usd"]
    assert tables["files"] == len(list(tmp_path.iterdir()))
    assert tables["files_mb"] > 0
    assert days is not None
    assert days.index.tolist() == ["2026-01-01", "2026-01-02"]
    assert 0.9 * free["cost_usd"] < days["cost_usd"].sum() <= free["cost_usd"]  # of which the penalty is a part


def test_zones_that_give_energy_are_limited() -> None:
    """Tests a limit for each of two zones, and none for one that gives nothing."""
    limits = energy_limits(pd.Series({"north": 5.0, "idle": 0.0, "south": 3.0}))
    assert limits[["power_zone", "amount"]].to_numpy().tolist() == [["north", 5.0], ["south", 3.0]]


@pytest.mark.slow
def test_numbers_of_processes_are_compared() -> None:
    """Tests a row for each number, the first as fast as itself, with one cost."""
    one, two = compare(1, [1, 2])
    assert (one["workers"], two["workers"], one["times as fast"]) == (1, 2, 1.0)
    assert one["cost_usd"] == two["cost_usd"]


@pytest.mark.slow
def test_days_of_another_dataset_are_in_utc() -> None:
    """Tests the hours of a day of globe."""
    hours = days_of("globe", 1).hours
    assert (str(hours[0]), len(hours)) == ("2026-01-01 00:00:00+00:00", 24)


def test_figures_of_periods_as_text() -> None:
    """Tests that every period has a line, with thousands and decimals."""
    periods = pd.DataFrame({name: np.array([12345.678, 0.25]) for name in PERIOD_COLUMNS}, index=["2026-01", "2026-02"])
    lines = period_text(periods).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["2026-01", "2026-02"]
    assert lines[1].split()[1:] == [f"{12345.678:,.{decimals}f}" for decimals in PERIOD_COLUMNS.values()]
