"""Where datasets are found, and what is said where there is none."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.datasets.folder import describe, load
from placer.datasets.places import find_trace, names, traces
from placer.datasets.saving import save
from placer.errors import InstanceError


def test_shipped_datasets():
    """Tests that the datasets that ship are listed and can be loaded by name."""
    assert "tiny" in names()
    assert load("tiny") == load(describe("tiny").folder)


def test_load_from_the_current_directory(folder, monkeypatch):
    """Tests that a relative folder is found, and the current one."""
    place = folder()
    monkeypatch.chdir(place.parent)
    assert load("small") == load("./small")
    monkeypatch.chdir(place)
    assert load(".") == load(place)


def test_a_number_is_no_dataset():
    """Tests that something that is no name is refused."""
    with pytest.raises(InstanceError, match="is no name"):
        load(5)


def test_misspelt_datasets_find_their_name(violations_of):
    """Tests that a name that is nearly right is answered with the right one, and with all that may be given."""
    (found,) = violations_of(load, "chnia")
    assert "perhaps china; one of china, globe, tiny, world; a folder with a dataset.toml" in found
    assert ".xlsx, .json, .graphml" in found


@pytest.mark.parametrize("name", ["absent.xlsx", "absent.json", "~/absent.graphml"])
def test_files_that_are_not_there(name, tmp_path, monkeypatch, violations_of):
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


def test_traces_ship_with_their_sources():
    """Tests that every shipped trace is found by its name, and has a source, a licence and a kind."""
    sources = pd.read_csv(find_trace("servegen_rates").with_name("sources.csv"))
    assert {name.partition(".")[0] for name in sources["file"]} == set(traces())
    assert all(find_trace(name).is_file() for name in traces())
    assert not sources.isna().any(axis=None)
    assert find_trace("elsewhere/mine.csv").parts == ("elsewhere", "mine.csv")
