"""The version: every file that states it states the same one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import placer
from placer.version import VERSION

ROOT = Path(__file__).parents[1]


def _read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_package_states_its_version():
    """Tests that the package has the one version, in three numbers."""
    assert placer.__version__ == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_distribution_takes_its_version_from_the_package():
    """Tests that the build reads the version of the package and states none of its own."""
    settings = tomllib.loads(_read("pyproject.toml"))
    assert "version" not in settings["project"]
    assert settings["project"]["dynamic"] == ["version"]
    assert settings["tool"]["hatch"]["version"] == {"path": "placer/version.py"}


def test_citation_and_changelog_state_the_version_and_its_date():
    """Tests that the citation and the newest entry of the changelog are of this version, and of one date."""
    version, date = re.search(r"^## (\S+) \((\S+)\)$", _read("CHANGELOG.md"), flags=re.MULTILINE).groups()
    assert version == VERSION
    assert f"\nversion: {VERSION}\ndate-released: {date}\n" in _read("CITATION.cff")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)


def test_changes_stand_by_kind():
    """Tests that the newest entry of the changelog lists its changes by kind, each once, in this order."""
    kinds = ["Added", "Changed", "Removed", "Fixed", "Speed"]
    newest = re.split(r"^## ", _read("CHANGELOG.md"), flags=re.MULTILINE)[1]
    listed = re.findall(r"^### (.*)$", newest, flags=re.MULTILINE)
    assert listed == [each for each in kinds if each in listed]
