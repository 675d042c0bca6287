"""Alternatives as a result: figures, tables and what is printed."""

from __future__ import annotations

import pytest

import placer


@pytest.fixture(scope="module")
def found(make_instance):
    return placer.alternatives(placer.solve(make_instance()), 0.1)


def test_figures_and_tables(found, tmp_path):
    summary = found.summary()
    assert (summary["within"], summary["groups"], summary["proven"]) == (0.1, 5, True)
    assert summary["in_words"] == found.in_words
    assert found.in_every.index.get_level_values("group").tolist() == ["Y", "west", "w"]
    assert found.in_none.empty
    assert [file.stem for file in found.save_tables(tmp_path)] == ["ranges", "answers", "amounts"]
    assert "1.067" in found._repr_html_()
    assert repr(found).startswith("Alternatives: 320.00 USD at the least, up to 352.00 USD; 5 of 5 ranges proven")


def test_another_placement_tells_its_gap_and_no_prices(found):
    told = repr(found.placements[1])
    assert "feasible, 10% above the bound on the least cost" in told
    assert "optimal" not in told
    assert "Price" not in told
    assert found.placements[1].summary()["termination"] == "within the budget"
