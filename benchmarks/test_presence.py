"""Smoke test of the benchmark of models in whole replicas; people judge its measurements."""

from __future__ import annotations

import pytest

from .presence import main


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that small instances run through, to the gap."""
    assert main(["--quick", "--seeds", "1"]) == 0
    title, header, row = capsys.readouterr().out.splitlines()
    assert title == "3 models, 4 data centres, 5 hubs, 4 hours"
    assert header.split()[:4] == ["seed", "columns", "replicas", "gap"]
    assert row.split()[:2] == ["0", "240"]
