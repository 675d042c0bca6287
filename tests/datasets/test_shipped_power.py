"""Tests of the power side of the data that ship: published hours, carbon by the hour, batteries, a western hub."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest

import placer

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
HOURS = [f"h{hour:02d}" for hour in range(24)]
#: The days of the year that each typical day stands for, in the order of the year.
DAYS = {"03-18": 42, "07-01": 91, "08-25": 108, "08-30": 48, "10-19": 46, "11-24": 30}


def _facts(name):
    with (DATASETS / "facts" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def batteries(monkeypatch):
    """Return the module that builds batteries."""
    monkeypatch.syspath_prepend(str(DATASETS))
    return importlib.import_module("building.batteries")


@pytest.fixture(scope="module")
def hub():
    """Return the western hub."""
    return placer.load("china", ["western_hub"])


@pytest.mark.parametrize("name", ["carbon_shapes", "yield_shapes"])
def test_shapes_have_a_mean_of_one(name):
    """Tests that hours are relative to their mean, each with a source."""
    for row in _facts(name):
        assert np.mean([float(row[hour]) for hour in HOURS]) == pytest.approx(1, abs=2e-4)
        assert row["source"]
        assert row["kind"] in {"measured", "derived", "official"}


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "farms", "scenario"),
    [
        ("china", ["own_power"], "own_power_batteries"),
        ("world", ["own_power"], "own_power_batteries"),
        ("china", ["western_hub"], "western_hub_batteries"),
        ("china", ["western_hub", "western_hub_low_costs"], "western_hub_batteries_low_costs"),
        ("china", ["western_hub_built", "western_hub_high_costs"], "western_hub_batteries_high_costs"),
    ],
)
def test_every_site_with_a_farm_may_build_a_battery(dataset, farms, scenario):
    """Tests batteries of 0 MW at the sites of farms, with two bounded candidates each, beside the other candidates."""
    batteries = placer.load(dataset, [*farms, scenario]).batteries
    assert not batteries[["power_mw", "energy_mwh"]].any(axis=None)
    before, now = (placer.read_candidates(dataset, scenarios) for scenarios in (farms, [*farms, scenario]))
    sites = before.loc[before["adds"] == "limit_mw", "target"].str.split("|").str[-1]
    assert batteries["data_centre"].tolist() == sites.unique().tolist()
    count, added = len(before), now.iloc[len(before) :]
    for column in before.columns.drop(["usable_share", "max_units"], errors="ignore"):
        assert now[column].iloc[:count].equals(before[column])
    assert added["target"].tolist() == [name for name in batteries["battery"] for _ in range(2)]
    assert added["adds"].tolist() == ["power_mw", "energy_mwh"] * len(batteries)
    assert added["max_units"].tolist() == [500, 4000] * len(batteries)


@pytest.mark.slow
def test_a_battery_that_is_not_built_changes_nothing(hub):
    """Tests that the hub costs the same with a battery of 0 MW."""
    with_battery = placer.load("china", ["western_hub", "western_hub_batteries"])
    placement = placer.solve(with_battery)
    assert placement.cost_usd == pytest.approx(placer.solve(hub).cost_usd, rel=1e-5)
    assert placement.certificate.proven


@pytest.mark.slow
def test_hub_stands_for_a_year(hub):
    """Tests six blocks of a day whose weights are 365 days, each with the demand of the dataset's day."""
    days = hub.periods.groupby("block", sort=False)["weight"].agg(["size", "first"])
    assert days["first"].astype(int).to_dict() == DAYS
    assert (days["size"] == 24).all()
    assert sum(DAYS.values()) == 365
    day = placer.load("china").demand
    assert hub.demand["mtok"].sum() == pytest.approx(6 * day["mtok"].sum(), rel=1e-6)


def test_prices_of_the_hub_are_those_of_the_month(hub):
    """Tests that a zone with a tariff has its mean in all days and other hours in March than in July, none the last."""
    usd = dict(zip(hub.power_zones["power_zone"], hub.hourly("power_zones", "usd_per_mwh"), strict=True))
    beijing = usd["Beijing grid"].reshape(6, 24)
    assert beijing.mean(axis=1) == pytest.approx(beijing.mean(), rel=2e-3)
    assert not np.allclose(beijing[0], beijing[1])
    assert np.ptp(usd["Zhongwei special"]) == 0


@pytest.mark.parametrize(("source", "full_hours"), [("wind", 3_330_000 / 1_500), ("sun", 970_000 / 500)])
def test_yields_of_the_hub(source, full_hours):
    """Tests the published hours of full power a year; calm hours stay calm, and the order of hours is as measured."""
    shares = placer.read_candidates("china", ["western_hub"]).set_index("candidate")["usable_share"]
    share = np.asarray(shares[f"Zhongwei {source}"])
    assert share.reshape(6, 24).sum(axis=1) @ list(DAYS.values()) == pytest.approx(full_hours, rel=1e-3)
    rows = [row for row in _facts("typical_days") if row["technology"] == source]
    measured = np.array([[float(row[hour]) for hour in HOURS] for row in rows]).ravel()
    assert ((share == 0) == (measured < 5e-5)).all()
    order = np.argsort(measured, kind="stable")
    assert (np.diff(share[order]) >= 0).all()
    assert share.max() < 1


@pytest.mark.parametrize(
    ("scenario", "wind", "sun"),
    [
        ("western_hub", 1438.8845 / 0.92, 594.8646 / 0.92),
        ("western_hub_low_costs", 8700 / 7.1875 / 2, 8700 / 7.1875 / 2),
        ("western_hub_high_costs", 1688.8836, 1605.5122),
    ],
)
def test_costs_of_the_hub(scenario, wind, sun):
    """Tests the price of a MW of wind and of sun, in Denmark, as planned at the place, and in the United States."""
    built = placer.read_candidates("china", ["western_hub", scenario]).set_index("candidate")["usd_per_unit"]
    assert built["Zhongwei wind"] == pytest.approx(1000 * wind, rel=1e-4)
    assert built["Zhongwei sun"] == pytest.approx(1000 * sun, rel=1e-4)


@pytest.mark.slow
def test_hub_that_is_built(hub):
    """Tests farms of 0.18 times 1,500 MW and 500 MW by the hour, which make the year cheaper, by proven placements."""
    built = placer.load("china", ["western_hub_built"])
    limits = dict(zip(built.supplies["power_zone"], built.hourly("supplies", "limit_mw"), strict=True))
    shares, more = (
        placer.read_candidates("china", [name]).set_index("candidate")["usable_share"]
        for name in ("western_hub", "western_hub_built")
    )
    for name, megawatts in (("Zhongwei wind", 270), ("Zhongwei sun", 90)):
        assert limits[name] == pytest.approx(megawatts * np.asarray(shares[name]), abs=0.03)
        unit = limits[name] / limits[name].max() * np.asarray(more[name])
        assert unit == pytest.approx(np.asarray(shares[name]), abs=2e-4)
    before, after = placer.solve(hub), placer.solve(built)
    assert before.certificate.proven
    assert after.certificate.proven
    assert after.cost_usd < before.cost_usd
