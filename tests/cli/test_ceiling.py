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
