"""The commands ``placer datasets``, ``check`` and ``template``."""

from __future__ import annotations

import json

import placer


def test_check_says_what_is_not_meant(run, tmp_path):
    """Tests that a valid dataset is told to be, with its remarks, and exits with 0."""
    tiny = placer.load("tiny")
    folder = placer.save(tiny.replace(supplies=tiny.supplies.iloc[1:]), tmp_path / "odd")
    code, out, _ = run("check", str(folder))
    assert code == 0
    assert "has no supply" in out
    code, out, _ = run("check", str(folder), "--json")
    assert json.loads(out)["remarks"]


def test_datasets_lists_what_ships(run):
    """Tests that every shipped dataset and its scenarios are listed."""
    code, out, _ = run("datasets", "--json")
    listed = {item["name"]: item for item in json.loads(out)}
    assert code == 0
    assert {"china", "tiny"} <= set(listed)
    assert "dispatch" in listed["china"]["scenarios"]
    assert "patient" in run("datasets")[1]
