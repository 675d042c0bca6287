"""Instances on disk: loading, saving, scenarios."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.datasets.folder import describe, load, save
from placer.datasets.places import names
from placer.errors import InstanceError, PlacerError
from placer.instance.problem import Instance

FILES = {
    "dataset.toml": 'name = "small"\n[settings]\ncyclic = true\n',
    "hubs.csv": "hub,region\nA,east\nB,east\n",
    "data_centres.csv": "data_centre,region,pue\nD,east,1.2\nF,west,\n",
    "power_zones.csv": "power_zone,usd_per_mwh\nZ,50\nY,20\n",
    "links.csv": "from,to,rtt_ms\nA,D,10\nB,D,20\nD,F,5\n",
    "supplies.csv": "power_zone,data_centre\nZ,D\nY,F\n",
    "workloads.csv": "workload,accelerator_hours_per_mtok,kwh_per_mtok\nw,1,2\nv,2,1\n",
    "demand.csv": "workload,hub,hour,mtok\nw,A,0,3\nw,B,1,4\nv,A,1,5\n",
}
WITHOUT_HOURS = "workload,hub,mtok\nw,A,10\nv,B,20\n"
ELSEWHERE = "hours have gaps or begin elsewhere (allowed: every hour once, from 0 on as in the demand)"
PROFILE = "workload,hour,share\nw,6,0.25\nw,7,0.75\nv,6,1\nv,7,0\n"


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes a small dataset with some files replaced (None: left out), and returns its path."""

    def build(files=(), **changes):
        place = tmp_path / "small"
        shutil.rmtree(place, ignore_errors=True)
        for name, content in (FILES | dict(files) | {f"{name}.csv": text for name, text in changes.items()}).items():
            if content is not None:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(content, encoding="utf-8")
        return place

    return build


def scenario(*lines):
    """Return a dataset.toml with one scenario named s."""
    return {"dataset.toml": "\n".join(["[scenarios.s]", *lines])}


def violations_of(call, *arguments):
    with pytest.raises(InstanceError) as caught:
        call(*arguments)
    return [str(violation) for violation in caught.value.violations]


def test_shipped_datasets():
    """Tests that the datasets that ship are listed and can be loaded by name."""
    assert "tiny" in names()
    assert load("tiny") == load(describe("tiny").folder)


@pytest.mark.parametrize("kind", [str, Path])
def test_load_a_folder(folder, kind):
    """Tests that a folder is loaded by its path."""
    instance = load(kind(folder()))
    assert instance.settings.cyclic
    assert instance.hours == range(2)
    assert instance.data_centres["pue"].tolist() == [1.2, 1.0]
    assert instance.demand["mtok"].tolist() == [3, 4, 5]


def test_load_from_the_current_directory(folder, monkeypatch):
    """Tests that a relative folder is found, and the current one."""
    place = folder()
    monkeypatch.chdir(place.parent)
    assert load("small") == load("./small")
    monkeypatch.chdir(place)
    assert load(".") == load(place)


def test_describe(folder):
    """Tests that the texts and scenarios of a dataset can be read without its tables."""
    text = 'name = "n"\ndescription = "d"\nlicence = "MIT"\nsources = ["a", "b"]\n[scenarios.s]\ndescription = "sd"\n'
    found = describe(folder({"dataset.toml": text, "hubs.csv": None}))
    assert (found.name, found.description, found.licence, found.sources) == ("n", "d", "MIT", ("a", "b"))
    assert found.scenarios == {"s": {"description": "sd"}}
    assert found.settings == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_files_as_other_programs_write_them(folder, encoding, line_end):
    """Tests that a mark at the start and CRLF are accepted in every file."""
    place = folder()
    expected = load(place)
    for file in place.iterdir():
        text = file.read_text(encoding="utf-8").replace("\n", line_end)
        file.write_bytes(text.encode(encoding))
    assert load(place) == expected


def test_hourly_tables(folder):
    """Tests that values per hour are folded into the tables they belong to, in whatever order they stand."""
    instance = load(
        folder(
            power_zones="power_zone,usd_per_mwh\nZ,\nY,20\n",
            power_zone_hours="power_zone,hour,usd_per_mwh,carbon_kg_per_mwh\nZ,1,40,500\nZ,0,30,\n",
            data_centres="data_centre\nD\nF\n",
            data_centre_hours="data_centre,hour,pue\nF,0,1.1\nF,1,1.3\n",
        )
    )
    assert instance.power_zones["usd_per_mwh"].tolist() == [(30.0, 40.0), 20.0]
    assert instance.power_zones["carbon_kg_per_mwh"].tolist() == [(0.0, 500.0), 0.0]
    assert instance.data_centres["pue"].tolist() == [1.0, (1.1, 1.3)]


def test_hourly_tables_may_stand_for_a_missing_column(folder):
    """Tests that a required column may be given per hour only."""
    hours = "power_zone,hour,usd_per_mwh\n" + "".join(f"{zone},{hour},{hour + 1}\n" for zone in "ZY" for hour in (0, 1))
    instance = load(folder(power_zones="power_zone\nZ\nY\n", power_zone_hours=hours))
    assert instance.power_zones["usd_per_mwh"].tolist() == [(1.0, 2.0)] * 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"power_zone_hours": "power_zone,hour,usd_per_mwh\nZ,0,1\nZ,1,1\n"},
            "power_zones[Z].usd_per_mwh: given here and in power_zone_hours (allowed: only one of the two)",
        ),
        (
            {"data_centres": "data_centre,pue\nD,1\nF,\n", "data_centre_hours": "data_centre,hour,pue\nD,0,2\nD,1,2\n"},
            "data_centres[D].pue: given here and in data_centre_hours (allowed: only one of the two)",
        ),
        (
            {"data_centre_hours": "data_centre,hour,pue\nF,1,2\nF,2,2\n"},
            f"data_centre_hours[F].hour: {ELSEWHERE}",
        ),
        (
            {"data_centre_hours": "data_centre,hour,pue\nF,0,2\n"},
            "data_centres[F].pue: 1 hourly values for 2 hours (allowed: one number, or one per hour)",
        ),
        (
            {"data_centre_hours": "data_centre,hour,pue\nG,0,2\nG,1,2\n"},
            "data_centre_hours[G].data_centre: 'G' is unknown (allowed: a row of data_centres)",
        ),
        (
            {"power_zones": None, "supplies": None, "power_zone_hours": "power_zone,hour,usd_per_mwh\nZ,0,1\nZ,1,1\n"},
            "power_zones: table missing beside power_zone_hours (allowed: present)",
        ),
    ],
)
def test_hourly_tables_that_do_not_fit(folder, changes, expected):
    """Tests that values given twice, for other hours or for unknown rows are refused."""
    assert violations_of(load, folder(**changes)) == [expected]


def test_demand_profile(folder):
    """Tests that demand of the whole horizon is spread by the profile of its workload."""
    instance = load(folder(demand=WITHOUT_HOURS, demand_profile=PROFILE))
    assert instance.hours == range(6, 8)
    rows = instance.demand[["workload", "hub", "hour", "mtok"]].to_numpy().tolist()
    assert sorted(rows) == [["v", "B", 6, 20.0], ["v", "B", 7, 0.0], ["w", "A", 6, 2.5], ["w", "A", 7, 7.5]]


def test_demand_profile_is_brought_to_1(folder):
    """Tests that shares rounded in the file still spread exactly what is demanded."""
    profile = "workload,hour,share\n" + "".join(f"{name},{hour},0.3333333\n" for name in "wv" for hour in range(3))
    instance = load(folder(demand=WITHOUT_HOURS, demand_profile=profile))
    totals = instance.demand.groupby("workload")["mtok"].sum()
    np.testing.assert_allclose(totals[["w", "v"]], [10, 20], rtol=1e-15)


def test_scenario_settings(folder):
    """Tests that a scenario overrides the settings it names and keeps the others."""
    base = "[settings]\ncyclic = true\nhour_length = 2\n"
    change = '[scenarios.s.settings]\nhour_length = 3\nexports = [["east", "west"]]\n'
    place = folder({"dataset.toml": base + change})
    assert load(place).settings.hour_length == 2
    changed = load(place, ["s"]).settings
    assert (changed.cyclic, changed.hour_length, changed.exports) == (True, 3.0, (("east", "west"),))


def test_scenario_tables(folder):
    """Tests that a scenario replaces whole tables, and can bring one that was not there."""
    toml = '[scenarios.s.tables]\ndemand = "more/demand.csv"\nexchanges = "exchanges_s.csv"\n'
    files = {"dataset.toml": toml, "more/demand.csv": "workload,hub,mtok\nw,A,9\n", "exchanges_s.csv": "exchange\nX\n"}
    place = folder(files)
    assert load(place).exchanges.empty
    changed = load(place, "s")
    assert changed.demand["mtok"].tolist() == [9]
    assert changed.exchanges["exchange"].tolist() == ["X"]


@pytest.mark.parametrize(
    ("column", "value", "table", "expected"),
    [
        ("data_centres.pue", "1.5", "data_centres", [1.5, 1.5]),
        ("data_centres.speed", "2", "data_centres", [2.0, 2.0]),
        ("links.capacity_gbps", "inf", "links", [math.inf] * 3),
        ("links.usd_per_gb", "1e-3", "links", [0.001] * 3),
        ("hubs.region", '"north"', "hubs", ["north", "north"]),
        ("workloads.jurisdictions", '"CN|EU"', "workloads", [("CN", "EU")] * 2),
    ],
)
def test_scenario_constants(folder, column, value, table, expected):
    """Tests that a scenario sets a column of all rows, of any kind and whether it stands in the file or not."""
    instance = load(folder(scenario("[scenarios.s.columns]", f'"{column}" = {value}')), ["s"])
    assert instance.tables[table][column.split(".")[1]].tolist() == expected


def test_scenario_column_files(folder):
    """Tests that a scenario changes only the rows its file lists, by key, in any order of columns."""
    files = scenario("[scenarios.s.columns]", '"links.rtt_ms" = "s/rtt.csv"', '"hubs.access_ms" = "s/access.csv"')
    files |= {"s/rtt.csv": "rtt_ms,to,from\n7,F,D\n8,D,A\n", "s/access.csv": "hub,access_ms\nB,3\n"}
    instance = load(folder(files), ["s"])
    assert instance.links["rtt_ms"].tolist() == [8, 20, 7]
    assert instance.hubs["access_ms"].tolist() == [0, 3]


def test_scenario_column_replaces_hourly_values(folder):
    """Tests that a value set once for all puts aside the hourly ones of the rows it sets."""
    hours = "power_zone,hour,usd_per_mwh\nZ,0,1\nZ,1,2\nY,0,3\nY,1,4\n"
    toml = '[scenarios.{0}.columns]\n"power_zones.usd_per_mwh" = {1}\n'
    files = {
        "dataset.toml": toml.format("all", 9) + toml.format("one", '"one.csv"'),
        "one.csv": "power_zone,usd_per_mwh\nY,7\n",
    }
    place = folder(files, power_zones="power_zone\nZ\nY\n", power_zone_hours=hours)
    prices = [load(place, scenarios).power_zones["usd_per_mwh"].tolist() for scenarios in ([], ["all"], ["one"])]
    assert prices == [[(1.0, 2.0), (3.0, 4.0)], [9.0, 9.0], [(1.0, 2.0), 7.0]]


def test_scenario_of_hourly_values(folder):
    """Tests that a scenario may set a column of an hourly table or a profile."""
    toml = '[scenarios.s.columns]\n"data_centre_hours.pue" = 1.7\n"demand_profile.share" = "flat.csv"\n'
    files = {"dataset.toml": toml, "flat.csv": "workload,hour,share\nw,6,0.5\nw,7,0.5\n"}
    hours = "data_centre,hour,pue\nF,6,1.1\nF,7,1.3\n"
    instance = load(folder(files, data_centre_hours=hours, demand=WITHOUT_HOURS, demand_profile=PROFILE), ["s"])
    assert instance.data_centres["pue"].tolist() == [1.2, (1.7, 1.7)]
    assert instance.demand.query("workload == 'w'")["mtok"].tolist() == [5, 5]


def test_scenarios_apply_in_the_order_given(folder):
    """Tests that of several scenarios the later overrides the earlier."""
    toml = (
        '[scenarios.a.settings]\nhour_length = 2\n[scenarios.a.columns]\n"data_centres.pue" = 2\n"hubs.access_ms" = 1\n'
        '[scenarios.b.settings]\nhour_length = 3\n[scenarios.b.columns]\n"data_centres.pue" = 3\n'
        '[scenarios.c.tables]\ndata_centres = "c.csv"\n'
    )
    place = folder({"dataset.toml": toml, "c.csv": "data_centre,pue\nD,4\nF,4\n"})
    both = load(place, ["a", "b"])
    assert (both.settings.hour_length, both.data_centres["pue"][0], both.hubs["access_ms"][0]) == (3, 3, 1)
    assert load(place, ["b", "a"]).data_centres["pue"][0] == 2
    assert load(place, ["a", "c"]).data_centres["pue"][0] == 4
    assert load(place, ["c", "a"]).data_centres["pue"][0] == 2
    assert load(place, iter(["a", "b"])) == both


def test_scenario_factors(folder):
    """Tests that factors multiply given cells and defaults, hourly values too, and leave what is unlimited."""
    toml = '[scenarios.s.factors]\n"power_zones.usd_per_mwh" = 3\n"data_centres.speed" = 0.5\n"links.rtt_ms" = 2\n'
    toml += '"links.capacity_gbps" = 0.5\n"data_centres.pue" = 1.5\n'
    hours = "power_zone,hour,usd_per_mwh\nZ,0,1\nZ,1,2\n"
    zones = "power_zone,usd_per_mwh\nZ,\nY,20\n"
    instance = load(folder({"dataset.toml": toml}, power_zones=zones, power_zone_hours=hours), ["s"])
    assert instance.power_zones["usd_per_mwh"].tolist() == [(3.0, 6.0), 60.0]
    assert instance.data_centres["speed"].tolist() == [0.5, 0.5]
    assert instance.data_centres["pue"].tolist() == [pytest.approx(1.8), 1.5]
    assert instance.links["rtt_ms"].tolist() == [20, 40, 10]
    assert instance.links["capacity_gbps"].tolist() == [math.inf] * 3


def test_factors_apply_after_all_replacements(folder):
    """Tests that a factor multiplies what the other scenarios set, in whatever order they are given."""
    toml = '[scenarios.half.factors]\n"hubs.access_ms" = 0.5\n[scenarios.far.columns]\n"hubs.access_ms" = 10\n'
    place = folder({"dataset.toml": toml})
    for scenarios in (["half", "far"], ["far", "half"]):
        assert load(place, scenarios).hubs["access_ms"].tolist() == [5, 5]
    assert load(place, ["far", "half", "half"]).hubs["access_ms"].tolist() == [2.5, 2.5]


def test_factors_leave_bad_cells_to_the_checks(folder):
    """Tests that a cell that is no number is reported as it stands in the file."""
    place = folder(
        {"dataset.toml": '[scenarios.s.factors]\n"links.rtt_ms" = 2\n'}, links="from,to,rtt_ms\nA,D,ten\nB,D,\n"
    )
    found = violations_of(load, place, ["s"])
    assert len(found) == 2
    assert "'ten'" in found[0]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('"hubs.region" = 2', "dataset.toml.scenarios.s.factors.hubs.region: unknown (allowed: one of hubs.access_ms"),
        ('"nothing.x" = 2', "dataset.toml.scenarios.s.factors.nothing.x: unknown"),
        (
            '"hubs.access_ms" = -1',
            "dataset.toml.scenarios.s.factors.hubs.access_ms: -1 (allowed: a number, >= 0, finite)",
        ),
        ('"hubs.access_ms" = "2"', "dataset.toml.scenarios.s.factors.hubs.access_ms: '2'"),
        ('"hubs.access_ms" = true', "dataset.toml.scenarios.s.factors.hubs.access_ms: True"),
        ('"hubs.access_ms" = nan', "dataset.toml.scenarios.s.factors.hubs.access_ms: nan"),
    ],
)
def test_bad_factors(folder, line, problem):
    """Tests that factors of what is no number, and factors that are none, are refused."""
    (found,) = violations_of(load, folder(scenario("[scenarios.s.factors]", line)))
    assert found.startswith(problem)


def test_scenarios_of_the_shipped_dataset():
    """Tests that the scenarios of the tiny dataset do what they say."""
    assert load("tiny", ["dispatch"]).settings.accelerators == "sunk"
    patient = load("tiny", ["patient", "dispatch"])
    assert patient.workloads["latency_slo_ms"].tolist() == [300, 500, math.inf]
    assert patient.settings.accelerators == "sunk"


@pytest.fixture
def outside(tmp_path):
    """A file beside the folder that a scenario must not reach."""
    file = tmp_path / "outside.csv"
    file.write_text(FILES["hubs.csv"])
    return file


@pytest.mark.parametrize("part", ["tables", "columns"])
@pytest.mark.parametrize(
    "file", ["../outside.csv", "s/../../outside.csv", "absolute", "link.csv", "dir.csv", "none.csv", "loop.csv"]
)
def test_scenario_files_stay_in_the_folder(folder, outside, part, file):
    """Tests that a scenario reads no file outside its folder, by whatever way, and nothing but files."""
    name = str(outside) if file == "absolute" else file
    key = "hubs" if part == "tables" else '"hubs.region"'
    place = folder(scenario(f"[scenarios.s.{part}]", f"{key} = '{name}'") | {"s/x.csv": "hub\nA\n"})
    (place / "link.csv").symlink_to(outside)
    (place / "loop.csv").symlink_to(place / "loop.csv")
    (place / "dir.csv").mkdir()
    (violation,) = violations_of(load, place, ["s"])
    assert violation.startswith("dataset.toml.scenarios.s: ")
    assert violation.endswith("is not there (allowed: a CSV file in the dataset's folder)")


def test_a_folder_may_be_reached_by_a_link(folder, tmp_path):
    """Tests that confining scenarios to their folder does not refuse a folder that is itself linked to."""
    place = folder(scenario("[scenarios.s.tables]", 'hubs = "h.csv"') | {"h.csv": FILES["hubs.csv"]})
    (tmp_path / "linked").symlink_to(place)
    assert load(tmp_path / "linked", ["s"]) == load(place)


@pytest.mark.parametrize("name", ["suply.csv", "Links.csv", "demand_profiles.csv", "power_zone_hour.csv"])
def test_misnamed_files_are_found(folder, name):
    """Tests that a file that is probably a table is not passed over."""
    intended = {"Links.csv": "links.csv", "suply.csv": None}.get(name)
    place = folder({name: "x\n1\n", **({"links.csv": None} if intended else {})})
    if name == "suply.csv":
        load(place)
    else:
        assert violations_of(load, place)[0].startswith(f"{name}: unknown file (allowed: perhaps ")


def test_other_files_are_left_alone(folder):
    """Tests that notes, sources and files a scenario uses may stand in the folder."""
    files = scenario("[scenarios.s.tables]", 'demand = "demand2.csv"') | {
        "demand2.csv": FILES["demand.csv"],
        "sources.csv": "not read",
        "README.md": "x",
        "notes.csv": '"',
    }
    assert load(folder(files)) == load(folder(files), ["s"])


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


@settings(max_examples=60, deadline=None)
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


@pytest.mark.parametrize("failing", ["write_csv", "write_toml"])
def test_save_leaves_nothing_behind(tmp_path, monkeypatch, failing):
    """Tests that a save that fails midway leaves no file, and the way free for the next."""

    def fail(*_arguments):
        raise OSError("disk full")

    monkeypatch.setattr(f"placer.datasets.folder.{failing}", fail)
    with pytest.raises(OSError, match="disk full"):
        save(load("tiny"), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert load(save(load("tiny"), tmp_path / "x")) == load("tiny")


def test_save_refuses_texts_that_are_none(tmp_path):
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
        b"power_zone,data_centre,limit_mw,loss,usd_per_mwh_adder\n"
        b"Coast grid,Metro,inf,0,0\nCoast grid,Port,inf,0,0\nPlateau wind,Plateau,inf,0,0\n"
    )
    assert (place / "power_zones.csv").read_text().splitlines()[1] == "Coast grid,,500"
    assert (place / "power_zone_hours.csv").read_text().splitlines()[1] == "Coast grid,0,100"
    assert not (place / "data_centre_hours.csv").exists()


def test_load_is_the_public_one():
    """Tests that the functions stand in the package itself."""
    assert placer.load is load
    assert placer.save is save
    assert isinstance(load("tiny").hubs, pd.DataFrame)


def test_a_number_is_no_dataset():
    """Tests that something that is no name is refused."""
    with pytest.raises(InstanceError, match="is no name"):
        load(5)


def test_misspelt_datasets_find_their_name():
    """Tests that a name that is nearly right is answered with the right one, and with all that may be given."""
    (found,) = violations_of(load, "chnia")
    assert "perhaps china; one of china, tiny, world; a folder with a dataset.toml" in found
    assert ".xlsx, .json, .graphml" in found


@pytest.mark.parametrize("name", ["absent.xlsx", "absent.json", "~/absent.graphml"])
def test_files_that_are_not_there(name, tmp_path, monkeypatch):
    """Tests that a file that is missing is called a missing file."""
    monkeypatch.chdir(tmp_path)
    (found,) = violations_of(load, name)
    assert found.startswith(f"dataset: there is no file {name!r}")


def test_home_stands_for_the_home_folder(folder, monkeypatch):
    """Tests that ``~`` leads to the home folder, of folders, graph files and for saving."""
    place = folder()
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(place.parent))
    expected = load(place)
    assert load("~/small") == expected
    assert load(placer.save_graph(expected, "~/x.json")) == load("~/x.json") == expected
    assert save(expected, "~/again") == place.parent / "again"


def test_a_folder_without_a_manifest_says_so(folder):
    """Tests that a folder of tables is told what it lacks."""
    (found,) = violations_of(load, folder({"dataset.toml": None}))
    assert "is a folder without a dataset.toml" in found
    assert "which may be empty; 'placer template FOLDER' writes one" in found


@pytest.mark.parametrize("name", ["exchanges", "supplies", "power_zone_hours", "hubs"])
@pytest.mark.parametrize("kind", ["link", "folder", *(["pipe"] if hasattr(os, "mkfifo") else [])])
def test_tables_that_are_no_files(folder, name, kind):
    """Tests that a table that is a broken link, a folder or a pipe is refused, not taken for absent."""
    place = folder()
    file = place / f"{name}.csv"
    file.unlink(missing_ok=True)
    if kind == "link":
        file.symlink_to(place / "nowhere")
    elif kind == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    problem = {"link": "is a link that leads nowhere", "folder": "is a folder", "pipe": "is a pipe"}[kind]
    assert violations_of(load, place) == [f"{name}.csv: {problem} (allowed: a file that can be read)"]


def test_all_that_can_be_known_is_told_in_one_round(folder):
    """Tests eleven kinds of defects planted in one folder: all of them are told at first, and nothing that follows."""
    place = folder(
        {"dataset.toml": 'nmae = "small"\n[settings]\nhour_length = -1\n', "Exchanges.csv": "exchange\nE\n"},
        hubs="hub,region,acess_ms\nA,east,1\nA,east,1\nB,east,2\n",
        data_centres="data_centre,pue\nD,0.5\nF,\n",
        links="from,to,rtt_ms\nA,D,ten\nB,D,20\nC,F,5\n",
        power_zones="power_zone,usd_per_mwh\nZ,50,\nY,20\n",
        workloads="workload,accelerator_hours_per_mtok,kwh_per_mtok,deadline_h\nw,,2,1\nv,2,1,1\n",
        demand="workload,hub,hour,mtok\nw,A,0,3\nw,B,2,4\nx,A,2,5\n",
    )
    assert [text.partition(" (")[0] for text in violations_of(load, place)] == [
        "dataset.toml.nmae: unknown key",
        "Exchanges.csv: unknown file",
        "power_zones.csv[line 2]: 3 cells",
        "hubs.acess_ms: unknown column",
        "hubs[A]: given twice",
        "data_centres[D].pue: 0.5 is out of range",
        "links[A|D].rtt_ms: 'ten' is text",
        "workloads.deadline_h: unknown column",
        "workloads[w].accelerator_hours_per_mtok: missing: write accelerator-hours per Mtok",
        "settings.hour_length: -1 is out of range",
        "links[C|F].from: 'C' is unknown",
        "demand[x|A|2].workload: 'x' is unknown",
        "demand.hour: hours have gaps: no demand at 1",
    ]


def test_stranded_hubs_are_told_beside_bad_numbers(folder):
    """Tests that a hole in the network shows although a round trip and a power price are wrong."""
    found = violations_of(
        load, folder(links="from,to,rtt_ms\nA,D,-1\nD,F,5\n", power_zones="power_zone,usd_per_mwh\nZ,inf\nY,20\n")
    )
    assert [text.partition(" (")[0] for text in found] == [
        "power_zones[Z].usd_per_mwh: inf is out of range",
        "links[A|D].rtt_ms: -1 is out of range",
        "hubs[B]: has demand but no path to any data centre",
    ]


SYNONYMS = [
    ("data_centres", "gpus"),
    ("data_centres", "accelerator_count"),
    ("data_centres", "gpu_usd_per_hour"),
    ("workloads", "slo_ms"),
    ("workloads", "max_latency_ms"),
    ("workloads", "deadline_h"),
    ("links", "gbps"),
    ("power_zones", "co2_kg_per_mwh"),
]


@pytest.mark.parametrize(("table", "name"), SYNONYMS)
def test_synonyms_are_errors_in_every_kind_of_input(tmp_path, table, name):
    """Tests that a synonym of an attribute that is absent is refused in files, DataFrames, rows and graphs alike."""
    tiny = load("tiny")
    intended = {
        "gpus": "accelerators", "accelerator_count": "accelerators", "gpu_usd_per_hour": "accelerator_usd_per_hour",
        "slo_ms": "latency_slo_ms", "max_latency_ms": "latency_slo_ms", "deadline_h": "deadline_hours",
        "gbps": "capacity_gbps", "co2_kg_per_mwh": "carbon_kg_per_mwh",
    }[name]  # fmt: skip
    frame = tiny.tables[table].rename(columns={intended: name})
    place = save(tiny, tmp_path / "x")
    lines = (place / f"{table}.csv").read_text().splitlines()
    (place / f"{table}.csv").write_text("\n".join([lines[0].replace(intended, name), *lines[1:]]))
    calls = [
        lambda: load(place),
        lambda: tiny.replace(**{table: frame}),
        lambda: Instance.from_tables({**tiny.tables, table: frame.to_dict("records")}),
    ]
    if table != "workloads":
        graph = tiny.to_graph()
        things = [each for *_, each in (*graph.nodes(data=True), *graph.edges(data=True))]
        for attributes in (each for each in things if intended in each):
            attributes[name] = attributes.pop(intended)
        calls.append(lambda: Instance.from_graph(graph, tiny.workloads, tiny.demand))
    for call in calls:
        found = violations_of(call)
        assert any(f"{name}: unknown" in text and f"(allowed: perhaps {intended})" in text for text in found), found


def test_attributes_of_others_are_errors_in_every_kind_of_input(folder):
    """Tests that a known attribute in the wrong table is refused in files as on nodes."""
    found = violations_of(load, folder(hubs="hub,accelerators\nA,5\nB,5\n"))
    assert found == ["hubs.accelerators: does not belong here (allowed: on a data_centre only)"]


def test_files_of_scenarios_are_no_slips_in_a_manifest_with_defects(folder):
    """Tests that a file that a scenario uses is not called a slip where the manifest has another defect."""
    toml = 'nmae = "x"\n[scenarios.s.tables]\nexchanges = "exchange.csv"\n'
    assert violations_of(load, folder({"dataset.toml": toml, "exchange.csv": "exchange\nX\n"})) == [
        "dataset.toml.nmae: unknown key (allowed: currency, description, licence, name, scenarios, settings, sources)"
    ]


def test_defects_of_scenarios_are_told_beside_those_of_the_manifest(folder):
    """Tests that a manifest, its scenarios and the tables with a defect each are told all in one round."""
    lines = [
        'nmae = "x"',
        "[scenarios.s.settings]\ncyclc = true\nhour_length = 0",
        '[scenarios.s.tables]\nlinks = "links_s.csv"\nsupplies = "none.csv"\nworkloads = 5',
        '[scenarios.s.columns]\n"hubs.access_ms" = "access.csv"\n"demand.mtok" = -1\n"data_centres.pu" = 2',
        '[scenarios.s.factors]\n"demand.mtk" = 2',
    ]
    files = {"dataset.toml": "\n".join(lines), "links_s.csv": "from,to,rtt_ms\nA\n", "access.csv": "hub\nA\n"}
    found = violations_of(load, folder(files, data_centres="data_centre,pue\nD,0.5\n"), ["s"])
    places = [text.split(":")[0] for text in found]
    assert places == [
        "dataset.toml.nmae",
        "dataset.toml.scenarios.s.settings.cyclc",
        "dataset.toml.scenarios.s.tables.workloads",
        "dataset.toml.scenarios.s.columns.data_centres.pu",
        "dataset.toml.scenarios.s.factors.demand.mtk",
        "links_s.csv[line 2]",
        "dataset.toml.scenarios.s",
        "access.csv.access_ms",
        "data_centres[D].pue",
        "demand[w|A|0].mtok",
        "demand[w|B|1].mtok",
        "demand[v|A|1].mtok",
        "settings.hour_length",
    ]


def test_defects_of_scenarios_are_told_beside_those_of_the_tables(folder):
    """Tests that two files of a scenario and a table of the dataset that cannot be read are told in one round."""
    toml = scenario('[tables]\nlinks = "l.csv"'.replace("[tables]", "[scenarios.s.tables]") + '\nhubs = "h.csv"')
    files = toml | {"l.csv": "from,to,rtt_ms\nA\n", "h.csv": "hub,hub\nA,A\n"}
    found = violations_of(load, folder(files, workloads="workload\nw,1\n"), ["s"])
    assert [text.split(":")[0] for text in found] == ["workloads.csv[line 2]", "l.csv[line 2]", "h.csv.hub"]


def test_rows_of_a_scenario_that_are_not_there_are_told_beside_those_given_twice(folder):
    """Tests that both defects of a file of rows are told in one round."""
    files = scenario("[scenarios.s.columns]", '"hubs.access_ms" = "a.csv"') | {
        "a.csv": "hub,access_ms\nA,1\nA,2\nX,3\n"
    }
    assert violations_of(load, folder(files), ["s"]) == [
        "a.csv[A]: given twice (allowed: once)",
        "a.csv[X]: no such row in hubs (allowed: a row of the table)",
    ]


def test_a_scenario_that_reads_a_table_anew_makes_it_known(folder):
    """Tests that the defects of a table are told that a scenario puts in place of one that cannot be read."""
    toml = scenario("[scenarios.s.tables]", 'data_centres = "d.csv"')
    place = folder(toml | {"d.csv": "data_centre,pue\nD,0.5\nF,2\n"}, data_centres="data_centre\nD,1\n")
    found = violations_of(load, place, ["s"])
    assert [text.split(":")[0] for text in found] == ["data_centres.csv[line 2]", "data_centres[D].pue"]


def test_an_unknown_scenario_is_told_beside_files_that_cannot_be_read(folder):
    """Tests that a misspelt scenario hides no file with a defect, and brings no word on tables it would change."""
    place = folder(
        scenario("[scenarios.s.tables]", 'demand = "d.csv"'), links="from,to\nA\n", hubs="hub,access_ms\nA,-1\n"
    )
    found = violations_of(load, place, ["t"])
    assert [text.split(":")[0] for text in found] == ["scenarios", "links.csv[line 2]"]
