"""``placer ceiling --secure``: text, JSON and files."""

from __future__ import annotations

import json

import pytest

import placer


def test_text(run):
    """Tests that both ceilings and what strands are printed, and the curve where it is asked for."""
    code, out, _ = run("ceiling", "tiny", "--secure", "data_centres", "--by", "slo")
    assert code == 0
    assert "Secure export ceiling: 43.75% of tokens, 43.75% without security" in out
    assert "If any one is lost" in out
    assert "By slo" in out
    code, out, _ = run("ceiling", "tiny", "--secure", "data_centres", "--recourse", "all")
    assert code == 0
    assert "Survivable export ceiling" in out
    assert "The ceiling if it is lost" in out


def test_json_and_files(run, tmp_path):
    """Tests that JSON and --out have what the library says."""
    out_folder = tmp_path / "out"
    arguments = ("ceiling", "tiny", "--secure", "links", "--weight", "work", "--exporting", "east", "--json")
    code, out, _ = run(*arguments, "--out", str(out_folder))
    told = json.loads(out)
    found = placer.export_ceiling(placer.load("tiny"), "work", exporting="east", security=placer.Security("links"))
    assert code == 0
    assert (told["secure"], told["proven"]) == ("links", True)
    assert told["share"] == pytest.approx(found.share)
    assert [row["contingency"] for row in told["by_contingency"]] == list(found.contingencies.index)
    assert {file.name for file in out_folder.iterdir()} == {"secure_contingencies.csv", "summary.json"}


def test_what_does_not_go_together(run):
    """Tests that a rule without --secure and a curve that is not traced are refused."""
    code, _, err = run("ceiling", "tiny", "--recourse", "all")
    assert code == 2
    assert "--recourse is the rule of --secure" in err
    code, _, err = run("ceiling", "tiny", "--secure", "links", "--by", "rtt")
    assert code == 2
    assert "a lost link changes round trips" in err
