"""Smoke test of the benchmark of modes; people judge its measurements."""

from __future__ import annotations

import pytest

from .modes import main


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a small instance runs through, its costs those of the whole program."""
    assert main(["--quick"]) == 0
    header, _, *rows = capsys.readouterr().out.splitlines()
    assert header.split(" | ")[1:4] == ["energy", "modes", "columns"]
    assert [row.split(" | ")[2] for row in rows] == ["1", "4", "1", "4"]
