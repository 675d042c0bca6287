"""Tests of the measurements of limits; people judge the measurements."""

from __future__ import annotations

import pytest

import placer

from .limited_calls import OF_PLACEMENT, OF_PLAN, call_within
from .limits import WAYS, main, solve_here


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("CBC", "PuLP HiGHS")])
def test_way(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that every way to solve starts, and ends at an expired limit with that reason."""
    solve_here(way, "smoke", 1e-9)
    assert capsys.readouterr().out.split("\n")[:2] == ["begun", "time limit"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OF_PLACEMENT, *OF_PLAN])
def test_call(name: str) -> None:
    """Tests that every call starts, and ends at an expired limit with that reason."""
    begun: list[str] = []
    with pytest.raises(placer.NoSolutionError, match="time limit"):
        call_within(name, 1e-9, lambda: begun.append(name))
    assert begun == [name]


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a way is measured at its limit and at an interruption."""
    assert main(["--quick", "--way", "columns"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["columns", "limit"], ["columns", "Ctrl-C"]]
