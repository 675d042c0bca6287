"""Tests of the table of ratios; people, not tests, judge the ratios."""

from __future__ import annotations

import json
import math

import pytest

from . import ratios
from .ratios import Comparison, in_turn, main


@pytest.mark.slow
def test_quick(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that the small sizes run through, both sides agreeing, and are printed as JSON and as a table."""
    monkeypatch.setattr(ratios, "SEEDS", (0,))
    lines = ratios.measure("smoke", 1)
    assert lines
    assert all(math.isfinite(line.ours_seconds) for line in lines)  # a busy machine may make import less start negative
    monkeypatch.setattr(ratios, "measure", lambda _size, _rounds: lines)
    main(["--quick", "--rounds", "1", "--json"])
    assert len(json.loads(capsys.readouterr().out)["comparisons"]) == len(lines)
    main(["--quick", "--rounds", "1"])
    printed = capsys.readouterr().out
    assert printed.startswith("what ")
    assert "highspy" in printed


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that the help shows an example."""
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "example:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "met"),
    [
        (Comparison("a", "b", 1.0, 30.0, 20, faster=True), True),
        (Comparison("a", "b", 2.0, 30.0, 20, faster=True), False),
        (Comparison("a", "b", 1.0, 30.0, 0.05), True),
        (Comparison("a", "b", 2.0, 30.0, 0.05), False),
        (Comparison("a", "", 0.5, target=1.0), True),
        (Comparison("a", "b", 0.5, 1.0), None),
    ],
)
def test_met(line: Comparison, met: object) -> None:
    """Tests that a target is a share at most, a factor at least, or seconds at most."""
    assert line.met is met


@pytest.mark.slow
def test_in_turn() -> None:
    """Tests that the sides of a comparison alternate."""
    called: list[str] = []
    in_turn(2, lambda: called.append("ours"), lambda: called.append("theirs"))
    assert called == ["ours", "theirs"] * 2
