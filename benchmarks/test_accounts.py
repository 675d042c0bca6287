"""Tests of the measurements of accounts, gains and flexibility."""

from __future__ import annotations

import json

import pytest

from .accounts import main


@pytest.mark.slow
def test_tiny(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that every measurement says what it found on tiny, and as JSON."""
    assert main(["--quick"]) == 0
    said = capsys.readouterr().out
    for text in ("tiny: accounts: net costs add up to", "gains of 3 groups, 1 process: Trade saves", "7 points"):
        assert text in said
    assert main(["--quick", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 4
