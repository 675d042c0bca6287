"""Tests of the command line, run in this process through its entry point."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from typer.main import get_command

import placer
from placer.cli.main import app
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


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_needs_no_command_loads_none(option):
    """Tests that the version and the list of commands take no library of the computations."""
    heavy = {"numpy", "pandas", "scipy", "networkx", "highspy", "placer.cli.solve"}
    program = f"""
import sys
from placer.__main__ import main
sys.argv = ["placer", "{option}"]
try:
    main()
finally:
    print(sorted(sys.modules.keys() & {heavy}), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout
    assert done.stderr == "[]\n"


def test_completion_completes_commands_and_options(run, monkeypatch):
    """Tests that a shell is told the commands, and the options of one."""
    monkeypatch.setenv("_PLACER_COMPLETE", "complete_bash")
    for words, expected in (("placer ce", {"ceiling"}), ("placer batch report --be", {"--below"})):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        code, out, _ = run()
        assert (code, set(out.split())) == (0, expected)


def test_every_command_has_the_option_quiet():
    """Tests that each command, and each of a group, can be told to show no steps."""
    for command in get_command(app).commands.values():
        members = getattr(command.loaded, "commands", {"": command.loaded}).values()
        assert all("--quiet" in option.opts for each in members for option in each.params[-1:]), command.name


@pytest.mark.slow
def test_quiet_leaves_results_and_errors(run, short_folder):
    """Tests that steps and notes go, and that results stay as they are; an error is told."""
    told, quiet = (run("solve", short_folder, *option) for option in ((), ("--quiet",)))
    assert "unserved" in told[2]
    assert quiet == (told[0], told[1], "")
    assert run("solve", "nowhere", "--quiet")[2].startswith("placer: ")
    assert "unserved" in run("solve", short_folder)[2]


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
    monkeypatch.setattr("placer.cli.datasets.title", lambda _: seen.append(blas_threads()))
    assert run("datasets")[0] == 0
    assert set(map(frozenset, seen)) == {frozenset({1})}
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


#: A power of ten, or a zero with a sign.
NOISE = re.compile(r"\d[eE][+-]\d|(?<![\w.,:-])[-\u2212]0(?:\.0+)?(?![\d.:-])")


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("solve",),
        ("ceiling",),
        ("front",),
        ("cost-curve",),
        ("flexibility", "--zone", "Coast grid", "--hours", "0"),
        ("compare", "--without", "Port"),
        ("explain",),
        ("accounts",),
        ("alternatives",),
        ("roll", "--hours", "1"),
        ("prices",),
    ],
    ids=lambda command: command[0],
)
def test_no_noise_for_people(run, command, tmp_path):
    """Tests that no command on millions of Mtok prints a power of ten, nor a zero with a sign."""
    large = placer.load("tiny").scaled(["demand.mtok", "data_centres.accelerators"], 1e4)
    name, *options = command
    code, out, err = run(name, placer.save(large, tmp_path / "large"), *options)
    assert code == 0, err
    assert NOISE.findall(out + err) == []
