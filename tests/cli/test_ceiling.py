"""The command ``placer ceiling``."""

from __future__ import annotations

import json

import pytest

import placer


@pytest.mark.slow
def test_ceiling(run, tmp_path):
    """Tests that the ceiling is printed, given as JSON, and written with its plots."""
    code, out, _ = run("ceiling", "tiny")
    assert code == 0
    assert "Export ceiling: 43.75% of tokens" in out
    code, out, _ = run("ceiling", "tiny", "--by", "slo", "--json", "--out", str(tmp_path / "out"))
    found = json.loads(out)
    assert code == 0
    assert found["share"] == pytest.approx(105 / 240)
    assert found["exporting"] == ["east"]
    assert found["curve"][-1]["exact"]
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"curve_slo.csv", "curve_slo.png", "limits.png", "summary.json"} <= names
    code, out, _ = run("ceiling", "tiny", "--exporting", "west", "--weight", "work")
    assert code == 0
    assert "of work" in out
    assert "from west to east" in out


@pytest.mark.slow
def test_points_of_the_curve(run):
    """Tests that limits between corners are printed and given as JSON, with the row of the curve that holds there."""
    curve = placer.export_ceiling(placer.load("tiny")).curve
    code, out, _ = run("ceiling", "tiny", "--at", "53", "--at", "20.5", "--json")
    points = json.loads(out)["at_limits"]
    assert code == 0
    assert [row["rtt_limit_ms"] for row in points] == [20.5, 53.0]
    assert [row["share"] for row in points] == [curve.at(20.5)["share"], curve.at(53.0)["share"]]
    assert "20.5 " in run("ceiling", "tiny", "--at", "20.5")[1].partition("At these limits")[2]


@pytest.mark.slow
def test_by_accelerators(run, tmp_path):
    """Tests that the ceiling by effort is printed with walls and prices, given as JSON, and written with its plot."""
    code, out, _ = run("ceiling", "tiny", "--by", "accelerators", "--at", "400")
    assert code == 0
    assert "Ceiling by effort: 1 rows" in out
    assert "At these hours" in out
    assert "Wall or price" in out
    code, out, _ = run("ceiling", "tiny", "--by", "accelerators", "--json", "--out", str(tmp_path / "out"))
    assert json.loads(out)["curve"][0]["accelerator_hours"] == pytest.approx(310)
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"curve_accelerators.csv", "curve_accelerators.png", "walls.csv"} <= names


def test_effort_has_no_curve_with_security(run):
    """Tests that the two are refused together, before the work."""
    said = run("ceiling", "tiny", "--by", "accelerators", "--secure", "data_centres")[2]
    assert "--by accelerators has no curve with --secure: take rtt, slo, shorten" in said


def test_negative_limits_are_refused(run):
    """Tests that a limit below 0 is bad input, before the work."""
    assert "--at is a limit from 0 on" in run("ceiling", "tiny", "--at", "-1")[2]


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
def test_secure_ceiling_points_of_the_curve(run, tmp_path):
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


@pytest.mark.slow
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
