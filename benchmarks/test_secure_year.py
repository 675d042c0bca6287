"""Smoke test of secure years: two days of china beside the days alone."""

from __future__ import annotations

import json

import pytest

from benchmarks.secure_year import main


@pytest.mark.slow
def test_two_days_are_the_sum_of_their_days(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that the year and its days agree, and the columns of the row."""
    assert main(["--days", "2", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["columns"] > 800_000
    assert row["stranded_mtok"] > 0
