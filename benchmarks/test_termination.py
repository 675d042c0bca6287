"""Tests of the trials of SIGTERM, with programs in place of the commands."""

import sys
from types import SimpleNamespace

import pytest

from benchmarks import termination
from benchmarks.termination import terminated
from tests.effort import PATIENCE_SECONDS

_SLEEP = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: {}); "
    "print('begun', file=sys.stderr, flush=True); time.sleep(600)"
)
FIRST = SimpleNamespace(uniform=lambda least, _: least)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize(
    ("program", "failures"),
    [
        ("", ()),
        (_SLEEP.format("sys.exit(143)"), ()),
        (_SLEEP.format("sys.exit(1)"), ("status 1",)),
        ("import tempfile; tempfile.mkstemp(suffix='.left'); " + _SLEEP.format("sys.exit(143)"), (".left is left",)),
    ],
)
def test_ends_are_told_apart(monkeypatch, program, failures):
    """Tests a program that was done before, a clean end, another status, and a file that is left."""
    monkeypatch.setattr(termination, "SECONDS_TO_END", PATIENCE_SECONDS)
    monkeypatch.setattr(termination, "COMMANDS", {"solve": ()})
    monkeypatch.setattr(termination, "line_of", lambda *_: [sys.executable, "-S", "-c", program])
    (found,) = terminated(1, FIRST)
    assert found.tries == 1
    assert found.said.startswith("1 ended cleanly" if program and not failures else "0 ended cleanly")
    assert len(found.failures) == len(failures)
    assert all(wanted in said for said, wanted in zip(found.failures, failures, strict=True))
