"""What a ``dataset.toml`` may say."""

from __future__ import annotations

import pytest

from placer.datasets.folder import describe, load


def test_describe(folder):
    """Tests that the texts and scenarios of a dataset can be read without its tables."""
    text = 'name = "n"\ndescription = "d"\nlicence = "MIT"\nsources = ["a", "b"]\n[scenarios.s]\ndescription = "sd"\n'
    found = describe(folder({"dataset.toml": text, "hubs.csv": None}))
    assert (found.name, found.description, found.licence, found.sources) == ("n", "d", "MIT", ("a", "b"))
    assert found.scenarios == {"s": {"description": "sd"}}
    assert found.settings == {}


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
def test_bad_factors(folder, line, problem, violations_of, scenario):
    """Tests that factors of what is no number, and factors that are none, are refused."""
    (found,) = violations_of(load, folder(scenario("[scenarios.s.factors]", line)))
    assert found.startswith(problem)


def test_a_folder_without_a_manifest_says_so(folder, violations_of):
    """Tests that a folder of tables is told what it lacks."""
    (found,) = violations_of(load, folder({"dataset.toml": None}))
    assert "is a folder without a dataset.toml" in found
    assert "which may be empty; 'placer template FOLDER' writes one" in found
