"""Tests of the comparison of BLAS threads; people judge its measurements."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import nullcontext

import pytest

from . import threads
from .threads import CASES, load, main, measure, measure_here


@pytest.mark.slow
def test_process() -> None:
    """Tests that a small case is measured in a process of its own."""
    assert measure("ceiling", CASES["ceiling"][1][True], "one") > 0


def test_load() -> None:
    """Tests that there is a process for every core while they are busy, and none afterwards."""
    with load("busy"):
        assert len(multiprocessing.active_children()) == (os.cpu_count() or 1)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a small case has a line in the table when it is quiet and one when it is busy."""
    monkeypatch.setattr(threads, "measure", measure_here)
    monkeypatch.setattr(threads, "load", lambda _kind: nullcontext())
    assert main(["--quick", "--rounds", "1", "--case", "columns"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["columns", "quiet"], ["columns", "busy"]]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    """Tests that every case runs in this process."""
    assert measure_here(case, CASES[case][1][True], "default") > 0
