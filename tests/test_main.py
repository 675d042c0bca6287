"""The entry of the command line: an interrupt while it is being imported, and by a signal at any time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pulp
import pytest

from tests.effort import PATIENCE_SECONDS

ROOT = Path(__file__).parents[1]
TOO_LITTLE = (
    "placer: the memory ran out while placer was loaded, which takes 0.6 GB of addresses, 0.3 GB of them for data"
)


def _run_with_pandas(folder, program):
    """Run the command line with a program in the place of pandas."""
    (folder / "pandas.py").write_text(program, encoding="utf-8")
    path = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "placer", "solve", "tiny"],
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    "program",
    [
        "raise KeyboardInterrupt",
        """
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    raise ImportError("initialization failed")
""",
    ],
)
def test_interrupt_while_importing_is_one_line(tmp_path, program):
    """Tests that Ctrl-C while libraries are loaded prints one line, also where one turns it into an ImportError."""
    done = _run_with_pandas(tmp_path, program)
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.decode().splitlines() == ["placer: interrupted"]


@pytest.mark.parametrize(
    "program", ["raise MemoryError", 'raise ImportError("lib.so: failed to map segment from shared object")']
)
def test_memory_that_does_not_hold_the_program_is_one_line(tmp_path, program):
    """Tests a limit of the process below what its libraries take."""
    done = _run_with_pandas(tmp_path, program)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines() == [TOO_LITTLE]


@pytest.mark.parametrize(("name", "megabytes"), [("RLIMIT_AS", 480), ("RLIMIT_AS", 520), ("RLIMIT_DATA", 200)])
def test_a_limit_that_does_not_hold_the_program_is_refused_before_it_is_loaded(name, megabytes):
    """Tests limits at which OpenBLAS, as it is loaded, asked for memory again and again, and never ended."""
    resource = pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-m", "placer", "solve", "tiny"],
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(getattr(resource, name), (megabytes << 20,) * 2),
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines() == [TOO_LITTLE]


def test_library_that_cannot_be_loaded_is_no_lack_of_memory(tmp_path):
    """Tests that a broken installation keeps its traceback."""
    done = _run_with_pandas(tmp_path, 'raise ImportError("broken")')
    assert done.returncode == 1
    assert b"ImportError: broken" in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        'exec("raise KeyboardInterrupt")',  # as for a dataclass: CPython would kill the process
        "Finalised()\n    while True: time.sleep(0.01)",  # CPython drops what a finaliser raises
    ],
)
def test_interrupt_where_the_interpreter_has_its_own_ways(tmp_path, body):
    """Tests an interrupt in code that comes from text, and one in a finaliser, which comes again."""
    program = f"""
import time, types
from placer import __main__ as command
class Finalised:
    def __del__(self): raise KeyboardInterrupt
def run():
    {body}
command._command_line = lambda: types.SimpleNamespace(run_command_line=run)
command.main()
"""
    (tmp_path / "interrupted.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 130
    assert done.stderr.decode().splitlines() == ["placer: interrupted"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_sigterm_that_meets_a_finaliser_comes_again(tmp_path):
    """Tests a signal whose exception CPython drops."""
    program = """
import os, signal, time, types
from placer import __main__ as command
class Finalised:
    def __del__(self): os.kill(os.getpid(), signal.SIGTERM)
def run():
    Finalised()
    while True: time.sleep(0.01)
command._command_line = lambda: types.SimpleNamespace(run_command_line=run)
command.main()
"""
    (tmp_path / "terminated.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "terminated"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stderr) == (143, b"")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.5, 2.5])
def test_interrupt_at_any_time_is_one_line(seconds):
    """Tests that a signal while modules are imported, or while it solves, leaves no traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "placer", "ceiling", "china"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    lines = [line for line in err.decode().splitlines() if not line.startswith("placer: ")]
    assert not lines
    assert process.returncode == 130
    assert err.decode().endswith("placer: interrupted\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("solver", ["pulp:PULP_CBC_CMD", "simplex", "pdlp", "columns"])
def test_termination_is_as_clean_as_an_interrupt(solver, tmp_path):
    """Tests that SIGTERM while it solves is one line and status 143, and leaves neither process nor file."""
    if solver.startswith("pulp:") and solver.removeprefix("pulp:") not in pulp.listSolvers(onlyAvailable=True):
        pytest.skip("CBC is not installed")
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-W", "ignore", "-m", "placer", "--verbose", "solve", "china", "--solver", solver],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        while b"placer: solving" not in (line := process.stderr.readline()):
            assert line
        own = psutil.Process(process.pid)
        process.send_signal(signal.SIGTERM)
        children = own.children(recursive=True)
        err = process.stderr.read().decode()
        assert process.wait(PATIENCE_SECONDS) == 143
    assert err.endswith("placer: terminated\n")
    assert "Traceback" not in err
    assert not psutil.wait_procs(children, timeout=PATIENCE_SECONDS)[1]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no /dev/full")
@pytest.mark.parametrize("closed", ["1", "2", "012", "full"])
def test_closed_streams_change_no_status(tmp_path, closed):
    """Tests that a command does its work where nobody reads its output, and a file takes no output in its place."""
    close = [f"os.close({number})" for number in closed if number.isdigit()]
    lines = ["import os, sys", *(close or ["os.dup2(os.open('/dev/full', os.O_WRONLY), 2)"])]
    lines.append("os.execv(sys.executable, [sys.executable, *'-m placer convert tiny tiny.json --json'.split()])")
    (tmp_path / "closing.py").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "closing"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert json.loads((tmp_path / "tiny.json").read_text(encoding="utf-8"))["nodes"]
