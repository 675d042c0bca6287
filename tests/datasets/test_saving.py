"""Instances saved in every form: loading gives them back, and nothing is overwritten or left behind."""

from __future__ import annotations

import contextlib
import math
import os

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placer.datasets.folder import describe, load
from placer.datasets.saving import save
from placer.errors import PlacerError
from placer.instance.problem import Instance
from tests.effort import tries
from tests.model.modes_by_hand import FAST, SLOW, modes, tables


def test_save_and_load_are_inverse_for_what_ships(tmp_path):
    """Tests that the tiny dataset survives, with its texts, and that saving twice writes the same files."""
    tiny = load("tiny")
    place = save(tiny, tmp_path / "new" / "copy", description='a "b"', licence="MIT")
    assert load(place) == tiny
    assert (describe(place).name, describe(place).description, describe(place).licence) == ("copy", 'a "b"', "MIT")
    again = save(load(place), tmp_path / "again", name="copy", description='a "b"', licence="MIT")
    assert {file.name: file.read_bytes() for file in place.iterdir()} == {
        file.name: file.read_bytes() for file in again.iterdir()
    }


@pytest.mark.parametrize("seed", range(5))
def test_save_and_load_are_inverse_for_random_instances(tmp_path, make_random_instance, seed):
    """Tests that instances with values per hour, limits and every kind of setting survive."""
    instance = make_random_instance(seed, cyclic=True, exports=(("e", "w"),), accelerators="sunk", hour_length=0.1)
    assert load(save(instance, tmp_path / "x")) == instance


@pytest.mark.parametrize("name", ["folder", "book.xlsx", "net.json", "net.graphml"])
def test_modes_survive(tmp_path, name):
    """Tests that modes, and the accelerators that they are for, survive in every form."""
    sites = [site | {"accelerator_type": "H100"} for site in tables()["data_centres"]]
    instance = modes([SLOW, FAST | {"accelerator_type": "H100"}], data_centres=sites)
    again = load(save(instance, tmp_path / name))
    assert again == instance
    assert again.modes["accelerator_type"].tolist() == [None, "H100"]


def test_limits_of_ones_own_survive(tmp_path, limited_instance):
    """Tests that limits come back with their names, scopes and hours, whatever a spreadsheet would make of them."""
    copy = load(save(limited_instance, tmp_path / "x"))
    assert copy == limited_instance
    assert copy.limits.equals(limited_instance.limits)
    assert copy.limits["hub"][1] == ("A", "B")
    assert copy.limits["hours"].tolist() == ["0", None, None, "each"]


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6).filter(
    lambda name: name == name.strip()
)

NUMBER = st.sampled_from([0.0, 1.0]) | st.floats(0.01, 1e5)

LIMIT = st.just(math.inf) | NUMBER

HOURLY_PUE = st.floats(1, 10) | st.lists(st.floats(1, 10), min_size=2, max_size=2)

PRICE = st.floats(1, 500) | st.lists(st.floats(1, 500), min_size=2, max_size=2)

REGION = st.none() | TEXT

PLAIN = TEXT.filter(lambda name: not set("|,;") & set(name))


@st.composite
def instances(draw):
    """Any instance of one or two nodes a kind and two hours."""
    nodes = draw(st.lists(TEXT, min_size=5, max_size=5, unique=True))
    hub, other, centre, zone, exchange = nodes
    hour = draw(st.sampled_from([0, 7]))
    workload = draw(TEXT)
    tables = {
        "hubs": [
            {
                "hub": hub,
                "region": draw(REGION),
                "access_ms": draw(NUMBER),
                "lat": draw(st.none() | st.floats(-90, 90)),
            },
            {"hub": other, "region": draw(REGION)},
        ],
        "data_centres": [
            {
                "data_centre": centre,
                "region": draw(REGION),
                "accelerators": draw(LIMIT),
                "pue": draw(HOURLY_PUE),
                "power_limit_mw": draw(LIMIT),
                "jurisdiction": draw(REGION),
            }
        ],
        "power_zones": [
            {"power_zone": zone, "usd_per_mwh": draw(PRICE), "carbon_kg_per_mwh": draw(NUMBER | st.just([0.0, 5.0]))}
        ],
        "exchanges": [{"exchange": exchange}],
        "links": [
            {"from": hub, "to": centre, "rtt_ms": draw(NUMBER), "capacity_gbps": draw(LIMIT)},
            {"from": exchange, "to": centre, "rtt_ms": draw(NUMBER)},
            {"from": other, "to": exchange, "rtt_ms": draw(NUMBER)},
        ],
        "supplies": [{"power_zone": zone, "data_centre": centre, "limit_mw": draw(LIMIT)}],
        "workloads": [
            {
                "workload": workload,
                "accelerator_hours_per_mtok": draw(NUMBER),
                "kwh_per_mtok": draw(NUMBER),
                "latency_slo_ms": draw(st.just(math.inf) | st.floats(0.01, 1e5)),
                "jurisdictions": draw(st.none() | st.sets(PLAIN, min_size=1, max_size=3)),
                "unserved_usd_per_mtok": draw(st.none() | st.floats(0.01, 1e5)),
            }
        ],
        "demand": [
            {"workload": workload, "hub": hub, "hour": hour, "mtok": draw(st.floats(0.01, 1e5))},
            {"workload": workload, "hub": other, "hour": hour + 1, "mtok": draw(NUMBER)},
        ],
    }
    regions = [
        sorted({row["region"] for row in tables[name] if row["region"] is not None})
        for name in ("hubs", "data_centres")
    ]
    pairs = st.lists(st.tuples(*map(st.sampled_from, regions))) if all(regions) else st.just([])
    given = {
        "exports": draw(st.just("between_regions") | pairs),
        "cyclic": draw(st.booleans()),
        "directed": draw(st.booleans()),
        "carbon_limit_kg": draw(LIMIT),
        "hour_length": draw(st.floats(0.01, 100)),
    }
    if given["directed"]:
        tables["links"][1] = {"from": exchange, "to": centre, "rtt_ms": 1}
    return Instance.from_tables(tables, **given)


@pytest.mark.parametrize("name", ["x.xlsx", "X.XLSX", "x.json", "x.graphml", "x.v2"])
def test_the_ending_decides_the_form(tmp_path, limited_instance, name):
    """Tests that each form comes back, and that a name with a known ending is a file."""
    place = save(limited_instance, tmp_path / name)
    assert load(place) == limited_instance
    assert place.is_dir() == (name == "x.v2")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "+05:30", None])
@pytest.mark.parametrize("name", ["x", "x.xlsx", "x.json", "x.graphml"])
def test_timestamps_survive_with_their_zone(tmp_path, make_instance, name, zone):
    """Tests hours to the microsecond across the end of daylight saving, prices by the hour among them."""
    start = pd.Timestamp("2026-10-24T23:00:00.000001" if name == "x.xlsx" else "2026-10-24T23:00")
    hours = pd.date_range(start, periods=4, freq="h", tz="UTC").tz_convert(zone)
    prices = pd.Series([40.1, 50.2, 60.3, 0.1 + 0.2], hours)
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1 / 3} for hour in hours]
    zones = [{"power_zone": name, "usd_per_mwh": prices} for name in ("zx", "zy")]
    instance = make_instance(demand=demand, power_zones=zones)
    copy = load(save(instance, tmp_path / name))
    assert copy == instance
    assert copy.hours.tz == instance.hours.tz
    assert copy.power_zones["usd_per_mwh"][0][-1] == 0.1 + 0.2


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xls", ".zip"])
def test_other_endings_are_refused(tmp_path, ending):
    """Tests that no folder gets the name of a file."""
    with pytest.raises(PlacerError, match=f"{ending} is not written here; name a folder, or a file ending in .xlsx or"):
        save(load("tiny"), tmp_path / f"x{ending}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_network_of_pypsa(tmp_path, make_instance):
    """Tests that a name ending in .nc is one, and refused for an instance that PyPSA cannot express."""
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    assert save(make_instance(), tmp_path / "x.nc").read_bytes()
    with pytest.raises(PlacerError, match="has no component in PyPSA"):
        save(load("tiny"), tmp_path / "y.nc")
    assert [file.name for file in tmp_path.iterdir()] == ["x.nc"]


@pytest.mark.parametrize("name", ["x.xlsx", "x.json"])
def test_texts_of_a_folder_are_not_lost_in_a_file(tmp_path, name):
    """Tests that a file, which has no place for a licence, is refused with one."""
    with pytest.raises(PlacerError, match="has no place for description and licence; a folder has"):
        save(load("tiny"), tmp_path / name, description="d", licence="MIT")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x", "x.xlsx", "x.json"])
def test_the_home_folder(tmp_path, monkeypatch, name):
    """Tests that ~ is the home folder for each form."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert save(load("tiny"), f"~/{name}") == tmp_path / name
    assert load(f"~/{name}") == load("tiny")


@pytest.mark.slow
@settings(max_examples=tries(21, 60), deadline=None)
@given(instances())
def test_a_workbook_gives_an_instance_back_or_refuses_it(tmp_path_factory, instance):
    """Tests any names, such as =1, #N/A and U+FFFE, which no workbook can hold, and numbers of 17 digits."""
    place = tmp_path_factory.mktemp("saved") / "x.xlsx"
    with contextlib.suppress(PlacerError):
        save(instance, place)
    assert not place.exists() or load(place) == instance


@pytest.mark.slow
@settings(max_examples=tries(21, 60), deadline=None)
@given(instances(), st.text(st.characters(exclude_categories=["Cs"])))
def test_save_and_load_are_inverse(tmp_path_factory, instance, description):
    """Tests that any instance survives: any names, limits, hours, exports, settings."""
    place = save(instance, tmp_path_factory.mktemp("saved") / "x", description=description)
    assert load(place) == instance
    assert describe(place).description == description


def test_unknown_attributes_do_not_keep_an_instance_from_being_saved(tmp_path):
    """Tests that further columns of any kind are written, and that the instance comes back equal."""
    graph = load("tiny").to_graph()
    odd = [(1.0, 2.0), np.array([1, 2]), {"a": 1}, "\ud800", "x,\n\r\"y'", True, nx.Graph()]
    for node, value in zip(graph, odd, strict=False):
        graph.nodes[node]["note"] = value
    instance = Instance.from_graph(graph, load("tiny").workloads, load("tiny").demand)
    assert load(save(instance, tmp_path / "x")) == instance


def test_save_refuses_what_is_there(tmp_path):
    """Tests that neither a folder nor a file is written over."""
    (tmp_path / "x").mkdir()
    (tmp_path / "y").write_text("z")
    for name in ("x", "y"):
        with pytest.raises(PlacerError, match="is there already"):
            save(load("tiny"), tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x", "y"]
    assert (tmp_path / "y").read_text() == "z"
    assert not any((tmp_path / "x").iterdir())


@pytest.mark.parametrize("failing", ["write_exact_csv", "write_toml"])
def test_save_leaves_nothing_behind(tmp_path, monkeypatch, failing):
    """Tests that a save that fails midway leaves no file, and the way free for the next."""

    def fail(*_arguments):
        raise OSError("disk full")

    monkeypatch.setattr(f"placer.datasets.saving.{failing}", fail)
    with pytest.raises(OSError, match="disk full"):
        save(load("tiny"), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert load(save(load("tiny"), tmp_path / "x")) == load("tiny")


def test_save_refuses_texts_that_are_none(tmp_path, violations_of):
    """Tests that a description that is not text is refused before anything is written."""
    assert violations_of(lambda: save(load("tiny"), tmp_path / "x", description=5)) == [
        "dataset.toml.description: 5 (allowed: text)"
    ]
    assert list(tmp_path.iterdir()) == []


def test_saved_files_can_be_read_by_others(tmp_path):
    """Tests that the folder has ordinary permissions, not those of a temporary one."""
    place = save(load("tiny"), tmp_path / "x")
    assert place.stat().st_mode & 0o777 == 0o755
    assert os.access(place / "hubs.csv", os.R_OK)


def test_saved_files_are_plain(tmp_path):
    """Tests the text of a saved table: a header, commas, line feeds, empty where there is nothing to say."""
    place = save(load("tiny"), tmp_path / "x")
    assert (place / "supplies.csv").read_bytes() == (
        b"power_zone,data_centre,limit_mw,loss,usd_per_mwh_adder,green\n"
        b"Coast grid,Metro,inf,0,0,0\nCoast grid,Port,inf,0,0,0\nPlateau wind,Plateau,inf,0,0,0\n"
    )
    assert (place / "power_zones.csv").read_text().splitlines()[1] == "Coast grid,,500,inf"
    assert (place / "power_zone_hours.csv").read_text().splitlines()[1] == "Coast grid,0,100"
    assert not (place / "data_centre_hours.csv").exists()
