"""Tests of the trials of memory, with programs in place of the commands."""

import sys

import pytest

from benchmarks import short_memory
from benchmarks.short_memory import short_of_memory


@pytest.mark.skipif(sys.platform == "win32", reason="limits a process")
@pytest.mark.parametrize(
    ("program", "survived", "said"),
    [
        ("", True, "an answer"),
        ("raise SystemExit('placer: no solution (memory limit): it needs 3 GB')", True, "needs 3 GB"),
        ("x = bytearray(1 << 31)", False, "MemoryError"),
        ("raise SystemExit('killed')", False, "killed"),
    ],
)
def test_answers_and_refusals_are_no_failures(monkeypatch, program, survived, said):
    """Tests an answer, a refusal, a traceback under the limit, and another end."""
    monkeypatch.setattr(short_memory, "COMMANDS", {"solve": ()})
    monkeypatch.setattr(short_memory, "CALLS", {})
    monkeypatch.setattr(short_memory, "line_of", lambda _: [sys.executable, "-S", "-c", program])
    (found,) = short_of_memory((800,))
    assert found.survived == survived
    assert said in found.said
