"""The tables of a folder: which files are read, and which are slips."""

from __future__ import annotations

import os

import pytest

from placer.datasets.folder import load


@pytest.mark.parametrize("name", ["suply.csv", "Links.csv", "demand_profiles.csv", "power_zone_hour.csv"])
def test_misnamed_files_are_found(folder, name, violations_of):
    """Tests that a file that is probably a table is not passed over."""
    intended = {"Links.csv": "links.csv", "suply.csv": None}.get(name)
    place = folder({name: "x\n1\n", **({"links.csv": None} if intended else {})})
    if name == "suply.csv":
        load(place)
    else:
        assert violations_of(load, place)[0].startswith(f"{name}: unknown file (allowed: perhaps ")


def test_other_files_are_left_alone(folder, scenario):
    """Tests that notes, sources and files a scenario uses may stand in the folder."""
    files = scenario("[scenarios.s.tables]", 'demand = "demand2.csv"') | {
        "demand2.csv": "workload,hub,hour,mtok\nw,A,0,3\nw,B,1,4\nv,A,1,5\n",
        "sources.csv": "not read",
        "README.md": "x",
        "notes.csv": '"',
    }
    assert load(folder(files)) == load(folder(files), ["s"])


@pytest.mark.parametrize("name", ["exchanges", "supplies", "power_zone_hours", "hubs"])
@pytest.mark.parametrize("kind", ["link", "folder", *(["pipe"] if hasattr(os, "mkfifo") else [])])
def test_tables_that_are_no_files(folder, name, kind, violations_of):
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


def test_files_of_scenarios_are_no_slips_in_a_manifest_with_defects(folder, violations_of):
    """Tests that a file that a scenario uses is not called a slip where the manifest has another defect."""
    toml = 'nmae = "x"\n[scenarios.s.tables]\nexchanges = "exchange.csv"\n'
    assert violations_of(load, folder({"dataset.toml": toml, "exchange.csv": "exchange\nX\n"})) == [
        "dataset.toml.nmae: unknown key (allowed: currency, description, licence, name, scenarios, settings, sources)"
    ]


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
