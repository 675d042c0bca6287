"""Tests ``placer obstacles``."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import placer


@pytest.mark.slow
def test_obstacles_on_the_screen(run_placer):
    """Tests the headline, the parts and all sets."""
    code, out, _ = run_placer("obstacles", "tiny", "--made-in", "west", "--obstacle", "patient")
    assert code == 0
    assert "Obstacles: west sells" in out
    lines = [line.split() for line in out.splitlines()]
    assert any(line[:1] == ["patient"] for line in lines)
    assert any(line[:3] == ["distance", "+", "patient"] for line in lines)


def test_obstacles_as_json_and_files(run_placer, tmp_path):
    """Tests that the parts add up in both, with a change of the dataset."""
    change = ("--change", "demand.mtok=*0.5", "--out", tmp_path / "found")
    code, out, _ = run_placer("obstacles", "tiny", "--made-in", "west", *change, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["demand_abroad_mtok"] == pytest.approx(105)
    takes = sum(row["takes_mtok"] for row in told["obstacles"])
    assert takes == pytest.approx(105 - told["exports_mtok"])
    assert pd.read_csv(tmp_path / "found" / "obstacles.csv")["takes_mtok"].sum() == pytest.approx(takes)
    assert (tmp_path / "found" / "coalitions.csv").is_file()


def test_unknown_names_are_bad_input(run_placer):
    """Tests the status of a scenario and of a country that are not there."""
    for given in (("--made-in", "west", "--obstacle", "moon"), ("--made-in", "moon")):
        code, _, err = run_placer("obstacles", "tiny", *given)
        assert code == 2
        assert "moon" in err


@pytest.mark.slow
def test_likely_mistakes_are_noted_once(run_placer, tmp_path):
    """Tests one line of prices in USD per kWh, however many instances are placed."""
    folder = placer.save(placer.load("tiny").scaled("power_zones.usd_per_mwh", 1e-3), tmp_path / "x")
    code, _, err = run_placer("obstacles", folder, "--made-in", "west")
    assert code == 0
    assert err.count("in USD per kWh?") == 1
