"""Smoke test of the benchmark of limits; people judge its measurements."""

from __future__ import annotations

import pytest

from .families import build
from .own_limits import LOOSE, limits_of, main, with_green


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a small instance runs through, its costs those of the whole program."""
    assert main(["--quick"]) == 0
    header, _, *rows = capsys.readouterr().out.splitlines()
    assert header.split(" | ")[1:4] == ["columns", "limits", "of these bind"]
    assert [row.split(" | ")[2] for row in rows] == ["0", "2", "8"]


@pytest.mark.slow
def test_limits() -> None:
    """Tests that few limits are the first of many, and that kinds and senses are mixed."""
    instance = with_green(build("tiers", "smoke"))
    few, many = limits_of(instance, 4), limits_of(instance, 12)
    assert few["kind"].tolist() == many["kind"].tolist()[:4]
    assert set(many["sense"]) <= set(LOOSE)
    assert many["kind"].nunique() > 3
