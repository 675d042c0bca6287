"""Which problems use compiled kernels."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from placer.kernels import choice


@pytest.fixture
def unknown(monkeypatch):
    """Forget which kernels there are, before and after."""
    choice._compiled.cache_clear()
    monkeypatch.delitem(sys.modules, "placer.kernels.compiled", raising=False)
    yield
    choice._compiled.cache_clear()


def test_large_problems_use_them(unknown, caplog):
    """Tests the edge of size, and the remark."""
    with caplog.at_level(logging.INFO, "placer"):
        assert choice.kernels_for(choice.LEAST_COLUMNS - 1) is None
        assert not caplog.messages
        assert choice.kernels_for(choice.LEAST_COLUMNS).__name__ == "placer.kernels.compiled"
    assert caplog.messages == ["loops over columns: compiled by numba"]


@pytest.mark.parametrize("missing", ["numba", "placer.kernels.compiled"])
def test_without_numba_there_are_none(unknown, monkeypatch, caplog, missing):
    """Tests that a library that is missing, or cannot be imported, is a remark and no error."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "placer.kernels.jit", raising=False)
    with caplog.at_level(logging.INFO, "placer"):
        assert choice.kernels_for(choice.LEAST_COLUMNS) is None
    assert caplog.messages[0].startswith("loops over columns: NumPy, since the extra 'fast' is not there")


@pytest.mark.slow
def test_small_problems_do_not_import_numba():
    """Tests a whole solve of ``tiny`` by column generation in a process of its own."""
    script = (
        "import sys, placer; placer.solve(placer.load('tiny'), placer.ColumnGeneration());"
        "raise SystemExit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0  # noqa: S603
