"""Programs that a solver starts end with the solve, and their files go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from placer.solvers import children
from placer.solvers.children import own_folder
from tests.effort import PATIENCE_SECONDS

#: Writes a file beside itself, says so, and waits for a time no test would wait.
SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('x'); print(flush=True); time.sleep(600)"


def start(folder, name="big.mps"):
    """Start a program that works on a file in a folder, and wait until it has written it."""
    command = [sys.executable, "-c", SLEEPER, str(Path(folder, name))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    process.stdout.readline()
    return process


def end(process):
    """Return how a process ended, and leave nothing open."""
    with process:
        return process.wait(PATIENCE_SECONDS)


def test_interrupted_solve_leaves_nothing():
    """Tests that the program is gone and its folder removed when an exception passes."""
    started = []

    def interrupted():
        with own_folder() as folder:
            started.append(start(folder))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (process,) = started
    folder = Path(process.args[-1]).parent
    assert not Path(folder).exists()
    assert not psutil.pid_exists(process.pid) or psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    end(process)


def test_program_that_does_not_keep_its_limit_is_killed(monkeypatch):
    """Tests that it ends without the caller doing anything."""
    monkeypatch.setattr(children, "GRACE_SECONDS", 0.0)
    with own_folder(0.01) as folder:
        assert end(start(folder)) != 0


def test_other_programs_live_on(tmp_path):
    """Tests that only what names the folder is killed."""
    other = start(tmp_path)
    with own_folder():
        pass
    assert other.poll() is None
    other.kill()
    end(other)
