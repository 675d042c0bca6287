"""Tests of the passes of a solve; people judge its measurements."""

from __future__ import annotations

import json

import pytest

from .passes import PASSES, main


@pytest.mark.slow
def test_every_pass_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that each pass of a small fleet is called, that none is timed below 0, and that the rest comes last."""
    assert main(["--size", "small", "--json"]) == 0
    passes = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in passes] == [*PASSES, "the rest"]
    assert all(each["calls"] > 0 for each in passes[:-1])
    assert all(each["processor_seconds"] >= 0 for each in passes)


def test_table_ends_with_the_sum(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that the last line of the table is the sum of the others."""
    assert main(["--size", "smoke"]) == 0
    *lines, last = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert float(last[2]) == pytest.approx(sum(float(line[2]) for line in lines), abs=0.01)
