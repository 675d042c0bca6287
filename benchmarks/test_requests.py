"""Tests that every format of traces is made, read and measured."""

from __future__ import annotations

import pytest

from benchmarks.requests import TARGETS, make, measure, read


@pytest.mark.slow
@pytest.mark.parametrize("kind", TARGETS)
def test_every_format_is_read(kind, tmp_path):
    """Tests a trace of 300 requests in each format."""
    found = read(kind, make(kind, 300, tmp_path))
    assert (found.format, found.requests) == (kind, 300)
    assert found.largest_gb > 0


@pytest.mark.slow
def test_a_process_of_its_own_is_measured(tmp_path):
    """Tests that the figures are those of a new process, and that its trace is removed."""
    found = measure("csv", 100, tmp_path)
    assert found.requests == 100
    assert not list(tmp_path.iterdir())
