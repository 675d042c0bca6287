"""The command ``placer front``."""

from __future__ import annotations

import json

import pytest

import placer

ASKED = ("front", "tiny", "--against", "carbon_kg", "--points", "4")


@pytest.mark.slow
def test_the_front_is_that_of_python(run):
    """Tests that JSON holds the summary and the table."""
    code, out, _ = run(*ASKED, "--json")
    told, found = json.loads(out), placer.abatement_front(placer.load("tiny"), "carbon_kg", points=4)
    assert (code, told["against"], told["rows"]) == (0, "carbon_kg", len(found.points))
    rows = told["front_carbon_kg"]
    assert [row["cost_usd"] for row in rows] == pytest.approx(list(found.table["cost_usd"]))


@pytest.mark.slow
def test_text_and_files(run, tmp_path):
    """Tests the ends in a line, and the table in a folder."""
    code, out, _ = run("front", "tiny", "--matching", "hour", "--out", tmp_path / "a")
    assert code == 0
    assert "Front of cost against green share of every hour" in out
    assert {file.name for file in (tmp_path / "a").iterdir()} == {"front_green_share.csv", "summary.json"}


def test_what_is_refused(run):
    """Tests a matching of carbon."""
    code, _, err = run(*ASKED, "--matching", "day")
    assert code == 2
    assert "--matching is of --against green_share" in err


@pytest.mark.slow
def test_plot(run, tmp_path):
    """Tests that the front is drawn."""
    assert run(*ASKED, "--plot", tmp_path / "a.svg")[0] == 0
    assert "USD" in (tmp_path / "a.svg").read_text(encoding="utf-8")
