"""Instances loaded from a folder: their tables, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import placer
from placer.datasets.folder import load
from placer.datasets.saving import save
from placer.instance.problem import Instance

WITHOUT_HOURS = "workload,hub,mtok\nw,A,10\nv,B,20\n"

ELSEWHERE = "hours have gaps or begin elsewhere (allowed: every hour once, from 0 on as in the demand)"

PROFILE = "workload,hour,share\nw,6,0.25\nw,7,0.75\nv,6,1\nv,7,0\n"


@pytest.mark.parametrize("kind", [str, Path])
def test_load_a_folder(folder, kind):
    """Tests that a folder is loaded by its path."""
    instance = load(kind(folder()))
    assert instance.settings.cyclic
    assert instance.hours == range(2)
    assert instance.data_centres["pue"].tolist() == [1.2, 1.0]
    assert instance.demand["mtok"].tolist() == [3, 4, 5]


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
def test_hourly_tables_that_do_not_fit(folder, changes, expected, violations_of):
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


def test_load_is_the_public_one():
    """Tests that the functions stand in the package itself."""
    assert placer.load is load
    assert placer.save is save
    assert isinstance(load("tiny").hubs, pd.DataFrame)


def test_all_that_can_be_known_is_told_in_one_round(folder, violations_of):
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


def test_stranded_hubs_are_told_beside_bad_numbers(folder, violations_of):
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
def test_synonyms_are_errors_in_every_kind_of_input(tmp_path, table, name, violations_of):
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


def test_attributes_of_others_are_errors_in_every_kind_of_input(folder, violations_of):
    """Tests that a known attribute in the wrong table is refused in files as on nodes."""
    found = violations_of(load, folder(hubs="hub,accelerators\nA,5\nB,5\n"))
    assert found == ["hubs.accelerators: does not belong here (allowed: on a data_centre only)"]
