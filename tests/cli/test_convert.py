"""``placer convert``, run in this process through the entry point of the command line."""

from __future__ import annotations

import json
import warnings

import pytest

import placer


@pytest.fixture
def run(run_placer):
    """Return a function that runs ``placer convert`` and returns its exit code, standard output and standard error."""
    return lambda *arguments, command="convert": run_placer(command, *arguments)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tiny.xlsx", "tiny.json", "tiny.graphml", "folder"])
def test_what_is_written_is_read_by_every_command(run, tmp_path, name):
    """Tests that a dataset with a scenario is written in each form, and is a dataset again."""
    target = tmp_path / name
    code, out, err = run("tiny", target, "--scenario", "dispatch")
    assert code == 0
    assert str(target) in out
    assert "writing" in err
    assert placer.load(target) == placer.load("tiny", ["dispatch"])
    assert run(target, command="check")[0] == 0


def test_as_json(run, tmp_path):
    """Tests that the machine-readable form says what was written where."""
    code, out, _ = run("tiny", tmp_path / "x.json", "--json")
    assert code == 0
    assert json.loads(out) == {"dataset": "tiny", "scenarios": [], "written": str(tmp_path / "x.json")}


@pytest.mark.slow
def test_a_network_of_pypsa(run, tmp_path, make_instance):
    """Tests that the file is one that PyPSA reads."""
    pypsa = pytest.importorskip("pypsa", reason="PyPSA is not installed")
    placer.save(make_instance(), tmp_path / "small")
    code, _, _ = run(tmp_path / "small", tmp_path / "x.nc")
    assert code == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what PyPSA's next version does
        network = pypsa.Network(tmp_path / "x.nc")
    assert {"tokens X", "power Y", "demand w A"} <= set(network.buses.index)
    code, out, _ = run("tiny", tmp_path / "x.nc", "--relax", "deadlines", "--json")
    assert (code, json.loads(out)["relaxed"]) == (0, {"deadlines": "network >= instance"})
    code, _, err = run("tiny", tmp_path / "x.json", "--relax", "deadlines")
    assert (code, "--relax is for networks of PyPSA" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("tiny", "{}/x.csv"),
            ".csv is not written here; name a folder, or a file ending in .xlsx or .json or .graphml or .nc",
        ),
        (("tiny", "{}"), "is there already; choose a new folder"),
        (("tiny", "{}/missing/x.json"), "there is no folder"),
        (("nowhere", "{}/x.json"), "neither a dataset nor a folder"),
        (("tiny", "{}/x.nc"), "work that waits has no component in PyPSA"),
        (("{}/there.json", "{}/x.graphml"), "no nodes or no edges"),
    ],
)
def test_bad_input_exits_with_2(run, tmp_path, arguments, expected):
    """Tests that bad input ends in one message of our own, and nothing is written."""
    (tmp_path / "there.json").write_text("{}")
    code, out, err = run(*(each.format(tmp_path) for each in arguments))
    assert code == 2
    assert expected in err
    assert "Traceback" not in err
    assert not out
    assert [file.name for file in tmp_path.iterdir()] == ["there.json"]


def test_a_file_that_is_there_is_replaced(run, tmp_path):
    """Tests that the rule for files that exist is that of every command."""
    target = tmp_path / "x.json"
    target.write_text("old", encoding="utf-8")
    assert run("tiny", target)[0] == 0
    assert placer.load(target) == placer.load("tiny")
