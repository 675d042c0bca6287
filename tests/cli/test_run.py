"""The options that commands share: their order, their values, and what is refused before the work."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
import typer

import placer
from placer.cli.options import NO_LIMIT, Status
from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.errors import OutputError
from placer.running import seconds_left

CHANGES = ("change", "add", "without")


def test_a_command_has_the_options_of_its_run_in_the_order_of_its_help():
    """Tests that what ``last`` does not name comes first: the dataset, the scenario, own options, and changes."""

    @command("gap time_limit as_json")
    def solved(run: Run, *, solver: str = "auto", gap: float = 1e-4) -> None:
        """Solve."""

    parameters = inspect.signature(solved).parameters
    assert list(parameters) == ["dataset", "scenario", "solver", *CHANGES, "gap", "time_limit", "as_json"]
    assert parameters["dataset"].default is inspect.Parameter.empty
    assert (parameters["gap"].default, parameters["time_limit"].default) == (1e-4, NO_LIMIT)
    assert (solved.__name__, solved.__doc__) == ("solved", "Solve.")


def test_values_reach_the_run_or_the_command():
    """Tests that an option of the command's own stays its own, by whatever name, and that the limit of time holds."""
    seen = []

    @command("time_limit")
    def solved(run: Run, *, out: str) -> None:
        seen.append((run, out, seconds_left()))

    solved(dataset="china", scenario=None, out="page.html", time_limit=100.0)
    ((run, out, left),) = seen
    assert (run, out) == (Run("china", time_limit=100.0), "page.html")
    assert left <= 110.5
    assert run.asked == {"dataset": "china", "scenarios": []}


def test_home_in_paths(tmp_path, monkeypatch):
    """Tests that ~ is expanded in each path before the command sees it, as the shell does not after ``=``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    seen = []

    @command("out")
    def solved(run: Run, *, store: Path) -> None:
        seen.append((run.out, store))

    solved(dataset="tiny", scenario=None, out=Path("~/out"), store=Path("~/runs.db"))
    assert seen == [(tmp_path / "out", tmp_path / "runs.db")]


def test_a_target_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    worked = []

    @command("out")
    def solved(run: Run) -> None:
        worked.append(run)

    with pytest.raises(OutputError):
        solved(dataset="tiny", scenario=None, out=tmp_path / "missing" / "answer.xlsx")
    assert worked == []


@pytest.mark.parametrize(("unserved", "required", "status"), [(1, 1, 3), (1, 0, 0), (0, 1, 0), (0, 0, 0)])
def test_unserved_demand_ends_a_command_with_its_status_where_that_is_asked_for(unserved, required, status):
    with pytest.raises(typer.Exit) as ended:
        Run("tiny", require_served=bool(required)).end(unserved=bool(unserved))
    assert ended.value.exit_code == Status(status)


def test_content_is_printed_as_json_or_shown(capsys):
    for as_json in (True, False):
        Run("tiny", as_json=as_json).tell({"share": float("nan")}, lambda: say("shown"))
    *first, title, last, _ = capsys.readouterr().out.split("\n")
    assert json.loads("\n".join(first)) == {"share": None}
    assert (title, last) == ("tiny", "shown")


@pytest.mark.slow
def test_changes_are_loaded_and_named():
    """Tests that a run loads the dataset with its changes, and says so in titles, summaries and commands."""
    run = Run("tiny", ["dispatch"], change=["links.rtt_ms=*2"], without=["Port"])
    assert run.load() == run.changed(placer.load("tiny", ["dispatch"]))
    assert run.load() == placer.load("tiny", ["dispatch"]).scaled("links.rtt_ms", 2).without("Port")
    assert run.title == "tiny + dispatch + links.rtt_ms=*2 + without Port"
    assert run.asked["changes"] == ["links.rtt_ms=*2", "without Port"]
    assert run.change_options == ["--change", "links.rtt_ms=*2", "--without", "Port"]


def test_each_scenario_is_a_run_of_its_own():
    runs = Run("tiny", ["", "dispatch", "dispatch+patient"], without=["Port"]).each_scenario()
    assert [each.scenarios for each in runs] == [[], ["dispatch"], ["dispatch", "patient"]]
    assert all(each.without == ["Port"] for each in runs)
    assert Run("tiny").each_scenario() == [Run("tiny", [])]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "notes"), [(["ceiling"], 1), (["solve"], 1), (["check"], 0)])
def test_every_command_notes_likely_mistakes_once(arguments, notes, tmp_path, run_placer):
    """Tests one line on standard error of prices in USD per kWh; ``check`` has it among its remarks instead."""
    folder = placer.save(placer.load("tiny").scaled("power_zones.usd_per_mwh", 1e-3), tmp_path / "x")
    code, out, err = run_placer(*arguments, folder)
    said = "note: power_zones.usd_per_mwh is 0.03 to 0.09 USD per MWh, below the typical 1: in USD per kWh?"
    assert (code, err.count(said), out.count(said)) == (0, notes, 1 - notes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("solve", "--by", "hour"),
        ("prices", "--ranges"),
        ("roll", "--hours", "1", "--look-ahead", "1"),
        ("flexibility", "--zone", "Plateau wind", "--hours", "2026-03-10 00:00"),
        ("cost-curve",),
        ("ceiling",),
        ("accounts",),
        ("audit", "--secure", "data_centres"),
        ("explain",),
        ("compare", "--without", "Delta"),
    ],
)
def test_hours_with_a_date_are_json(run_placer, timed_folder, arguments):
    """Tests that every command prints JSON of a dataset whose hours are timestamps."""
    code, out, err = run_placer(arguments[0], timed_folder, *arguments[1:], "--json")
    assert code == 0, err
    assert json.loads(out)
