"""The command ``placer reduce``."""

from __future__ import annotations

import json

import pytest


@pytest.mark.slow
def test_interval_places_and_files(run, tmp_path):
    code, out, _ = run("reduce", "tiny", "--hubs", 2, "--data-centres", 2, "--out", tmp_path / "a")
    assert code == 0
    assert "2 of 3 hubs, 2 of 3 data centres" in out
    assert "a placement of 330.77 USD, proven: none costs less" in out
    assert "Delta" in out
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == [
        *("answers.csv", "data_centres.csv", "hours.csv", "hubs.csv", "summary.json")
    ]


def test_json_has_the_interval_and_who_stands_for_whom(run):
    code, out, _ = run("reduce", "tiny", "--hubs", 2, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["hubs"], found["hubs_of_whole"], found["data_centres"], found["proven"]) == (2, 3, 3, False)
    assert found["lower_usd"] < found["upper_usd"]
    assert 0 < found["gap"] < 1e-3
    merged = {row["hub"]: row["merged_into"] for row in found["tables"]["hubs"]}
    assert merged == {"Coast": "Coast", "Delta": "Coast", "Inland": "Inland"}


def test_bad_numbers_are_told_together(run):
    code, _, err = run("reduce", "tiny", "--hubs", 9, "--data-centres", 0)
    assert code == 2
    assert "merge_hubs.count: 9 for 3 hubs" in err
    assert "merge_data_centres.count: 0 for 3 data centres" in err
    code, _, err = run("reduce", "tiny")
    assert code == 2
    assert "needs --hubs, --data-centres or both" in err
    code, _, err = run("reduce", "tiny", "--hubs", 2, "--gap", 2)
    assert code == 2
    assert "gap" in err
