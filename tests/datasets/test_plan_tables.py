"""Tests of tables of plans beside those of a dataset."""

from __future__ import annotations

import placer
from placer.datasets.plan_tables import read_plan_table

CANDIDATES = "candidate,adds,target,usd_per_unit_year\nhall,accelerators,D,{}\n"


def _toml(*lines):
    return {"dataset.toml": "\n".join(["[scenarios.s]", *lines])}


def test_a_scenario_replaces_a_table(folder):
    """Tests that the last scenario with a table holds, and that the instance is loaded beside it as ever."""
    files = _toml("[scenarios.s.tables]", 'candidates = "scenarios/dear.csv"', "[scenarios.t]") | {
        "candidates.csv": CANDIDATES.format(5),
        "scenarios/dear.csv": CANDIDATES.format(9),
    }
    place = folder(files)
    assert read_plan_table(place, "candidates")["usd_per_unit_year"].tolist() == ["5"]
    for scenarios in (["s"], ["s", "t"]):
        assert read_plan_table(place, "candidates", scenarios)["usd_per_unit_year"].tolist() == ["9"]
        assert placer.load(place, scenarios) == placer.load(place)
    assert read_plan_table(place, "build_limits") is None
    assert placer.load(place).notes == ()


def test_files_that_are_not_there(folder, violations_of):
    """Tests that a scenario's file must be in the folder, that scenarios must exist, and names be known."""
    place = folder(_toml("[scenarios.s.tables]", 'candidates = "x.csv"'))
    assert violations_of(read_plan_table, place, "candidates", ["s"]) == [
        "dataset.toml.scenarios.s: 'x.csv' is not there (allowed: a CSV file in the dataset's folder)"
    ]
    assert violations_of(read_plan_table, place, "candidates", ["z"]) == ["scenarios: 'z' is unknown (allowed: s)"]
    assert violations_of(placer.load, folder(_toml("[scenarios.s.tables]", 'candidate = "x.csv"')))


def test_misspelt_files(folder, violations_of):
    """Tests that a file with almost the name of a table of plans is a violation, as for other tables."""
    place = folder({"candidate.csv": CANDIDATES.format(5)})
    assert violations_of(placer.load, place) == ["candidate.csv: unknown file (allowed: perhaps candidates.csv)"]


def test_single_files_have_none(tmp_path):
    """Tests that a graph file has no tables of plans."""
    file = tmp_path / "tiny.json"
    placer.save_graph(placer.load("tiny"), file)
    assert read_plan_table(file, "candidates") is None
