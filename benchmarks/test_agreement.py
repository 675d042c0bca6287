"""Tests of the comparison of all solvers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import placer

from . import agreement, sides
from .agreement import compare, family_of, fell_back, main, make
from .families import FAMILIES
from .sides import AGREED, DIFFERS, REFUSED, SIDES, Found, Problem, judge, problem_of

OURS = ["--side", "highs", "--side", "columns"]


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Return the problem of the smallest dataset."""
    return problem_of(placer.load("tiny"))


@pytest.mark.slow
def test_three_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that all available sides agree on three instances, and that the JSON says so."""
    assert main(["--count", "3", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [record["family"] for record in printed["families"]] == ["wild", "all"]
    assert printed["families"][-1][AGREED] == 3
    assert printed["families"][-1]["apart"]["columns"] <= sides.AGREEMENT


@pytest.mark.slow
def test_resumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that existing rows are kept, a truncated row is redone, and the result equals that of one run."""
    file, whole = tmp_path / "rows.jsonl", tmp_path / "whole.jsonl"
    assert main(["--count", "2", *OURS, "--out", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    file.write_text(text[:-20], encoding="utf-8")
    assert main(["--count", "4", *OURS, "--out", str(file), "--resume"]) == 0
    assert main(["--count", "4", *OURS, "--out", str(whole)]) == 0
    assert file.read_text(encoding="utf-8").startswith(text.splitlines()[0])
    rows, all_rows = (_without_times(each) for each in (file, whole))
    assert rows == all_rows
    assert "fleet" in capsys.readouterr().out


def _without_times(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) | {"seconds": None} for line in file.read_text(encoding="utf-8").splitlines()]


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that Ctrl-C keeps the existing rows, and prints how to resume."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "rows.jsonl"
    main(["--count", "1", *OURS, "--out", str(file)])
    monkeypatch.setattr(agreement, "compare", stop)
    assert main(["--count", "2", *OURS, "--out", str(file), "--resume"]) == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "0"], "at least 1"),
        (["--resume"], "--resume needs --out"),
        (["--out", "FILE"], "is there already"),
        (["--out", "FILE", "--resume", "--seed", "1"], "another seed"),
    ],
)
def test_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """Tests that invalid arguments are refused with a message, and no file is changed."""
    file = tmp_path / "rows.jsonl"
    file.write_text('{"seed": 0, "number": 0}\n', encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([str(file) if each == "FILE" else each for each in arguments])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == '{"seed": 0, "number": 0}\n'


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that the help shows an example and the exit status."""
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = capsys.readouterr().out
    assert "example:" in printed
    assert "exit status:" in printed


def test_a_quarter_is_of_the_families() -> None:
    """Tests that every fourth instance belongs to a benchmark family, in turn, and the others are wild."""
    names = [family_of(number) for number in range(4 * len(FAMILIES))]
    assert set(names[3::4]) == set(FAMILIES)
    assert names.count("wild") == 3 * len(FAMILIES)


def test_reproducible() -> None:
    """Tests that an instance depends on seed and number alone."""
    assert make(0, 3).demand.equals(make(0, 3).demand)
    assert not make(0, 3).demand.equals(make(1, 3).demand)


def test_differing_answer_is_told(problem: Problem) -> None:
    """Tests that a cost off by more than its side's tolerance differs, and one off by less does not."""
    values = np.abs(SIDES["highs"][0](problem, 60.0).values)
    right = Found(values, "")
    assert judge(problem, {"highs": right, "columns": Found(values * (1 + 1e-8), "")})["status"] == AGREED
    wrong = judge(problem, {"highs": right, "columns": Found(values * (1 + 1e-6), "")})
    assert wrong["status"] == DIFFERS
    assert wrong["wrong"][0].startswith("columns: apart by ")


def test_bound_above_cost_is_told(problem: Problem) -> None:
    """Tests that a bound above the cost differs, though the cost agrees."""
    right = SIDES["columns"][0](problem, 60.0)
    assert judge(problem, {"columns": right})["status"] == AGREED
    above = replace(right, bound=problem.cost(right.values) + 1e-3 * problem.size(right.values))
    assert "bound above cost" in judge(problem, {"columns": above})["wrong"][0]


def test_no_answer_is_told(problem: Problem) -> None:
    """Tests that an instance without any answer is refused, a silent side is named, and a crash counts as differing."""
    silent, right = Found(None, "too wide"), SIDES["highs"][0](problem, 60.0)
    assert judge(problem, {"highs": silent, "columns": silent})["status"] == REFUSED
    row = judge(problem, {"highs": right, "columns": silent})
    assert row["status"] == AGREED
    assert row["silent"] == {"columns": "too wide"}
    assert fell_back(row)
    unproven = judge(problem, {"highs": right, "columns": replace(right, proven=False)})
    assert unproven["status"] == DIFFERS
    assert fell_back(unproven)
    assert not fell_back(judge(problem, {"highs": right, "columns": right}))


def test_crash_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a side that raises or warns of a numeric error gives a row and does not end the run."""

    def divide(*_: object) -> Found:
        return Found(np.ones(1) / np.zeros(1), "")

    monkeypatch.setitem(SIDES, "columns", (divide, 1e-7))
    row = compare(0, 0, ["highs", "columns"])
    assert row["status"] == DIFFERS
    assert "crashed: RuntimeWarning" in row["wrong"][0]


def test_what_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a side whose library is absent is reported as omitted."""
    monkeypatch.setattr(agreement, "missing", lambda: {"glop": "not installed: ortools"})
    assert main(["--count", "1", *OURS, "--side", "glop"]) == 0
    assert "glop is left out: not installed: ortools" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--count", "1", "--side", "glop"])
