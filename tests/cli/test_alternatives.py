"""The command ``placer alternatives``."""

from __future__ import annotations

import json

import pytest


@pytest.mark.slow
def test_ranges_answers_and_files(run, tmp_path):
    code, out, _ = run("alternatives", "tiny", "--group", "region", "--answers", 1, "--out", tmp_path / "a")
    assert code == 0
    assert "Every placement that costs at most 1% more than the least has" in out
    assert "region east" in out
    assert "hop 1" in out
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == [
        *("amounts.csv", "answers.csv", "ranges.csv", "summary.json")
    ]


@pytest.mark.slow
def test_own_groups_and_other_counts(run, tmp_path):
    """Tests groups by their own label, and a picture of the answers."""
    pytest.importorskip("matplotlib")
    chosen = ("--group", "coast=Metro|Port", "--group", "west=west", "--counted", "work", "--within", "0.02")
    code, out, _ = run("alternatives", "tiny", *chosen, "--json", "--plot", tmp_path / "a.svg")
    found = json.loads(out)
    assert code == 0
    assert [(row["kind"], row["group"], row["unit"]) for row in found["ranges"]] == [
        ("own group", "coast", "accelerator-hours"),
        ("own group", "west", "accelerator-hours"),
    ]
    assert found["within"] == 0.02
    assert (tmp_path / "a.svg").exists()


def test_bad_groups_are_told(run):
    code, _, err = run("alternatives", "tiny", "--group", "coast=Metro|Harbour", "--within", "-1")
    assert code == 2
    assert "'Harbour' is unknown" in err
    assert "not -1" in err
    code, _, err = run("alternatives", "tiny", "--group", "region", "--group", "coast=Metro")
    assert code != 0
    assert "not both" in err
