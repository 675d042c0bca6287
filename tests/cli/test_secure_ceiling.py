"""``placer ceiling --secure``: text, JSON and files."""

from __future__ import annotations

import json

import pytest

import placer


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_points_of_the_curve(run, tmp_path):
    """Tests that limits are printed in text, JSON and files as the library finds them."""
    points = placer.export_ceiling(placer.load("tiny"), security=placer.Security()).at_limits([20.0, 53.0])
    arguments = ("ceiling", "tiny", "--secure", "data_centres", "--at", "53", "--at", "20")
    code, out, _ = run(*arguments, "--out", str(tmp_path / "out"))
    assert code == 0
    assert "At these limits" in out
    assert "20.83%" in out
    assert (tmp_path / "out" / "secure_at_limits.csv").is_file()
    code, out, _ = run(*arguments, "--json")
    assert code == 0
    told = json.loads(out)
    assert "curve" not in told
    assert [row["rtt_limit_ms"] for row in told["at_limits"]] == [20.0, 53.0]
    assert [row["stranded_mtok"] for row in told["at_limits"]] == pytest.approx(points["stranded_mtok"].tolist())


def test_what_does_not_go_together(run):
    """Tests that a rule without --secure and a curve that is not traced are refused."""
    code, _, err = run("ceiling", "tiny", "--recourse", "all")
    assert code == 2
    assert "security.--recourse: nothing is lost" in err
    code, _, err = run("ceiling", "tiny", "--secure", "data_centres", "--at", "nan")
    assert code == 2
    assert "--at is a limit from 0 on" in err
    code, _, err = run("ceiling", "tiny", "--secure", "links", "--by", "rtt")
    assert code == 2
    assert "a lost link changes round trips" in err
