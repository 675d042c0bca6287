"""The command ``placer roll``."""

from __future__ import annotations

import json

import pytest

import placer

ASKED = ("roll", "tiny", "--hours", "1", "--look-ahead", "1")


@pytest.mark.slow
def test_text(run):
    """Tests that the steps stand with what they hand on, and cost together what the whole horizon does."""
    code, out, _ = run(*ASKED)
    assert code == 0
    assert "<2 steps: 240 Mtok served, 0 unserved, 330.77 USD" in out
    rows = [line.split()[:6] for line in out.partition("from hour")[2].splitlines()[1:3]]
    assert rows == [["0", "145", "0", "115", "0", "30"], ["1", "95", "30", "125", "0", "0"]]


@pytest.mark.slow
def test_json_and_files(run, tmp_path):
    """Tests that JSON and files hold the figures of the function."""
    code, out, _ = run(*ASKED, "--json", "--out", tmp_path / "a")
    told, found = json.loads(out), placer.roll(placer.load("tiny"), hours=1, look_ahead=1)
    assert code == 0
    assert told["cost_usd"] == pytest.approx(found.cost_usd)
    assert [row["remaining_mtok"] for row in json.loads(out)["steps"]] == pytest.approx([30.0, 0.0])
    assert {file.name for file in (tmp_path / "a").iterdir()} == {"steps.csv", "workloads.csv", "summary.json"}


@pytest.mark.slow
def test_unserved_demand_has_its_status(run, short_folder):
    """Tests that demand that no step serves ends with status 3 where that is asked for."""
    assert run("roll", short_folder, "--hours", "1", "--look-ahead", "1", "--require-served")[0] == 3


def test_hours_that_do_not_fit(run):
    """Tests that half an hour is refused."""
    code, _, err = run("roll", "tiny", "--hours", "0.5")
    assert code == 2
    assert "0.5 hours do not fit" in err
