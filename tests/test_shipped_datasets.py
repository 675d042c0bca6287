"""Tests of the datasets that ship: every figure has its source and kind, and every scenario is a valid instance."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import placer
from placer.csvfiles import KEYS

KINDS = {"measured", "official", "published_estimate", "derived", "assumption"}
NAMES = placer.datasets.names()


def _rows(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _tables(folder):
    """Yield the name of every table, as sources call it, the columns that name its rows, and its rows."""
    for file in sorted(folder.glob("**/*.csv")):
        if file.name == "sources.csv":
            continue
        name = file.relative_to(folder).with_suffix("").as_posix()
        rows = _rows(file)
        columns = set(rows[0])
        fits = [key for table, key in KEYS.items() if table == name or set(key) <= columns]
        yield name, KEYS.get(name) or max(fits, key=len), rows


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_a_source(name):
    """Tests that every filled cell of every table and scenario is covered by a line of sources.csv with its kind."""
    folder = placer.datasets.describe(name).folder
    sources = _rows(folder / "sources.csv")
    assert {line["kind"] for line in sources} <= KINDS
    assert all(line["source"].strip() for line in sources)
    covered = {(line["table"], line["row"], line["column"]) for line in sources}
    missing = set()
    for table, key, rows in _tables(folder):
        for row in rows:
            label = "|".join(row[part] for part in key if part in row)
            for column, cell in row.items():
                ways = [(table, where, what) for where in (label, row[key[0]], "*") for what in (column, "*")]
                if cell and not covered.intersection(ways):
                    missing.add((table, label, column))
    assert not sorted(missing)[:5]


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_loads(name):
    """Tests that the dataset and each of its scenarios alone are valid, with nothing that is probably not meant."""
    for scenarios in ((), *((scenario,) for scenario in placer.datasets.describe(name).scenarios)):
        instance = placer.load(name, scenarios)
        assert instance.demand["mtok"].sum() > 0
        assert not placer.check(instance), scenarios


def test_china_is_what_the_figures_say():
    """Tests totals of china against published figures: 140 million Mtok a day, and no route faster than light in fibre.

    Light in fibre needs 9.79 ms of round trip per 1000 km (datasets/facts/network.csv); the earth's radius is 6371 km.
    """
    china = placer.load("china")
    assert china.demand["mtok"].sum() == pytest.approx(140e6, rel=1e-6)
    assert len(china.hours) == 24
    (lat, lon), (lat2, lon2) = (
        np.radians(frame[["lat", "lon"]].to_numpy().T) for frame in (china.hubs, china.data_centres)
    )
    across, along = lat2 - lat[:, None], lon2 - lon[:, None]
    chord = np.sin(across / 2) ** 2 + np.cos(lat[:, None]) * np.cos(lat2) * np.sin(along / 2) ** 2
    floor_ms = 9.79 * 2 * 6.371 * np.arcsin(np.sqrt(chord))
    assert (china.routes.rtt_ms >= floor_ms).all()
    assert (placer.load("china", ["rtt_round_trip"]).routes.rtt_ms >= floor_ms).all()


def test_accelerators_of_china_follow_computing_power():
    """Tests the accelerators of china, recomputed by hand from datasets/facts.

    Published: 1,590 EFLOPS in the country; Horinger 218, Gui'an 135, Zhongwei 106, Qingyang 100, Zhangjiakou 272.5;
    Tianfu and Chongqing 50 together (assumed). That is 609 of 1,590 in the west, 38.3 %. Beijing has 524,130 of the
    3,782,880 racks at the sites without a figure (H20 sites count 0.43), and so that part of the other 708.5 EFLOPS.
    """
    sites = placer.load("china").data_centres.set_index("data_centre")
    joint = sites["accelerators"] * sites["speed"]
    assert joint[sites["region"] == "west"].sum() / joint.sum() == pytest.approx(609 / 1590, abs=1e-3)
    assert joint["Horinger"] / joint.sum() == pytest.approx(218 / 1590, abs=1e-3)
    assert joint["Zhangjiakou"] / joint.sum() == pytest.approx(272.5 / 1590, abs=1e-3)
    racks = {"Beijing": 524_130, "Jiangsu": 473_000, "Shanghai": 639_846, "Zhejiang": 537_743, "Guangdong": 1_006_074}
    old = {"Tianjin": 145_567, "Hubei": 178_106, "Shandong": 418_818, "Fujian": 229_960, "Liaoning": 116_671}
    others = racks["Beijing"] + racks["Jiangsu"] + racks["Shanghai"] + racks["Zhejiang"] + 0.88 * racks["Guangdong"]
    others += 134_490 + 120_000 + 0.43 * sum(old.values())  # Anhui, Shaoguan
    assert joint["Beijing metro"] / joint.sum() == pytest.approx(708.5 / 1590 * 524_130 / others, abs=1e-3)


@pytest.mark.parametrize(("scenario", "load"), [(None, 0.6272), ("racks", 0.6272), ("load_40", 0.4), ("load_90", 0.9)])
def test_loads_of_china(scenario, load):
    """Tests that the mean work of the default mix over all accelerators is the load that each scenario names."""
    china = placer.load("china", [scenario] if scenario else [])
    needs = china.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    work = (china.demand["mtok"] * china.demand["workload"].map(needs)).sum() / 24
    sites = china.data_centres
    assert work / (sites["accelerators"] * sites["speed"]).sum() == pytest.approx(load, rel=2e-3)


def test_contracts_of_china_follow_the_accelerators():
    """Tests that special prices hold for 70 % of a site's full load, whatever its accelerators; racks too."""
    for scenarios in ([], ["racks"], ["load_40"], ["load_90", "racks"]):
        china = placer.load("china", scenarios)
        sites = china.data_centres.set_index("data_centre")
        special = china.supplies[china.supplies["power_zone"].str.endswith("special")].set_index("data_centre")
        full = sites["accelerators"] * sites["speed"] * sites["energy_factor"] * sites["pue"] * 0.8925 / 1000
        assert special["limit_mw"].to_numpy() == pytest.approx(0.7 * full[special.index].to_numpy(), rel=1e-2)


def test_facts_ship_no_path_but_their_own():
    """Tests that the excerpts of the facts name their kind on every line that has one."""
    facts = Path(__file__).resolve().parents[1] / "datasets" / "facts"
    kinds = {line["kind"] for file in facts.glob("*.csv") for line in _rows(file) if "kind" in line}
    assert kinds
    assert all(any(kind.startswith(known) for known in KINDS) for kind in kinds), kinds
