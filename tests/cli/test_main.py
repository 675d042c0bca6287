"""Tests of the command line, run in this process through its entry point."""

from __future__ import annotations

import subprocess
import sys

import pytest

import placer
from placer.utils.threads import blas_threads


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("solve", "nowhere"), "neither a dataset nor a folder"),
        (("solve", "tiny", "--scenario", "none"), "dispatch, patient"),
        (("solve", "tiny", "--solver", "magic"), "use auto, columns, simplex, ipm, pdlp or pulp:NAME"),
        (("solve", "tiny", "--time-limit", "-1"), "positive number of seconds"),
        (("check", "nowhere"), "neither a dataset nor a folder"),
        (("ceiling", "nowhere"), "neither a dataset nor a folder"),
    ],
)
def test_bad_input_exits_with_2(run, arguments, expected):
    """Tests that bad input ends in one message of our own and exit code 2."""
    code, out, err = run(*arguments)
    assert code == 2
    assert expected in err
    assert "Traceback" not in err
    assert not out


def test_version(run):
    """Tests that the version is printed, and nothing else."""
    assert run("--version") == (0, f"placer {placer.__version__}\n", "")


def test_statuses_are_listed_in_the_help(run):
    """Tests that the help of the program lists what every exit status means."""
    out = " ".join(run("--help")[1].split())
    for text in ("0 done", "1 no solution", "2 bad input", "3 some demand is unserved and --require-served", "130"):
        assert text in out


@pytest.mark.parametrize("command", ["solve", "ceiling", "batch", "batch report", "report", "bench", "convert"])
def test_help_holds_what_was_written(run, command):
    """Tests that no bracket is lost as markup, and no switch is shown with a type."""
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert "<bool>" not in out
    if command == "batch report":
        assert "token-placer[parquet]" in "".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("solve",), "placer solve: Missing argument 'DATASET'. See 'placer solve --help'."),
        (("slove", "tiny"), "No such command 'slove'"),
        (("solve", "tiny", "--x\x1b[31m[/b]"), r"No such option: --x"),
    ],
)
def test_wrong_arguments_are_one_line(run, arguments, said):
    """Tests that what is wrong with the arguments is one line of plain text, with exit status 2."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


def test_every_command_has_one_line_in_the_help(run, monkeypatch):
    """Tests that the list of commands says what each does on one line of a narrow terminal, with nothing cut."""
    monkeypatch.setenv("COLUMNS", "80")
    listed = run("--help")[1].partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert all(line.endswith(".") and "..." not in line for line in listed)


def test_no_arguments_is_help(run):
    """Tests that the bare command lists what there is."""
    assert "Usage: placer [OPTIONS] COMMAND" in run()[2]


@pytest.mark.parametrize("command", ["solve", "check", "datasets", "ceiling", "explain"])
def test_every_command_has_help_with_an_example(run, command):
    """Tests that --help of every command shows an example."""
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"Example: placer {command}" in " ".join(out.split())


@pytest.mark.slow
def test_it_runs_as_a_module():
    """Tests that python -m placer is the command."""
    done = subprocess.run([sys.executable, "-m", "placer", "--help"], capture_output=True, text=True, check=True)
    assert "solve" in done.stdout


def test_commands_take_one_blas_thread(run, monkeypatch, two_blas_threads):
    """Tests that a command holds BLAS to one thread throughout, so that its digits depend on no number of cores."""
    seen = []
    monkeypatch.setattr("placer.cli.main.app", lambda **_: seen.append(blas_threads()))
    assert run("solve", "tiny")[0] == 0
    assert seen == [{1}]
    assert blas_threads() == two_blas_threads == {2}


@pytest.mark.parametrize(
    ("error", "said"),
    [(MemoryError("Unable to allocate 8 GiB"), "Unable to allocate 8 GiB"), (MemoryError(), "of Python")],
)
def test_memory_that_runs_out_is_said(run, monkeypatch, error, said):
    """Tests that a dataset or a table that does not fit is one line, and no traceback."""

    def full(**_):
        raise error

    monkeypatch.setattr("placer.cli.main.app", full)
    assert run("datasets") == (1, "", f"placer: the memory ran out ({said})\n")
