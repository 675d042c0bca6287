"""Tests of the campaign of wild instances; people judge its measurements."""

from __future__ import annotations

import pytest

from .giving_up import Line, main


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that small instances run through, and that the ratios are summed up."""
    assert main(["--quick"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "seed"
    assert "ratio of the default to the better of the two" in lines[-1]


def test_ratio() -> None:
    """Tests that the default is compared with the better of the two."""
    assert Line(1, 50_000, default=3.0, highs=2.0, alone=6.0, how="").ratio == 1.5
