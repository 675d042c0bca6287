"""Tests of what a report says it rests on."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError
from placer.report.content.assumptions import LONGEST_TEXT, assumptions_of


def test_sources_of_a_dataset_are_grouped():
    """Tests that every figure of ``china`` is counted by kind, and lines of one source stand together."""
    found = assumptions_of(placer.load("china"), placer.datasets.describe("china"), ("dispatch",))
    assert found.kinds["assumption"] > 0
    assert len(found.sources) < found.kinds.sum()
    assert set(found.sources["kind"]) == set(found.kinds.index)
    assert found.scenarios[0][0] == "dispatch"
    assert "paid" in found.scenarios[0][1]
    assert ("Counted as export", "east to west; centre to west; northeast to west") in found.settings


def test_without_dataset(make_instance):
    """Tests that an instance that comes from no dataset has settings and no sources."""
    found = assumptions_of(make_instance(carbon_limit_kg=5.0), None)
    assert found.sources.empty
    assert found.kinds.empty
    assert ("Limit on carbon", "5 kg") in found.settings
    assert ("Limit on water", "none") in found.settings


def test_a_dataset_without_sources(tmp_path):
    """Tests that a folder without ``sources.csv`` has none."""
    folder = placer.save(placer.load("tiny"), tmp_path / "bare")
    assert assumptions_of(placer.load(folder), placer.datasets.describe(folder)).sources.empty


def test_sources_that_lack_a_column_are_refused(tmp_path):
    """Tests that a file of sources without the columns it should have is an error that names them."""
    folder = placer.save(placer.load("tiny"), tmp_path / "bare")
    (folder / "sources.csv").write_text("table,row,column,source\nhubs,*,*,x\n", encoding="utf-8")
    with pytest.raises(InstanceError, match="kind"):
        assumptions_of(placer.load(folder), placer.datasets.describe(folder))


def test_long_and_odd_texts_are_made_plain(tmp_path):
    """Tests that what a file says is printable and of bounded length."""
    folder = placer.save(placer.load("tiny"), tmp_path / "bare")
    text = f"table,row,column,source,kind,note\nhubs,*,*,{'x' * 5000},odd\u202e,\n"
    (folder / "sources.csv").write_text(text, encoding="utf-8")
    row = assumptions_of(placer.load(folder), placer.datasets.describe(folder)).sources.iloc[0]
    assert len(row["source"]) == LONGEST_TEXT + 3
    assert row["kind"] == "odd\\u202e"
