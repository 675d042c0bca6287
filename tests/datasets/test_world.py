"""Tests of the dataset world: built from its facts, faithful to the measured round trips, and solved as it must be."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

import placer

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
#: Round trip of light in straight fibre, ms per 1000 km (datasets/facts/network.csv).
FLOOR_MS = 9.79


def _rows(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _facts(name):
    return _rows(DATASETS / "facts" / f"{name}.csv")


@pytest.fixture(scope="module")
def world():
    return placer.load("world")


@pytest.fixture(scope="module")
def placement(world):
    return placer.solve(world)


def _distance_km(one, other):
    """Return the great-circle distance of every place of one table to every place of another; radius 6371 km."""
    (lat, lon), (lat2, lon2) = (np.radians(frame[["lat", "lon"]].to_numpy().T) for frame in (one, other))
    across, along = lat2 - lat[:, None], lon2 - lon[:, None]
    chord = np.sin(across / 2) ** 2 + np.cos(lat[:, None]) * np.cos(lat2) * np.sin(along / 2) ** 2
    return 2 * 6371 * np.arcsin(np.sqrt(chord))


@pytest.mark.slow
def test_world_is_as_built(monkeypatch):
    """Tests that the files are what the facts give."""
    monkeypatch.syspath_prepend(str(DATASETS))
    files = runpy.run_path(str(DATASETS / "build_world.py"))["build"]()
    folder = DATASETS / "world"
    assert sorted(files) == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert [name for name, text in files.items() if (folder / name).read_bytes() != text.encode()] == []


@pytest.mark.slow
def test_totals_are_the_published_ones(world):
    """Tests the volume: 3,200 trillion tokens in the 31 days of May and 15 billion a minute, to the rounding."""
    assert world.demand["mtok"].sum() == pytest.approx((3.2e15 / 31 + 15e9 * 1440) / 1e6, rel=1e-5)
    assert len(world.hours) == 24
    assert len(world.data_centres) == 50


@pytest.mark.slow
def test_no_route_is_faster_than_light_in_fibre(world):
    """Tests every route against the round trip of light over the great circle."""
    floor_ms = FLOOR_MS * _distance_km(world.hubs, world.data_centres) / 1000
    assert (world.routes.rtt_ms >= floor_ms).all()


def test_every_route_is_a_way_to_a_region_and_one_measured_round_trip(world):
    """Tests that routes pass no third region: from the best of a hub's entries, straight on."""
    links = world.links
    rtt_ms = dict(zip(zip(links["from"], links["to"], strict=True), links["rtt_ms"], strict=True))
    exchanges = set(world.exchanges["exchange"])
    for place, hub in enumerate(world.hubs["hub"]):
        entries = [to for start, to in rtt_ms if start == hub]
        assert exchanges.issuperset(entries)
        for end, centre in enumerate(world.data_centres["data_centre"]):
            ways = [rtt_ms[hub, entry] + rtt_ms[entry, centre] for entry in entries if (entry, centre) in rtt_ms]
            assert world.routes.rtt_ms[place, end] == pytest.approx(min(ways))
    name = {row["code"]: row["name"] for row in _facts("world_regions")}
    for row in _facts("world_rtt"):
        measured = {code: float(row[code]) for code in name if row[code]}
        assert {code: rtt_ms[f"{name[row['src']]} exchange", name[code]] for code in measured} == measured


def test_prices_keep_their_mean_and_follow_local_hours():
    """Tests that hours move power prices but not their mean, and that California is dear in its own evening."""
    rows = _rows(DATASETS / "world" / "power_zone_hours.csv")
    means = {"California grid": 215.3, "Germany grid": 155.2, "Norway grid": 54.1, "Japan grid": 135.0}
    for zone, mean in means.items():
        prices = [float(row["usd_per_mwh"]) for row in rows if row["power_zone"] == zone]
        assert np.mean(prices) == pytest.approx(mean, abs=0.05)
    california = [float(row["usd_per_mwh"]) for row in rows if row["power_zone"] == "California grid"]
    assert 17 <= (int(np.argmax(california)) - 7) % 24 <= 20


@pytest.mark.slow
def test_residency_is_kept(world, placement):
    """Tests that regulated chat runs in its own jurisdiction only, and is served."""
    allowed = dict(zip(world.workloads["workload"], world.workloads["jurisdictions"], strict=True))
    lies_in = dict(zip(world.data_centres["data_centre"], world.data_centres["jurisdiction"], strict=True))
    flows = placement.flows.reset_index()
    bound = flows[flows["workload"].str.startswith("regulated_chat_")]
    assert bound["workload"].nunique() == 9
    assert all(lies_in[row.data_centre] in allowed[row.workload] for row in bound.itertuples())
    assert (placement.workloads.filter(like="regulated", axis=0)["unserved_mtok"] < 1e-6).all()


@pytest.mark.slow
def test_world_is_nearly_all_served(placement):
    """Tests that demand no route is short enough for is small, and that the answer is proven."""
    assert placement.gap < 1e-6
    assert placement.unserved_mtok < 0.01 * placement.demand_mtok


@pytest.mark.slow
def test_scenarios_cost_what_they_must(placement):
    """Tests the order of costs: freedom never costs, carbon does, and paid accelerators are cheaper."""
    off = placer.solve(placer.load("world", ["residency_off"]), tie_break=None)
    carbon = placer.solve(placer.load("world", ["carbon_price_100"]), tie_break=None)
    sunk = placer.solve(placer.load("world", ["dispatch"]), tie_break=None)
    total = placement.cost_usd + placement.penalty_usd
    assert off.cost_usd + off.penalty_usd <= total * (1 + 1e-9)
    assert carbon.cost_usd + carbon.penalty_usd > total
    assert carbon.carbon_kg < placement.carbon_kg
    assert sunk.cost_usd < 0.1 * placement.cost_usd
