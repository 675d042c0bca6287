"""Tests of the measurement of memory; people judge the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from .walk_memory import main

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is read as Linux has it")


@pytest.mark.parametrize("demands", ["alike", "apart"])
@pytest.mark.parametrize("what", ["ceiling", "curve"])
def test_a_walk_is_measured(what: str, demands: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests a line with the assignments, the arcs and both figures."""
    assert main([what, "fleet smoke", demands]) == 0
    line = capsys.readouterr().out
    assert f"{what} of fleet smoke, demands {demands}" in line
