"""Tests of the comparison of BLAS threads; people judge its measurements."""

from __future__ import annotations

import pytest

from .threads import CASES, main, measure_here


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a small case runs through in every way, quiet and busy."""
    assert main(["--quick", "--rounds", "1", "--case", "columns"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["columns", "quiet"], ["columns", "busy"]]


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    """Tests that every case runs in this process."""
    assert measure_here(case, CASES[case][1][True], "default") > 0
