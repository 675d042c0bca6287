"""Tests the benchmark of merged places on the smallest fleet."""

import pytest

from benchmarks.families import build
from benchmarks.reduced import compare, main


@pytest.mark.slow
def test_figures_agree():
    """Tests that the interval holds the least cost, and that the gap is the sum of both sides."""
    found = compare(build("fleet", "smoke"), hubs=5, data_centres=4, gap=1e-3, with_start=True)
    assert found.merged_columns < found.columns
    assert -1e-9 <= found.above <= found.gap + 1e-9
    assert found.laid >= -1e-9
    assert found.from_prices > 0


@pytest.mark.slow
def test_it_prints_two_lines(capsys):
    """Tests the command."""
    main(["--size", "smoke", "--hubs", "5"])
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    assert "the whole from prices nan" in out
