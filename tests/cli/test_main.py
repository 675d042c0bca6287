"""Tests of the command line, run in this process through its entry point."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys

import pytest

import placer
from placer.cli.screen import occasionally
from placer.errors import NoSolutionError
from placer.model.program import Reason


@pytest.fixture
def run(run_placer):
    """Return a function that runs a command and returns its exit code, standard output and standard error."""
    return run_placer


@pytest.fixture
def short_folder(tmp_path):
    """Return a dataset folder in which not all demand can be served."""
    tiny = placer.load("tiny")
    return placer.save(tiny.replace(data_centres=tiny.data_centres.assign(accelerators=10.0)), tmp_path / "short")


def test_solve_prints_a_summary(run):
    """Tests that solving a dataset prints cost, shares, tables and rules, and exits with 0."""
    code, out, err = run("solve", "tiny")
    assert code == 0
    for text in ("330.77 USD", "41.67%", "Workloads", "Data centres", "Scarce limits", "nearest"):
        assert text in out
    assert "solving" in err


def test_solve_as_json(run):
    """Tests that the machine-readable form is valid JSON with the same figures."""
    code, out, _ = run("solve", "tiny", "--json", "--scenario", "dispatch")
    found = json.loads(out)
    assert code == 0
    assert found["scenarios"] == ["dispatch"]
    assert found["cost_usd"] == pytest.approx(20.77)
    assert found["rules"]["nearest"]["cost_usd"] > found["cost_usd"]


def test_json_is_clean_whatever_the_solver_prints(run):
    """Tests that what a solver prints itself does not reach standard output."""
    code, out, _ = run("solve", "tiny", "--json", "--solver", "pulp:HiGHS")
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(330.77)


@pytest.mark.parametrize("name", ["auto", "columns", "simplex"])
def test_every_solver_has_the_same_cost(run, name):
    """Tests that the choice of a solver does not change what comes out."""
    code, out, _ = run("solve", "tiny", "--json", "--solver", name)
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(330.77)


@pytest.mark.parametrize("name", ["auto", "columns"])
def test_time_limit_is_said(run, name):
    """Tests that running out of time is one message with the reason, and exits with 1."""
    code, _, err = run("solve", "tiny", "--solver", name, "--time-limit", "1e-9")
    assert code == 1
    assert "time limit" in err
    assert "Traceback" not in err


def test_what_tells_often_is_passed_on_now_and_then(monkeypatch):
    """Tests that of ten messages, half a second apart, few are passed on to be shown."""
    seconds, shown = iter(range(100)), []
    monkeypatch.setattr("placer.cli.screen.time.monotonic", lambda: next(seconds) / 4)
    tell = occasionally(shown.append, 2.0)
    for number in range(10):
        tell(str(number))
    assert 0 < len(shown) < 5


def test_solve_writes_every_table(run, tmp_path):
    """Tests that --out holds every table and the summary."""
    run("solve", "tiny", "--out", str(tmp_path / "out"))
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"summary.json", "flows.csv", "prices.csv", "data_centres.csv", "scarcities.csv"} <= names
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["dataset"] == "tiny"


def test_tables_of_a_placement_and_a_ceiling_in_one_excel_file(run, tmp_path):
    """Tests that --out with the name of an Excel file writes that and nothing else."""
    openpyxl = pytest.importorskip("openpyxl")
    for command in ("solve", "ceiling"):
        code, _, _ = run(command, "tiny", "--out", str(tmp_path / f"{command}.xlsx"))
        assert code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ceiling.xlsx", "solve.xlsx"]
    assert "flows" in openpyxl.load_workbook(tmp_path / "solve.xlsx").sheetnames
    assert "curve_rtt" in openpyxl.load_workbook(tmp_path / "ceiling.xlsx").sheetnames


def test_a_folder_works_as_a_name_does(run, short_folder):
    """Tests that a folder can be solved, and that unserved demand is an answer: status 0, and a line says where."""
    code, out, err = run("solve", str(short_folder), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["unserved_mtok"] > 0
    assert sum(row["unserved_mtok"] for row in found["unserved"]) == pytest.approx(found["unserved_mtok"])
    assert re.search(r"placer: [\d.,]+ Mtok \([\d.]+% of demand\) unserved: \w+ at \w+ [\d.,]+ Mtok", err)


@pytest.mark.parametrize("command", ["solve", "ceiling", "explain"])
def test_unserved_demand_fails_only_where_that_is_asked_for(run, short_folder, command):
    """Tests that the status is 0 with demand unserved, and 3 with --require-served; where all is served, 0 in both."""
    assert run(command, short_folder)[0] == 0
    assert run(command, short_folder, "--require-served")[0] == 3
    assert run(command, "tiny", "--require-served")[0] == 0


def test_nothing_is_said_of_unserved_demand_where_there_is_none(run):
    """Tests that the line is left out where all is served."""
    code, out, err = run("solve", "tiny", "--json")
    assert (code, json.loads(out)["unserved"]) == (0, [])
    assert "unserved" not in err


def test_no_solution_in_time_exits_with_1(run):
    """Tests that a time limit that is too short is reported as such."""
    code, _, err = run("solve", "china", "--time-limit", "0.001")
    assert code == 1
    assert "time limit" in err


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


def test_out_on_a_file_is_bad_input(run, tmp_path):
    """Tests that a folder that cannot be made is a message, not a traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run("solve", "tiny", "--out", str(tmp_path / "file"))
    assert code == 2
    assert "placer:" in err


@pytest.mark.parametrize("command", ["solve", "ceiling"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("out.csv", ".csv is not written here; name a folder, or a file ending in .xlsx"),
        ("out.pdf", ".pdf is not written here"),
        ("file", "it is there already and no folder"),
        ("missing/x.xlsx", "there is no folder"),
    ],
)
def test_targets_are_checked_before_the_work(run, tmp_path, monkeypatch, command, name, said):
    """Tests that what could not be written after the work is refused before it, in the words of the user."""
    monkeypatch.setattr("placer.cli.main.datasets.load", lambda *_: pytest.fail("loaded before the target was checked"))
    (tmp_path / "file").touch()
    code, out, err = run(command, "tiny", "--out", tmp_path / name)
    assert (code, out) == (2, "")
    assert said in err
    assert ".placer-" not in err


@pytest.mark.parametrize("command", ["solve", "ceiling"])
def test_missing_libraries_are_said_before_the_work(run, tmp_path, monkeypatch, command):
    """Tests that a file of Excel without openpyxl is refused before anything is solved."""
    monkeypatch.setattr(
        "placer.cli.main.datasets.load", lambda *_: pytest.fail("loaded before the library was looked for")
    )
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    code, _, err = run(command, "tiny", "--out", tmp_path / "x.xlsx")
    assert code == 2
    assert err == "placer: Excel files need openpyxl: pip install 'token-placer[excel]'\n"


@pytest.mark.parametrize("command", ["solve", "ceiling"])
def test_answer_is_printed_where_the_disk_is_full(run, tmp_path, monkeypatch, command):
    """Tests that a failure to write loses no answer, names the target, and leaves no file half written."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("placer.cli.main._save_summary", full)
    code, out, err = run(command, "tiny", "--json", "--out", tmp_path / "out")
    assert code == 2
    assert json.loads(out)["dataset"] == "tiny"
    assert f"placer: {tmp_path / 'out'} cannot be written: No space left on device" in err
    assert not list(tmp_path.iterdir())


def test_files_that_are_there_are_replaced_and_others_stay(run, tmp_path):
    """Tests the one rule of all commands for what exists."""
    for name in ("summary.json", "notes.txt"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    assert run("solve", "tiny", "--out", tmp_path)[0] == 0
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["dataset"] == "tiny"
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "old"
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith(".")]


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


def test_no_arguments_is_help(run):
    """Tests that the bare command lists what there is."""
    assert "Usage: placer [OPTIONS] COMMAND" in run()[2]


def test_check_says_what_is_not_meant(run, tmp_path):
    """Tests that a valid dataset is told to be, with its remarks, and exits with 0."""
    tiny = placer.load("tiny")
    folder = placer.save(tiny.replace(supplies=tiny.supplies.iloc[1:]), tmp_path / "odd")
    code, out, _ = run("check", str(folder))
    assert code == 0
    assert "has no supply" in out
    code, out, _ = run("check", str(folder), "--json")
    assert json.loads(out)["remarks"]


def test_datasets_lists_what_ships(run):
    """Tests that every shipped dataset and its scenarios are listed."""
    code, out, _ = run("datasets", "--json")
    listed = {item["name"]: item for item in json.loads(out)}
    assert code == 0
    assert {"china", "tiny"} <= set(listed)
    assert "dispatch" in listed["china"]["scenarios"]
    assert "patient" in run("datasets")[1]


def test_ceiling(run, tmp_path):
    """Tests that the ceiling is printed, given as JSON, and written with its plots."""
    code, out, _ = run("ceiling", "tiny")
    assert code == 0
    assert "Export ceiling: 43.75% of tokens" in out
    code, out, _ = run("ceiling", "tiny", "--by", "slo", "--json", "--out", str(tmp_path / "out"))
    found = json.loads(out)
    assert code == 0
    assert found["share"] == pytest.approx(105 / 240)
    assert found["exporting"] == ["east"]
    assert found["curve"][-1]["exact"]
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"curve_slo.csv", "curve_slo.png", "limits.png", "summary.json"} <= names
    code, out, _ = run("ceiling", "tiny", "--exporting", "west", "--weight", "work")
    assert code == 0
    assert "of work" in out
    assert "from west to east" in out


def test_explain(run, short_folder):
    """Tests that a shortage is explained with a cure, and that nothing short is said to be."""
    code, out, _ = run("explain", str(short_folder))
    assert code == 0
    assert "more accelerators" in out
    code, out, _ = run("explain", str(short_folder), "--json")
    assert json.loads(out)["shortages"]
    code, out, _ = run("explain", "tiny")
    assert code == 0
    assert "All demand is served" in out


@pytest.mark.parametrize("command", ["solve", "check", "datasets", "ceiling", "explain"])
def test_every_command_has_help_with_an_example(run, command):
    """Tests that --help of every command shows an example."""
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"Example: placer {command}" in " ".join(out.split())


def test_it_runs_as_a_module():
    """Tests that python -m placer is the command."""
    done = subprocess.run([sys.executable, "-m", "placer", "--help"], capture_output=True, text=True, check=True)
    assert "solve" in done.stdout


def test_solve_prints_the_remarks(tmp_path, run_placer):
    """Tests that what is probably not meant is told beside the answer: on the error stream, and in JSON."""
    folder = placer.save(placer.load("tiny"), tmp_path / "x")
    (folder / "weather [old].csv").write_text("a\n1\n")
    remark = "file weather [old].csv is ignored: no table has that name"
    _, out, err = run_placer("solve", folder)
    assert f"note: {remark}\n" in err
    assert remark not in out
    assert json.loads(run_placer("solve", folder, "--json")[1])["remarks"] == [remark]


COMMANDS_WITH_A_LIMIT = ("solve", "ceiling", "explain", "report")


@pytest.mark.parametrize("command", COMMANDS_WITH_A_LIMIT)
def test_time_limit_is_one_line(run, command, tmp_path, monkeypatch):
    """Tests that a limit that is over at once ends every command with status 1 and one line, and writes nothing."""
    monkeypatch.chdir(tmp_path)
    code, out, err = run(command, "tiny", "--time-limit", "1e-9")
    said = [line for line in err.splitlines() if "time limit" in line]
    assert (code, out, len(said)) == (1, "", 1)
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", COMMANDS_WITH_A_LIMIT)
def test_time_limit_that_makes_no_sense_is_refused(run, command):
    """Tests that it is a positive number."""
    code, out, err = run(command, "tiny", "--time-limit", "-1")
    assert (code, out) == (2, "")
    assert "time limit -1.0 is not a positive number of seconds" in err


@pytest.mark.parametrize(("command", "found"), [("ceiling", "43.75%"), ("report", "330.77 USD")])
def test_time_out_says_what_was_found(run, command, found, tmp_path, monkeypatch):
    """Tests that a ceiling that is there when time runs out is named."""

    def late(_):
        raise NoSolutionError(Reason.TIME_LIMIT, "the split")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(placer.ExportCeiling, "limits", property(late))
    code, _, err = run(command, "tiny")
    (said,) = [line for line in err.splitlines() if "time limit" in line]
    assert code == 1
    assert "the split; found so far: " in said
    assert found in said


def test_verbose_says_where_the_time_goes(run):
    """Tests that what the package logs is shown on standard error, and only if it is asked for."""
    code, out, err = run("--verbose", "solve", "tiny", "--json")
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(330.77)
    assert re.search(r"^placer\.solve: HiGHS simplex: .* took [0-9.]+ s$", err, re.MULTILINE)
    assert "placer.solve:" not in run("solve", "tiny", "--json")[2]


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
        assert process.wait(60.0) == 0
    assert "Broken" not in err
    assert "Traceback" not in err
    assert (tmp_path / "results" / "summary.json").is_file()
