"""The first-order method in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import threading

import numpy as np
import psutil
import pytest

import placer
from placer.running import running
from placer.solvers import apart
from placer.solvers.apart import EndedError, solve_apart
from placer.solvers.highs import HiGHS
from placer.termination import Reason


@pytest.fixture
def deaf(monkeypatch, tmp_path):
    """Put a process in place of HiGHS' that takes its program and never answers."""
    script = tmp_path / "deaf.py"
    script.write_text("import pickle, sys, time\npickle.load(sys.stdin.buffer)\ntime.sleep(600)\n")
    monkeypatch.setattr(apart, "_PROGRAM", script)
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self.pid)

    monkeypatch.setattr(apart.subprocess, "Popen", Watched)
    return started


@pytest.mark.slow
def test_answer_is_that_of_the_whole_program():
    """Tests that arrays and answer survive the way there and back."""
    tiny = placer.load("tiny")
    placement = placer.solve(tiny, HiGHS("pdlp"))
    assert placement.cost_usd == pytest.approx(placer.solve(tiny).cost_usd)


def test_time_limit_is_handed_on(monkeypatch):
    """Tests that the process is given the limit of the solver, or what is left of one around."""
    given = []

    def watched(options, model):
        given.append(options["time_limit"])
        return {"status": "kTimeLimit", "iterations": 0}

    monkeypatch.setattr("placer.solvers.highs.solve_apart", watched)
    program = placer.to_program(placer.load("tiny"))
    assert HiGHS("pdlp", 50).solve(program).termination.reason is Reason.TIME_LIMIT
    with running(time_limit_seconds=20):
        HiGHS("pdlp", 50).solve(program)
    assert given[0] == 50
    assert given[1] <= 20


def test_process_that_does_not_keep_its_limit_is_ended(deaf, monkeypatch):
    """Tests that it is killed, and that the answer is the reason."""
    monkeypatch.setattr(apart, "GRACE_SECONDS", 0.0)
    program = placer.to_program(placer.load("tiny"))
    solution = HiGHS("pdlp", 0.01).solve(program)
    assert solution.termination.reason is Reason.TIME_LIMIT
    assert not psutil.pid_exists(deaf[0])


@pytest.mark.slow
def test_interruption_ends_the_process(deaf, monkeypatch):
    """Tests that Ctrl-C is heard while it works, and that it is gone afterwards."""
    main = threading.get_ident()

    def interrupt(process, message, answer=apart._received_answer):
        threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT]).start()
        return answer(process, message)

    monkeypatch.setattr(apart, "_received_answer", interrupt)
    with pytest.raises(KeyboardInterrupt):
        placer.solve(placer.load("tiny"), HiGHS("pdlp"))
    assert not psutil.pid_exists(deaf[0])


def test_process_that_dies_is_told(monkeypatch, tmp_path):
    """Tests that its exit code is in the reason."""
    script = tmp_path / "dead.py"
    script.write_text("raise SystemExit(7)\n")
    monkeypatch.setattr(apart, "_PROGRAM", script)
    with pytest.raises(EndedError, match=r"exit code 7"):
        solve_apart({}, [np.zeros(1)])
    solution = HiGHS("pdlp").solve(placer.to_program(placer.load("tiny")))
    assert solution.termination.reason is Reason.FAILED
    assert "its process ended" in solution.termination.detail
