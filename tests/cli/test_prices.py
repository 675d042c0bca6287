"""The command ``placer prices``."""

from __future__ import annotations

import json

import pytest

import placer


def test_dearest_first(run):
    """Tests that every demand has a row, and the highest price stands first."""
    code, out, _ = run("prices", "tiny")
    prices = placer.solve(placer.load("tiny")).prices
    first = out.partition("demand ")[2].splitlines()[1]
    assert code == 0
    assert first.startswith("chat at ")
    assert f"and {len(prices) - 15} more" in out or len(prices) <= 15


@pytest.mark.slow
def test_ranges_of_some(run, tmp_path):
    """Tests that the ranges of the chosen demands hold their prices, on the screen and in files."""
    chosen = ("--workload", "chat", "--workload", "voice", "--hub", "Inland", "--hours", "1")
    code, out, _ = run("prices", "tiny", *chosen, "--ranges", "--json", "--out", tmp_path / "a")
    rows = json.loads(out)["prices"]
    assert code == 0
    assert [(row["workload"], row["hub"], row["hour"]) for row in rows] == [
        ("voice", "Inland", 1),
        ("chat", "Inland", 1),
    ]
    for row in rows:
        assert row["low_usd_per_mtok"] <= row["usd_per_mtok"] + 1e-6
        assert row["usd_per_mtok"] <= row["high_usd_per_mtok"] + 1e-6
    assert (tmp_path / "a" / "prices.csv").read_text().count("\n") == 3
    assert "chat at Inland, 1" in run("prices", "tiny", *chosen)[1]


@pytest.mark.slow
def test_unknown_names_are_listed(run):
    """Tests that each name without demand is told, with those that have some."""
    code, _, err = run("prices", "tiny", "--workload", "chess", "--hub", "Moon")
    assert code == 2
    assert "'chess' has no demand (allowed: any of voice, chat, batch)" in err
    assert "'Moon' has no demand" in err


def test_hours_are_read_as_in_limits(run):
    """Tests a range of hours, and one that is none of the demand."""
    assert run("prices", "tiny", "--hours", "0-1", "--json")[0] == 0
    code, _, err = run("prices", "tiny", "--hours", "7")
    assert code == 2
    assert "'7' is no hour of the demand" in err
