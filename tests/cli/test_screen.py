"""What the command line shows: text of strangers as it is, figures whole, and where demand is unserved."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import warnings

import pandas as pd
import pytest

import placer
from placer.cli import screen
from placer.cli.screen import occasionally, print_table
from placer.cli.tables import as_table
from tests.effort import PATIENCE_SECONDS

#: Names that are markup, emoji, or act on a terminal; and what is to be seen of each.
HOSTILE = {
    "[/]voice": "[/]voice",
    r"\[/b]x": r"\[/b]x",
    "Data [old]": "Data [old]",
    "[link=https://example.org]x[/link]": "[link=https://example.org]x[/link]",
    ":smile:": ":smile:",
    "red \x1b[31m": r"red \x1b[31m",
    "bell\x07 back\x08": r"bell\x07 back\x08",
    "c1 \x9b31m": r"c1 \x9b31m",
    "turned \u202e": r"turned \u202e",
    "lone \ud800": r"lone \ud800",
    "[bold red]": "[bold red]",
}


@pytest.mark.parametrize(("name", "seen"), HOSTILE.items())
def test_text_of_strangers_is_shown_as_it_is(capsys, name, seen):
    """Tests that lines, headings and tables show markup as text and escape what acts on a terminal."""
    screen.say(name)
    screen.title(name)
    index = pd.Index([name], name=name, dtype=object)
    print_table(as_table(name, pd.DataFrame({"mtok": [1.0]}, index), {"mtok": "Mtok"}))
    screen.say(name, errors=True)
    out, err = capsys.readouterr()
    assert out.count(seen) == 5
    assert err == f"{seen}\n"
    assert "\x1b" not in out + err


def test_silence_keeps_results_and_errors(capsys):
    """Tests that steps, notes, the log and warnings are left out within it, and nothing afterwards."""
    with screen.silence(), screen.steps() as step, screen.log_shown():
        step("a step")
        screen.mention("a note")
        logging.getLogger("placer.x").info("a duration")
        warnings.warn("a warning", stacklevel=1)
        screen.say("an error", errors=True)
        screen.say("a result")
    screen.mention("afterwards")
    assert capsys.readouterr() == ("a result\n", "an error\nafterwards\n")


def test_lines_stay_lines(capsys):
    """Tests that a text of several lines is shown as such."""
    screen.say("one\ntwo")
    assert capsys.readouterr().out == "one\ntwo\n"


def test_what_tells_often_is_passed_on_now_and_then(monkeypatch):
    """Tests that of ten messages, half a second apart, few are passed on to be shown."""
    seconds, shown = iter(range(100)), []
    monkeypatch.setattr("placer.cli.screen.time.monotonic", lambda: next(seconds) / 4)
    tell = occasionally(shown.append, 2.0)
    for number in range(10):
        tell(str(number))
    assert 0 < len(shown) < 5


@pytest.mark.slow
def test_verbose_says_where_the_time_goes(run):
    """Tests that what the package logs is shown on standard error, and only if it is asked for."""
    code, out, err = run("--verbose", "solve", "tiny", "--json")
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(330.77)
    assert re.search(r"^placer\.ladder\.whole_program: solving .* by HiGHS simplex: took [0-9.]+ s$", err, re.MULTILINE)
    assert "placer.solvers" not in run("solve", "tiny", "--json")[2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.parametrize("option", ["--json", "--require-served"])
def test_output_that_nobody_reads_ends_quietly(option, tmp_path):
    """Tests that the command does the rest of its work, and says nothing of the pipe."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "placer", "solve", "tiny", option, "--out", str(tmp_path / "results")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        err = process.stderr.read().decode()
        assert process.wait(PATIENCE_SECONDS) == 0
    assert "Broken" not in err
    assert "Traceback" not in err
    assert (tmp_path / "results" / "summary.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.parametrize("arguments", [("--help",), ("batch", "report", "--help")])
def test_help_that_nobody_reads_is_done(arguments):
    """Tests that the exit status is 0 where the reader of the help is gone, as under ``head``."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "placer", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.slow
def test_names_that_are_markup_or_act_on_a_terminal(run, tmp_path):
    """Tests that hostile names of workloads, hubs and folders are shown as they are by every command."""
    tiny = placer.load("tiny")
    hostile = {"voice": "[/]voice"}
    folder = placer.save(
        tiny.replace(
            workloads=tiny.workloads.replace(hostile),
            demand=tiny.demand.replace(hostile),
            data_centres=tiny.data_centres.assign(accelerators=10.0),
        ),
        tmp_path / "a[b]c :smile:",
        description="[bold]x[/] \\[/b] \x7f",
    )
    for command in ("solve", "explain", "check", "ceiling"):
        code, out, err = run(command, folder)
        assert code == 0, command
        assert "a[b]c :smile:" in out, command
        assert "Traceback" not in err
    assert "[/]voice" in run("solve", folder)[1]
    code, out, err = run("solve", "x\x1b[31m[/b]")
    assert (code, out) == (2, "")
    assert "x\\x1b[31m[/b]" in err
