"""Tests of demand sets that are days of a history, on the command line."""

from __future__ import annotations

import json

import pytest

import placer
from placer.cli.history import HistoryOptions

DAYS = 8


@pytest.fixture
def files(tmp_path):
    """Return a dataset of a day of two hours, rates of eight days with one gap, and classes of its workloads."""
    dataset = placer.save(placer.load("tiny").replace(hour_length=12.0), tmp_path / "day")
    rows = ["pool,second,requests_per_second,mean_input_tokens,mean_output_tokens"]
    rows += [f"all,{43200 * step},{0 if step == 3 else 10 + step % 2},900,100" for step in range(2 * DAYS)]
    (tmp_path / "rates.csv").write_text("\n".join(rows))
    (tmp_path / "classes.csv").write_text("workload,class\nvoice,all\nchat,all\nbatch,\n")
    return dataset, ("--history", tmp_path / "rates.csv", "--classes", tmp_path / "classes.csv")


@pytest.mark.slow
@pytest.mark.usefixtures("in_threads")
def test_a_batch_of_all_days(run, files):
    dataset, options = files
    code, out, err = run("batch", dataset, *options, "--missing", "interpolate", "--json")
    assert code == 0
    assert json.loads(out)["endings"] == {"optimal": DAYS}
    assert "1 steps filled (all 1) by interpolate" in err


@pytest.mark.slow
@pytest.mark.usefixtures("in_threads")
def test_a_batch_of_drawn_days_resumes(run, files, tmp_path):
    dataset, options = files
    command = ("batch", dataset, *options, "--missing", "profile", "--n", 3, "--store", tmp_path / "a.db")
    code, out, _ = run(*command)
    assert code == 0
    assert out.startswith("3 demand sets of ")
    assert "days of" in out
    assert run(*command, "--resume")[0] == 0
    code, _, err = run(*command, "--resume", "--seed", 1)
    assert code == 2
    assert "days was" in err


def test_gaps_need_a_rule(run, files):
    dataset, options = files
    code, _, err = run("batch", dataset, *options)
    assert code == 2
    assert "class all, day 1, step 1" in err


@pytest.mark.parametrize("command", [("batch",), ("plan",)])
def test_conflicts_are_named_at_once(run, command):
    code, _, err = run(*command, "tiny", "--history", "servegen_rates", "--set", "growth=2")
    assert code == 2
    assert "--classes: missing" in err
    assert "--set: days of a history are not drawn" in err
    code, _, err = run(*command, "tiny", "--classes", "servegen_china", "--missing", "zero")
    assert code == 2
    assert "--classes: there is no history" in err
    assert "--missing: there is no history" in err


@pytest.mark.slow
def test_a_plan_over_days(run, files, tmp_path):
    """Tests that each day is a state of the plan."""
    _, options = files
    candidates = tmp_path / "candidates.csv"
    candidates.write_text("candidate,adds,target,usd_per_unit_year\nhall,accelerators,Plateau,1000\n")
    placer.save(placer.load("tiny", ["dispatch"]).replace(hour_length=12.0), tmp_path / "paid")
    code, out, err = run(
        *("plan", tmp_path / "paid", "--candidates", candidates, *options, "--missing", "interpolate", "--json")
    )
    assert code == 0, err
    assert [each["state"] for each in json.loads(out)["states"]] == [f"set {day}" for day in range(DAYS)]


def test_without_a_history_there_are_no_days():
    with pytest.raises(placer.InstanceError):
        HistoryOptions(rates="servegen_rates").sets(placer.load("tiny"), None, 0)
