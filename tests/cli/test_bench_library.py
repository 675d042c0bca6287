"""Tests of ``placer bench --library``."""

from __future__ import annotations

import json
from functools import partial

import pytest

from placer.cli import bench


@pytest.fixture
def run(run_placer):
    """Return a function that runs ``placer bench`` and returns its exit code, standard output and standard error."""
    return partial(run_placer, "bench")


@pytest.fixture
def costs(monkeypatch):
    """Return what each solver is made to answer, in place of a measurement."""
    results, suite = bench.suite_module("library.results"), bench.suite_module("suite")
    found = {"highs-simplex": 330.77, "cbc {mps} {solution}": 330.77}

    def measured(case, place, _limit):
        return suite.Measurement(case, place, "done", 10, 1.0, 1.0, found.get(case.solver, 100.0))

    monkeypatch.setattr(results, "measure_alone", measured)
    return found


@pytest.mark.slow
def test_measures(run, tmp_path):
    """Tests a measurement in a process of its own, through the command, with its table and plot."""
    chosen = ("--library", "tiny", "--library", "secure-tiny", "--solver", "highs-simplex")
    code, out, _ = run(*chosen, "--out", tmp_path / "out", "--csv", tmp_path / "results.csv", "--quiet")
    assert code == 0
    assert "| tiny | 57 | highs-simplex | " in out
    assert (tmp_path / "out" / "profiles.png").is_file()
    assert (tmp_path / "out" / "table.md").read_text(encoding="utf-8") in out


def test_adds_rows_and_prints_json(run, costs, tmp_path):
    """Tests that rows are added to the table, that a command is a solver, and that JSON has the rows of this run."""
    chosen = ("--library", "tiny", "--command", "cbc {mps} {solution}", "--csv", tmp_path / "results.csv", "--json")
    for count in (1, 2):
        code, out, _ = run(*chosen)
        assert code == 0
        assert [row["solver"] for row in json.loads(out)["rows"]] == ["cbc"]
        assert len((tmp_path / "results.csv").read_text(encoding="utf-8").splitlines()) == 1 + count


def test_wrong_answers_show(run, costs):
    """Tests that an answer beside the proven optimum shows in the table and in the exit status."""
    costs["highs-simplex"] = 331.0
    code, out, _ = run("--library", "tiny", "--solver", "highs-simplex")
    assert code == 1
    assert "| tiny | 57 | highs-simplex | wrong | 7e-04 |" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--library", "nothing"), "'nothing' is no instance of the library; there are tiny, "),
        (("--library", "plan-china-40"), "the optimum of 'plan-china-40' is not stated"),
        (("--library", "tiny", "--family", "fleet"), "--library takes --solver, --command, "),
        (("--command", "cbc {mps}"), "--library takes --solver, --command, "),
    ],
)
def test_bad_input(run, arguments, said):
    """Tests that what there is not is refused before anything is measured."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_another_table_is_refused(run, costs, tmp_path):
    """Tests that a table of other columns is refused before anything is measured, and kept."""
    file = tmp_path / "results.csv"
    file.write_text("instance,seconds\n", encoding="utf-8")
    code, _, err = run("--library", "tiny", "--csv", file)
    assert code == 2
    assert "has the columns instance, seconds" in err
    assert file.read_text(encoding="utf-8") == "instance,seconds\n"
