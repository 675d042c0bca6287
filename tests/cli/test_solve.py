"""The command ``placer solve``."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

import placer
from placer.cli.solve import solver_choice
from placer.errors import SolverError
from placer.model.formulation import formulate
from tests.model.modes_by_hand import near_and_far


@pytest.mark.slow
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


@pytest.mark.slow
def test_limits_of_ones_own_have_a_section(run, tmp_path, limited_instance):
    """Tests that limits stand with use, amount and rent on the screen, in JSON and in the folder of --out."""
    folder = placer.save(limited_instance, tmp_path / "limited")
    code, out, _ = run("solve", folder)
    assert code == 0
    assert "Limits of one's own" in out
    assert "<= 13.00 Mtok" in out
    code, out, _ = run("solve", folder, "--json", "--out", tmp_path / "out")
    found = json.loads(out)["limits"]
    assert [row["limit"] for row in found] == ["l1", "l2", "l3", "50 %, really"]
    assert (found[0]["hours"], found[0]["kind"], found[0]["sense"], found[0]["amount"]) == ("0", "tokens", "<=", 13.0)
    assert (found[0]["unit"], found[0]["rent_usd_per_unit"]) == ("Mtok", 0.0)
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["limits"] == found


@pytest.mark.slow
def test_modes_have_a_table_and_a_line(run, tmp_path):
    """Tests that who runs how stands on the screen, in JSON and in the folder of --out."""
    folder = placer.save(near_and_far().instance, tmp_path / "modes")
    code, out, _ = run("solve", folder)
    assert code == 0
    assert re.search(r"chat - 80 a second +14.4 +40.00% +600 +1,250 +0.6944", out)
    assert "from 0.3472 at 0 to 10 ms to 0.6944 at 500 to 1000 ms" in out
    _, out, _ = run("solve", folder, "--json", "--out", tmp_path / "out")
    found = json.loads(out)["modes"]
    assert [(row["workload"], row["mode"], row["server_ms"]) for row in found] == [
        ("chat", "40 a second", 2500.0),
        ("chat", "80 a second", 1250.0),
    ]
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["modes"] == found
    assert pd.read_csv(tmp_path / "out" / "modes.csv")["mtok"].tolist() == pytest.approx([21.6, 14.4])


def test_json_is_clean_whatever_the_solver_prints(run):
    """Tests that what a solver prints itself does not reach standard output."""
    code, out, _ = run("solve", "tiny", "--json", "--solver", "pulp:HiGHS")
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(330.77)


@pytest.mark.slow
def test_a_folder_works_as_a_name_does(run, short_folder):
    """Tests that a folder can be solved, and that unserved demand is an answer: status 0, and a line says where."""
    code, out, err = run("solve", str(short_folder), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["unserved_mtok"] > 0
    assert sum(row["unserved_mtok"] for row in found["unserved"]) == pytest.approx(found["unserved_mtok"])
    assert re.search(r"placer: [\d.,]+ Mtok \([\d.]+% of demand\) unserved: \w+ at \w+ [\d.,]+ Mtok", err)


@pytest.mark.slow
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


@pytest.mark.slow
def test_solve_prints_the_remarks(tmp_path, run_placer):
    """Tests that what is probably not meant is told beside the answer: on the error stream, and in JSON."""
    folder = placer.save(placer.load("tiny"), tmp_path / "x")
    (folder / "weather [old].csv").write_text("a\n1\n")
    remark = "file weather [old].csv is ignored: no table has that name"
    _, out, err = run_placer("solve", folder)
    assert f"note: {remark}\n" in err
    assert remark not in out
    assert json.loads(run_placer("solve", folder, "--json")[1])["remarks"] == [remark]


@pytest.mark.slow
def test_work_that_the_end_cuts_short_is_one_line(tmp_path, run_placer):
    """Tests the line: among the figures or, beside JSON, on the error stream; none where nothing is cut short."""
    tiny = placer.load("tiny")
    patient = tiny.workloads.assign(deadline_hours=[0.0, 0.0, 2.0])
    folder = placer.save(tiny.replace(workloads=patient), tmp_path / "x")
    said = "50 Mtok may wait past the last hour, and are served by then: batch 50 Mtok"
    assert f"Cut short       {said}\n" in run_placer("solve", folder)[1]
    _, out, err = run_placer("solve", folder, "--json")
    assert f"note: {said}\n" in err
    assert json.loads(out)["cut_short"][0]["workload"] == "batch"
    assert json.loads(out)["cut_short_mtok"] == pytest.approx(50)
    assert "Cut short" not in run_placer("solve", "tiny")[1]


@pytest.mark.slow
def test_solve_by_block_prints_and_writes_the_periods(run, tmp_path):
    """Tests the table of periods on the screen, in JSON and in the summary of the folder."""
    tiny = placer.load("tiny")
    periods = [{"hour": 0, "block": "night"}, {"hour": 1, "block": "day"}]
    folder = placer.save(tiny.replace(periods=periods), tmp_path / "x")
    _, out, _ = run("solve", str(folder), "--by", "block")
    assert "By block" in out
    assert re.search(r"^night +1 +145 ", out, re.MULTILINE)
    code, out, _ = run("solve", str(folder), "--by", "block", "--json", "--out", str(tmp_path / "out"))
    found = json.loads(out)
    assert code == 0
    assert [row["block"] for row in found["periods"]] == ["night", "day"]
    assert sum(row["cost_usd"] for row in found["periods"]) == pytest.approx(found["cost_usd"])
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["periods"] == found["periods"]


@pytest.mark.slow
def test_solve_by_groups_prints_and_writes_them(run, tmp_path):
    """Tests region and workload on the screen, in JSON and in the summary of the folder."""
    _, out, _ = run("solve", "tiny", "--by", "region,workload")
    assert "By region and workload" in out
    assert re.search(r"^west - chat +70 +0 +85.71% +145.8", out, re.MULTILINE)
    code, out, _ = run("solve", "tiny", "--by", "region, workload", "--json", "--out", str(tmp_path / "out"))
    found = json.loads(out)
    assert code == 0
    assert [row["region"] + " " + row["workload"] for row in found["statistics"]][:2] == ["east voice", "east batch"]
    assert sum(row["cost_usd"] for row in found["statistics"]) == pytest.approx(found["cost_usd"])
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["statistics"] == found["statistics"]


def test_solve_by_an_unknown_group_is_bad_input(run):
    """Tests that the error comes before the work, with status 2 and the groups that there are."""
    code, _, err = run("solve", "tiny", "--by", "site")
    assert (code, "perhaps data_centre" in err, "solving" in err) == (2, True, False)


def test_solve_by_month_of_whole_hours_is_bad_input(run):
    """Tests that the error comes before the work, with status 2."""
    code, _, err = run("solve", "tiny", "--by", "month")
    assert code == 2
    assert "whole hours have no month" in err
    assert "solving" not in err


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


@pytest.mark.parametrize(
    ("name", "kind"),
    [("auto", placer.HiGHS), ("columns", placer.ColumnGeneration), ("pdlp", placer.HiGHS), ("pulp:HiGHS", placer.PuLP)],
)
def test_names(name, kind):
    """Tests that every name stands for its solver, with the time limit; auto takes HiGHS for a small instance."""
    structure = formulate(placer.load("tiny")).structure
    assert isinstance(solver_choice(name)(structure, print), kind)
    assert solver_choice(name, 7.0)(structure, print).time_limit_seconds == 7.0


def test_unknown_names_are_refused():
    """Tests that the names that there are stand in the message."""
    with pytest.raises(SolverError, match="solver 'magic' is unknown; use auto, columns"):
        solver_choice("magic")
