"""Tests of the power side of the data that ship: published hours, carbon by the hour, batteries."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest

import placer

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
HOURS = [f"h{hour:02d}" for hour in range(24)]


def _facts(name):
    with (DATASETS / "facts" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def batteries(monkeypatch):
    """Return the module that builds batteries."""
    monkeypatch.syspath_prepend(str(DATASETS))
    return importlib.import_module("building.batteries")


@pytest.mark.parametrize("name", ["carbon_shapes", "yield_shapes"])
def test_shapes_have_a_mean_of_one(name):
    """Tests that hours are relative to their mean, each with a source."""
    for row in _facts(name):
        assert np.mean([float(row[hour]) for hour in HOURS]) == pytest.approx(1, abs=2e-4)
        assert row["source"]
        assert row["kind"] in {"measured", "derived", "official"}


def test_carbon_by_the_hour_keeps_the_mean_of_the_year():
    """Tests eight zones of world; the others stay as they are, and California is cleanest at its noon, 20 UTC."""
    hourly, flat = (
        placer.load("world", scenarios).hourly("power_zones", "carbon_kg_per_mwh")
        for scenarios in (["hourly_carbon"], [])
    )
    zones = placer.load("world").power_zones["power_zone"].tolist()
    assert hourly.mean(axis=1) == pytest.approx(flat.mean(axis=1), rel=1e-3)
    varied = [zone for zone, hours in zip(zones, hourly, strict=True) if np.ptp(hours) > 0]
    assert varied == [row["power_zone"] for row in _facts("assumed_world_carbon_hours")]
    california = hourly[zones.index("California grid")]
    assert int(california.argmin()) in {19, 20, 21}
    assert california.min() / california.mean() == pytest.approx(0.6904, abs=1e-3)


def test_battery_by_hand(batteries):
    """Tests one battery: half of a round trip of 91.5 % each way, and 2.5404 EUR at 0.92 a USD for a MWh discharged."""
    row = batteries.battery("Zhongwei")
    assert float(row["efficiency"]) ** 2 == pytest.approx(0.915, abs=1e-4)
    assert float(row["usd_per_mwh_throughput"]) == pytest.approx(2.5404 / 0.92, abs=5e-3)
    assert row["power_mw"] == row["energy_mwh"] == "0"


@pytest.mark.parametrize(
    ("country", "costs", "power", "energy", "fixed", "years"),
    [
        ("China", "central", 287.4657 / 0.92, 250.0283 / 0.92, 0.002512, ("10", "22.5")),
        ("the United States", "central", 497.6591, 375.5618, 0.025, ("15", "15")),
        ("China", "low", 75.91, 66.02, 0.002512, ("10", "22.5")),
        ("China", "high", 497.6591, 375.5618, 0.025, ("15", "15")),
    ],
)
def test_candidates_of_batteries_by_hand(batteries, country, costs, power, energy, fixed, years):
    """Tests the price of a MW and of a MWh; four hours of the low case cost the 85 USD a kWh that are published."""
    first, second = batteries.candidates("Zhongwei", country, "OECD countries and China", costs)
    assert (first["adds"], second["adds"]) == ("power_mw", "energy_mwh")
    assert first["target"] == second["target"] == "Zhongwei battery"
    assert float(first["usd_per_unit"]) == pytest.approx(1000 * power, abs=1)
    assert float(second["usd_per_unit"]) == pytest.approx(1000 * energy, abs=1)
    assert float(first["fixed_usd_per_unit_year"]) == pytest.approx(1000 * power * fixed, abs=1)
    assert (first["lifetime_years"], second["lifetime_years"]) == years
    if costs == "low":
        assert power + 4 * energy == pytest.approx(4 * 85, abs=0.02)
