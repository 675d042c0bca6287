"""Tests of ``placer batch``: in this process with threads in place of processes, and as a process that is killed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import partial

import pandas as pd
import pytest

import placer
from placer.batch.identity import settings_of
from placer.batch.store import Store
from placer.errors import StoreError
from tests.cli.batches import kept

pytestmark = pytest.mark.usefixtures("in_threads")


@pytest.fixture
def run(run_placer):
    """Return a function that runs ``placer batch`` and returns its exit code, standard output and standard error."""
    return partial(run_placer, "batch")


def damage(path, statement):
    """Change what a store holds behind its back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount == 2


@pytest.mark.slow
def test_run_prints_the_distribution(run):
    code, out, err = run("tiny", "--n", 3, "--seed", 7, "--analyses", "cost,hub_prices,ceiling")
    assert code == 0
    for text in (
        "3 demand sets of tiny, seed 7",
        "3 optimal",
        "cost_usd_per_mtok",
        "ceiling_share",
        "Mean price by hub",
    ):
        assert text in out
    assert not err


@pytest.mark.slow
def test_limits_of_ones_own_have_a_table(run, tmp_path):
    """Tests that the analysis of limits prints the distribution of use and rent."""
    limit = {"limit": "half", "kind": "share", "sense": "<=", "amount": 0.5, "data_centre": "Plateau"}
    folder = placer.save(placer.load("tiny").replace(limits=[limit]), tmp_path / "limited")
    code, out, _ = run(folder, "--n", 2, "--analyses", "cost,own_limits")
    assert code == 0
    for text in ("Limits of one's own", "half, use", "half, rent"):
        assert text in out


@pytest.mark.slow
def test_run_writes_what_a_report_writes(run, tmp_path):
    """Tests that the rows, the plot and the thresholds of a report can be had in the call that solves."""
    files = [tmp_path / name for name in ("rows.csv", "plot.svg", "runs.db", "stored.csv")]
    below = ("--below", "cost_usd=1e9", "--json")
    code, out, _ = run("tiny", "--n", 3, "--out", files[0], "--plot", files[1], "--store", files[2], *below)
    assert code == 0
    assert json.loads(out)["shares"] == {"cost_usd < 1e+09": 1.0}
    assert files[1].read_text(encoding="utf-8").startswith("<?xml")
    assert run("report", files[2], *below, "--out", files[3])[1] == out
    rows, stored = (pd.read_csv(file).drop(columns="seconds") for file in (files[0], files[3]))
    pd.testing.assert_frame_equal(rows, stored)


def test_rows_are_written_before_an_unknown_figure_is_an_error(run, tmp_path):
    """Tests that no work is lost to a misspelt threshold, and that a wrong ending is refused before the work."""
    assert run("tiny", "--n", 1, "--below", "costs=1", "--out", tmp_path / "rows.csv")[0] == 2
    assert (tmp_path / "rows.csv").is_file()
    assert run("tiny", "--n", 1, "--out", tmp_path / "rows.doc")[0] == 2


@pytest.mark.slow
def test_run_is_the_command_that_may_be_left_out(run):
    assert run("run", "tiny", "--n", 2, "--json")[1] == run("tiny", "--n", 2, "--json")[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [("--n", "2", "tiny"), ("--n", "2", "--json", "tiny"), ("--json", "tiny", "--n", "2")]
)
def test_options_may_stand_before_the_dataset(run, arguments):
    code, out, _ = run(*arguments)
    assert code == 0
    assert "2" in out
    assert "optimal" in out


def test_what_is_missing_is_said_in_the_form_people_type(run):
    assert run("--n", 20) == (2, "", "placer batch: Missing argument 'DATASET'. See 'placer batch --help'.\n")


def test_help_shows_the_form_people_type(run):
    code, out, _ = run("--help")
    assert code == 0
    assert out.startswith("Usage: placer batch DATASET [OPTIONS]\n       placer batch report STORE [STORE] [OPTIONS]\n")
    assert "--n " in out


@pytest.mark.slow
def test_unserved_demand_is_said_and_fails_only_where_that_is_asked_for(run, tmp_path):
    tiny = placer.load("tiny")
    folder = placer.save(tiny.replace(data_centres=tiny.data_centres.assign(accelerators=10.0)), tmp_path / "short")
    code, out, err = run(folder, "--n", 2, "--json")
    assert code == 0
    assert json.loads(out)["endings"] == {"optimal": 2}
    assert err == "placer: 2 of 2 sets leave demand unserved; see unserved_share\n"
    assert run(folder, "--n", 2, "--require-served")[0] == 3


@pytest.mark.slow
def test_figures_of_large_demand_are_whole_at_80_columns(run, tmp_path, monkeypatch):
    """Tests that figures of a thousand times the demand of a dataset are in round units, none of them cut."""
    monkeypatch.setenv("COLUMNS", "80")
    tiny = placer.load("tiny")
    large = tiny.replace(
        demand=tiny.demand.assign(mtok=tiny.demand["mtok"] * 1e6),
        data_centres=tiny.data_centres.assign(accelerators=1e9),
    )
    code, out, _ = run(placer.save(large, tmp_path / "large"), "--n", 3)
    assert code == 0
    assert "demand_mtok, millions" in out
    assert "…" not in out
    assert "export_share, %" in out
    assert max(map(len, out.splitlines()[1:])) <= 80, "the title holds a path"


@pytest.mark.slow
def test_run_as_json_has_the_figures_of_the_library(run, sets_of):
    code, out, _ = run("tiny", "--n", 3, "--seed", 7, "--json")
    found = json.loads(out)
    costs = [placer.solve(instance).cost_usd for instance in sets_of(3)]
    rows = {row["figure"]: row for row in found["quantiles"]}
    assert code == 0
    assert found["endings"] == {"optimal": 3}
    assert rows["cost_usd"]["mean"] == pytest.approx(sum(costs) / 3)
    assert rows["cost_usd"]["p50"] == pytest.approx(sorted(costs)[1])


@pytest.mark.slow
def test_uncertainty_is_set_by_name(run):
    """Tests that sets without any shock all cost what twice the dataset costs."""
    names = ("common_sigma", "regional_sigma", "hub_sigma", "shift_hours_sigma", "sharpness_sigma", "steps_sigma")
    given = [f"{name}=0" for name in (*names, "burst_rate")] + ["mix_concentration=inf", "growth=0.5"]
    code, out, _ = run("tiny", "--n", 2, "--json", *(part for each in given for part in ("--set", each)))
    row = next(row for row in json.loads(out)["quantiles"] if row["figure"] == "demand_mtok")
    assert code == 0
    assert row["p05"] == row["p95"] == pytest.approx(placer.load("tiny").demand["mtok"].sum() / 2)


@pytest.mark.slow
def test_sets_without_an_answer_are_said_and_exit_with_1(run):
    code, out, err = run("tiny", "--n", 7, "--time-limit", "1e-9")
    assert code == 1
    assert "7 time limit" in out
    assert out.count(": time limit: no verified solution") == 5, "the first five are shown"
    assert not err


@pytest.mark.slow
def test_store_is_gone_on_with(run, tmp_path, sets_of, write):
    file = write(tmp_path / "a.db", sets_of(5), count=2)
    with Store.read(file) as store:
        before = list(store.rows())
    code, out, _ = run("tiny", "--n", 5, "--seed", 7, "--store", file, "--resume", "--json")
    assert code == 0
    assert json.loads(out)["endings"] == {"optimal": 5}
    with Store.read(file) as store:
        assert store.done() == set(range(5))
        assert [row for row in store.rows() if row["number"] in {row["number"] for row in before}] == before


@pytest.mark.slow
def test_damaged_rows_are_named_and_solved_again(run, tmp_path, sets_of, write):
    file = write(tmp_path / "a.db", sets_of(4))
    with Store.read(file) as store:
        before = [{name: value for name, value in row.items() if name != "seconds"} for row in store.rows()]
    damage(file, "UPDATE results SET row = row || ' ' WHERE number IN (1, 3)")
    code, out, err = run("report", file)
    assert (code, out) == (2, "")
    assert "rows 1, 3 are damaged; placer batch with --resume solves what is damaged again" in err
    code, _, err = run("tiny", "--n", 4, "--seed", 7, "--store", file, "--resume")
    assert code == 0
    assert "a.db: rows 1, 3 are damaged; solved again" in err
    with Store.read(file) as store:
        after = [{name: value for name, value in row.items() if name != "seconds"} for row in store.rows()]
    assert after == before
    assert run("report", file)[0] == 0


@pytest.mark.slow
def test_answers_are_printed_where_the_disk_is_full(run, tmp_path, monkeypatch):
    """Tests that a row that cannot be kept ends the batch with the figures of those that were, and how to go on."""
    add, file = Store.add, tmp_path / "a.db"

    def add_three(store, number, row):
        if len(store) == 3:
            raise StoreError("row 3 was not kept in a.db: database or disk is full")
        add(store, number, row)

    monkeypatch.setattr(Store, "add", add_three)
    code, out, err = run("tiny", "--n", 5, "--store", file)
    assert code == 2
    assert "3 optimal" in out
    assert f"disk is full. 3 of 5 sets are done; the same command with --store {file} --resume goes on" in err
    monkeypatch.undo()
    assert kept(file) == 3


@pytest.mark.slow
def test_resume_begins_a_store_that_is_not_there(run, tmp_path):
    assert run("tiny", "--n", 2, "--store", tmp_path / "a.db", "--resume")[0] == 0
    assert kept(tmp_path / "a.db") == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nowhere",), "neither a dataset nor a folder"),
        (("tiny", "--scenario", "none"), "dispatch, patient"),
        (("tiny", "--set", "hubs_sigma=1"), "--set[hubs_sigma]: unknown (allowed: any of growth,"),
        (("tiny", "--set", "hub_sigma"), "--set[hub_sigma]: not understood (allowed: NAME=NUMBER)"),
        (("tiny", "--set", "hub_sigma=much"), "--set[hub_sigma=much]: not understood (allowed: NAME=NUMBER)"),
        (("tiny", "--set", "hub_sigma=-1"), "uncertainty.hub_sigma: -1"),
        (("tiny", "--analyses", "costs"), "'costs' is unknown"),
        (("tiny", "--time-limit", "0"), "positive number of seconds"),
        (("tiny", "--time-limit", "nan"), "positive number of seconds"),
        (("tiny", "--n", "0"), "--n"),
        (("tiny", "--workers", "0"), "--workers"),
        (("report", "{}/missing.db"), "there is no file"),
        (("report", "{}/text.db"), "is not a file of results"),
        (("report", "{}/a.db", "--below", "costs=1"), "no set has the figure 'costs'"),
        (("report", "{}/a.db", "--below", "status=1"), "no set has the figure 'status'"),
        (("report", "{}/a.db", "--below", "cost_usd"), "is not NAME=NUMBER"),
        (("report", "{}/a.db", "--below", "cost_usd=nan"), "is not NAME=NUMBER"),
        (("report", "{}/a.db", "--out", "{}/a.txt"), "its name has to end in .csv or .parquet or .xlsx"),
        (("report", "{}/a.db", "--plot", "{}/a.txt2"), "txt2"),
        (("report", "{}/a.db", "--plot", "{}/none/a.png"), "there is no folder"),
        (("report", "{}/empty.db", "--plot", "{}/a.png"), "no set has a figure to draw"),
        (("report", "{}/empty.db", "--below", "cost_usd=1"), "there are none"),
        (("report", "{}/a.db", "{}/a.db", "{}/a.db"), "more cannot be"),
        (("report", "{}/a.db", "{}/missing.db"), "there is no file"),
        (("tiny", "--n", "3", "--seed", "7", "--store", "{}/a.db"), "exists already: give --resume"),
        (("tiny", "--n", "3", "--seed", "8", "--store", "{}/a.db", "--resume"), "seed was 7, is 8"),
        (("tiny", "--n", "3", "--store", "{}/none/a.db"), "cannot be written"),
    ],
)
def test_bad_input_is_one_message_and_exits_with_2(run, written, tmp_path, arguments, expected):
    (tmp_path / "a.db").write_bytes(written.read_bytes())
    Store.create(tmp_path / "empty.db", {}).close()
    (tmp_path / "text.db").write_text("text", encoding="utf-8")
    code, out, err = run(*(str(each).format(tmp_path) for each in arguments))
    assert code == 2
    assert expected in " ".join(err.split())
    assert "Traceback" not in err
    assert not out
    assert (tmp_path / "a.db").read_bytes() == written.read_bytes()


def test_what_is_refused_leaves_no_store(run, tmp_path):
    for wrong in (("--time-limit", "0"), ("--analyses", "costs"), ("--set", "hub_sigma=-1")):
        assert run("tiny", "--store", tmp_path / "a.db", *wrong)[0] == 2
        assert not list(tmp_path.iterdir())


def test_store_another_run_writes_to_is_refused(run, tmp_path, sets_of):
    with Store.create(tmp_path / "a.db", settings_of(sets_of(3), ["cost"])):
        code, _, err = run("tiny", "--n", 3, "--seed", 7, "--store", tmp_path / "a.db", "--resume")
    assert code == 2
    assert "is being written by another process" in err


@pytest.mark.parametrize("command", ["run", "report"])
def test_every_command_has_help_with_an_example(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "Example: placer batch" in " ".join(out.split())


@pytest.mark.parametrize("address", ["garbage", "tcp://", "tcp://nowhere:port"])
def test_an_address_that_is_none(run_placer, tmp_path, address):
    """Tests that a text that is no address of a scheduler is one line and bad input."""
    code, _, err = run_placer("batch", "tiny", "--n", "2", "--store", tmp_path / "x.db", "--scheduler", address)
    assert code == 2
    assert err.startswith("placer: no scheduler answers at")
    assert "Traceback" not in err


@pytest.mark.slow
def test_bounds_are_passed_on_and_refused_with_other_analyses(run):
    code, out, _ = run("tiny", "--n", 2, "--bounds", "1e-4", "--json")
    assert code == 0
    assert "bound_usd" in out
    code, _, err = run("tiny", "--n", 2, "--bounds", "1e-4", "--analyses", "cost,ceiling")
    assert code == 2
    assert "which ceiling needs" in err
