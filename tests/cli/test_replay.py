"""Tests of ``placer replay``."""

from __future__ import annotations

import json

import pytest

import placer


@pytest.fixture
def asked(tmp_path):
    """Return a replay of three days of two hours with one gap: a dataset, rates, and classes of its workloads."""
    dataset = placer.save(placer.load("tiny").replace(hour_length=12.0), tmp_path / "day")
    rows = ["pool,second,requests_per_second,mean_input_tokens,mean_output_tokens"]
    rows += [f"all,{21600 * step},{0 if step == 6 else 10 + step % 3},900,100" for step in range(7 * 4)]
    (tmp_path / "rates.csv").write_text("\n".join(rows))
    (tmp_path / "classes.csv").write_text("workload,class\nvoice,all\nchat,all\nbatch,all\n")
    return ("replay", dataset, "--history", tmp_path / "rates.csv", "--classes", tmp_path / "classes.csv")


FILLED = ("--missing", "interpolate", "--rules", "cheapest, online", "--substeps", 2)


@pytest.mark.slow
def test_rules_days_losses_and_filled_steps_are_printed(run, asked):
    code, out, err = run(*asked, *FILLED, "--days", "1, 2")
    assert code == 0, err
    assert "<days replayed: 2; mean regret: cheapest " in out
    rules = out.partition("Rules")[2].partition("cheapest: days")[0]
    assert [line.split()[0] for line in rules.splitlines() if line.startswith(("cheapest", "online"))] == [
        "cheapest",
        "online",
    ]
    for heading in ("regret", "worst day", "decision ms", "cheapest: Mtok by workload", "online: days", "in the bound"):
        assert heading in out
    assert "Filled steps of the history" in out
    assert "1 steps filled (all 1) by interpolate" in err


@pytest.mark.slow
def test_json_has_every_table(run, asked):
    """Tests options of the library: late work that costs nothing, other counts by seed, and a day that is foreseen."""
    options = ("--seeds", "0,1", "--dispersion", 1, "--order", "random", "--forecast", "perfect", "--late", "batch=0")
    code, out, _ = run(*asked, *FILLED, "--days", 0, *options, "--json")
    assert code == 0
    found = json.loads(out)
    assert sorted((row["rule"], row["day"], row["seed"]) for row in found["days"]) == [
        *(("cheapest", 0, seed) for seed in (0, 1)),
        *(("online", 0, seed) for seed in (0, 1)),
    ]
    assert all(row["regret_share"] >= -1e-9 and row["waiting_usd"] == 0 for row in found["days"])
    assert len({row["least_cost_usd"] for row in found["days"]}) == 2
    assert (len(found["rules"]), len(found["workloads"]), found["filled"]) == (2, 12, [])


@pytest.mark.slow
def test_tables_and_plots_are_written(run, asked, tmp_path):
    code, _, _ = run(*asked, *FILLED, "--days", 1, "--out", tmp_path / "out")
    assert code == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        *("rules.csv", "days.csv", "workloads.csv", "filled.csv", "summary.json"),
        *("regret.png", "losses_cheapest.png", "losses_online.png"),
    }
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["filled_steps"] == 1
    assert run(*asked, *FILLED, "--days", 1, "--out", tmp_path / "all.xlsx")[0] == 0


@pytest.mark.slow
def test_a_store_is_resumed(run, asked, tmp_path):
    """Tests that days that are kept keep the time of their decisions, and that a store is not overwritten."""
    keeping = (*asked, *FILLED, "--days", "0,1", "--store", tmp_path / "days.db", "--json")
    code, out, _ = run(*keeping)
    assert code == 0
    code, again, _ = run(*keeping, "--resume")
    assert (code, json.loads(again)) == (0, json.loads(out))
    assert run(*keeping)[0] == 2
    assert run(*keeping, "--resume", "--substeps", 3)[0] == 2


@pytest.mark.slow
def test_bad_input_is_refused(run, asked):
    code, _, err = run(*asked)
    assert code == 2
    assert "class all, day 1, step 2" in err
    code, _, err = run(*asked, *FILLED, "--days", "1,x,-2")
    assert code == 2
    assert "2 violations" in err
    code, _, err = run(*asked, *FILLED, "--days", 7, "--dispersion", 0.5, "--late", "nothing=1")
    assert code == 2
    for part in ("no day 7", "dispersion", "no such workload"):
        assert part in err
    code, _, err = run(*asked, *FILLED, "--rules", "best")
    assert code == 2
    assert "no rule 'best'" in err
    code, _, err = run(*asked[:2])
    assert code == 2
    assert "--history" in err


@pytest.mark.slow
def test_a_time_limit(run, asked):
    code, _, err = run(*asked, *FILLED, "--time-limit", "0.01")
    assert code == 1
    assert "time limit" in err
