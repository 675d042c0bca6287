"""Where the instance of a live page comes from, and the Python that loads it."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError
from placer.live.source import dataset_source, instance_source


def loaded(lines):
    """Return the instance that lines of Python bind."""
    names = {"placer": placer}
    exec("\n".join(lines), names)  # noqa: S102
    return names["instance"]


@pytest.mark.slow
def test_a_shipped_dataset_is_loaded_by_name(source):
    """Tests that name, scenarios and sources are those of the dataset, and that Python loads the same."""
    assert (source.name, source.start) == ("tiny", ())
    assert set(source.scenarios) == {"dispatch", "patient"}
    assert source.described.sources
    for scenarios in ((), ("dispatch", "patient")):
        assert loaded(source.python(scenarios)) == source.load(scenarios) == placer.load("tiny", scenarios)


def test_folders_and_files_are_loaded_by_their_whole_path(tmp_path, monkeypatch):
    """Tests that Python loads them from any folder; a file has no scenarios and no description."""
    tiny = placer.load("tiny")
    placer.save(tiny, tmp_path / "mine")
    placer.save(tiny, tmp_path / "it's.json")
    monkeypatch.chdir(tmp_path)
    folder, file = dataset_source("mine"), dataset_source("it's.json")
    monkeypatch.chdir("/")
    assert loaded(folder.python(())) == loaded(file.python(())) == tiny
    assert (file.name, file.scenarios, file.described) == ("it's.json", {}, None)


def test_no_such_dataset_is_the_error_of_the_library():
    with pytest.raises(InstanceError, match="nowhere"):
        dataset_source("nowhere")


def test_an_instance_is_its_own_source(tmp_path, monkeypatch):
    """Tests that it has no scenarios, and that Python reads the file that its first line says."""
    tiny = placer.load("tiny")
    source = instance_source(tiny, "mine")
    assert source.load(()) is tiny
    assert not source.scenarios
    monkeypatch.chdir(tmp_path)
    placer.save(tiny, "mine.json")
    assert loaded(source.python(())) == tiny
